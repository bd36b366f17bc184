-- db/queries/analytics.sql - figures of videos and of those who make them, by days in UTC. Written by the worker alone.

-- query: VIEWS_APPLY(batch, views)
select views_apply(:'batch', :'views') as views

-- query: ENGAGEMENT_APPLY(batch, events)
select engagement_apply(:'batch', :'events') as events

-- query: EVENTS_PRUNE(days)
select events_prune(:'days') as gone

-- query: UNIQUES_DUE(days)
select u.tenant_id, u.video_id, u.day::text as day, to_char(u.day, 'YYYYMMDD') as key
  from uniques_due(((now() at time zone 'UTC')::date - :'days'::integer)) u
 limit 1000000

-- query: UNIQUES_KEEP(tenant, video, day, uniques, sketch)
select uniques_keep(:'tenant', :'video', :'day', :'uniques', :'sketch') is null as kept

-- query: UNIQUES_KEPT(days, after_day, after_video)
select u.video_id, u.day::text as day, to_char(u.day, 'YYYYMMDD') as key, u.sketch
  from uniques_kept(((now() at time zone 'UTC')::date - :'days'::integer), coalesce(:'after_day'::date, '-infinity'),
                    coalesce(:'after_video'::uuid, '00000000-0000-0000-0000-000000000000'), 500) u
 limit 500

-- The range asked for; the last 28 days when it was not said. A year at most.
-- fragment: DAYS_ASKED
	select r.first, r.last
	  from (select coalesce(:'to'::date, (now() at time zone 'UTC')::date) as last) l
	 cross join lateral (select greatest(coalesce(:'from'::date, l.last - 27), l.last - 365) as first, l.last) r

-- query: ANALYTICS_VIDEO(id, me, may_metrics_view, may_video_edit_any, from, to)
with asked as (
-- include: DAYS_ASKED
)
select v.id as "videoId", v.title, v.duration_s as duration, a.first::text as "from", a.last::text as "to",
       w.views, e.watched_s as "watchTime", e.plays, e.completes,
       case when w.views > 0 then round((e.watched_s / w.views)::numeric, 3)::double precision end as "averageViewDuration",
       v.like_count as "totals.likes", v.comment_count as "totals.comments", v.share_count as "totals.shares", v.view_count as "totals.views",
       coalesce(d.by_day, '[]'::json) as "byDay",
       coalesce(p.sources, '[]'::json) as sources, coalesce(p.devices, '[]'::json) as devices, coalesce(p.countries, '[]'::json) as countries,
       coalesce(r.curve, '[]'::json) as retention,
       v.user_id = :'me' or :'may_metrics_view' as "_may",
       array(select to_char(g, 'YYYYMMDD') from generate_series(a.first::timestamp, a.last::timestamp, interval '1 day') g) as "_days"
  from videos v
 cross join asked a
 cross join lateral (
	select coalesce(sum(x.views), 0)::bigint as views from video_views_daily x
	 where x.video_id = v.id and x.day between a.first and a.last) w
 cross join lateral (
	select coalesce(sum(x.watched_s), 0) as watched_s, coalesce(sum(x.plays), 0)::bigint as plays, coalesce(sum(x.completes), 0)::bigint as completes
	  from video_engagement_daily x
	 where x.video_id = v.id and x.day between a.first and a.last) e
 cross join lateral (
	select json_agg(json_build_object('day', g.day, 'views', coalesce(x.views, 0), 'watchTime', coalesce(y.watched_s, 0)) order by g.day) as by_day
	  from (select s::date as day from generate_series(a.first::timestamp, a.last::timestamp, interval '1 day') s) g
	  left join video_views_daily x on x.video_id = v.id and x.day = g.day
	  left join video_engagement_daily y on y.video_id = v.id and y.day = g.day) d
 cross join lateral (
	select json_agg(z.item order by z.n desc, z.value) filter (where z.dimension = 'source') as sources,
	       json_agg(z.item order by z.n desc, z.value) filter (where z.dimension = 'device') as devices,
	       json_agg(z.item order by z.n desc, z.value) filter (where z.dimension = 'country') as countries
	  from (select x.dimension, x.value, sum(x.views)::bigint as n, json_build_object('value', x.value, 'views', sum(x.views)::bigint) as item,
	               row_number() over (partition by x.dimension order by sum(x.views) desc, x.value) as place
	          from video_breakdown_daily x
	         where x.video_id = v.id and x.day between a.first and a.last
	         group by 1, 2) z
	 where z.place <= 50) p
  left join lateral (
	select json_agg(round(h.times::numeric / greatest(top.most, 1), 4) order by h.n) as curve
	  from video_retention t
	 cross join lateral (select max(m) as most from unnest(t.watched) m) top
	 cross join lateral unnest(t.watched) with ordinality as h(times, n)
	 where t.video_id = v.id) r on true
 where v.id = :'id'
   and v.deleted_at is null
