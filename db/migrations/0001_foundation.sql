-- What everything else stands on: extensions, ids, tenants, and the one way to make a table a tenant's own.
--
-- Roles are the cluster's and are made before (atelierctl migrate makes atelier_app itself when it may):
--   atelier_owner  owns everything here and runs the migrations
--   atelier_app    what the programs connect as; owns nothing, does not bypass row-level security

create extension if not exists pg_trgm;
create extension if not exists unaccent;

alter default privileges revoke execute on functions from public;
alter default privileges grant execute on functions to atelier_app;
grant usage on schema public to atelier_app;

-- Time-ordered ids. The random bits are those of a version 4 UUID, whose 0100 becomes 0111.
create function uuid_v7() returns uuid
	language sql volatile parallel safe
	as $$
	select encode(
	         set_bit(set_bit(
	           overlay(uuid_send(gen_random_uuid())
	             placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
	           52, 1), 53, 1),
	         'hex')::uuid
	$$;

-- Whose rows this connection sees: set by the driver, null when nothing was set.
create function current_tenant() returns uuid
	language sql stable parallel safe
	as $$ select nullif(current_setting('atelier.tenant', true), '')::uuid $$;

-- Makes a table a tenant's own: to be called once for every table with a tenant_id.
-- The sub-select makes PostgreSQL evaluate the setting once per query instead of once per row.
create function tenant_owned(t regclass, privileges text default 'select, insert, update, delete') returns void
	language plpgsql
	as $$
begin
	execute format('alter table %s enable row level security', t);
	execute format('create policy tenant_isolation on %s'
		' using (tenant_id = (select nullif(current_setting(''atelier.tenant'', true), '''')::uuid))'
		' with check (tenant_id = (select nullif(current_setting(''atelier.tenant'', true), '''')::uuid))', t);
	execute format('grant %s on %s to atelier_app', privileges, t);
end
$$;
revoke execute on function tenant_owned(regclass, text) from atelier_app;

-- Communities. Read by every program to find out where it is; written by the owner (atelierctl tenant).
create table tenants (
	id                    uuid primary key default uuid_v7(),
	slug                  text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
	name                  text not null check (length(name) between 1 and 200),
	base_url              text not null check (base_url ~ '^https?://'),
	locale                text not null default 'en',
	modules               text[] not null default '{core}',
	settings              jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
	cors_origins          text[] not null default '{}',
	max_video_bytes       bigint not null default 10737418240 check (max_video_bytes > 0),
	user_quota_bytes      bigint not null default 107374182400 check (user_quota_bytes >= 0),
	storage_quota_bytes   bigint check (storage_quota_bytes >= 0), -- null: as much as the disk has
	is_active             boolean not null default true,
	created_at            timestamptz not null default now(),
	updated_at            timestamptz not null default now()
);

create table tenant_hosts (
	host        text primary key check (host = lower(host) and host !~ '[/: ]'),
	tenant_id   uuid not null references tenants on delete cascade,
	is_primary  boolean not null default false,
	created_at  timestamptz not null default now()
);
create index tenant_hosts_tenant_idx on tenant_hosts (tenant_id);

grant select on tenants, tenant_hosts to atelier_app;
