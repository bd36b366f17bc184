-- What atelierctl asks over all tenants: do the counters agree with what they count, and the media with the rows?

-- Every counter that is kept beside what it counts. A new counter gets a part here.
create function counters_off() returns table (counter text, id uuid, kept bigint, counted bigint)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	with likes as (select video_id, count(*) as n from video_likes group by 1),
	views as (select video_id, sum(views)::bigint as n from video_views_daily group by 1),
	rungs as (
		select video_id, count(*) as total, count(*) filter (where state = 'ready') as ready,
		       count(*) filter (where state = 'failed') as failed
		  from renditions group by 1
	), shown as (
		select user_id, count(*) as n from videos where state = 'ready' and visibility = 'public' group by 1
	), followers as (select followed_id, count(*) as n from follows group by 1),
	following as (select follower_id, count(*) as n from follows group by 1),
	stored as (select tenant_id, user_id, sum(stored_bytes)::bigint as n from videos group by 1, 2),
	reserved as (select tenant_id, user_id, sum(reserved_bytes)::bigint as n from uploads group by 1, 2)
	select c.counter, c.id, c.kept, c.counted
	  from (
		select 'video.likes' as counter, v.id, v.like_count as kept, coalesce(l.n, 0) as counted
		  from videos v left join likes l on l.video_id = v.id
		union all
		select 'video.views', v.id, v.view_count, coalesce(w.n, 0) from videos v left join views w on w.video_id = v.id
		union all
		select 'video.renditions', v.id, v.renditions_total, coalesce(r.total, 0)
		  from videos v left join rungs r on r.video_id = v.id
		union all
		select 'video.renditions_ready', v.id, v.renditions_ready, coalesce(r.ready, 0)
		  from videos v left join rungs r on r.video_id = v.id
		union all
		select 'video.renditions_failed', v.id, v.renditions_failed, coalesce(r.failed, 0)
		  from videos v left join rungs r on r.video_id = v.id
		union all
		select 'user.videos', u.id, u.video_count, coalesce(s.n, 0) from users u left join shown s on s.user_id = u.id
		union all
		select 'user.followers', u.id, u.follower_count, coalesce(f.n, 0)
		  from users u left join followers f on f.followed_id = u.id
		union all
		select 'user.following', u.id, u.following_count, coalesce(f.n, 0)
		  from users u left join following f on f.follower_id = u.id
		union all
		select 'user.stored_bytes', u.id, coalesce(k.used_bytes, 0), coalesce(s.n, 0)
		  from users u left join user_usage k on k.user_id = u.id left join stored s on s.user_id = u.id
		union all
		select 'user.reserved_bytes', u.id, coalesce(k.reserved_bytes, 0), coalesce(r.n, 0)
		  from users u left join user_usage k on k.user_id = u.id left join reserved r on r.user_id = u.id
		union all
		select 'tenant.stored_bytes', t.id, coalesce(k.used_bytes, 0),
		       coalesce((select sum(s.n) from stored s where s.tenant_id = t.id), 0)::bigint
		  from tenants t left join tenant_usage k on k.tenant_id = t.id
		union all
		select 'tenant.reserved_bytes', t.id, coalesce(k.reserved_bytes, 0),
		       coalesce((select sum(r.n) from reserved r where r.tenant_id = t.id), 0)::bigint
		  from tenants t left join tenant_usage k on k.tenant_id = t.id
	) c
	 where c.kept <> c.counted
	 order by c.counter, c.id
	$$;

-- Sets them right. Whoever changes a counter meanwhile waits: the sums and the rows are of one moment.
create function counters_mend() returns table (counter text, id uuid, kept bigint, counted bigint)
	language plpgsql security definer set search_path = public, pg_temp
	as $$
#variable_conflict use_column
declare
	off record;
