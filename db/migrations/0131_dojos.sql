-- Dojos: some people write one program together, live. The text is what its operations make of the first one (doc/dojos.md).
create table dojos (
	id                uuid primary key default uuid_v7(),
	tenant_id         uuid not null default current_tenant(),
	owner_id          uuid not null,
	name              text not null check (length(name) between 1 and 100),
	description       text not null default '' check (length(description) <= 5000),
	language          text not null check (length(language) between 1 and 50),
	max_participants  integer not null default 20 check (max_participants between 1 and 200),
	status            text not null default 'ACTIVE' check (status in ('SCHEDULED', 'ACTIVE', 'COMPLETED', 'CANCELLED')),
	scheduled_at      timestamptz,
	reminded_at       timestamptz,
	started_at        timestamptz,
	ended_at          timestamptz,
	is_private        boolean not null default false,
	join_code         text not null,
	initial_code      text not null default '' check (length(initial_code) <= 100000),
	content           text not null default '', -- at that revision; what came since is in dojo_operations
	revision          integer not null default 0,
	film_key          text, -- the recording, when it is made
	created_at        timestamptz not null default now(),
	updated_at        timestamptz not null default now(),
	deleted_at        timestamptz,
	unique (tenant_id, id),
	foreign key (tenant_id, owner_id) references users (tenant_id, id) on delete cascade,
	check ((status = 'SCHEDULED') <= (scheduled_at is not null))
);
create index dojos_list_idx on dojos (tenant_id, created_at desc, id desc) where deleted_at is null;
create index dojos_due_idx on dojos (scheduled_at) where status = 'SCHEDULED' and deleted_at is null;
select tenant_owned('dojos');

