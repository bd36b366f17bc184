-- The queue is filtered and counted from its index alone: before, a filter that little fits read every open case, twice.
drop index cases_queue_idx;
create index cases_queue_idx on cases (tenant_id, priority desc, created_at, id)
	include (subject_kind, categories, is_held, claimed_by, claimed_until) where state = 'open';