begin
	lock table videos, users, renditions, video_likes, video_views_daily, follows, uploads, user_usage, tenant_usage
		in share row exclusive mode;
	for off in select * from counters_off() loop
		case off.counter
		when 'video.likes' then update videos set like_count = off.counted where id = off.id;
		when 'video.views' then update videos set view_count = off.counted where id = off.id;
		when 'video.renditions' then update videos set renditions_total = off.counted where id = off.id;
		when 'video.renditions_ready' then update videos set renditions_ready = off.counted where id = off.id;
		when 'video.renditions_failed' then update videos set renditions_failed = off.counted where id = off.id;
		when 'user.videos' then update users set video_count = off.counted where id = off.id;
		when 'user.followers' then update users set follower_count = off.counted where id = off.id;
		when 'user.following' then update users set following_count = off.counted where id = off.id;
		when 'user.stored_bytes' then
			insert into user_usage (user_id, tenant_id, used_bytes) select u.id, u.tenant_id, off.counted from users u where u.id = off.id
			on conflict (user_id) do update set used_bytes = excluded.used_bytes;
		when 'user.reserved_bytes' then
			insert into user_usage (user_id, tenant_id, reserved_bytes) select u.id, u.tenant_id, off.counted from users u where u.id = off.id
			on conflict (user_id) do update set reserved_bytes = excluded.reserved_bytes;
		when 'tenant.stored_bytes' then
			insert into tenant_usage (tenant_id, used_bytes) values (off.id, off.counted)
			on conflict (tenant_id) do update set used_bytes = excluded.used_bytes;
		when 'tenant.reserved_bytes' then
			insert into tenant_usage (tenant_id, reserved_bytes) values (off.id, off.counted)
			on conflict (tenant_id) do update set reserved_bytes = excluded.reserved_bytes;
		end case;
		return query select off.counter, off.id, off.kept, off.counted;
	end loop;
end
$$;

-- Files that must lie there, by video, from the one behind p_after on. size_bytes null: any.
create function media_expected(p_after uuid, p_videos integer)
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
	 cross join lateral unnest(array[s.master_key, s.poster_key, s.storyboard_key, s.storyboard_vtt_key] || s.thumbnail_keys) k(key)
	 where k.key is not null
	union all
	select s.id, false, f.key, f.size
	  from page s
	  join renditions r on r.video_id = s.id and r.state = 'ready'
	 cross join lateral (values (r.media_key, r.size_bytes), (r.playlist_key, null)) f(key, size)
	 where f.key is not null
	 order by 1
	$$;

-- Of the folders and files given (TENANT/VIDEO/EDITION below public, TENANT/VIDEO below originals), those that nothing
-- needs: no row names them, and nobody works on the video.
create function media_unneeded(p_public text[], p_originals text[]) returns table (is_original boolean, key text)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select false, k.key
	  from unnest(p_public) k(key)
	 where not exists (
		select from videos v
		 where v.id = split_part(k.key, '/', 2)::uuid and v.tenant_id = split_part(k.key, '/', 1)::uuid
		   and v.deleted_at is null
		   and (v.storage_prefix = k.key
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

-- What doctor looks at.
create function operator_facts()
	returns table (role text, owns_tables boolean, bypasses_rls boolean, fsync text, server_version integer,
		oldest_queued_s double precision, dead_jobs bigint, sweep_asked_s double precision,
		tenants bigint, active_without_host bigint, encoding text)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select session_user::text,
	       exists (select from pg_class c join pg_roles o on o.oid = c.relowner
	                where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and o.rolname = session_user),
	       (select rolbypassrls or rolsuper from pg_roles where rolname = session_user),
	       current_setting('fsync'), current_setting('server_version_num')::integer,
	       (select extract(epoch from now() - min(run_at))::double precision from jobs where state = 'queued' and run_at <= now()),
	       (select count(*) from jobs where state = 'dead' and finished_at > now() - interval '1 day'),
	       (select extract(epoch from now() - asked_at)::double precision from cron_runs where name = 'sweep'),
	       (select count(*) from tenants where is_active),
	       (select count(*) from tenants t where is_active and not exists (select from tenant_hosts h where h.tenant_id = t.id)),
	       current_setting('server_encoding')
	$$;