create table dojo_people (
	dojo_id    uuid not null,
	tenant_id  uuid not null default current_tenant(),
	user_id    uuid not null,
	role       text not null check (role in ('OWNER', 'PARTICIPANT', 'OBSERVER')),
	joined_at  timestamptz not null default now(),
	left_at    timestamptz, -- null: is one of them
	primary key (dojo_id, user_id),
	foreign key (tenant_id, dojo_id) references dojos (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index dojo_people_user_idx on dojo_people (tenant_id, user_id);
select tenant_owned('dojo_people');

create table dojo_operations (
	dojo_id     uuid not null,
	tenant_id   uuid not null default current_tenant(),
	revision    integer not null check (revision > 0), -- of the text after it
	user_id     uuid, -- null: has left the community
	request_id  text check (length(request_id) <= 64), -- sent again after a broken connection, it is the same
	ops         jsonb not null,
	at          timestamptz not null default now(),
	primary key (dojo_id, revision),
	foreign key (tenant_id, dojo_id) references dojos (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete set null (user_id)
);
create unique index dojo_operations_request_key on dojo_operations (dojo_id, user_id, request_id) where request_id is not null;
create index dojo_operations_user_idx on dojo_operations (tenant_id, user_id);
select tenant_owned('dojo_operations');

create table dojo_messages (
	id         uuid primary key default uuid_v7(),
	tenant_id  uuid not null default current_tenant(),
	dojo_id    uuid not null,
	user_id    uuid,
	text       text not null check (length(text) between 1 and 2000),
	at         timestamptz not null default now(),
	unique (tenant_id, id),
	foreign key (tenant_id, dojo_id) references dojos (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete set null (user_id)
);
create index dojo_messages_list_idx on dojo_messages (tenant_id, dojo_id, at desc, id desc);
create index dojo_messages_user_idx on dojo_messages (tenant_id, user_id);
select tenant_owned('dojo_messages');

create table dojo_snapshots (
	dojo_id    uuid not null,
	tenant_id  uuid not null default current_tenant(),
	revision   integer not null,
	content    text not null,
	at         timestamptz not null default now(),
	primary key (dojo_id, revision),
	foreign key (tenant_id, dojo_id) references dojos (tenant_id, id) on delete cascade
);
select tenant_owned('dojo_snapshots');

create table dojo_runs (
	id            uuid primary key default uuid_v7(),
	tenant_id     uuid not null default current_tenant(),
	dojo_id       uuid not null,
	user_id       uuid,
	language      text not null,
	code          text not null check (length(code) <= 200000),
	stdin         text not null default '' check (length(stdin) <= 100000),
	status        text not null default 'QUEUED' check (status in ('QUEUED', 'RUNNING', 'SUCCESS', 'ERROR', 'TIMEOUT')),
	output        text,
	error         jsonb, -- message, line, column, stderr
	duration_ms   integer,
	memory_bytes  bigint,
	asked_at      timestamptz not null default now(),
	done_at       timestamptz,
	unique (tenant_id, id),
	foreign key (tenant_id, dojo_id) references dojos (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete set null (user_id)
);
create index dojo_runs_dojo_idx on dojo_runs (tenant_id, dojo_id, asked_at desc);
create index dojo_runs_user_idx on dojo_runs (tenant_id, user_id);
select tenant_owned('dojo_runs');

-- Eight letters that cannot be mistaken for each other.
create function join_code() returns text
	language sql volatile
	as $$
	select string_agg(substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', 1 + get_byte(b, i) % 32, 1), '')
	  from (select sha256(gen_random_uuid()::text::bytea) as b) x, generate_series(0, 7) i
	$$;

-- Becomes one of them. '' when that went well, else a word: none, code, full, over.
create function dojo_join(p_dojo uuid, p_user uuid, p_role text, p_code text) returns text
	language plpgsql
	as $$
declare
	d dojos;
begin
	select * into d from dojos where id = p_dojo and deleted_at is null for update;
	if d.id is null or is_blocked(d.owner_id, p_user) then
		return 'none';
	elsif d.status in ('COMPLETED', 'CANCELLED') then
		return 'over';
	elsif exists (select from dojo_people where dojo_id = p_dojo and user_id = p_user and left_at is null and (role = p_role or role = 'OWNER')) then
		return '';
	elsif d.is_private and coalesce(upper(p_code), '') <> d.join_code
	      and not exists (select from dojo_people where dojo_id = p_dojo and user_id = p_user) then
		return case when p_code is null then 'none' else 'code' end;
	elsif p_role <> 'OBSERVER' and (select count(*) from dojo_people where dojo_id = p_dojo and user_id <> p_user and left_at is null and role <> 'OBSERVER') >= d.max_participants then
		return 'full';
	end if;
	insert into dojo_people (dojo_id, user_id, role) values (p_dojo, p_user, p_role)
	on conflict (dojo_id, user_id) do update set role = case when dojo_people.role = 'OWNER' then 'OWNER' else excluded.role end, left_at = null, joined_at = now();
	return '';
end
$$;

create function dojo_run_ask(p_dojo uuid, p_user uuid, p_language text, p_code text, p_stdin text, p_trace text) returns uuid
	language sql
	as $$
	with run as (
		insert into dojo_runs (dojo_id, user_id, language, code, stdin) values (p_dojo, p_user, p_language, p_code, coalesce(p_stdin, '')) returning id
	), asked as (
		insert into jobs (kind, user_id, subject_id, payload, priority, traceparent)
		-- of one person's waiting runs each stands behind the one before: nobody fills the queue for the others
		select 'code_run', p_user, run.id, '{}', 20 - least(30, (select count(*)::integer from jobs where kind = 'code_run' and user_id = p_user and state in ('queued', 'running'))), p_trace from run
	)
	select id from run
	$$;

create function live_dojo_run() returns trigger
	language plpgsql
	as $$
begin
	perform live_emit(new.tenant_id, 'dojo:' || new.dojo_id, 'CODE_EXECUTION_RESULT', jsonb_build_object('requestId', new.id, 'status', new.status,
		'output', new.output, 'executionTime', new.duration_ms, 'memory', new.memory_bytes, 'error', new.error, 'userId', new.user_id));
	return null;
end
$$;
create trigger live_dojo_run after update of status on dojo_runs for each row when (new.status in ('SUCCESS', 'ERROR', 'TIMEOUT')) execute function live_dojo_run();

create function live_dojo_people() returns trigger
	language plpgsql
	as $$
begin
	perform live_emit(new.tenant_id, 'dojo:' || new.dojo_id, 'PEOPLE_CHANGED', jsonb_build_object('userId', new.user_id, 'role', new.role, 'isIn', new.left_at is null));
	return null;
end
$$;
create trigger live_dojo_people after insert or update on dojo_people for each row execute function live_dojo_people();

create function live_dojo_status() returns trigger
	language plpgsql
	as $$
begin
	perform live_emit(new.tenant_id, 'dojo:' || new.id, 'DOJO_STATUS', jsonb_build_object('status', case when new.deleted_at is null then new.status else 'CANCELLED' end));
	return null;
end
$$;
create trigger live_dojo_status after update of status, deleted_at on dojos for each row
	when (old.status <> new.status or old.deleted_at is distinct from new.deleted_at) execute function live_dojo_status();

insert into notification_kinds (kind, is_grouped, needs_subject, is_compulsory, push, mail) values
	('dojo_invited', false, false, false, true, true), ('dojo_soon', false, false, false, true, true);

-- Every minute: those whose time has come begin; those who come are reminded a quarter of an hour before, by mail and notification.
create function dojos_due() returns table (tenant_id uuid, dojo_id uuid, user_id uuid)
	language sql security definer set search_path = public, pg_temp
	as $$
	with begun as (
		update dojos set status = 'ACTIVE', started_at = now(), updated_at = now()
		 where status = 'SCHEDULED' and scheduled_at <= now() and deleted_at is null
		returning 1
	), soon as (
		update dojos d set reminded_at = now()
		 where d.status = 'SCHEDULED' and d.scheduled_at <= now() + interval '15 minutes' and d.reminded_at is null and d.deleted_at is null
		returning d.tenant_id, d.id
	)
	select s.tenant_id, s.id, p.user_id from soon s join dojo_people p on p.dojo_id = s.id and p.left_at is null
	 where (select count(*) from begun) >= 0
	$$;
