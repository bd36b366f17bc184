-- Room for what is still to come: the renditions of a file that has arrived keep their reservation until they are made,
-- and what nobody finished says so to its uploader.

-- Bytes that were promised on the media file system and do not lie there yet, over all tenants.
create function room_promised() returns bigint
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select (coalesce((select sum(reserved_bytes) from tenant_usage), 0)
	        - coalesce((select sum(offset_bytes) from uploads where state = 'open'), 0))::bigint
	$$;

-- The renditions are made, or never will be: what was reserved for them is free. A deleted video's upload ends.
create function videos_settled() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	update uploads set state = 'cancelled', reserved_bytes = 0, updated_at = now()
	 where tenant_id = new.tenant_id and video_id = new.id and state = 'open' and new.deleted_at is not null;
	update uploads set reserved_bytes = 0, updated_at = now()
	 where tenant_id = new.tenant_id and video_id = new.id and state <> 'open' and reserved_bytes > 0;
	return null;
end
$$;
create trigger videos_settled after update of progress, failure_code, deleted_at on videos
	for each row
	when ((new.progress = 100 and old.progress < 100)
	      or (new.failure_code is not null and old.failure_code is null)
	      or (new.deleted_at is not null and old.deleted_at is null))
	execute function videos_settled();

create or replace function uploads_expire(p_limit integer) returns table (id uuid, tenant_id uuid, video_id uuid, path text)
	language sql security definer set search_path = public, pg_temp
	as $$
	with late as (
		select o.id from uploads o where o.state = 'open' and o.expires_at < now() order by o.expires_at
		 limit p_limit for update skip locked
	), expired as (
		update uploads u set state = 'expired', reserved_bytes = 0, updated_at = now()
		 where u.id in (select late.id from late)
		returning u.id, u.tenant_id, u.video_id, u.path
	), told as (
		update videos v
		   set failure_code = 'upload_expired', failure_reason = 'The file did not arrive in time. Please upload it again.',
		       updated_at = now()
		 where v.id in (select e.video_id from expired e) and v.uploaded_at is null and v.deleted_at is null
	)
	select e.id, e.tenant_id, e.video_id, e.path from expired e
	$$;
