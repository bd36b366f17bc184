-- db/queries/ops.sql - figures for operators. The functions see every tenant's jobs, and nothing but counts leaves them.

-- query: QUEUE_FIGURES()
select depth, oldest_s from queue_figures();

-- query: QUEUE_BY_KIND()
select kind, state, jobs, oldest_s from queue_by_kind() order by kind, state limit 500;
