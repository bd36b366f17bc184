-- The job queue. To enqueue is to insert a row, in the transaction of the change that causes it.
--
--   queued ──claim──▶ running ──finish──▶ done
--     ▲                  ├──fail, attempts left──▶ queued (later)
--     │                  ├──fail, none left─────▶ dead (reason)
--   retry                └──cancel──▶ cancelled
--
-- A claim is proved by (id, worker, attempts): attempts grows with each claim, so a worker whose lease ran out
-- finds that the job is no longer its own and changes nothing.

create table jobs (
	id                uuid primary key default uuid_v7(),
	tenant_id         uuid default current_tenant() references tenants on delete cascade, -- null: the installation's
	user_id           uuid, -- for whom; workers take turns between users
	kind              text not null check (kind ~ '^[a-z][a-z0-9_]*$'),
	payload           jsonb not null default '{}',
	priority          integer not null default 0, -- higher first
	run_at            timestamptz not null default now(),
	unique_key        text, -- at most one job of a kind with this key is waiting or running
	subject_id        uuid, -- what it is about (a video)
	state             text not null default 'queued' check (state in ('queued', 'running', 'done', 'dead', 'cancelled')),
	attempts          integer not null default 0,
	max_attempts      integer not null default 3 check (max_attempts between 1 and 100),
	worker            text,
	lease_until       timestamptz,
	progress          smallint not null default 0 check (progress between 0 and 100),
	result            jsonb,
	reason            text, -- of the last failure, in words for people
	reason_code       text,
	cancel_requested  boolean not null default false,
	traceparent       text,
	created_at        timestamptz not null default now(),
	started_at        timestamptz,
	finished_at       timestamptz,
	fair_key          uuid not null
		generated always as (coalesce(user_id, tenant_id, '00000000-0000-0000-0000-000000000000')) stored,
	check ((state = 'running') = (lease_until is not null))
);
create index jobs_queued_idx on jobs (fair_key, priority desc, run_at) where state = 'queued';
create index jobs_running_idx on jobs (lease_until) where state = 'running';
create index jobs_state_idx on jobs (state, kind, created_at desc);
create index jobs_tenant_idx on jobs (tenant_id, created_at desc);
create index jobs_subject_idx on jobs (subject_id, created_at desc) where subject_id is not null;
create index jobs_finished_idx on jobs (finished_at) where state in ('done', 'dead', 'cancelled');
create unique index jobs_unique_key on jobs (coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'), kind, unique_key)
	where unique_key is not null and state in ('queued', 'running');
select tenant_owned('jobs', 'select, insert');

-- Wakes the workers when the transaction commits. The payload is the kind.
create function jobs_notify() returns trigger
	language plpgsql
	as $$
begin
	if new.state = 'queued' and new.run_at <= now() then
		perform pg_notify('atelier_jobs', new.kind);
	elsif new.cancel_requested and new.state = 'running' then
		perform pg_notify('atelier_job_cancel', new.id::text);
	end if;
	return null;
end
$$;
create trigger jobs_notify after insert or update of state, cancel_requested on jobs
	for each row execute function jobs_notify();

-- Jobs of the installation (cron), or of a tenant that the caller names. Null when an equal one is waiting already.
create function job_enqueue(p_kind text, p_payload jsonb, p_unique_key text default null, p_tenant uuid default null,
	p_priority integer default 0, p_run_at timestamptz default now()) returns uuid
	language sql security definer set search_path = public, pg_temp
	as $$
	insert into jobs (tenant_id, kind, payload, unique_key, priority, run_at)
	values (p_tenant, p_kind, coalesce(p_payload, '{}'), p_unique_key, p_priority, p_run_at)
	on conflict do nothing
	returning id
	$$;

-- Takes the next job of the kinds given, or none. Higher priority first; among equals the user with the fewest
-- running jobs, then the oldest. Users are found one index step each, so a user with ten thousand waiting
-- jobs costs no more than one with one.
create function job_claim(p_worker text, p_kinds text[], p_lease_s integer) returns setof jobs
	language sql security definer set search_path = public, pg_temp
	as $$
	with recursive waiting(fair_key) as (
		(select fair_key from jobs where state = 'queued' order by fair_key limit 1)
		union all
		select (select j.fair_key from jobs j
		         where j.state = 'queued' and j.fair_key > w.fair_key order by j.fair_key limit 1)
		  from waiting w
		 where w.fair_key is not null
	), busy as (
		select fair_key, count(*) as running
		  from jobs
		 where state = 'running'
		 group by fair_key
	), candidate as (
		select c.id, c.priority, c.run_at, coalesce(b.running, 0) as running
		  from waiting w
		  left join busy b using (fair_key)
		 cross join lateral (
			select j.id, j.priority, j.run_at
			  from jobs j
			 where j.state = 'queued' and j.fair_key = w.fair_key and j.run_at <= now() and j.kind = any (p_kinds)
			 order by j.priority desc, j.run_at, j.id
			 limit 16 -- more than claims that may hold locks on the first ones right now
		) c
	), chosen as (
		select j.id
		  from jobs j
		  join candidate c on c.id = j.id
		 where j.state = 'queued'
		 order by c.priority desc, c.running, c.run_at, c.id
		 limit 1
		   for update of j skip locked
	)
	update jobs j
	   set state = 'running', worker = p_worker, attempts = j.attempts + 1, progress = 0, cancel_requested = false,
	       lease_until = now() + make_interval(secs => p_lease_s), started_at = now(), finished_at = null
	  from chosen
	 where j.id = chosen.id
	returning j.*
	$$;

-- Renews the lease. No row: the job is no longer this worker's, stop it.
create function job_heartbeat(p_id uuid, p_worker text, p_attempt integer, p_progress integer, p_lease_s integer)
	returns table (cancel_requested boolean)
	language sql security definer set search_path = public, pg_temp
	as $$
	update jobs
	   set lease_until = now() + make_interval(secs => p_lease_s),
	       progress = greatest(progress, least(greatest(p_progress, 0), 100))
	 where id = p_id and state = 'running' and worker = p_worker and attempts = p_attempt
	returning jobs.cancel_requested
	$$;

-- Ends a job well. False: it was no longer this worker's; the caller rolls its transaction back.
create function job_finish(p_id uuid, p_worker text, p_attempt integer, p_result jsonb) returns boolean
	language sql security definer set search_path = public, pg_temp
	as $$
	with ended as (
		update jobs
		   set state = 'done', lease_until = null, progress = 100, result = p_result, reason = null, reason_code = null,
		       finished_at = now()
		 where id = p_id and state = 'running' and worker = p_worker and attempts = p_attempt
		returning id
	)
	select exists (select from ended)
	$$;

-- How long until the next attempt: 10 s, 20 s, 40 s ... at most an hour, give or take half.
create function job_backoff(p_attempts integer) returns interval
	language sql volatile
	as $$ select make_interval(secs => least(3600, 10 * 2 ^ (least(p_attempts, 12) - 1)) * (0.5 + random())) $$;

-- Ends an attempt badly. p_final: another attempt would end the same way. Returns the new state: queued, dead,
-- cancelled (it had been asked for), or null when the job was no longer this worker's.
create function job_fail(p_id uuid, p_worker text, p_attempt integer, p_code text, p_reason text, p_final boolean)
	returns text
	language sql security definer set search_path = public, pg_temp
	as $$
	update jobs
	   set state = case when cancel_requested then 'cancelled' when p_final or attempts >= max_attempts then 'dead' else 'queued' end,
	       finished_at = case when cancel_requested or p_final or attempts >= max_attempts then now() end,
	       run_at = now() + job_backoff(attempts),
	       lease_until = null, reason = p_reason, reason_code = p_code
	 where id = p_id and state = 'running' and worker = p_worker and attempts = p_attempt
	returning state
	$$;

-- Gives a job back unharmed (the worker shuts down): the attempt does not count.
create function job_release(p_id uuid, p_worker text, p_attempt integer) returns boolean
	language sql security definer set search_path = public, pg_temp
	as $$
	with freed as (
		update jobs
		   set state = case when cancel_requested then 'cancelled' else 'queued' end,
		       finished_at = case when cancel_requested then now() end,
		       lease_until = null, attempts = attempts - 1, run_at = now()
		 where id = p_id and state = 'running' and worker = p_worker and attempts = p_attempt
		returning id
	)
	select exists (select from freed)
	$$;

-- Takes jobs back from workers that are gone. Returns them, so that what they were about can be told of a death.
create function job_reap() returns setof jobs
	language sql security definer set search_path = public, pg_temp
	as $$
	update jobs
	   set state = case when cancel_requested then 'cancelled' when attempts >= max_attempts then 'dead' else 'queued' end,
	       finished_at = case when cancel_requested or attempts >= max_attempts then now() end,
	       run_at = now() + job_backoff(attempts),
	       lease_until = null, reason_code = 'WORKER_LOST', reason = 'The program that worked on this stopped unexpectedly.'
	 where id in (select id from jobs where state = 'running' and lease_until < now() order by lease_until limit 100
	                 for update skip locked)
	returning *
	$$;

-- Cancels: at once what waits, as soon as its worker looks what runs. The tenant given, or any when it is null.
create function job_cancel(p_id uuid, p_tenant uuid) returns text
	language sql security definer set search_path = public, pg_temp
	as $$
	update jobs
	   set cancel_requested = true,
	       state = case when state = 'queued' then 'cancelled' else state end,
	       finished_at = case when state = 'queued' then now() end
	 where id = p_id and state in ('queued', 'running') and (p_tenant is null or tenant_id = p_tenant)
	returning state
	$$;

-- Runs again what ended badly: one job, or all of a kind and reason. Never refused because "it is running":
-- what runs or waits already is left alone. Returns how many.
create function job_retry(p_id uuid, p_kind text, p_reason_code text, p_tenant uuid) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with latest as (
		select distinct on (coalesce(unique_key, id::text), kind, tenant_id) id
		  from jobs
		 where state in ('dead', 'cancelled')
		   and (p_id is null or id = p_id)
		   and (p_kind is null or kind = p_kind)
		   and (p_reason_code is null or reason_code = p_reason_code)
		   and (p_tenant is null or tenant_id = p_tenant)
		 order by coalesce(unique_key, id::text), kind, tenant_id, created_at desc
	), again as (
		update jobs j
		   set state = 'queued', attempts = 0, progress = 0, run_at = now(), finished_at = null, cancel_requested = false
		  from latest
		 where j.id = latest.id
		   and (j.unique_key is null or not exists (
			select from jobs o
			 where o.state in ('queued', 'running') and o.kind = j.kind and o.unique_key = j.unique_key
			   and o.tenant_id is not distinct from j.tenant_id))
		returning j.id
	)
	select count(*) from again
	$$;

-- Forgets what ended long ago.
create function job_prune(p_done_days integer, p_dead_days integer) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with gone as (
		delete from jobs
		 where (state = 'done' and finished_at < now() - make_interval(days => p_done_days))
		    or (state in ('dead', 'cancelled') and finished_at < now() - make_interval(days => p_dead_days))
		returning id
	)
	select count(*) from gone
	$$;

-- For metrics and /ready, over all tenants.
create function job_figures() returns table (kind text, state text, count bigint, oldest_s double precision)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select kind, state, count(*),
	       max(extract(epoch from now() - case state when 'queued' then run_at else started_at end))::double precision
	  from jobs
	 where state in ('queued', 'running', 'dead')
	 group by kind, state
	$$;
