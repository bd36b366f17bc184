-- What was uploaded before an entry of the blocklist was made is compared with it, too: worker/job_check_earlier.c walks the prints
-- that are kept. A video that has none (it came while the list was empty) is asked to be looked at.

-- How those who moderate hear that a video is like an entry.
create function blocked_found(p_video uuid, p_blocked uuid, p_frames double precision, p_sound double precision) returns void
	language sql
	as $$
	select check_found('video', p_video, case when p_frames >= 0.5 then 'frames' else 'audio' end, b.action, 'other', greatest(p_frames, p_sound),
	         jsonb_build_object('blockedMediaId', b.id, 'label', b.label, 'frames', p_frames, 'sound', p_sound))
	  from blocked_media b
	 where b.id = p_blocked
	$$;

-- The same of a video of earlier. Once: what waits for a moderator because of the blocklist waits already, and what was decided about
-- this entry is decided. False: nothing was to be told.
create function blocked_found_earlier(p_video uuid, p_blocked uuid, p_frames double precision, p_sound double precision) returns boolean
	language plpgsql
	as $$
declare
	b blocked_media;
begin
	perform from videos where id = p_video and deleted_at is null and removed_at is null for update;
	if not found then
		return false;
	end if;
	select * into b from blocked_media where id = p_blocked and is_active and video_id is distinct from p_video;
	if not found or exists (
		select from cases c
		  join reports r on r.case_id = c.id
		 where c.tenant_id = b.tenant_id and c.subject_kind = 'video' and c.subject_id = p_video and r.details ? 'blockedMediaId'
		   and (r.details ->> 'blockedMediaId' = p_blocked::text or (c.state = 'open' and b.action = 'hold'))) then
		return false;
	end if;
	perform blocked_found(p_video, p_blocked, p_frames, p_sound);
	return true;
end
$$;

-- p_before: from which video on, backwards; null: from the latest.
create function check_earlier_enqueue(p_blocked uuid, p_before uuid, p_wait_s integer) returns uuid
	language sql
	as $$
	insert into jobs (tenant_id, kind, subject_id, unique_key, payload, run_at)
	select tenant_id, 'check_earlier', id, id::text, jsonb_strip_nulls(jsonb_build_object('blockedMediaId', id, 'before', p_before)),
	       now() + make_interval(secs => p_wait_s)
	  from blocked_media
	 where id = p_blocked and is_active and (cardinality(frames) > 0 or cardinality(audio) > 0)
	on conflict do nothing
	returning id
	$$;

-- As before; p_compared: the entries that the worker knew. One that got its prints meanwhile is not among them, and the walk that it
-- begins may pass before these prints are seen: the lock lets one of the two see the other.
drop function video_checked(uuid, jsonb, jsonb);
create function video_checked(p_video uuid, p_found jsonb, p_payload jsonb, p_compared uuid[] default null) returns void
	language plpgsql
	as $$
declare
	prints record;
	hit    record;
	list   bigint := hashtextextended('blocklist of ' || current_tenant(), 0);
begin
	if subject_row('video', p_video) is null then
		return;
	end if;
	if p_payload ? 'blockedMediaId' then
		perform pg_advisory_xact_lock(list);
	else
		perform pg_advisory_xact_lock_shared(list);
	end if;
	select coalesce((select array_agg(x::bigint) from jsonb_array_elements_text(p_found -> 'frames') x), '{}') as frames,
	       coalesce((select array_agg(x::real) from jsonb_array_elements_text(p_found -> 'at') x), '{}') as at,
	       coalesce((select array_agg(x::integer) from jsonb_array_elements_text(p_found -> 'sound') x), '{}') as sound
	  into prints;
	insert into video_prints (video_id, tenant_id, frames, frame_at_s, audio)
	select id, tenant_id, prints.frames, prints.at, prints.sound from videos where id = p_video
	on conflict (video_id) do update
	   set frames = excluded.frames, frame_at_s = excluded.frame_at_s, audio = excluded.audio, made_at = now();
	if p_payload ? 'blockedMediaId' then -- it was looked at for the list, not for itself
		update blocked_media set frames = prints.frames, audio = prints.sound where id = (p_payload ->> 'blockedMediaId')::uuid;
		perform check_earlier_enqueue((p_payload ->> 'blockedMediaId')::uuid, null, 0);
		return;
	end if;
	if cardinality(p_compared) < 10000 and exists (
		select from blocked_media b
		 where b.is_active and (cardinality(b.frames) > 0 or cardinality(b.audio) > 0) and b.id <> all (p_compared)) then
		perform video_check_enqueue(p_video, null, 5);
	end if;
	select b.id, (m ->> 'frames')::float8 as frames, (m ->> 'sound')::float8 as sound into hit
	  from jsonb_array_elements(p_found -> 'matches') m
	  join blocked_media b on b.id = (m ->> 'id')::uuid and b.is_active
	 where b.video_id is distinct from p_video
	 order by b.action = 'block' desc, greatest((m ->> 'frames')::float8, (m ->> 'sound')::float8) desc
	 limit 1;
	if found then
		perform blocked_found(p_video, hit.id, hit.frames, hit.sound);
	end if;
end
$$;
