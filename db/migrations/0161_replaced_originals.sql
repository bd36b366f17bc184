-- A file that takes the place of another stands beside it until its edition is whole; when it cannot be made, the old one is
-- the video's original again, with its edits.
alter table videos add column replaced jsonb; -- {key, bytes, name, at}: of the file that plays; null: it is the original

-- What the next edition is to show; null: all of it. Edits are of the file that was there when they were made.
create or replace function video_recipe(p_video uuid) returns jsonb
	language sql stable
	as $$
	select jsonb_strip_nulls(jsonb_build_object('edit', e.id, 'start', e.trim_start, 'end', e.trim_end, 'crop', e.crop,
	                                            'rotate', nullif(e.rotate, 0), 'mute', nullif(e.mute, false)))
	  from video_edits e
	  join videos v on v.id = e.video_id
	 where e.video_id = p_video and e.state in ('processing', 'applied') and e.created_at >= v.uploaded_at
	 order by e.number desc
	 limit 1
	$$;
drop trigger edits_forget on videos;
drop function edits_forget();

create function original_put_back() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	insert into jobs (tenant_id, kind, subject_id, payload, priority)
	select tenant_id, 'purge_files', id, jsonb_build_object('originals', array[original_key]), -10
	  from videos where id = new.subject_id and replaced is not null and original_key is not null;
	update videos
	   set original_key = replaced ->> 'key', original_name = replaced ->> 'name', original_bytes = (replaced ->> 'bytes')::bigint,
	       uploaded_at = (replaced ->> 'at')::timestamptz, stored_bytes = greatest(stored_bytes - coalesce(original_bytes, 0), 0),
	       replaced = null
	 where id = new.subject_id and replaced is not null;
	return null;
end
$$;
revoke execute on function original_put_back() from atelier_app;
create trigger transcode_not_replaced after update of state on jobs
	for each row when (new.kind = 'transcode' and new.state in ('dead', 'cancelled') and old.state <> new.state)
	execute function original_put_back();

-- Another file is looked at like the first one.
drop trigger video_check_ask on videos;
create trigger video_check_ask after update of uploaded_at, original_key on videos
	for each row when (new.uploaded_at is not null and new.original_key is not null
	                   and (old.uploaded_at is null or old.original_key is null
	                        or (old.original_key <> new.original_key and new.replaced is not null)))
	execute function video_check_ask();
drop trigger video_scan_ask on videos;
create trigger video_scan_ask after update of uploaded_at, original_key on videos
	for each row when (new.uploaded_at is not null and new.original_key is not null
	                   and (old.uploaded_at is null or old.original_key is null
	                        or (old.original_key <> new.original_key and new.replaced is not null)))
	execute function video_scan_ask();

create or replace function media_expected(p_after uuid, p_videos integer)
	returns table (video_id uuid, is_original boolean, key text, size_bytes bigint)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	with page as (
		select * from videos where id > p_after and deleted_at is null order by id limit p_videos
	)
	select s.id, true, s.original_key, s.original_bytes from page s -- a row for each video: the caller goes on behind the last one
	union all
	select s.id, true, s.replaced ->> 'key', (s.replaced ->> 'bytes')::bigint from page s where s.replaced ->> 'key' is not null
	union all
	select s.id, false, k.key, null
	  from page s
	 cross join lateral unnest(array[s.master_key, s.poster_key, s.made_poster_key, s.thumbnail_key, s.storyboard_key, s.storyboard_vtt_key]
	                           || s.thumbnail_keys) k(key)
	 where k.key is not null
	union all
	select s.id, false, f.key, f.size
	  from page s
	  join renditions r on r.video_id = s.id and r.state = 'ready'
	 cross join lateral (values (r.media_key, r.size_bytes), (r.playlist_key, null)) f(key, size)
	 where f.key is not null
	 order by 1
	$$;

-- An original is TENANT/VIDEO, one that came in place of another TENANT/VIDEO.XXXXXXXX.
create or replace function media_unneeded(p_public text[], p_originals text[]) returns table (is_original boolean, key text)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select false, k.key
	  from unnest(p_public) k(key)
	 where not exists (
		select from videos v
		 where v.id = split_part(k.key, '/', 2)::uuid and v.tenant_id = split_part(k.key, '/', 1)::uuid
		   and v.deleted_at is null
		   and (k.key in (v.storage_prefix, v.own_still_key)
		        or exists (select from renditions r where r.video_id = v.id and starts_with(r.media_key, k.key || '/'))))
	   and not exists (
		select from jobs j where j.subject_id = split_part(k.key, '/', 2)::uuid and j.state in ('queued', 'running'))
	union all
	select true, k.key
	  from (select o as key, left(split_part(o, '/', 2), 36)::uuid as video from unnest(p_originals) o) k
	 where not exists (select from videos v where v.id = k.video and k.key in (v.original_key, v.replaced ->> 'key'))
	   and not exists (select from uploads u where u.video_id = k.video and u.state = 'open')
	   and not exists (select from jobs j where j.subject_id = k.video and j.state in ('queued', 'running'))
	$$;
