-- What counters_off() compares: a counter that a table keeps beside what it counts is a row here, put in by the
-- migration that makes the counter.
create table kept_counters (
	counter      text primary key, -- video.likes
	kept_in      regclass not null,
	kept_column  name not null,
	counts       regclass[] not null, -- what is locked while it is mended
	counted      text not null -- a query with the columns id and n; what it does not name has 0
);
revoke all on kept_counters from atelier_app;

insert into kept_counters values
	('video.likes', 'videos', 'like_count', '{video_likes}', 'select video_id as id, count(*) as n from video_likes group by 1'),
	('video.views', 'videos', 'view_count', '{video_views_daily}',
	 'select video_id as id, sum(views) as n from video_views_daily group by 1'),
	('video.renditions', 'videos', 'renditions_total', '{renditions}',
	 'select video_id as id, count(*) as n from renditions group by 1'),
	('video.renditions_ready', 'videos', 'renditions_ready', '{renditions}',
	 $$select video_id as id, count(*) as n from renditions where state = 'ready' group by 1$$),
	('video.renditions_failed', 'videos', 'renditions_failed', '{renditions}',
	 $$select video_id as id, count(*) as n from renditions where state = 'failed' group by 1$$),
	('user.videos', 'users', 'video_count', '{videos}',
	 $$select user_id as id, count(*) as n from videos where state = 'ready' and visibility = 'public' and hidden_at is null group by 1$$),
	('user.followers', 'users', 'follower_count', '{follows}', 'select followed_id as id, count(*) as n from follows group by 1'),
	('user.following', 'users', 'following_count', '{follows}', 'select follower_id as id, count(*) as n from follows group by 1');

-- Bytes kept and reserved stand in tables of their own, whose rows appear with the first byte.
create function usage_off() returns table (counter text, id uuid, kept bigint, counted bigint)
	language sql stable
	as $$
	with stored as (select tenant_id, user_id, sum(stored_bytes)::bigint as n from videos group by 1, 2),
	reserved as (select tenant_id, user_id, sum(reserved_bytes)::bigint as n from uploads group by 1, 2)
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
	$$;
revoke execute on function usage_off() from atelier_app;

create or replace function counters_off() returns table (counter text, id uuid, kept bigint, counted bigint)
	language plpgsql stable security definer set search_path = public, pg_temp
	as $$
#variable_conflict use_column
declare
	k kept_counters;
begin
	for k in select * from kept_counters order by counter loop
		return query execute format(
			'select %L::text, t.id, t.%I::bigint, coalesce(c.n, 0)::bigint from %s t left join (%s) c on c.id = t.id'
			' where t.%I <> coalesce(c.n, 0) order by t.id',
			k.counter, k.kept_column, k.kept_in, k.counted, k.kept_column);
	end loop;
	return query select * from usage_off() u where u.kept <> u.counted order by u.counter, u.id;
end
$$;

create or replace function counters_mend() returns table (counter text, id uuid, kept bigint, counted bigint)
	language plpgsql security definer set search_path = public, pg_temp
	as $$
#variable_conflict use_column
declare
	off record;
	k   kept_counters;
	t   regclass;
begin
	for t in
		select distinct x from (
			select kept_in as x from kept_counters
			union all
			select unnest(counts) from kept_counters
			union all
			select unnest('{videos, users, uploads, user_usage, tenant_usage}'::regclass[])) l
		 order by x
	loop
		execute format('lock table %s in share row exclusive mode', t);
	end loop;
	for off in select * from counters_off() loop
		select * into k from kept_counters where counter = off.counter;
		if found then
			execute format('update %s set %I = $1 where id = $2', k.kept_in, k.kept_column) using off.counted, off.id;
		elsif off.counter = 'user.stored_bytes' then
			insert into user_usage (user_id, tenant_id, used_bytes) select u.id, u.tenant_id, off.counted from users u where u.id = off.id
			on conflict (user_id) do update set used_bytes = excluded.used_bytes;
		elsif off.counter = 'user.reserved_bytes' then
			insert into user_usage (user_id, tenant_id, reserved_bytes) select u.id, u.tenant_id, off.counted from users u where u.id = off.id
			on conflict (user_id) do update set reserved_bytes = excluded.reserved_bytes;
		elsif off.counter = 'tenant.stored_bytes' then
			insert into tenant_usage (tenant_id, used_bytes) values (off.id, off.counted)
			on conflict (tenant_id) do update set used_bytes = excluded.used_bytes;
		else
			insert into tenant_usage (tenant_id, reserved_bytes) values (off.id, off.counted)
			on conflict (tenant_id) do update set reserved_bytes = excluded.reserved_bytes;
		end if;
		return query select off.counter, off.id, off.kept, off.counted;
	end loop;
end
$$;
