-- db/queries/edits.sql - trim, crop, rotate, mute: what an edition shows of the original.

-- fragment: EDIT_ANSWER
       e.id, e.state, e.trim_start as "trim?.start", e.trim_end as "trim?.end", e.crop, e.rotate, e.mute,
       e.reason as "failureReason", e.created_at as "createdAt",

-- query: EDIT_LOCK(id, me, may_video_edit_any)
-- Locks the video: of two who edit at once, one comes after the other.
select v.original_key is not null and v.edition_at is not null as is_there,
       coalesce((v.source ->> 'duration')::double precision, v.duration_s) as duration
  from videos v
 where v.id = :'id'
-- include: VIDEO_MINE_TO_EDIT
   for no key update

-- query: EDIT_INSERT(id, me, trim_start, trim_end, crop, rotate, mute)
insert into video_edits as e (video_id, number, user_id, trim_start, trim_end, crop, rotate, mute)
select :'id'::uuid, coalesce((select max(number) from video_edits where video_id = :'id'), 0) + 1, :'me', :'trim_start', :'trim_end',
       :'crop'::jsonb, :'rotate', :'mute'
returning
-- include: EDIT_ANSWER
       e.video_id as "videoId"

-- query: EDIT_UNDO(id)
update video_edits e set state = 'undone', ended_at = now()
 where e.video_id = :'id' and e.state = 'applied'
   and e.number = (select max(number) from video_edits where video_id = :'id' and state = 'applied')
returning
-- include: EDIT_ANSWER
       e.video_id as "videoId"

-- query: EDIT_LIST(id, me, may_video_edit_any)
select (v.source ->> 'duration')::double precision as "source.duration",
       (v.source ->> 'width')::integer as "source.width",
       (v.source ->> 'height')::integer as "source.height",
       (v.source ->> 'hasAudio')::boolean as "source.hasAudio",
       v.original_key is not null as "isEditable",
       coalesce((select jsonb_agg(jsonb_build_object('id', e.id, 'state', e.state,
                        'trim', case when e.trim_start is not null or e.trim_end is not null
                                then jsonb_build_object('start', e.trim_start, 'end', e.trim_end) end,
                        'crop', e.crop, 'rotate', e.rotate, 'mute', e.mute, 'failureReason', e.reason, 'createdAt', e.created_at)
                        order by e.number desc)
                   from (select * from video_edits where video_id = v.id order by number desc limit 100) e), '[]') as edits
  from videos v
 where v.id = :'id'
-- include: VIDEO_MINE_TO_EDIT
