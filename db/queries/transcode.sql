-- db/queries/transcode.sql - what the transcoder's reports become. Each write proves that the job is still this
-- worker's (fence): a report of a job that was taken over changes nothing, and says so by returning no row.

-- query: TRANSCODE_SOURCE(video)
select v.original_key, v.edition_at is not null as is_whole, video_recipe(v.id) as recipe
  from videos v
 where v.id = :'video' and v.deleted_at is null and v.original_key is not null

-- query: TRANSCODE_BEGIN(video, job, worker, attempt)
-- What an earlier attempt began is begun again; what plays goes on playing until there is better.
update videos v
   set processing_at = now(), failure_code = null, failure_reason = null, progress = 0, updated_at = now(),
       warnings = case when edition_at is null then '[]' else warnings end
 where v.id = :'video'
   and job_is_held(:'job', :'worker', :'attempt')
returning true as is_ours

-- query: TRANSCODE_PROBED(video, job, worker, attempt, info, is_edited)
-- Of an edit it tells what is left, not what the file is.
update videos v
   set source = case when :'is_edited' then source else :'info'::jsonb end,
       duration_s = coalesce((:'info'::jsonb ->> 'duration')::double precision, duration_s),
       width = (:'info'::jsonb ->> 'width')::integer,
       height = (:'info'::jsonb ->> 'height')::integer,
       fps = (:'info'::jsonb ->> 'fps')::double precision,
       bitrate = (:'info'::jsonb ->> 'bitrate')::bigint,
       has_audio = (:'info'::jsonb ->> 'hasAudio')::boolean,
       updated_at = now()
 where v.id = :'video'
   and job_is_held(:'job', :'worker', :'attempt')
returning true as is_ours

-- query: TRANSCODE_RUNG(video, job, worker, attempt, prefix, rung)
-- A rung plays. The first one moves the video to the new edition.
with moved as (
	update videos v
	   set storage_prefix = :'prefix', master_key = :'prefix'::text || '/master.m3u8', updated_at = now()
	 where v.id = :'video' and job_is_held(:'job', :'worker', :'attempt')
	returning v.id
), rung as (
	insert into renditions as r (video_id, name, state, width, height, fps, codecs, bandwidth, average_bandwidth,
	                             media_key, playlist_key, size_bytes, was_copied, finished_at)
	select m.id, d ->> 'name', 'ready', (d ->> 'width')::integer, (d ->> 'height')::integer,
	       (d ->> 'fps')::double precision, d ->> 'codecs', (d ->> 'bandwidth')::bigint,
	       (d ->> 'averageBandwidth')::bigint, :'prefix'::text || '/' || (d ->> 'file'),
	       :'prefix'::text || '/' || (d ->> 'playlist'), (d ->> 'sizeBytes')::bigint, (d ->> 'copied')::boolean, now()
	  from moved m, (select :'rung'::jsonb as d) given
	on conflict (video_id, name) do update
	   set state = 'ready', width = excluded.width, height = excluded.height, fps = excluded.fps,
	       codecs = excluded.codecs, bandwidth = excluded.bandwidth, average_bandwidth = excluded.average_bandwidth,
	       media_key = excluded.media_key, playlist_key = excluded.playlist_key, size_bytes = excluded.size_bytes,
	       was_copied = excluded.was_copied, failure_reason = null, finished_at = now()
	returning r.id
)
select true as is_ours from rung

-- query: TRANSCODE_RUNG_FAILED(video, job, worker, attempt, name, reason)
insert into renditions as r (video_id, name, state, failure_reason, finished_at)
select :'video', :'name', 'failed', :'reason', now()
 where job_is_held(:'job', :'worker', :'attempt')
on conflict (video_id, name) do update
   set state = 'failed', failure_reason = excluded.failure_reason, finished_at = now()
returning true as is_ours

-- query: TRANSCODE_STILLS(video, job, worker, attempt, prefix, poster, thumbnails, storyboard, storyboard_vtt)
update videos v
   set made_poster_key = :'poster', poster_key = case when own_still_key is null then :'poster' else poster_key end,
       thumbnail_keys = :'thumbnails',
       thumbnail_key = case when own_still_key is null then (:'thumbnails'::text[])[2] else thumbnail_key end,
       storyboard_key = :'storyboard', storyboard_vtt_key = :'storyboard_vtt', storage_prefix = :'prefix', updated_at = now()
 where v.id = :'video'
   and job_is_held(:'job', :'worker', :'attempt')
