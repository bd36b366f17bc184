-- A file may take the place of another: when one that was announced never comes, the one that plays stays.
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
	-- the video is named where nothing of it was there before
	select e.id, e.tenant_id, v.id, e.path
	  from expired e
	  left join videos v on v.id = e.video_id and v.uploaded_at is null
	$$;
