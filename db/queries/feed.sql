-- db/queries/feed.sql - what people see first. VIDEO_FEED, the latest, stands with the fragments in videos.sql.

-- The newest videos of those whom the caller follows. Only an author whose newest video is among the newest can have any
-- on the page: one index step for each author finds these few, and one short scan for each of them finds the page.
-- Served by follows_pkey and videos_listed_user_idx; 1,000 authors take 1,000 index steps, however much they published.
-- query: VIDEO_FEED_FOLLOWING(me, after_at, after_id)
with author as (
	select f.followed_id as id, n.published_at, n.id as video_id
	  from follows f
	 cross join lateral (
		select v.published_at, v.id
		  from videos v
		 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
		   and v.user_id = f.followed_id
-- include: VIDEO_LISTED
-- include: NOT_BLOCKED
		   and (v.published_at, v.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
		                                 case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
		 order by v.published_at desc, v.id desc
		 limit 1) n
	 where f.follower_id = :'me'
	 order by n.published_at desc, n.id desc
	 limit :page
), page as (
	select n.id
	  from author a
	 cross join lateral (
		select v.published_at, v.id
		  from videos v
		 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
		   and v.user_id = a.id
-- include: VIDEO_LISTED
		   and (v.published_at, v.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
		                                 case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
		 order by v.published_at desc, v.id desc
		 limit :page) n
	 order by n.published_at desc, n.id desc
	 limit :page
)
select
-- include: VIDEO_CARD
       v.published_at as "_after_at",
       v.id as "_after_id"
  from page p
  join videos v on v.id = p.id
 order by v.published_at desc, v.id desc
 limit :page

-- Of the videos named those that the caller may see in a list, in the order given.
-- query: VIDEO_FEED_OF(me, ids)
select
-- include: VIDEO_CARD
       w.position as "_position"
  from unnest(:'ids'::uuid[]) with ordinality as w(id, position)
  join videos v on v.id = w.id
 where v.published_at is not null
-- include: VIDEO_LISTED
-- include: NOT_BLOCKED
 order by w.position
 limit :page

-- So many of the latest, by their ids. Served by videos_latest_idx.
-- query: VIDEO_LATEST(me, most)
select v.id
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
-- include: VIDEO_LISTED
-- include: NOT_BLOCKED
   and v.published_at is not null
 order by v.published_at desc, v.id desc
 limit :'most'::int

-- The latest that are not among those named. Served by videos_latest_idx.
-- query: VIDEO_FEED_REST(me, ids, after_at, after_id)
select
-- include: VIDEO_CARD
       v.published_at as "_after_at",
       v.id as "_after_id"
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
-- include: VIDEO_LISTED
-- include: NOT_BLOCKED
   and v.id <> all (:'ids'::uuid[])
   and (v.published_at, v.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                 case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by v.published_at desc, v.id desc
 limit :page
