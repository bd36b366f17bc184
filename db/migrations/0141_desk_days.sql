-- Days that are over do not change: they are counted once, by the daily upkeep, and read from here.
create table community_days (
	tenant_id  uuid not null default current_tenant() references tenants on delete cascade,
	day        date not null,
	people     bigint not null,
	videos     bigint not null,
	comments   bigint not null,
	reports    bigint not null,
	decisions  bigint not null,
	primary key (tenant_id, day)
);
select tenant_owned('community_days', 'select');

create function community_day(p_tenant uuid, p_day date)
	returns table (people bigint, videos bigint, comments bigint, reports bigint, decisions bigint)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select (select count(*) from users u where u.tenant_id = p_tenant and u.created_at >= p_day and u.created_at < p_day + 1),
	       (select count(*) from videos v where v.tenant_id = p_tenant and v.deleted_at is null and v.created_at >= p_day and v.created_at < p_day + 1),
	       (select count(*) from comments c where c.tenant_id = p_tenant and c.deleted_at is null and c.created_at >= p_day and c.created_at < p_day + 1),
	       (select count(*) from reports r where r.tenant_id = p_tenant and r.created_at >= p_day and r.created_at < p_day + 1),
	       (select count(*) from decisions d where d.tenant_id = p_tenant and d.created_at >= p_day and d.created_at < p_day + 1)
	$$;
revoke execute on function community_day(uuid, date) from public, atelier_app;

-- Counts the days of the last p_days that are over and were not counted yet. Returns how many.
create function community_days_keep(p_days integer) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with kept as (
		insert into community_days (tenant_id, day, people, videos, comments, reports, decisions)
		select t.id, d::date, c.*
		  from tenants t
		 cross join generate_series(current_date - p_days, current_date - 1, interval '1 day') d
		 cross join lateral community_day(t.id, d::date) c
		 where not exists (select from community_days k where k.tenant_id = t.id and k.day = d::date)
		on conflict do nothing
		returning 1
	)
	select count(*) from kept
	$$;

create or replace function desk_days(p_days integer)
	returns table (day date, people bigint, videos bigint, comments bigint, reports bigint, decisions bigint)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select k.day, k.people, k.videos, k.comments, k.reports, k.decisions
	  from community_days k
	 where k.tenant_id = current_tenant() and k.day > current_date - p_days and k.day < current_date
	union all
	select d.day, c.*
	  from (select g::date as day from generate_series(current_date - p_days + 1, current_date, interval '1 day') g
	        except select day from community_days where tenant_id = current_tenant() and day < current_date) d
	 cross join lateral community_day(current_tenant(), d.day) c
	 order by 1
	$$;

-- For the figures by month.
create index cases_created_idx on cases (tenant_id, created_at);
create index cases_decided_at_idx on cases (tenant_id, decided_at) where decided_at is not null;

-- As before, with the community named: without row-level security in the way, months are ranges of indexes.
create or replace function moderation_months(p_months integer)
	returns table (month date, reports bigint, cases_opened bigint, cases_decided bigint, median_hours double precision, actions jsonb,
	               by_moderator jsonb, strikes bigint, appeals_filed bigint, appeals_granted bigint, dmca_notices bigint)
	language plpgsql stable security definer set search_path = public, pg_temp
	as $$
declare
	t uuid := current_tenant();
begin
	return query
	select m.a::date,
	       (select count(*) from reports r where r.tenant_id = t and r.created_at >= a and r.created_at < b),
	       (select count(*) from cases c where c.tenant_id = t and c.created_at >= a and c.created_at < b),
	       (select count(*) from cases c where c.tenant_id = t and c.decided_at >= a and c.decided_at < b),
	       (select percentile_cont(0.5) within group (order by extract(epoch from c.decided_at - c.created_at) / 3600.0)
	          from cases c where c.tenant_id = t and c.decided_at >= a and c.decided_at < b),
	       coalesce((select jsonb_object_agg(action, n) from (select action, count(*) as n from decisions d
	                   where d.tenant_id = t and d.created_at >= a and d.created_at < b group by 1) x), '{}'),
	       coalesce((select jsonb_object_agg(username, n) from (select u.username, count(*) as n from decisions d join users u on u.id = d.moderator_id
	                   where d.tenant_id = t and d.created_at >= a and d.created_at < b group by 1) x), '{}'),
	       (select count(*) from strikes s where s.tenant_id = t and s.created_at >= a and s.created_at < b),
	       (select count(*) from appeals p where p.tenant_id = t and p.created_at >= a and p.created_at < b),
	       (select count(*) from appeals p where p.tenant_id = t and p.decided_at >= a and p.decided_at < b and p.state = 'granted'),
	       (select count(*) from dmca_notices n where n.tenant_id = t and n.created_at >= a and n.created_at < b)
	  from (select date_trunc('month', now()) - make_interval(months => i) as a, date_trunc('month', now()) - make_interval(months => i - 1) as b
	          from generate_series(0, least(greatest(coalesce(p_months, 12), 1), 60) - 1) i) m
	 order by 1 desc;
end
$$;
