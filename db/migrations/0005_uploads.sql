-- Uploads under way, and the room that they and the finished videos take.
--
-- Accounts of bytes are kept by triggers: an upload's reserved_bytes and a video's stored_bytes are the facts, and
-- user_usage and tenant_usage are their sums. A reservation that would break a quota fails with SQLSTATE AT413.

create table user_usage (
	user_id         uuid primary key,
	tenant_id       uuid not null,
	used_bytes      bigint not null default 0,
	reserved_bytes  bigint not null default 0,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
select tenant_owned('user_usage', 'select');

create table tenant_usage (
	tenant_id       uuid primary key references tenants on delete cascade,
	used_bytes      bigint not null default 0,
	reserved_bytes  bigint not null default 0
);
select tenant_owned('tenant_usage', 'select');

create function usage_add(p_tenant uuid, p_user uuid, p_used bigint, p_reserved bigint) returns void
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	mine   user_usage;
	theirs tenant_usage;
	limits record;
begin
	if p_used = 0 and p_reserved = 0 then
		return;
	end if;
	insert into user_usage as u (user_id, tenant_id, used_bytes, reserved_bytes)
	select id, tenant_id, p_used, p_reserved from users where id = p_user and tenant_id = p_tenant
	on conflict (user_id) do update
	   set used_bytes = u.used_bytes + p_used, reserved_bytes = u.reserved_bytes + p_reserved
	returning * into mine;
	insert into tenant_usage as t (tenant_id, used_bytes, reserved_bytes)
	select id, p_used, p_reserved from tenants where id = p_tenant
	on conflict (tenant_id) do update
	   set used_bytes = t.used_bytes + p_used, reserved_bytes = t.reserved_bytes + p_reserved
	returning * into theirs;
	if p_reserved <= 0 then
		return; -- only a reservation can be refused: what is on the disk is there
	end if;
	select coalesce(u.quota_bytes, t.user_quota_bytes) as own, t.storage_quota_bytes as whole
	  into limits
	  from users u
	  join tenants t on t.id = u.tenant_id
	 where u.id = p_user;
	if mine.used_bytes + mine.reserved_bytes > limits.own
	   or theirs.used_bytes + theirs.reserved_bytes > limits.whole then
		raise exception 'This would exceed the storage quota.' using errcode = 'AT413';
	end if;
end
$$;
revoke execute on function usage_add(uuid, uuid, bigint, bigint) from atelier_app;

create table uploads (
	id              uuid primary key default uuid_v7(),
	tenant_id       uuid not null default current_tenant(),
	user_id         uuid not null,
	video_id        uuid,
	kind            text not null check (kind in ('put', 'tus', 'multipart')),
	state           text not null default 'open' check (state in ('open', 'finished', 'cancelled', 'expired')),
	size_bytes      bigint check (size_bytes >= 0), -- null: not told yet
	offset_bytes    bigint not null default 0 check (offset_bytes >= 0 and offset_bytes <= size_bytes),
	reserved_bytes  bigint not null default 0 check (reserved_bytes >= 0), -- set to 0 when the upload ends
	path            text not null, -- below media/incoming
	filename        text,
	content_type    text,
	metadata        text, -- tus Upload-Metadata as sent
	created_at      timestamptz not null default now(),
	updated_at      timestamptz not null default now(),
	expires_at      timestamptz not null,
	finished_at     timestamptz,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
create index uploads_open_idx on uploads (expires_at) where state = 'open';
create index uploads_user_idx on uploads (tenant_id, user_id, created_at desc);
create index uploads_video_idx on uploads (tenant_id, video_id);
select tenant_owned('uploads');

create function uploads_reserve() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	if tg_op = 'INSERT' then
		perform usage_add(new.tenant_id, new.user_id, 0, new.reserved_bytes);
	elsif tg_op = 'UPDATE' then
		perform usage_add(new.tenant_id, new.user_id, 0, new.reserved_bytes - old.reserved_bytes);
	else
		perform usage_add(old.tenant_id, old.user_id, 0, -old.reserved_bytes);
	end if;
	return null;
end
$$;
create trigger uploads_reserve after insert or delete or update of reserved_bytes on uploads
	for each row execute function uploads_reserve();

create function videos_usage() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	if tg_op = 'INSERT' then
		perform usage_add(new.tenant_id, new.user_id, new.stored_bytes, 0);
	elsif tg_op = 'UPDATE' then
		perform usage_add(new.tenant_id, new.user_id, new.stored_bytes - old.stored_bytes, 0);
	else
		perform usage_add(old.tenant_id, old.user_id, -old.stored_bytes, 0);
	end if;
	return null;
end
$$;
create trigger videos_usage after insert or delete or update of stored_bytes on videos
	for each row execute function videos_usage();

-- Uploads nobody finished, over all tenants: marks them expired, frees what they reserved, and returns them so
-- that the files can be removed.
create function uploads_expire(p_limit integer) returns table (id uuid, tenant_id uuid, video_id uuid, path text)
	language sql security definer set search_path = public, pg_temp
	as $$
	update uploads u
	   set state = 'expired', reserved_bytes = 0, updated_at = now()
	 where u.id in (select o.id from uploads o where o.state = 'open' and o.expires_at < now() order by o.expires_at
	                 limit p_limit for update skip locked)
	returning u.id, u.tenant_id, u.video_id, u.path
	$$;
