-- Signing in safely, and people among each other: lock-outs, second factors, keys of services, identities at
-- other providers, follows and blocks.

-- A session keeps the hash of its newest refresh token and which one that is; older ones are known by the number
-- that they carry, so they need no rows.
drop table refresh_tokens;
alter table sessions
	add column refresh_hash bytea,
	add column generation   bigint not null default 1,
	add column not_before   timestamptz; -- access tokens made until then are outdated: a new role, a suspension
create index sessions_revoked_idx on sessions (revoked_at) where revoked_at is not null;
create index sessions_not_before_idx on sessions (not_before) where not_before is not null;

alter table one_time_tokens
	drop constraint one_time_tokens_purpose_check,
	add constraint one_time_tokens_purpose_check
		check (purpose in ('verify_email', 'reset_password', 'change_email', 'oauth'));

-- What the web processes refuse besides what has expired, over all tenants. Null: for ever.
create function sessions_revoked_since(p_seconds double precision)
	returns table (session_id uuid, not_before_s bigint)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select id, null::bigint from sessions where revoked_at > now() - make_interval(secs => p_seconds)
	union all
	select id, ceil(extract(epoch from not_before))::bigint from sessions
	 where not_before > now() - make_interval(secs => p_seconds) and revoked_at is null
	$$;

alter table users
	drop column failed_logins,
	drop column locked_until,
	add column mfa_secret      text, -- sealed (lib/seal.h)
	add column mfa_enabled_at  timestamptz,
	add column mfa_last_step   bigint not null default 0, -- a code counts once
	add column purge_at        timestamptz; -- when a deleted account is anonymised

-- Wrong passwords are counted for names that nobody has as well, so that a lock tells nothing.
create table login_failures (
	tenant_id     uuid not null default current_tenant() references tenants on delete cascade,
	subject       bytea not null, -- the account's id, or the hash of a name
	failures      integer not null,
	last_at       timestamptz not null,
	locked_until  timestamptz,
	primary key (tenant_id, subject)
);
create index login_failures_last_idx on login_failures (last_at);
select tenant_owned('login_failures');

create table recovery_codes (
	tenant_id  uuid not null default current_tenant(),
	user_id    uuid not null,
	code_hash  bytea not null,
	primary key (user_id, code_hash),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
select tenant_owned('recovery_codes');

create table api_keys (
	id            uuid primary key default uuid_v7(),
	tenant_id     uuid not null default current_tenant(),
	user_id       uuid not null,
	name          text not null check (length(name) between 1 and 100),
	key_hash      bytea not null unique,
	hint          text not null, -- its last characters, to tell keys apart
	scopes        text[] not null,
	created_at    timestamptz not null default now(),
	last_used_at  timestamptz,
	expires_at    timestamptz,
	revoked_at    timestamptz,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index api_keys_user_idx on api_keys (tenant_id, user_id, created_at desc);
select tenant_owned('api_keys');

-- Who somebody is at another provider.
create table identities (
	tenant_id   uuid not null default current_tenant(),
	user_id     uuid not null,
	provider    text not null,
	subject     text not null,
	email       text,
	created_at  timestamptz not null default now(),
	primary key (tenant_id, provider, subject),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index identities_user_idx on identities (tenant_id, user_id);
select tenant_owned('identities');

create table follows (
	tenant_id    uuid not null default current_tenant(),
	follower_id  uuid not null,
	followed_id  uuid not null,
	created_at   timestamptz not null default now(),
	primary key (follower_id, followed_id),
	check (follower_id <> followed_id),
	foreign key (tenant_id, follower_id) references users (tenant_id, id) on delete cascade,
	foreign key (tenant_id, followed_id) references users (tenant_id, id) on delete cascade
);
create index follows_followed_idx on follows (followed_id, created_at desc, follower_id desc);
create index follows_follower_idx on follows (follower_id, created_at desc, followed_id desc);
select tenant_owned('follows');

-- Counters are right whoever comes first: both rows are locked in the order of their ids.
create function follow_count_keep() returns trigger
	language plpgsql
	as $$
declare
	f      follows := case when tg_op = 'DELETE' then old else new end;
	change integer := case when tg_op = 'DELETE' then -1 else 1 end;
begin
	perform from users where id in (f.follower_id, f.followed_id) order by id for no key update;
	update users
	   set following_count = following_count + case when id = f.follower_id then change else 0 end,
	       follower_count = follower_count + case when id = f.followed_id then change else 0 end
	 where id in (f.follower_id, f.followed_id);
	return null;
end
$$;
create trigger follow_count_keep after insert or delete on follows
	for each row execute function follow_count_keep();

create table blocks (
	tenant_id   uuid not null default current_tenant(),
	blocker_id  uuid not null,
	blocked_id  uuid not null,
	created_at  timestamptz not null default now(),
	primary key (blocker_id, blocked_id),
	check (blocker_id <> blocked_id),
	foreign key (tenant_id, blocker_id) references users (tenant_id, id) on delete cascade,
	foreign key (tenant_id, blocked_id) references users (tenant_id, id) on delete cascade
);
create index blocks_blocked_idx on blocks (blocked_id);
select tenant_owned('blocks');

-- A block works both ways: the one place to ask, for every query that shows one person's things to another.
create function is_blocked(a uuid, b uuid) returns boolean
	language sql stable
	as $$
	select exists (select from blocks where (blocker_id = a and blocked_id = b) or (blocker_id = b and blocked_id = a))
	$$;

-- Somebody by id or by @username; null when nobody is meant.
create function person(p_name text) returns uuid
	language sql stable
	as $$
	select case when p_name like '@%' then (select id from users where lower(username) = lower(substr(p_name, 2)))
	            else p_name::uuid end
	$$;
