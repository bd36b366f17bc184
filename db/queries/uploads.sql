-- db/queries/uploads.sql - uploads under way, whichever way they come.

-- query: UPLOAD_INSERT(id, video, me, kind, size, reserved, path, filename, metadata, ttl_s)
insert into uploads (id, video_id, user_id, kind, size_bytes, reserved_bytes, path, filename, metadata, expires_at)
values (:'id', :'video', :'me', :'kind', :'size', :'reserved', :'path', :'filename', :'metadata',
        now() + make_interval(secs => :'ttl_s'))
returning expires_at

-- query: UPLOAD_REPLACES(id, me)
-- Locks the video: of two who ask at once, one is told that the other was first.
select v.id
  from videos v
 where v.id = :'id' and v.user_id = :'me' and v.deleted_at is null and v.uploaded_at is not null
   for no key update

-- query: UPLOAD_IS_BUSY(id)
-- Behind the lock, as a statement of its own: only then does it see what the one before has done.
select exists (select from uploads u
                where u.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
                  and u.video_id = :'id' and u.state = 'open' and u.expires_at > now())
       or exists (select from jobs j where j.subject_id = :'id' and j.kind = 'transcode' and j.state in ('queued', 'running')) as is_busy

-- query: UPLOAD_BY_ID(id)
-- One that is under way, or that was finished: its client may not have heard so.
select u.user_id, u.video_id, u.size_bytes, u.path, u.metadata, u.expires_at,
       u.state = 'finished' as is_finished,
       u.state = 'open' and u.expires_at < now() as is_expired
  from uploads u
  join videos v on v.id = u.video_id and v.deleted_at is null
 where u.id = :'id' and u.state in ('open', 'finished')

-- query: UPLOAD_LOCK(id)
-- Whoever finishes it holds it: the others wait, and then see no row.
select u.id, (select v.uploaded_at is not null from videos v where v.id = u.video_id) as is_replacing
  from uploads u where u.id = :'id' and u.state = 'open' for update

-- query: UPLOAD_PROMISED()
select room_promised() as bytes

-- query: UPLOAD_FITS(me, bytes)
-- Would a reservation of so many bytes keep within the quotas?
select (u.quota is null or coalesce(m.used_bytes + m.reserved_bytes, 0) + :'bytes' <= u.quota)
       and (u.whole is null or coalesce(t.used_bytes + t.reserved_bytes, 0) + :'bytes' <= u.whole) as fits
  from (select u.id, u.tenant_id, coalesce(u.quota_bytes, t.user_quota_bytes) as quota, t.storage_quota_bytes as whole
          from users u
          join tenants t on t.id = u.tenant_id
         where u.id = :'me') u
  left join user_usage m on m.user_id = u.id
  left join tenant_usage t on t.tenant_id = u.tenant_id

-- query: UPLOAD_RESERVE(id, reserved)
-- For a file whose size was not announced: a try that fails does not bind the next one to its size.
update uploads set reserved_bytes = :'reserved', updated_at = now()
 where id = :'id' and state = 'open'

-- query: UPLOAD_OFFSET(id, offset)
update uploads set offset_bytes = :'offset', updated_at = now() where id = :'id' and state = 'open'

-- query: UPLOAD_FINISH(id, size, reserved)
-- The file's own bytes are counted as stored from now on; its renditions stay reserved until they are made.
update uploads
   set state = 'finished', reserved_bytes = :'reserved', size_bytes = :'size', offset_bytes = :'size', finished_at = now(),
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

-- query: VIDEO_UPLOADED(video, upload, original_key, size)
-- Behind a whole edition the file that plays is remembered, until another edition is whole; what never played goes.
with had as (
	select id, tenant_id, edition_at is not null and replaced is null as is_kept, original_key from videos where id = :'video' for update
), gone as (
	insert into jobs (kind, subject_id, payload, priority)
	select 'purge_files', id, jsonb_build_object('originals', array[original_key]), -10
	  from had where not is_kept and original_key <> :'original_key'
)
update videos v
   set replaced = case when h.is_kept then jsonb_build_object('key', v.original_key, 'bytes', v.original_bytes, 'name', v.original_name, 'at', v.uploaded_at)
                       else v.replaced end,
       stored_bytes = greatest(v.stored_bytes - case when h.is_kept or v.original_key is null then 0 else coalesce(v.original_bytes, 0) end, 0) + :'size'::bigint,
       uploaded_at = now(), original_key = :'original_key', original_bytes = :'size',
       original_name = coalesce((select u.filename from uploads u where u.id = :'upload'), v.original_name), updated_at = now()
  from had h
 where v.id = h.id

-- query: VIDEO_TRANSCODE_ENQUEUE(video, me, traceparent)
insert into jobs (kind, user_id, subject_id, unique_key, payload, traceparent)
values ('transcode', :'me', :'video'::uuid, (:'video'::uuid)::text, jsonb_build_object('videoId', :'video'::uuid), :'traceparent')
on conflict do nothing
