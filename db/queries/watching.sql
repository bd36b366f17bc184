-- db/queries/watching.sql - who watched what and how far; videos passed on.

-- query: WATCH_PROGRESS_PUT(id, me, position)
-- Nobody watches further than to the end. Within its last twentieth a video counts as watched whole.
with seen as (
	select v.id, least(:'position'::double precision, coalesce(v.duration_s, :'position'::double precision)) as position,
	       coalesce(v.duration_s, 0) as duration
	  from videos v
	 where v.id = :'id' and v.state = 'ready'
-- include: VIDEO_OPEN_TO_ME
)
insert into watch_progress as w (user_id, video_id, position_s, completed)
select :'me', id, position, duration > 0 and position >= duration * 0.95 from seen
on conflict (user_id, video_id) do update
   set position_s = excluded.position_s, completed = w.completed or excluded.completed, watched_at = now()
returning w.video_id as "videoId", w.position_s as position, w.completed, w.watched_at as "watchedAt"

-- Served by watch_progress_history_idx.
-- query: WATCH_HISTORY(me, after_at, after_id)
select
-- include: VIDEO_CARD
       w.position_s as position, w.completed, w.watched_at as "watchedAt",
       w.watched_at as "_after_at", w.video_id as "_after_id"
  from watch_progress w
  join videos v on v.id = w.video_id
 where w.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and w.user_id = :'me'
   and v.state = 'ready'
-- include: VIDEO_OPEN_TO_ME
   and (w.watched_at, w.video_id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                     case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by w.watched_at desc, w.video_id desc
 limit :page

-- query: WATCH_FORGET_ALL(me)
with gone as (delete from watch_progress where user_id = :'me')
select true as "_done"

-- query: WATCH_FORGET(me, id)
delete from watch_progress where user_id = :'me' and video_id = :'id' returning video_id as "_id"

-- query: VIDEO_SHARE(id, me)
update videos v set share_count = share_count + 1
 where v.id = :'id' and v.state = 'ready'
-- include: VIDEO_OPEN_TO_ME
returning v.id as "videoId", v.share_count as shares,
          (select t.base_url from tenants t where t.id = v.tenant_id) || '/embed/' || v.id as url

-- query: VIDEO_ORIGINAL(id, me, may_video_edit_any)
-- The file as it came of what plays; where it was not kept, the best rendition.
select case when v.replaced is null then v.original_key else v.replaced ->> 'key' end as original_key,
       case when v.replaced is null then v.original_name else v.replaced ->> 'name' end as original_name, v.storage_prefix, v.original_bytes as size_bytes, r.media_key,
       video_mark(v.hidden_at, v.visibility) as mark, v.download_enabled or v.user_id = :'me' or :'may_video_edit_any' as may_download
  from videos v
  left join lateral (
	select media_key, height from renditions
	 where video_id = v.id and state = 'ready' and media_key is not null order by height desc limit 1) r on true
 where v.id = :'id' and v.state = 'ready' and v.storage_prefix is not null
-- include: VIDEO_SEEN
