-- Of two who retry the same job at once the second one must not put back what a worker has taken meanwhile.
create or replace function job_retry(p_id uuid, p_kind text, p_reason_code text, p_tenant uuid) returns bigint
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
		   and j.state in ('dead', 'cancelled')
		   and (j.unique_key is null or not exists (
			select from jobs o
			 where o.state in ('queued', 'running') and o.kind = j.kind and o.unique_key = j.unique_key
			   and o.tenant_id is not distinct from j.tenant_id))
		returning j.id
	)
	select count(*) from again
	$$;
