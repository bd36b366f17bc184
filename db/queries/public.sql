-- db/queries/public.sql - videos for those who are not of the community: players on other sites, feed readers, search engines.
-- Only what anybody may see.

-- fragment: VIDEO_OPEN_TO_ALL
   and v.state = 'ready' and v.published_at <= now() and v.visibility <> 'private' and v.hidden_at is null and not v.age_restricted

-- query: PUBLIC_VIDEO(id)
select v.title, v.author_display_name as author, v.author_username as username, v.width, v.height, v.duration_s as duration,
       v.poster_key as poster, v.thumbnail_key as thumbnail, v.master_key as hls, r.media_key as mp4
  from videos v
  left join lateral (
	select media_key from renditions
	 where video_id = v.id and state = 'ready' and coalesce(height, 0) <= greatest(720, 0)
	 order by height desc nulls last limit 1) r on true
 where v.id = :'id'
-- include: VIDEO_OPEN_TO_ALL

-- query: PUBLIC_CAPTIONS(id)
select c.lang, c.label, c.file_key as key from captions c where c.video_id = :'id' and c.file_key is not null order by c.lang limit 50

-- query: PUBLIC_FEED(id)
select u.display_name as person, u.bio, v.id, v.title, v.description, v.published_at as at, v.duration_s as duration, v.thumbnail_key as thumbnail,
       r.size_bytes as size
  from users u
  left join lateral (
	select v.* from videos v
	 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
	   and v.user_id = u.id
-- include: VIDEO_LISTED
	   and v.published_at is not null and not v.age_restricted
	 order by v.published_at desc, v.id desc limit 50) v on true
  left join lateral (
	select size_bytes from renditions where video_id = v.id and state = 'ready' and coalesce(height, 0) <= 720
	 order by height desc nulls last limit 1) r on true
 where u.id = person(:'id') and u.status in ('active', 'suspended')

-- The first video of each page of 2,000: an index-only walk, which the web server asks for once a second at most.
-- query: SITEMAP_INDEX()
select x.published_at::text as at, x.id
  from (select v.published_at, v.id, row_number() over (order by v.published_at desc, v.id desc) as n
          from videos v
         where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
-- include: VIDEO_LISTED
	   and v.published_at is not null) x
 where x.n % 2000 = 1
 order by x.n
 limit 50000

-- query: SITEMAP_PAGE(id)
select v.id, v.title, left(v.description, 2000) as description, v.thumbnail_key as thumbnail, v.duration_s as duration, v.published_at as at
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
-- include: VIDEO_LISTED
   and not v.age_restricted
   and (v.published_at, v.id) <= (select f.published_at, f.id from videos f where f.id = :'id')
 order by v.published_at desc, v.id desc
 limit 2000