returning true as is_ours

-- query: TRANSCODE_WARNING(video, job, worker, attempt, warning)
update videos v
   set warnings = warnings || jsonb_build_array(:'warning'::jsonb), updated_at = now()
 where v.id = :'video'
   and job_is_held(:'job', :'worker', :'attempt')
returning true as is_ours

-- query: TRANSCODE_PROGRESS(video, job, worker, attempt, progress)
update videos
   set progress = greatest(progress, :'progress')
 where id = :'video' and job_is_held(:'job', :'worker', :'attempt')
returning true as is_ours

-- query: TRANSCODE_REPLACE(video)
-- A whole edition is about to take the place of another: nothing of the old one's warnings and failures stays.
with gone as (
	delete from renditions where video_id = :'video' and state = 'failed'
)
update videos set warnings = '[]' where id = :'video'

-- query: TRANSCODE_DONE(video, prefix, summary, bytes, original_kept, recipe)
-- Rungs of an earlier edition that this one does not have are gone with it.
with stale as (
	delete from renditions where video_id = :'video' and (media_key is null or media_key not like :'prefix'::text || '/%')
	   and state <> 'failed'
), applied as (
	update video_edits set state = 'applied', ended_at = now()
	 where id = (:'recipe'::jsonb ->> 'edit')::uuid and state = 'processing'
), forgotten as ( -- those of the file that this edition's has replaced
	update video_edits e set state = 'undone', ended_at = now()
	  from videos v
	 where v.id = :'video' and v.replaced is not null and e.video_id = v.id and e.state = 'applied' and e.created_at < v.uploaded_at
), gone as (
	insert into jobs (kind, subject_id, payload, priority)
	select 'purge_files', id, jsonb_build_object('originals', array[replaced ->> 'key']), -10
	  from videos where id = :'video' and replaced ->> 'key' is not null
)
update videos v
   set progress = 100, replaced = null, edition_at = now(), edition_edit = :'recipe'::jsonb,
       duration_s = coalesce((:'summary'::jsonb ->> 'duration')::double precision, duration_s),
       stored_bytes = :'bytes'::bigint + case when :'original_kept' then coalesce(original_bytes, 0) else 0 end,
       original_key = case when :'original_kept' then original_key end,
       updated_at = now()
 where v.id = :'video'

-- query: TRANSCODE_PURGE(video, files, delay_s)
-- What nobody will ask for any more when the addresses given out have expired.
insert into jobs (kind, subject_id, payload, priority, run_at)
values ('purge_files', :'video', :'files'::jsonb, -10, now() + make_interval(secs => :'delay_s'))

-- query: PURGE_CURRENT(video)
select v.storage_prefix, v.own_still_key, v.original_key, v.replaced ->> 'key' as replaced_key
  from videos v where v.id = :'video' and v.deleted_at is null

-- query: PURGE_VIDEO(video)
-- What still works on it is asked to stop.
select v.original_key, v.replaced ->> 'key' as replaced_key,
       (select count(job_cancel(j.id, j.tenant_id))
          from jobs j
         where j.subject_id = v.id and j.kind = 'transcode' and j.state in ('queued', 'running')) as cancelled
  from videos v
 where v.id = :'video' and v.deleted_at is not null

-- query: PURGED_VIDEO(video)
update videos
   set original_key = null, replaced = null, storage_prefix = null, master_key = null, poster_key = null, thumbnail_key = null,
       thumbnail_keys = '{}', own_still_key = null, made_poster_key = null, storyboard_key = null, storyboard_vtt_key = null, stored_bytes = 0
 where id = :'video' and deleted_at is not null

-- query: SWEEP_UPLOADS()
select id, tenant_id, video_id, path from uploads_expire(200)

-- query: SWEEP_PUBLISH_DUE()
select video_publish_due() as published

-- query: SWEEP_IDEMPOTENCY()
select idempotency_prune() as gone
