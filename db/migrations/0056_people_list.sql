-- Finding people for those who manage them. Row-level security would keep `like` out of an index, so the search is the
-- owner's function and binds the tenant itself.
create index users_find_idx on users using gin (lower(username || ' ' || email || ' ' || display_name) gin_trgm_ops);
create index users_created_idx on users (tenant_id, created_at desc, id desc);

-- Ids in the order wanted: -createdAt, createdAt or username. Deleted accounts only when they are asked for.
create function people_find(p_q text, p_role text, p_status text, p_sort text, p_limit bigint) returns setof uuid
	language plpgsql stable security definer set search_path = public, pg_temp
	as $$
begin
	return query execute 'select id from users where tenant_id = current_tenant()'
		|| case when p_q is null then '' else ' and lower(username || '' '' || email || '' '' || display_name) like $1' end
		|| case when p_role is null then '' else ' and role = $2' end
		|| case when p_status is null then ' and status <> ''deleted''' else ' and status = $3' end
		|| case p_sort when 'createdAt' then ' order by created_at, id' when 'username' then ' order by lower(username)'
		   else ' order by created_at desc, id desc' end
		|| ' limit $4'
		using '%' || replace(replace(replace(lower(p_q), '\', '\\'), '%', '\%'), '_', '\_') || '%', p_role, p_status, p_limit;
end
$$;
