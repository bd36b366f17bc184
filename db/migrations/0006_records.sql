-- What was done: answers kept for Idempotency-Key, and the audit log.

create table idempotency_keys (
	tenant_id     uuid not null default current_tenant() references tenants on delete cascade,
	caller        text not null, -- user id, or address of an anonymous caller
	key           text not null check (length(key) between 1 and 200),
	route         text not null, -- "POST /videos"
	request_hash  bytea not null,
	status        integer, -- null: the first request is still being answered
	headers       text,
	body          text,
	created_at    timestamptz not null default now(),
	expires_at    timestamptz not null default now() + interval '24 hours',
	primary key (tenant_id, caller, key)
);
create index idempotency_keys_expires_idx on idempotency_keys (expires_at);
select tenant_owned('idempotency_keys');

create function idempotency_prune() returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with gone as (delete from idempotency_keys where expires_at < now() returning 1)
	select count(*) from gone
	$$;

create table audit_log (
	id           uuid primary key default uuid_v7(),
	tenant_id    uuid default current_tenant(), -- null: the installation's; no reference, the log outlives its tenant
	at           timestamptz not null default now(),
	actor_id     uuid, -- null: the system
	actor_role   text,
	action       text not null check (action ~ '^[a-z_]+(\.[a-z_]+)+$'), -- user.suspend, video.delete
	target_kind  text,
	target_id    uuid,
	before       jsonb,
	after        jsonb,
	note         text,
	address      text,
	request_id   text
);
create index audit_log_at_idx on audit_log (tenant_id, at desc, id desc);
create index audit_log_target_idx on audit_log (tenant_id, target_id, at desc);
create index audit_log_actor_idx on audit_log (tenant_id, actor_id, at desc);
select tenant_owned('audit_log', 'select, insert');

create function audit_log_refuse() returns trigger
	language plpgsql
	as $$
begin
	raise exception 'The audit log is append-only.' using errcode = 'AT403';
end
$$;
create trigger audit_log_refuse before update or delete on audit_log
	for each row execute function audit_log_refuse();
create trigger audit_log_refuse_truncate before truncate on audit_log
	for each statement execute function audit_log_refuse();
