-- db/queries/uploads.sql - uploads under way, whichever way they come.

-- query: UPLOAD_INSERT(id, video, me, kind, size, reserved, path, filename, ttl_s)
insert into uploads (id, video_id, user_id, kind, size_bytes, reserved_bytes, path, filename, expires_at)
values (:'id', :'video', :'me', :'kind', :'size', :'reserved', :'path', :'filename',
        now() + make_interval(secs => :'ttl_s'))
returning expires_at

-- query: UPLOAD_BY_ID(id)
select u.user_id, u.video_id, u.size_bytes, u.path, u.expires_at, u.expires_at < now() as expired
  from uploads u
  join videos v on v.id = u.video_id and v.deleted_at is null
 where u.id = :'id' and u.state = 'open'

-- query: UPLOAD_SIZE(id, size, reserved)
update uploads set size_bytes = :'size', reserved_bytes = :'reserved', updated_at = now()
 where id = :'id' and state = 'open'

-- query: UPLOAD_OFFSET(id, offset)
update uploads set offset_bytes = :'offset', updated_at = now() where id = :'id' and state = 'open'

-- query: UPLOAD_FINISH(id, size)
-- Takes the upload: only one request finishes it, and what was reserved becomes what is stored.
update uploads
   set state = 'finished', reserved_bytes = 0, size_bytes = :'size', offset_bytes = :'size', finished_at = now(),
       updated_at = now()
 where id = :'id' and state = 'open'
returning video_id

-- query: UPLOAD_CANCEL(id, me)
update uploads set state = 'cancelled', reserved_bytes = 0, updated_at = now()
 where id = :'id' and user_id = :'me' and state = 'open'
returning video_id, path

-- query: UPLOAD_CANCELLED_VIDEO(video)
-- Nothing of it ever arrived.
update videos set deleted_at = now() where id = :'video' and uploaded_at is null

-- query: VIDEO_UPLOADED(video, original_key, original_name, size)
update videos
   set uploaded_at = now(), original_key = :'original_key', original_name = coalesce(:'original_name', original_name),
       original_bytes = :'size', stored_bytes = :'size', updated_at = now()
 where id = :'video'

-- query: VIDEO_TRANSCODE_ENQUEUE(video, me, traceparent)
insert into jobs (kind, user_id, subject_id, unique_key, payload, traceparent)
values ('transcode', :'me', :'video'::uuid, (:'video'::uuid)::text, jsonb_build_object('videoId', :'video'::uuid), :'traceparent')
on conflict do nothing
