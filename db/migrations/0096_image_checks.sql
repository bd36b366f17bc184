-- The stills of a video go to the classifier of pictures, where a community has one (classifyFrames).
create function video_images_ask() returns trigger
	language plpgsql
	as $$
begin
	if (select classify_frames from moderation_settings where tenant_id = new.tenant_id) then
		insert into jobs (tenant_id, kind, user_id, subject_id, unique_key, payload, priority)
		values (new.tenant_id, 'check_image', new.user_id, new.id, new.id::text, jsonb_build_object('videoId', new.id), 10)
		on conflict do nothing;
	end if;
	return null;
end
$$;
create trigger video_images_ask after update of thumbnail_keys on videos
	for each row when (cardinality(new.thumbnail_keys) > 0 and new.thumbnail_keys is distinct from old.thumbnail_keys)
	execute function video_images_ask();

-- The worst of its stills: above 0.9 the video is removed, above 0.7 held.
create function images_scored(p_video uuid, p_score double precision, p_labels jsonb) returns text
	language plpgsql
	as $$
declare
	verdict text := case when p_score > 0.9 then 'block' when p_score > 0.7 then 'hold' else 'allow' end;
begin
	if verdict <> 'allow' and subject_row('video', p_video) is not null then
		perform check_found('video', p_video, 'classifier', verdict, 'sexual', p_score, jsonb_build_object('labels', p_labels));
	end if;
	return verdict;
end
$$;
