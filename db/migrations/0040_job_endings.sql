-- What follows from a job's end, whoever ended it; periodic jobs that run once a period; waiting for room.

-- A video says that its transcode ended without a result, or is to be tried again: also when a worker died three times,
-- or somebody cancelled what only waited, and no program was there to tell it.
create function transcode_follow() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	if new.state = 'queued' then
		delete from renditions where video_id = new.subject_id and state = 'failed';
		update videos
		   set failure_code = null, failure_reason = null, processing_at = null, progress = 0, updated_at = now()
		 where id = new.subject_id and failure_code is not null;
	elsif new.state in ('dead', 'cancelled') then
		update videos v
		   set failure_code = case when renditions_ready = 0 then e.code end,
		       failure_reason = case when renditions_ready = 0 then e.reason end,
		       -- what plays goes on playing; its owner is told that it could not be made again, or not whole
		       warnings = case when renditions_ready = 0 then warnings
		                  else warnings || jsonb_build_array(jsonb_build_object('code', 'incomplete', 'message', e.reason)) end,
		       progress = case when renditions_ready = 0 then progress else 100 end,
		       updated_at = now()
		  from (select coalesce(new.reason_code, 'CANCELLED') as code,
		               coalesce(new.reason, 'The processing of this video was cancelled.') as reason) e
		 where v.id = new.subject_id and v.deleted_at is null;
	end if;
	return null;
end
$$;
revoke execute on function transcode_follow() from atelier_app;
create trigger transcode_requeued after insert on jobs
	for each row when (new.kind = 'transcode') execute function transcode_follow();
create trigger transcode_ended after update of state on jobs
	for each row when (new.kind = 'transcode' and old.state <> new.state and (new.state <> 'queued' or old.state <> 'running'))
	execute function transcode_follow();

-- Gives a job back until something that it needs may be there (room on the disk): the attempt does not count.
create function job_postpone(p_id uuid, p_worker text, p_attempt integer, p_delay_s integer, p_code text, p_reason text)
	returns text
	language sql security definer set search_path = public, pg_temp
	as $$
	update jobs
	   set state = case when cancel_requested then 'cancelled' else 'queued' end,
	       finished_at = case when cancel_requested then now() end,
	       lease_until = null, attempts = attempts - 1, run_at = now() + make_interval(secs => p_delay_s),
	       reason_code = p_code, reason = p_reason
	 where id = p_id and state = 'running' and worker = p_worker and attempts = p_attempt
	returning state
	$$;

-- Periodic jobs: one row a name. A period is asked for once, by whichever machine's clock comes first; what was missed
-- while nobody asked is one run, and a run that still waits is not joined by a second one.
create table cron_runs (
	name         text primary key,
	period       bigint not null, -- number of the newest period asked for: seconds since 1970 / length
	period_s     integer not null check (period_s > 0),
	asked_at     timestamptz not null default now()
);
grant select on cron_runs to atelier_app;

create function cron_ask(p_name text, p_kind text, p_period_s integer) returns boolean
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	now_period bigint := floor(extract(epoch from now()) / p_period_s);
begin
	insert into cron_runs as c (name, period, period_s)
	values (p_name, now_period, p_period_s)
	on conflict (name) do update
	   set period = excluded.period, period_s = excluded.period_s, asked_at = now()
	 where c.period < excluded.period or c.period_s <> excluded.period_s;
	if not found then
		return false;
	end if;
	return job_enqueue(p_kind, '{}', p_name) is not null;
end
$$;

-- At a worker's start: asks for what used to be asked for and was missed. True when a run was due.
create function cron_catch_up(p_name text, p_kind text, p_period_s integer) returns boolean
	language sql security definer set search_path = public, pg_temp
	as $$
	select coalesce((select cron_ask(p_name, p_kind, p_period_s)
	                   from cron_runs
	                  where name = p_name and asked_at < now() - make_interval(secs => 2 * p_period_s)), false)
	$$;

-- Forgets what ended long ago; the installation's own runs, several a minute, after an hour.
create or replace function job_prune(p_done_days integer, p_dead_days integer) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with gone as (
		delete from jobs
		 where (state = 'done' and finished_at < now() - make_interval(days => p_done_days))
		    or (state = 'done' and tenant_id is null and finished_at < now() - interval '1 hour')
		    or (state in ('dead', 'cancelled') and finished_at < now() - make_interval(days => p_dead_days))
		returning id
	)
	select count(*) from gone
	$$;

-- Once a day: next month's partition of views, names of batches that no crash can bring back any more.
create function views_upkeep() returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	select view_events_month(current_date), view_events_month((current_date + interval '1 month')::date);
	with gone as (
		delete from view_batches where applied_at < now() - interval '30 days' returning id
	)
	select count(*) from gone
	$$;

-- Does this claim still hold? Asked by every write of a job that others could have taken over. It does in the
-- transaction that ends it, too.
create function job_is_held(p_id uuid, p_worker text, p_attempt integer) returns boolean
	language sql stable
	as $$
	select exists (select from jobs
	                where id = p_id and worker = p_worker and attempts = p_attempt and state in ('running', 'done'))
	$$;

-- When the edition that plays was finished; null while there is none, or only its first rungs. Making a whole one again
-- changes nothing of it until the new one is whole too.
alter table videos add column edition_at timestamptz;
update videos set edition_at = updated_at where progress = 100 and renditions_ready > 0;

-- Streams anew from the originals: of one video, or of all (that failed), of one tenant or all. What is being worked on
-- already is left alone; what there is a lot of waits behind what people upload. Returns how many.
create function video_reprocess(p_video uuid, p_tenant text, p_only_failed boolean) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with asked as (
		insert into jobs (tenant_id, user_id, kind, subject_id, unique_key, payload, priority)
		select v.tenant_id, v.user_id, 'transcode', v.id, v.id::text, jsonb_build_object('videoId', v.id),
		       case when p_video is null then -5 else 0 end
		  from videos v
		  join tenants t on t.id = v.tenant_id
		 where v.deleted_at is null and v.original_key is not null and v.uploaded_at is not null
		   and (p_video is null or v.id = p_video)
		   and (p_tenant is null or t.slug = p_tenant)
		   and (not p_only_failed or v.state = 'failed')
		on conflict do nothing
		returning id
	)
	select count(*) from asked
	$$;

-- The queue as an operator lists it, over all tenants, newest first; null asks for anything.
create function job_search(p_state text, p_kind text, p_reason_code text, p_subject uuid, p_limit integer) returns setof jobs
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select * from jobs
	 where (p_state is null or state = p_state)
	   and (p_kind is null or kind = p_kind)
	   and (p_reason_code is null or reason_code = p_reason_code)
	   and (p_subject is null or subject_id = p_subject)
	 order by created_at desc
	 limit p_limit
	$$;
