-- db/queries/ops.sql - figures for operators. The functions see every tenant's jobs, and nothing but counts leaves them.

-- query: QUEUE_FIGURES()
select coalesce(sum(count), 0)::bigint as depth, coalesce(max(oldest_s), 0)::bigint as oldest_s
  from job_figures()
 where state = 'queued'

-- query: QUEUE_BY_KIND()
select kind, state, count as jobs, coalesce(oldest_s, 0)::bigint as oldest_s from job_figures() order by kind, state limit 500

-- query: COUNTERS_OFF()
select counter, id, kept, counted from counters_off() limit 100000

-- query: COUNTERS_MEND()
select counter, id, kept, counted from counters_mend() limit 100000

-- query: MEDIA_EXPECTED(after, videos)
select video_id, is_original, key, size_bytes from media_expected(:'after', :'videos')

-- query: MEDIA_UNNEEDED(public, originals)
select is_original, key from media_unneeded(:'public', :'originals')

-- query: OPERATOR_FACTS()
-- A role sees the names of its own connections only: the workers' are counted here, not by the owner's function.
select role, owns_tables, bypasses_rls, fsync, server_version, oldest_queued_s, dead_jobs, sweep_asked_s, tenants,
       active_without_host, encoding,
       (select count(*) from pg_stat_activity a
         where a.application_name = 'atelier-worker' and a.datname = current_database()) as worker_connections
  from operator_facts()
