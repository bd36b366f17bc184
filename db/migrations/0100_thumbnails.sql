-- A thumbnail of the owner's own: a picture, or what is shown at a time of the video.
alter table videos
	add column own_still_key text,   -- folder (TENANT/VIDEO/still-…) of poster.jpg and thumb-0.jpg
	add column made_poster_key text, -- what shows when there is none of its owner's
	add column still_pending text,   -- what is being worked on: a file below incoming/, or a name for a time
	add column still_failure text;   -- why the last one was refused, in words for its owner
update videos set made_poster_key = poster_key where poster_key is not null;

-- Its owner is told also when no program was there to tell.
create function thumbnail_follow() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	update videos
	   set still_pending = null, still_failure = coalesce(new.reason, 'The work on this picture was cancelled.'), updated_at = now()
	 where id = new.subject_id and still_pending = new.payload ->> 'source';
	return null;
end
$$;
revoke execute on function thumbnail_follow() from atelier_app;
create trigger thumbnail_ended after update of state on jobs
	for each row when (new.kind = 'thumbnail' and new.state in ('dead', 'cancelled') and old.state <> new.state)
	execute function thumbnail_follow();

-- The classifier of pictures looks at it like at the others.
create trigger video_still_ask after update of own_still_key on videos
	for each row when (new.own_still_key is not null and new.own_still_key is distinct from old.own_still_key)
	execute function video_images_ask();

create or replace function media_expected(p_after uuid, p_videos integer)
	returns table (video_id uuid, is_original boolean, key text, size_bytes bigint)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	with page as (
		select * from videos where id > p_after and deleted_at is null order by id limit p_videos
	)
	select s.id, true, s.original_key, s.original_bytes from page s -- a row for each video: the caller goes on behind the last one
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
	  from unnest(p_originals) k(key)
	 where not exists (select from videos v where v.id = split_part(k.key, '/', 2)::uuid and v.original_key = k.key)
	   and not exists (select from uploads u where u.video_id = split_part(k.key, '/', 2)::uuid and u.state = 'open')
	   and not exists (
		select from jobs j where j.subject_id = split_part(k.key, '/', 2)::uuid and j.state in ('queued', 'running'))
	$$;
