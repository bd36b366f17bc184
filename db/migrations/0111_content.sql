-- What the worker makes for somebody on request: reports (and films). The row says what was asked for and how far it is.
create table content_items (
	id             uuid primary key default uuid_v7(),
	tenant_id      uuid not null default current_tenant(),
	owner_id       uuid not null,
	kind           text not null check (kind in ('report', 'video')),
	title          text not null check (length(title) between 1 and 200),
	options        jsonb not null, -- all that decides what it looks like
	status         text not null default 'PENDING' check (status in ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'CANCELLED', 'EXPIRED')),
	error_message  text,
	job_id         uuid,
	file_key       text, -- TENANT/reports/ID/NAME
	mime_type      text,
	size_bytes     bigint,
	tells_by_mail  boolean not null default false,
	created_at     timestamptz not null default now(),
	completed_at   timestamptz,
	expires_at     timestamptz,
	deleted_at     timestamptz,
	unique (tenant_id, id),
	foreign key (tenant_id, owner_id) references users (tenant_id, id) on delete cascade
);
create index content_items_owner_idx on content_items (tenant_id, owner_id, kind, created_at desc, id desc) where deleted_at is null;
create index content_items_expiry_idx on content_items (expires_at) where deleted_at is null and status = 'COMPLETED';
select tenant_owned('content_items');

-- The job's fate is the item's, also when no program was there to tell.
create function content_follow() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	update content_items
	   set status = case new.state when 'running' then 'PROCESSING' when 'queued' then 'PENDING' when 'dead' then 'FAILED' else 'CANCELLED' end,
	       error_message = case when new.state = 'dead' then coalesce(new.reason, 'It could not be made.') end
	 where job_id = new.id and status in ('PENDING', 'PROCESSING', 'FAILED');
	return null;
end
$$;
revoke execute on function content_follow() from atelier_app;
create trigger content_follow after update of state on jobs
	for each row when (new.kind in ('document', 'recap') and old.state <> new.state and new.state in ('running', 'queued', 'dead', 'cancelled'))
	execute function content_follow();

-- Files that nobody may have any more go; the row stays and says so. Returns how many.
create function content_expire(p_limit integer) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with late as (
		select id from content_items where status = 'COMPLETED' and deleted_at is null and expires_at < now()
		 order by expires_at limit p_limit for update skip locked
	), gone as (
		update content_items c set status = 'EXPIRED' from late where c.id = late.id returning c.*
	), asked as (
		insert into jobs (tenant_id, kind, subject_id, payload, priority)
		select tenant_id, 'content_remove', id, jsonb_build_object('folder', regexp_replace(file_key, '/[^/]*$', '')), -10 from gone
		 where file_key is not null
		returning 1
	)
	select count(*) from gone
	$$;
