-- db/queries/checks.sql - what texts and videos are checked with, and the checks themselves (db/migrations/0093 and 0094).

-- fragment: WATCHED_WORD
       id, pattern, action, applies_to as "appliesTo", is_case_sensitive as "isCaseSensitive", is_active as "isActive", note,
       created_at as "createdAt"

-- query: WATCHED_WORD_LIST()
select
-- include: WATCHED_WORD
  from watched_words order by created_at desc, id desc limit 1000

-- query: WATCHED_WORD_INSERT(me, pattern, action, applies_to, is_case_sensitive, note, address, request_id)
with made as (
	insert into watched_words (pattern, action, applies_to, is_case_sensitive, note, created_by)
	values (:'pattern', :'action', coalesce(:'applies_to'::text[], '{title,description,comment,profile}'), coalesce(:'is_case_sensitive', false),
	        :'note', :'me')
	returning *
)
select
-- include: WATCHED_WORD
       , audit(:'me', 'watched_word.created', 'watched_word', id, null, to_jsonb(made), null, :'address', :'request_id')::text as "_audit"
  from made

-- query: WATCHED_WORD_DELETE(id, me, address, request_id)
with gone as (
	delete from watched_words where id = :'id' returning *
)
select audit(:'me', 'watched_word.deleted', 'watched_word', id, to_jsonb(gone), null, null, :'address', :'request_id')::text as "_audit"
  from gone

-- query: TEXT_CHECK(text, field)
select verdict, findings from text_check(coalesce(:'field', 'comment'), :'text', null)

-- query: CHECK_TEXT_OF(kind, id)
select (subject_row(:'kind', :'id') -> 'words')::text as words

-- query: TEXT_SCORED(kind, id, score, labels)
select text_scored(:'kind', :'id', :'score', :'labels') as verdict

-- query: MODERATION_SWEEP()
select dmca_run_clock() as restored, removed_purge() as purged

-- query: CHECK_VIDEO_SOURCE(video)
select original_key from videos where id = :'video' and deleted_at is null and original_key is not null

-- query: BLOCKED_PRINTS()
select id, array_to_string(frames, ',') as frames, array_to_string(audio, ',') as sound
  from blocked_media
 where is_active and (cardinality(frames) > 0 or cardinality(audio) > 0)
 order by id
 limit 10000

-- query: VIDEO_CHECKED(video, found, payload, compared)
select video_checked(:'video', :'found', :'payload', :'compared')::text as "_done"

-- query: BLOCKED_PRINT(id)
select array_to_string(frames, ',') as frames, array_to_string(audio, ',') as sound from blocked_media where id = :'id' and is_active

-- The next of all videos, latest first, also those that are not to be looked at: it is a step along an index.
-- query: EARLIER_PRINTS(before, limit)
with page as (
	select id, deleted_at is null and uploaded_at is not null as is_there, original_key is not null and state <> 'failed' as can_be_printed
	  from videos
	 where id < :'before'::uuid
	 order by id desc
	 limit :'limit'
)
select v.id, v.is_there and p.video_id is not null as has_prints, v.is_there and v.can_be_printed and p.video_id is null as lacks_prints,
       array_to_string(p.frames, ',') as frames, array_to_string(p.audio, ',') as sound
  from page v
  left join video_prints p on p.video_id = v.id and v.is_there
 order by v.id desc

-- query: EARLIER_FOUND(video, id, frames, sound)
select blocked_found_earlier(:'video', :'id', :'frames', :'sound') as is_new

-- Behind every upload.
-- query: EARLIER_ASK(video)
select video_check_enqueue(:'video', null, -5) as job

-- query: EARLIER_ASKED(most)
select count(*) as waiting
  from (select from jobs where kind = 'check_video' and state = 'queued' and priority = -5 and tenant_id = current_tenant() limit :'most') few

-- query: EARLIER_GO_ON(id, before, wait_s)
select check_earlier_enqueue(:'id', :'before', :'wait_s') as job

-- query: VIDEO_CHECK_ASK(video_id)
select video_check_enqueue(id, null, 10) as "jobId" from videos where id = :'video_id' and deleted_at is null and original_key is not null

-- fragment: BLOCKED_MEDIA
       id, label, action, video_id as "videoId", cardinality(frames) as frames, cardinality(audio) as sound, is_active as "isActive",
       created_at as "createdAt"

-- query: BLOCKED_MEDIA_LIST()
select
-- include: BLOCKED_MEDIA
  from blocked_media order by created_at desc, id desc limit 1000

-- query: BLOCKED_MEDIA_INSERT(me, video_id, label, action, address, request_id)
with made as (
	insert into blocked_media (label, action, video_id, created_by)
	select :'label', coalesce(:'action', 'hold'), id, :'me' from videos where id = :'video_id' and deleted_at is null and original_key is not null
	returning *
)
select
-- include: BLOCKED_MEDIA
       , audit(:'me', 'blocklist.added', 'video', video_id, null, jsonb_build_object('id', id, 'label', label, 'action', action), null,
               :'address', :'request_id')::text as "_audit",
       video_check_enqueue(video_id, id, 10)::text as "_job"
  from made

-- query: BLOCKED_MEDIA_DELETE(id, me, address, request_id)
with gone as (
	delete from blocked_media where id = :'id' returning *
)
select audit(:'me', 'blocklist.removed', 'video', video_id, jsonb_build_object('id', id, 'label', label), null, null, :'address',
             :'request_id')::text as "_audit"
  from gone

-- query: FILE_INFECTED(video, name)
select file_infected(:'video', :'name')::text as "_done"

-- query: CHECK_IMAGES(video)
select thumbnail_keys || (case when own_still_key is not null then array[thumbnail_key] end) as keys
  from videos where id = :'video' and deleted_at is null and cardinality(thumbnail_keys) > 0

-- query: IMAGES_SCORED(video, score, labels)
select images_scored(:'video', :'score', :'labels') as verdict
