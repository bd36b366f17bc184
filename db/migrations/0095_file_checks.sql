-- Uploaded files go to the scanner, where a community has one (scanFiles).
create function video_scan_ask() returns trigger
	language plpgsql
	as $$
begin
	if (select scan_files from moderation_settings where tenant_id = new.tenant_id) then
		insert into jobs (tenant_id, kind, user_id, subject_id, unique_key, payload, priority)
		values (new.tenant_id, 'check_file', new.user_id, new.id, new.id::text, jsonb_build_object('videoId', new.id), 10)
		on conflict do nothing;
	end if;
	return null;
end
$$;
create trigger video_scan_ask after update of uploaded_at, original_key on videos
	for each row when (new.uploaded_at is not null and new.original_key is not null
	                   and (old.uploaded_at is null or old.original_key is null))
	execute function video_scan_ask();

create function file_infected(p_video uuid, p_name text) returns void
	language plpgsql
	as $$
begin
	if subject_row('video', p_video) is not null then
		perform check_found('video', p_video, 'virus', 'block', 'dangerous', 1, jsonb_build_object('name', left(p_name, 200)));
	end if;
end
$$;
