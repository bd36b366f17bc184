-- Who watches what, how far, from where: raw events by month, kept for a while, and daily figures that are exact against them.
-- Everything comes out of Redis in batches, each applied once (view_batches).

alter table view_events
	add column device  text, -- desktop, mobile, tablet, tv, other
	add column source  text, -- direct, internal, search, social, or the host that the viewer came from
	add column country text; -- two letters, where a GeoIP file is configured

create table engagement_events (
	tenant_id   uuid not null,
	video_id    uuid not null,
	user_id     uuid,
	session     text,
	type        text not null check (type in ('play', 'pause', 'seek', 'progress', 'complete', 'error')),
	position_s  double precision, -- where in the video
	watched_s   double precision not null default 0, -- watched since the event before
	device      text,
	source      text,
	country     text,
	at          timestamptz not null
) partition by range (at);
create table engagement_events_rest partition of engagement_events default;
create index engagement_events_video_idx on engagement_events (tenant_id, video_id, at);
select tenant_owned('engagement_events', 'select');

create table video_engagement_daily (
	tenant_id  uuid not null,
	video_id   uuid not null,
	day        date not null,
	watched_s  double precision not null default 0,
	plays      bigint not null default 0,
	completes  bigint not null default 0,
	primary key (video_id, day),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
select tenant_owned('video_engagement_daily', 'select');

-- Views by where they came from.
create table video_breakdown_daily (
	tenant_id  uuid not null,
	video_id   uuid not null,
	day        date not null,
	dimension  text not null check (dimension in ('source', 'device', 'country')),
	value      text not null,
	views      bigint not null default 0,
	primary key (video_id, day, dimension, value),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
select tenant_owned('video_breakdown_daily', 'select');

-- How often each hundredth of a video was watched.
create table video_retention (
	tenant_id  uuid not null,
	video_id   uuid primary key,
	watched    bigint[] not null,
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
select tenant_owned('video_retention', 'select');

-- Unique viewers of a day: a HyperLogLog of Redis as it was, from which any range can be counted again.
create table video_uniques_daily (
	tenant_id  uuid not null,
	video_id   uuid not null,
	day        date not null,
	uniques    bigint not null,
	sketch     bytea not null,
	primary key (video_id, day),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
create index video_uniques_daily_day_idx on video_uniques_daily (day);
select tenant_owned('video_uniques_daily', 'select');

create function bigints_add(a bigint[], b bigint[]) returns bigint[]
	language sql immutable parallel safe
	as $$ select array_agg(coalesce(x, 0) + coalesce(y, 0) order by n) from unnest(a, b) with ordinality as u(x, y, n) $$;

-- p_views: [{"tenant":uuid,"video":uuid,"user":uuid|null,"session":text,"at":timestamptz,"device":text,"source":text,"country":text}, …]
create or replace function views_apply(p_batch text, p_views jsonb) returns bigint
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	added bigint;
begin
	insert into view_batches (id, row_count) values (p_batch, jsonb_array_length(p_views)) on conflict do nothing;
	if not found then
		return 0;
	end if;
	with seen as (
		select v.tenant_id, v.id as video_id, e."user" as user_id, e.session, coalesce(e.at, now()) as seen_at,
		       e.device, e.source, e.country
		  from jsonb_to_recordset(p_views) as e(tenant uuid, video uuid, "user" uuid, session text, at timestamptz,
		                                        device text, source text, country text)
		  join videos v on v.id = e.video and v.tenant_id = e.tenant
	), kept as (
		insert into view_events (tenant_id, video_id, user_id, session, seen_at, device, source, country)
		select tenant_id, video_id, user_id, session, seen_at, device, source, country from seen
	), daily as (
		insert into video_views_daily (tenant_id, video_id, day, views)
		select tenant_id, video_id, (seen_at at time zone 'UTC')::date, count(*)
		  from seen group by 1, 2, 3 order by 2, 3
		on conflict (video_id, day) do update set views = video_views_daily.views + excluded.views
	), parts as (
		insert into video_breakdown_daily (tenant_id, video_id, day, dimension, value, views)
		select s.tenant_id, s.video_id, (s.seen_at at time zone 'UTC')::date, d.dimension, d.value, count(*)
		  from seen s
		 cross join lateral (values ('source', s.source), ('device', s.device), ('country', s.country)) d(dimension, value)
		 where d.value is not null
		 group by 1, 2, 3, 4, 5 order by 2, 3, 4, 5
		on conflict (video_id, day, dimension, value) do update set views = video_breakdown_daily.views + excluded.views
	), locked as ( -- in one order, so that two batches cannot wait for each other
		select id from videos where id in (select video_id from seen) order by id for update
	), counted as (
		update videos v set view_count = view_count + c.n
		  from (select video_id, count(*) as n from seen group by 1) c
		 where v.id = c.video_id and v.id in (select id from locked)
	)
	select count(*) into added from seen;
	return added;
end
$$;

-- p_events: [{"tenant","video","user","session","type","at","position","watched","device","source","country"}, …]; times of before
-- yesterday and of the future are brought to those bounds. Returns how many were added.
create function engagement_apply(p_batch text, p_events jsonb) returns bigint
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	added bigint;
begin
	insert into view_batches (id, row_count) values (p_batch, jsonb_array_length(p_events)) on conflict do nothing;
	if not found then
		return 0;
	end if;
	with seen as materialized (
		select v.tenant_id, v.id as video_id, v.duration_s, e."user" as user_id, e.session, e.type, e.position as position_s,
		       coalesce(e.watched, 0) as watched_s, e.device, e.source, e.country,
		       least(greatest(coalesce(e.at, now()), now() - interval '1 day'), now()) as at
		  from jsonb_to_recordset(p_events) as e(tenant uuid, video uuid, "user" uuid, session text, type text, at timestamptz,
		                                         position double precision, watched double precision, device text, source text, country text)
		  join videos v on v.id = e.video and v.tenant_id = e.tenant
	), kept as (
		insert into engagement_events (tenant_id, video_id, user_id, session, type, position_s, watched_s, device, source, country, at)
		select tenant_id, video_id, user_id, session, type, position_s, watched_s, device, source, country, at from seen
	), daily as (
		insert into video_engagement_daily (tenant_id, video_id, day, watched_s, plays, completes)
		select tenant_id, video_id, (at at time zone 'UTC')::date, sum(watched_s), count(*) filter (where type = 'play'),
		       count(*) filter (where type = 'complete')
		  from seen group by 1, 2, 3 order by 2, 3
		on conflict (video_id, day) do update
		   set watched_s = video_engagement_daily.watched_s + excluded.watched_s,
		       plays = video_engagement_daily.plays + excluded.plays,
		       completes = video_engagement_daily.completes + excluded.completes
	), hundredths as (
		select s.tenant_id, s.video_id, b.n, count(*) as times
		  from seen s
		 cross join lateral generate_series(
			greatest(0, least(99, floor(100 * (s.position_s - s.watched_s) / s.duration_s)))::integer,
			greatest(0, least(99, ceil(100 * s.position_s / s.duration_s) - 1))::integer) b(n)
		 where s.duration_s > 0 and s.watched_s > 0 and s.position_s > 0
		 group by 1, 2, 3
	), curve as (
		insert into video_retention (tenant_id, video_id, watched)
		select v.tenant_id, v.video_id, array(select coalesce(h.times, 0) from generate_series(0, 99) g
		         left join hundredths h on h.video_id = v.video_id and h.n = g order by g)
		  from (select distinct tenant_id, video_id from hundredths) v
		 order by 2
		on conflict (video_id) do update set watched = bigints_add(video_retention.watched, excluded.watched)
	)
	select count(*) into added from seen;
	return added;
end
$$;

-- Partitions of both kinds of event: this month's and the next, made ahead.
create or replace function view_events_month(p_month date) returns void
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	first  date := date_trunc('month', p_month)::date;
	events text;
begin
	foreach events in array '{view_events,engagement_events}'::text[] loop
		execute format('create table if not exists %I partition of %I for values from (%L) to (%L)',
			events || '_' || to_char(first, 'YYYYMM'), events, first, first + interval '1 month');
	end loop;
end
$$;
select view_events_month(current_date);
select view_events_month((current_date + interval '1 month')::date);

-- Months that ended more than p_days ago go, whole; the daily figures stay. Returns how many went.
create function events_prune(p_days integer) returns bigint
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	t    record;
	gone bigint := 0;
begin
	for t in
		select c.relname, to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' as ends_at
		  from pg_inherits i join pg_class c on c.oid = i.inhrelid
		 where i.inhparent in ('view_events'::regclass, 'engagement_events'::regclass) and c.relname ~ '_[0-9]{6}$'
		 order by 1
	loop
		if t.ends_at < now() - make_interval(days => p_days) then
			execute format('drop table %I', t.relname);
			gone := gone + 1;
		end if;
	end loop;
	delete from view_events_rest where seen_at < now() - make_interval(days => p_days);
	delete from engagement_events_rest where at < now() - make_interval(days => p_days);
	return gone;
end
$$;

-- Of which days the worker has to look after the sketches: whatever was viewed since.
create function uniques_due(p_since date) returns table (tenant_id uuid, video_id uuid, day date)
	language sql stable security definer set search_path = public, pg_temp
	as $$ select d.tenant_id, d.video_id, d.day from video_views_daily d where d.day >= p_since order by d.day, d.video_id $$;

create function uniques_keep(p_tenant uuid, p_video uuid, p_day date, p_uniques bigint, p_sketch bytea) returns void
	language sql security definer set search_path = public, pg_temp
	as $$
	insert into video_uniques_daily (tenant_id, video_id, day, uniques, sketch)
	select v.tenant_id, v.id, p_day, p_uniques, p_sketch from videos v where v.id = p_video and v.tenant_id = p_tenant
	on conflict (video_id, day) do update set uniques = excluded.uniques, sketch = excluded.sketch
	 where video_uniques_daily.uniques < excluded.uniques
	$$;

create function uniques_kept(p_since date, p_after_day date, p_after_video uuid, p_limit integer)
	returns table (video_id uuid, day date, sketch bytea)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select u.video_id, u.day, u.sketch from video_uniques_daily u
	 where u.day >= p_since and (u.day, u.video_id) > (p_after_day, p_after_video)
	 order by u.day, u.video_id limit p_limit
	$$;
