-- Videos are compared with what a community does not want to see again: as soon as a file is there, beside its transcode.

create function video_check_enqueue(p_video uuid, p_blocked uuid, p_priority integer) returns uuid
	language sql
	as $$
	insert into jobs (tenant_id, kind, user_id, subject_id, unique_key, payload, priority)
	select tenant_id, 'check_video', user_id, id, id || coalesce(':' || p_blocked, ''),
	       jsonb_strip_nulls(jsonb_build_object('videoId', id, 'blockedMediaId', p_blocked)), p_priority
	  from videos
	 where id = p_video and deleted_at is null and original_key is not null
	on conflict do nothing
	returning id
	$$;

create function video_check_ask() returns trigger
	language plpgsql
	as $$
begin
	if exists (select from blocked_media where tenant_id = new.tenant_id and is_active) then
		perform video_check_enqueue(new.id, null, 5);
	end if;
	return null;
end
$$;
create trigger video_check_ask after update of uploaded_at, original_key on videos
	for each row when (new.uploaded_at is not null and new.original_key is not null
	                   and (old.uploaded_at is null or old.original_key is null))
	execute function video_check_ask();

-- What a worker found: {frames, at, sound, matches: [{id, frames, sound}]}. The prints stay; the best match decides. An entry
-- of the blocklist that waits for the prints of this video (blockedMediaId) gets them.
create function video_checked(p_video uuid, p_found jsonb, p_payload jsonb) returns void
	language plpgsql
	as $$
declare
	prints record;
	hit    record;
begin
	if subject_row('video', p_video) is null then
		return;
	end if;
	select coalesce((select array_agg(x::bigint) from jsonb_array_elements_text(p_found -> 'frames') x), '{}') as frames,
	       coalesce((select array_agg(x::real) from jsonb_array_elements_text(p_found -> 'at') x), '{}') as at,
	       coalesce((select array_agg(x::integer) from jsonb_array_elements_text(p_found -> 'sound') x), '{}') as sound
	  into prints;
	insert into video_prints (video_id, tenant_id, frames, frame_at_s, audio)
	select id, tenant_id, prints.frames, prints.at, prints.sound from videos where id = p_video
	on conflict (video_id) do update
	   set frames = excluded.frames, frame_at_s = excluded.frame_at_s, audio = excluded.audio, made_at = now();
	update blocked_media set frames = prints.frames, audio = prints.sound where id = (p_payload ->> 'blockedMediaId')::uuid;
	if p_payload ? 'blockedMediaId' then
		return; -- it was looked at for the list, not for itself
	end if;
	select b.id, b.label, b.action, (m ->> 'frames')::float8 as frames, (m ->> 'sound')::float8 as sound into hit
	  from jsonb_array_elements(p_found -> 'matches') m
	  join blocked_media b on b.id = (m ->> 'id')::uuid and b.is_active
	 where b.video_id is distinct from p_video
	 order by b.action = 'block' desc, greatest((m ->> 'frames')::float8, (m ->> 'sound')::float8) desc
	 limit 1;
	if found then
		perform check_found('video', p_video, case when hit.frames >= 0.5 then 'frames' else 'audio' end, hit.action, 'other',
			greatest(hit.frames, hit.sound), jsonb_build_object('blockedMediaId', hit.id, 'label', hit.label, 'frames', hit.frames, 'sound', hit.sound));
	end if;
end
$$;
