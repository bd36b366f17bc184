-- The job queue as the programs use it; what the functions do is said in db/migrations/0003_jobs.sql.

-- A job of the session's tenant, in the caller's transaction. No row: one with this unique_key waits or runs already.
-- query: JOB_ENQUEUE(kind, payload, unique_key, subject, user, priority, traceparent)
insert into jobs (kind, payload, unique_key, subject_id, user_id, priority, traceparent)
values (:'kind', coalesce(:'payload'::jsonb, '{}'), :'unique_key', :'subject', :'user', coalesce(:'priority'::integer, 0),
        :'traceparent')
on conflict do nothing
returning id

-- A job of the installation (cron), or of a tenant by its id.
-- query: JOB_ENQUEUE_SYSTEM(kind, payload, unique_key, tenant)
select job_enqueue(:'kind', :'payload', :'unique_key', :'tenant') as id

-- query: JOB_CLAIM(worker, kinds, lease_s)
select id,
       tenant_id,
       user_id,
       subject_id,
       kind,
       payload,
       attempts,
       max_attempts,
       traceparent
  from job_claim(:'worker', :'kinds', :'lease_s')

-- No row: the job is not ours any more.
-- query: JOB_HEARTBEAT(id, worker, attempt, progress, lease_s)
select cancel_requested from job_heartbeat(:'id', :'worker', :'attempt', :'progress', :'lease_s')

-- query: JOB_FINISH(id, worker, attempt, result)
select job_finish(:'id', :'worker', :'attempt', :'result') as ok

-- query: JOB_FAIL(id, worker, attempt, code, reason, final, log)
select job_fail(:'id', :'worker', :'attempt', :'code', :'reason', :'final', :'log') as state

-- query: JOB_RELEASE(id, worker, attempt)
select job_release(:'id', :'worker', :'attempt') as ok

-- query: JOB_POSTPONE(id, worker, attempt, delay_s, code, reason)
select job_postpone(:'id', :'worker', :'attempt', :'delay_s', :'code', :'reason') as state

-- query: CRON_ASK(name, kind, period_s)
select cron_ask(:'name', :'kind', :'period_s') as asked

-- query: CRON_CATCH_UP(name, kind, period_s)
select cron_catch_up(:'name', :'kind', :'period_s') as asked

-- query: VIEWS_UPKEEP()
select views_upkeep() as gone

-- query: JOB_REAP()
select id,
       tenant_id,
       subject_id,
       kind,
       payload,
       state,
       attempts,
       reason
  from job_reap()

-- query: JOB_CANCEL(id, tenant)
select job_cancel(:'id', :'tenant') as state

-- query: JOB_RETRY(id, kind, reason_code, tenant)
select job_retry(:'id', :'kind', :'reason_code', :'tenant') as count

-- query: JOB_PRUNE(done_days, dead_days)
select job_prune(:'done_days', :'dead_days') as count

-- For operators: over all tenants, newest first.
-- query: JOB_SEARCH(state, kind, reason_code, subject)
select id,
       tenant_id as "tenantId",
       kind,
       state,
       attempts,
       progress,
       reason_code as "reasonCode",
       reason,
       subject_id as "subjectId",
       created_at as "createdAt",
       run_at as "runAt",
       started_at as "startedAt",
       finished_at as "finishedAt"
  from job_search(:'state', :'kind', :'reason_code', :'subject', 200)

-- query: VIDEO_REPROCESS(video, tenant, only_failed)
select video_reprocess(:'video', :'tenant', :'only_failed') as count
