-- A film of the year that ended for everybody who made something in it, asked for by cron in communities whose settings say
-- "yearlyRecaps". One for each person and year, whatever is asked again. Low priority: people's uploads come first.
create unique index content_items_year_key on content_items (tenant_id, owner_id, (options ->> 'year'), (options ->> 'kind'))
	where kind = 'video' and options ? 'year';

insert into notification_kinds (kind, is_grouped, needs_subject, is_compulsory, push, mail) values ('recap_ready', false, false, false, true, true);

create function recap_year_ask(p_year integer) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with span as (
		select make_timestamptz(p_year, 1, 1, 0, 0, 0, 'UTC') as first, make_timestamptz(p_year + 1, 1, 1, 0, 0, 0, 'UTC') as last
	), makers as (
		select t.id as tenant_id, u.id as user_id, k.kind
		  from tenants t
		  join users u on u.tenant_id = t.id and u.status = 'active'
		 cross join span
		 cross join lateral (
			select 'pocs' as kind where 'pocs' = any(t.modules) and exists (select from pocs p
				where p.tenant_id = t.id and p.user_id = u.id and p.deleted_at is null and p.created_at >= span.first and p.created_at < span.last)
			union all
			select 'videos' where exists (select from videos v
				where v.tenant_id = t.id and v.user_id = u.id and v.state = 'ready' and v.created_at >= span.first and v.created_at < span.last)) k
		 where t.is_active and (t.settings ->> 'yearlyRecaps')::boolean
	), made as (
		insert into content_items (tenant_id, owner_id, kind, title, options, job_id)
		select m.tenant_id, m.user_id, 'video', p_year::text,
		       jsonb_build_object('kind', m.kind, 'style', 'classic', 'year', p_year::text, 'from', p_year || '-01-01T00:00:00Z', 'until', (p_year + 1) || '-01-01T00:00:00Z'),
		       uuid_v7()
		  from makers m
		    on conflict (tenant_id, owner_id, (options ->> 'year'), (options ->> 'kind')) where kind = 'video' and options ? 'year' do nothing
		returning *
	), asked as (
		insert into jobs (id, tenant_id, kind, user_id, subject_id, payload, priority)
		select job_id, tenant_id, 'recap', owner_id, id, jsonb_build_object('item', id), -15 from made
	)
	select count(*) from made
	$$;
