-- db/queries/recommend.sql - recommendations: what the worker learns from, and its lists as cards.

-- query: RECOMMEND_TENANTS()
select id from recommend_tenants() as t(id)

-- The videos that a list may show, from the newest on. Served by videos (tenant_id, id).
-- query: RECOMMEND_VIDEOS(before)
select v.id,
       v.user_id,
       lower(v.category) as category,
       lower(split_part(v.language, '-', 1)) as language,
       lower(v.title) as title,
       lower(array_to_string(v.tags || v.hashtags, ' ')) as tags,
       extract(epoch from now() - v.published_at)::double precision as age_s
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and v.id < :'before'
-- include: VIDEO_LISTED
   and v.published_at <= now()
 order by v.id desc
 limit 5000

-- What people liked and saw lately, person by person and each with the latest first; a like says as much as three views, to
-- have watched to the end as two. A person without any has one row without a video. Served by video_likes_user_idx,
-- view_events_taste_idx and watch_progress_history_idx.
-- query: RECOMMEND_EVENTS(before)
select u.id as user_id,
       lower(split_part(u.locale, '-', 1)) as language,
       e.video_id,
       e.weight,
       extract(epoch from now() - e.at)::double precision as age_s
  from (
	select id, locale
	  from users
	 where tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
	   and id < :'before'
	 order by id desc
	 limit 500) u
  left join lateral (
	select x.video_id, least(sum(x.weight), 5)::double precision as weight, max(x.at) as at
	  from (
		(select l.video_id, 3 as weight, l.created_at as at
		   from video_likes l
		  where l.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
		    and l.user_id = u.id
		  order by l.created_at desc
		  limit 100)
		union all
		(select w.video_id, 1, w.seen_at
		   from view_events w
		  where w.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
		    and w.user_id = u.id
		    and w.seen_at > now() - interval '90 days'
		  order by w.seen_at desc
		  limit 200)
		union all
		(select g.video_id, case when g.completed then 2 else 1 end, g.watched_at
		   from watch_progress g
		  where g.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
		    and g.user_id = u.id
		  order by g.watched_at desc
		  limit 100)) x
	 group by x.video_id
	 order by max(x.at) desc
	 limit 100) e on true
 order by u.id desc, e.at desc

-- Neither the caller's own, nor liked, watched or seen lately: for walks along an index, which must not stop at each row.
-- fragment: NOT_SEEN_LATELY
   and v.user_id is distinct from :'me'
   and v.id not in (
	(select l.video_id
	   from video_likes l
	  where l.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
	    and l.user_id = :'me'
	  order by l.created_at desc
	  limit 1000)
	union all
	(select g.video_id
	   from watch_progress g
	  where g.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
	    and g.user_id = :'me'
	  order by g.watched_at desc
	  limit 1000)
	union all
	(select w.video_id
	   from view_events w
	  where w.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
	    and w.user_id = :'me'
	  order by w.seen_at desc
	  limit 1000))

-- Nor ever liked or watched: for a few candidates. An array, for PostgreSQL would charge `not in` to each of them.
-- fragment: NOT_SEEN
   and v.user_id is distinct from :'me'
   and not exists (select from video_likes l where l.video_id = v.id and l.user_id = :'me')
   and not exists (select from watch_progress g where g.video_id = v.id and g.user_id = :'me')
   and v.id <> all (array(select w.video_id
                            from view_events w
                           where w.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
                             and w.user_id = :'me'
                           order by w.seen_at desc
                           limit 1000))

-- Of the videos named those that may be recommended to the caller, in the order given.
-- query: RECOMMENDED_OF(me, ids)
select
-- include: VIDEO_CARD
       w.position as "_position"
  from unnest(:'ids'::uuid[]) with ordinality as w(id, position)
  join videos v on v.id = w.id
 where v.published_at <= now()
-- include: VIDEO_LISTED
-- include: NOT_BLOCKED
-- include: NOT_SEEN
 order by w.position
 limit :page

-- The latest that are not among those named. Served by videos_latest_idx.
-- query: RECOMMENDED_REST(me, ids, after_at, after_id)
select
-- include: VIDEO_CARD
       v.published_at as "_after_at",
       v.id as "_after_id"
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
-- include: VIDEO_LISTED
-- include: NOT_BLOCKED
-- include: NOT_SEEN_LATELY
   and v.id <> all (:'ids'::uuid[])
   and (v.published_at, v.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                 case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by v.published_at desc, v.id desc
 limit :page

-- query: RECOMMENDED_LANGUAGE(me)
select lower(split_part(u.locale, '-', 1)) as language from users u where u.id = :'me'

-- The video that others are to be like, if the caller may see it.
-- query: RECOMMENDED_LIKE(id, me)
select lower(split_part(v.language, '-', 1)) as language
  from videos v
 where v.id = :'id'
   and v.state = 'ready'
-- include: VIDEO_OPEN_TO_ME
