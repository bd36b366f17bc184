-- db/queries/captions.sql - captions of a video: put, taken away, listed, and what the worker makes of them.

-- fragment: VIDEO_MINE_TO_EDIT
   and v.deleted_at is null
   and (v.user_id = :'me' or :'may_video_edit_any'
        or (v.hidden_at is null and video_shared(v.id, :'me') = 'editor'))

-- Locks the video: of two who change its captions at once, one comes after the other.
-- query: CAPTIONS_LOCK(id, me, may_video_edit_any)
select v.id from videos v
 where v.id = :'id'
-- include: VIDEO_MINE_TO_EDIT
   for no key update

-- query: CAPTIONS_CLEAR(id, lang)
delete from captions where video_id = :'id' and lang = :'lang'

-- query: CAPTIONS_PUT(id, lang, label, vtt, cues)
with put as (
	insert into captions (video_id, lang, label, vtt, cue_count)
	values (:'id', :'lang', :'label', :'vtt', jsonb_array_length(:'cues'::jsonb))
	returning video_id, lang, label, cue_count
)
select lang, label, cue_count as "cueCount" from put

-- query: CAPTIONS_PUT_CUES(id, lang, cues)
insert into caption_cues (video_id, lang, start_ms, end_ms, text)
select :'id', :'lang', c.s, c.e, c.t from jsonb_to_recordset(:'cues'::jsonb) as c(s integer, e integer, t text)

-- What is said is found anew, and the files follow.
-- query: CAPTIONS_CHANGED(id, me)
select video_search_put(v)::text as "_found", captions_enqueue(v.tenant_id, v.id, :'me')::text as "_asked" from videos v where v.id = :'id'

-- query: CAPTIONS_SEEN(id, me, may_video_edit_any)
select v.id from videos v
 where v.id = :'id'
   and v.deleted_at is null
-- include: VIDEO_SEEN

-- query: CAPTIONS_LIST(id)
select c.lang, c.label, c.cue_count as "cueCount", video_mark(v.hidden_at, v.visibility) || c.file_key as "url:media",
       c.updated_at as "updatedAt"
  from captions c
  join videos v on v.id = c.video_id
 where c.video_id = :'id'
 order by c.lang

-- query: CAPTIONS_WORK(video)
-- One at a time for a video; what plays is where the files belong.
select v.storage_prefix, v.master_key, coalesce(v.duration_s, 0) as duration,
       coalesce((v.edition_edit ->> 'start')::double precision, 0) as start,
       coalesce((v.edition_edit ->> 'end')::double precision, 0) as until
  from videos v
 where v.id = :'video' and v.deleted_at is null and v.storage_prefix is not null and v.master_key is not null
   for no key update

-- query: CAPTIONS_FILES(video)
select lang, label, vtt from captions where video_id = :'video' order by lang

-- query: CAPTIONS_PLACED(video, lang, key)
update captions set file_key = :'key' where video_id = :'video' and lang = :'lang'
