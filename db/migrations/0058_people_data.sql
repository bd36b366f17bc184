-- What is kept of a person, table by table: db/queries/leaving.sql has the list, these read and remove what it names.
-- As the caller: row-level security and grants hold. A table that is not there (a module's, later) is no rows.

create function person_condition(p_column name, p_via name, p_via_column name) returns text
	language sql immutable
	as $$
	select case when p_via is null then format('t.%I = $1', p_column)
	            else format('t.%I in (select v.id from %I v where v.%I = $1)', p_column, p_via, p_via_column) end
	$$;

-- As a JSON array, without the columns hidden.
create function person_rows(p_user uuid, p_table name, p_column name, p_via name, p_via_column name, p_hidden text[]) returns jsonb
	language plpgsql stable
	as $$
declare
	found jsonb := '[]';
begin
	if to_regclass(p_table) is not null then
		execute format('select coalesce(jsonb_agg(to_jsonb(t) - $2), ''[]'') from %I t where %s', p_table,
			person_condition(p_column, p_via, p_via_column))
			into found using p_user, p_hidden || '{tenant_id}';
	end if;
	return found;
end
$$;

create function person_forget(p_user uuid, p_table name, p_column name, p_via name, p_via_column name) returns bigint
	language plpgsql
	as $$
declare
	gone bigint := 0;
begin
	if to_regclass(p_table) is not null then
		execute format('delete from %I t where %s', p_table, person_condition(p_column, p_via, p_via_column)) using p_user;
		get diagnostics gone = row_count;
	end if;
	return gone;
end
$$;

-- Views stay in the figures of the videos, without who it was. The table is written by nobody but its own functions.
create function view_events_forget(p_user uuid) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with gone as (
		update view_events set user_id = null, session = null where tenant_id = current_tenant() and user_id = p_user returning 1
	)
	select count(*) from gone
	$$;
create index view_events_user_idx on view_events (user_id) where user_id is not null;
