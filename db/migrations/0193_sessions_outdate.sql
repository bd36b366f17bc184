-- A token that is made right after a change says that it is of the second behind it (handlers/sessions.c): a further change within that
-- second has to come behind it, or the token would outlive it.
create or replace function sessions_outdate(p_user uuid) returns uuid[]
	language sql
	as $$
	with ended as (
		update sessions set not_before = greatest(clock_timestamp(), not_before + interval '1 second')
		 where user_id = p_user and revoked_at is null and expires_at > now()
		returning id
	)
	select coalesce(array_agg(id), '{}') from ended
	$$;
