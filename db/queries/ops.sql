-- db/queries/ops.sql - figures for operators. The functions see every tenant's jobs, and nothing but counts leaves them.

-- query: QUEUE_FIGURES()
select coalesce(sum(count), 0)::bigint as depth, coalesce(max(oldest_s), 0)::bigint as oldest_s
  from job_figures()
 where state = 'queued'

-- query: QUEUE_BY_KIND()
select kind, state, count as jobs, coalesce(oldest_s, 0)::bigint as oldest_s from job_figures() order by kind, state limit 500
