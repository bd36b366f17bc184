-- The queue as an operator lists it, over all tenants, newest first.
create function job_list(p_state text, p_kind text, p_limit integer) returns setof jobs
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select * from jobs
	 where (p_state is null or state = p_state) and (p_kind is null or kind = p_kind)
	 order by created_at desc
	 limit p_limit
	$$;
