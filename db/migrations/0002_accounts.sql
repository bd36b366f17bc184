-- People, their sessions and the tokens that prove something once. Tokens are kept as hashes only.

create table users (
	id                 uuid primary key default uuid_v7(),
	tenant_id          uuid not null default current_tenant() references tenants on delete cascade,
	email              text not null check (length(email) between 3 and 254),
	username           text not null check (username ~ '^[A-Za-z0-9_]{3,30}$'),
	password_hash      text, -- null: signs in elsewhere
	display_name       text not null check (length(display_name) between 1 and 100),
	company_name       text,
	bio                text not null default '',
	avatar_key         text,
	role               text not null default 'user'
		check (role in ('user', 'creator', 'coach', 'employer', 'moderator', 'admin', 'operator')),
	level              integer not null default 1 check (level >= 1),
	is_verified        boolean not null default false, -- the badge; the address is email_verified_at
	location           text,
	website            text,
	linkedin_url       text,
	industries         text[] not null default '{}',
	preferences        jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object'),
	locale             text,
	time_zone          text not null default 'UTC',
	email_verified_at  timestamptz,
	status             text not null default 'active' check (status in ('active', 'suspended', 'banned', 'deleted')),
	status_until       timestamptz,
	status_reason      text,
	failed_logins      integer not null default 0,
	locked_until       timestamptz,
	quota_bytes        bigint check (quota_bytes >= 0), -- null: the tenant's user_quota_bytes
	follower_count     bigint not null default 0,
	following_count    bigint not null default 0,
	video_count        bigint not null default 0,
	last_seen_at       timestamptz,
	deleted_at         timestamptz,
	created_at         timestamptz not null default now(),
	updated_at         timestamptz not null default now(),
	unique (tenant_id, id) -- for references that cannot leave the tenant
);
create unique index users_email_key on users (tenant_id, lower(email));
create unique index users_username_key on users (tenant_id, lower(username));
select tenant_owned('users');

-- One sign-in on one device; its id is the sid of access tokens and the family of its refresh tokens.
create table sessions (
	id              uuid primary key default uuid_v7(),
	tenant_id       uuid not null default current_tenant(),
	user_id         uuid not null,
	device          text,
	user_agent      text,
	address         text,
	created_at      timestamptz not null default now(),
	last_active_at  timestamptz not null default now(),
	expires_at      timestamptz not null,
	revoked_at      timestamptz,
	revoked_reason  text,
	unique (tenant_id, id),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index sessions_user_idx on sessions (tenant_id, user_id, last_active_at desc);
create index sessions_expires_idx on sessions (expires_at);
select tenant_owned('sessions');

-- Each is good for one rotation. One that comes a second time (used_at set) revokes its session.
create table refresh_tokens (
	id          uuid primary key default uuid_v7(),
	tenant_id   uuid not null default current_tenant(),
	session_id  uuid not null,
	token_hash  bytea not null unique,
	created_at  timestamptz not null default now(),
	expires_at  timestamptz not null,
	used_at     timestamptz,
	foreign key (tenant_id, session_id) references sessions (tenant_id, id) on delete cascade
);
create index refresh_tokens_session_idx on refresh_tokens (tenant_id, session_id);
select tenant_owned('refresh_tokens');

create table one_time_tokens (
	id          uuid primary key default uuid_v7(),
	tenant_id   uuid not null default current_tenant(),
	user_id     uuid not null,
	purpose     text not null check (purpose in ('verify_email', 'reset_password', 'change_email')),
	token_hash  bytea not null unique,
	email       text, -- the address that it was sent to
	created_at  timestamptz not null default now(),
	expires_at  timestamptz not null,
	used_at     timestamptz,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index one_time_tokens_user_idx on one_time_tokens (tenant_id, user_id, purpose);
select tenant_owned('one_time_tokens');
