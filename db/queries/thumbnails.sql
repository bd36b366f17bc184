-- db/queries/thumbnails.sql - a video's own poster and thumbnail. The folder of an own_still_key is made by one job and goes by
-- another.

-- query: THUMBNAIL_MAY(id, me, may_video_edit_any)
select v.uploaded_at is not null as has_file from videos v
 where v.id = :'id'
-- include: VIDEO_MINE_TO_EDIT

-- query: THUMBNAIL_STATE(id, me, may_video_edit_any)
select video_mark(v.hidden_at, v.visibility) || v.thumbnail_key as "thumbnailUrl:media",
       video_mark(v.hidden_at, v.visibility) || v.poster_key as "posterUrl:media",
       v.own_still_key is not null as "isCustom",
       v.still_pending is not null as "isProcessing",
       v.still_failure as "failureReason"
  from videos v
 where v.id = :'id'
-- include: VIDEO_MINE_TO_EDIT

-- The newest counts: an earlier one that is still being worked on finds that it is not wanted any more.
-- query: THUMBNAIL_PUT(id, me, source, time, traceparent)
with wanted as (
	update videos set still_pending = :'source', still_failure = null, updated_at = now()
	 where id = :'id' and deleted_at is null
	returning id
)
insert into jobs (kind, user_id, subject_id, priority, payload, traceparent)
select 'thumbnail', :'me', id, 5,
       jsonb_strip_nulls(jsonb_build_object('source', :'source'::text, 'time', :'time'::double precision)), :'traceparent'
  from wanted
returning id as "jobId", 'processing' as status

-- query: THUMBNAIL_DROP(id, me, may_video_edit_any)
with had as (
	select v.id, v.own_still_key from videos v
	 where v.id = :'id'
-- include: VIDEO_MINE_TO_EDIT
	   for update
), gone as (
	insert into jobs (kind, subject_id, payload, priority)
	select 'purge_files', id, jsonb_build_object('public', array[own_still_key]), -10 from had where own_still_key is not null
)
update videos v
   set own_still_key = null, still_pending = null, still_failure = null, poster_key = made_poster_key,
       thumbnail_key = thumbnail_keys[2], updated_at = now()
  from had
 where v.id = had.id
returning v.id as "_id"

-- query: THUMBNAIL_WORK(video, source)
-- A time is of what plays: of the original, as the edition shows it, or of the best rendition where that was not kept.
select v.original_key, v.edition_edit as recipe,
       (select r.media_key from renditions r where r.video_id = v.id and r.state = 'ready' order by r.height desc limit 1) as media_key
  from videos v
 where v.id = :'video' and v.still_pending = :'source' and v.deleted_at is null

-- query: THUMBNAIL_DONE(video, source, folder, poster, thumbnail, delay_s)
-- The old one goes when the addresses given out have expired.
with had as (
	select id, own_still_key from videos where id = :'video' and still_pending = :'source' and deleted_at is null for update
), gone as (
	insert into jobs (kind, subject_id, payload, priority, run_at)
	select 'purge_files', id, jsonb_build_object('public', array[own_still_key]), -10, now() + make_interval(secs => :'delay_s')
	  from had where own_still_key is not null
)
update videos v
   set own_still_key = :'folder', poster_key = :'poster', thumbnail_key = :'thumbnail', still_pending = null, still_failure = null,
       updated_at = now()
  from had
 where v.id = had.id
returning v.id
