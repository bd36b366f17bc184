-- Every failure of a job, with what its process logged at the end: a job itself keeps its last reason only.
create table job_failures (
	id           uuid primary key default uuid_v7(),
	tenant_id    uuid default current_tenant() references tenants on delete cascade, -- null: the installation's
	job_id       uuid not null references jobs on delete cascade,
	attempt      integer not null,
	worker       text,
	reason_code  text,
	reason       text,
	log          text check (length(log) <= 16384),
	at           timestamptz not null default now()
);
create index job_failures_job_idx on job_failures (job_id, at desc);
create index job_failures_tenant_idx on job_failures (tenant_id);
select tenant_owned('job_failures', 'select');

-- However it came about: told by the job, by the one who attends to it, or by a lease that ran out. A job that was given back
-- or put off has its attempt again, and has not failed.
create function job_failure_keep() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	insert into job_failures (tenant_id, job_id, attempt, worker, reason_code, reason)
	values (new.tenant_id, new.id, new.attempts, new.worker, new.reason_code, new.reason);
	return null;
end
$$;
create trigger job_failure_keep after update of state on jobs
	for each row when (old.state = 'running' and new.state in ('queued', 'dead') and new.attempts = old.attempts)
	execute function job_failure_keep();

-- As job_fail without a log.
create function job_fail(p_id uuid, p_worker text, p_attempt integer, p_code text, p_reason text, p_final boolean, p_log text)
	returns text
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	ended text := job_fail(p_id, p_worker, p_attempt, p_code, p_reason, p_final);
begin
	if ended is not null and p_log is not null then
		update job_failures set log = right(p_log, 16384)
		 where id = (select id from job_failures where job_id = p_id order by at desc limit 1) and attempt = p_attempt;
	end if;
	return ended;
end
$$;

-- As far as the asker may see the job.
create function job_failures_seen(p_job uuid, p_all boolean) returns setof job_failures
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select * from job_failures where job_id = p_job and (p_all or tenant_id = current_tenant()) order by at desc limit 50
	$$;
