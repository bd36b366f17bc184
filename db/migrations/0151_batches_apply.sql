-- Batches of views and of players' events in time that grows with the batch, not with its square: PostgreSQL guesses that few rows
-- come out of a JSON array, and compared everything with everything.

-- p_views: [{"tenant","video","user","session","at","device","source","country"}, …]. Returns how many were added.
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
	)
	select count(*) into added from seen;
	-- In one order, so that two batches cannot wait for each other; last, and not in the way of those who only point to a video.
	perform from (
		select v.id from videos v
		 where v.id in (select e.video from jsonb_to_recordset(p_views) as e(video uuid))
		 order by v.id for no key update) locked;
	update videos v set view_count = view_count + c.n
	  from (select e.tenant, e.video, count(*) as n
	          from jsonb_to_recordset(p_views) as e(tenant uuid, video uuid) group by 1, 2) c
	 where v.id = c.video and v.tenant_id = c.tenant;
	return added;
end
$$;

-- p_events: [{"tenant","video","user","session","type","at","position","watched","device","source","country"}, …]; times of before
-- yesterday and of the future are brought to those bounds. Returns how many were added.
create or replace function engagement_apply(p_batch text, p_events jsonb) returns bigint
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
	), curve as ( -- of each video all hundredths, without a join
		insert into video_retention (tenant_id, video_id, watched)
		select c.tenant_id, c.video_id, array_agg(c.times order by c.n)
		  from (select u.tenant_id, u.video_id, u.n, sum(u.times)::bigint as times
		          from (select tenant_id, video_id, n, times from hundredths
		                union all
		                select v.tenant_id, v.video_id, g.n, 0
		                  from (select distinct tenant_id, video_id from hundredths) v
		                 cross join generate_series(0, 99) g(n)) u
		         group by 1, 2, 3) c
		 group by 1, 2
		 order by 2
		on conflict (video_id) do update set watched = bigints_add(video_retention.watched, excluded.watched)
	)
	select count(*) into added from seen;
	return added;
end
$$;