-- include: VIDEO_SEEN

-- Which of somebody's videos were watched when, the first days first: their sketches say by how many (lib/uniques.h).
-- query: ANALYTICS_CREATOR_VIEWED(id, from, to, kept_days)
with asked as (
-- include: DAYS_ASKED
), mine as (
	select v.id from videos v
	 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
	   and v.user_id = person(:'id') and v.deleted_at is null
	 order by v.created_at desc, v.id desc limit 10000
)
select x.video_id::text as video, to_char(x.day, 'YYYYMMDD') as day, x.day <= (now() at time zone 'UTC')::date - :'kept_days'::integer as is_gone
  from mine m join video_views_daily x on x.video_id = m.id, asked a
 where x.day between a.first and a.last and x.views > 0
 order by x.day
 limit 50001

-- query: ANALYTICS_CREATOR(id, me, may_metrics_view, from, to)
with asked as (
-- include: DAYS_ASKED
), mine as (
	select v.id, v.title, v.thumbnail_key from videos v
	 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
	   and v.user_id = person(:'id') and v.deleted_at is null
	 order by v.created_at desc, v.id desc limit 10000
), daily as (
	select x.video_id, x.day, x.views, 0::double precision as watched_s from mine m join video_views_daily x on x.video_id = m.id, asked a
	 where x.day between a.first and a.last
	union all
	select x.video_id, x.day, 0, x.watched_s from mine m join video_engagement_daily x on x.video_id = m.id, asked a
	 where x.day between a.first and a.last
)
select u.id as "userId", u.username, a.first::text as "from", a.last::text as "to",
       (select coalesce(sum(views), 0)::bigint from daily) as views,
       (select coalesce(sum(watched_s), 0) from daily) as "watchTime",
       u.follower_count as "totals.followers", u.video_count as "totals.videos",
       (select coalesce(sum(v.view_count), 0)::bigint from videos v join mine m on m.id = v.id) as "totals.views",
       (select coalesce(sum(v.like_count), 0)::bigint from videos v join mine m on m.id = v.id) as "totals.likes",
       (select coalesce(sum(v.comment_count), 0)::bigint from videos v join mine m on m.id = v.id) as "totals.comments",
       (select count(*) from follows f where f.followed_id = u.id and f.created_at >= a.first and f.created_at < a.last + 1) as "newFollowers",
       (select coalesce(json_agg(json_build_object('day', g.day, 'views', coalesce(x.views, 0), 'watchTime', coalesce(x.watched_s, 0)) order by g.day), '[]')
          from (select s::date as day from generate_series(a.first::timestamp, a.last::timestamp, interval '1 day') s) g
          left join (select day, sum(views)::bigint as views, sum(watched_s) as watched_s from daily group by 1) x on x.day = g.day) as "byDay",
       (select coalesce(json_agg(json_build_object('videoId', t.video_id, 'title', m.title, 'views', t.views, 'watchTime', t.watched_s)
                                 order by t.views desc, t.video_id), '[]')
          from (select video_id, sum(views)::bigint as views, sum(watched_s) as watched_s from daily group by 1 order by 2 desc, 1 limit 20) t
          join mine m on m.id = t.video_id) as "topVideos",
       u.id = :'me' or :'may_metrics_view' as "_may"
  from users u
 cross join asked a
 where u.id = person(:'id') and u.status in ('active', 'suspended')
