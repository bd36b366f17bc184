-- A person's standing: role, suspension, ban. One set of functions for the API, the admin pages, decisions of moderators
-- and atelierctl. Each returns the sessions whose access tokens end by it: the web processes learn of them within a
-- second (sessions_revoked_since), a handler may tell them at once.
-- Errors: AT404 nobody is meant, AT409 it makes no sense now (with words for people), AT403 not by this actor.

-- Does this row let somebody administrate?
create function is_active_admin(u users) returns boolean
	language sql stable
	as $$
	select u.role = 'admin' and (u.status = 'active' or (u.status = 'suspended' and coalesce(u.status_until <= now(), false)))
	$$;

-- A community keeps an administrator, whoever changes the row. The lock makes one of two that step down at once see
-- what the other did.
create function users_keep_admin() returns trigger
	language plpgsql
	as $$
begin
	if not is_active_admin(old) or is_active_admin(new) then
		return new;
	end if;
	perform pg_advisory_xact_lock(hashtextextended('administrators of ' || new.tenant_id, 0));
	perform from users u where u.tenant_id = new.tenant_id and u.id <> new.id and is_active_admin(u) limit 1;
	if not found then
		raise exception 'This is the last administrator: name another one first.' using errcode = 'AT409';
	end if;
	return new;
end
$$;
create trigger users_keep_admin before update of role, status, status_until on users
	for each row when (old.role = 'admin') execute function users_keep_admin();
create index users_admin_idx on users (tenant_id) where role = 'admin';

-- Who may act on whom: nobody on themselves, on an operator only an operator, on those who moderate only who
-- administrates. Null acts for the installation.
create function user_act_check(p_actor uuid, p_user uuid) returns void
	language plpgsql stable
	as $$
declare
	acting text := (select role from users where id = p_actor);
	acted  text := (select role from users where id = p_user and status <> 'deleted');
begin
	if acted is null then
		raise exception 'There is no such person here.' using errcode = 'AT404';
	elsif p_actor = p_user then
		raise exception 'Nobody decides on their own account.' using errcode = 'AT403';
	elsif p_actor is not null and (acted = 'operator' and acting is distinct from 'operator'
	      or acted in ('admin', 'moderator') and coalesce(acting not in ('admin', 'operator'), true)) then
		raise exception 'You may not decide on somebody with this role.' using errcode = 'AT403';
	end if;
end
$$;

-- Access tokens given out so far end; the next refresh brings one that knows the new role or state.
create function sessions_outdate(p_user uuid) returns uuid[]
	language sql
	as $$
	with ended as (
		update sessions set not_before = clock_timestamp() where user_id = p_user and revoked_at is null and expires_at > now()
		returning id
	)
	select coalesce(array_agg(id), '{}') from ended
	$$;

create function sessions_end(p_user uuid) returns uuid[]
	language sql
	as $$
	with ended as (
		update sessions set revoked_at = clock_timestamp() where user_id = p_user and revoked_at is null returning id
	)
	select coalesce(array_agg(id), '{}') from ended
	$$;

create function user_set_role(p_user uuid, p_role text) returns uuid[]
	language plpgsql
	as $$
begin
	update users set role = p_role, updated_at = now() where id = p_user and status <> 'deleted';
	if not found then
		raise exception 'There is no such person here.' using errcode = 'AT404';
	end if;
	return sessions_outdate(p_user);
end
$$;

-- The person's row, locked, whose account is not gone.
create function user_standing(p_user uuid) returns users
	language plpgsql
	as $$
declare
	u users;
begin
	select * into u from users where id = p_user and status <> 'deleted' for update;
	if not found then
		raise exception 'There is no such person here.' using errcode = 'AT404';
	end if;
	return u;
end
$$;

-- From now on they read and appeal, until then; null: until somebody ends it. A second one replaces the first.
create function user_suspend(p_user uuid, p_until timestamptz, p_reason text) returns uuid[]
	language plpgsql
	as $$
begin
	if (user_standing(p_user)).status = 'banned' then
		raise exception 'This account is banned.' using errcode = 'AT409';
	elsif p_until <= now() then
		raise exception 'A suspension ends in the future.' using errcode = 'AT400';
	end if;
	update users set status = 'suspended', status_until = p_until, status_reason = p_reason, updated_at = now() where id = p_user;
	return sessions_outdate(p_user);
end
$$;

-- Signed out everywhere, and no way in; keys of services stop as well.
create function user_ban(p_user uuid, p_reason text) returns uuid[]
	language plpgsql
	as $$
begin
	perform user_standing(p_user);
	update users set status = 'banned', status_until = null, status_reason = p_reason, updated_at = now() where id = p_user;
	return sessions_end(p_user);
end
$$;

create function user_restore(p_user uuid, p_from text) returns uuid[]
	language plpgsql
	as $$
begin
	if (user_standing(p_user)).status <> p_from then
		raise exception 'This account is not %.', p_from using errcode = 'AT409';
	end if;
	update users set status = 'active', status_until = null, status_reason = null, updated_at = now() where id = p_user;
	return sessions_outdate(p_user);
end
$$;

create function user_unsuspend(p_user uuid) returns uuid[]
	language sql as $$ select user_restore(p_user, 'suspended') $$;

create function user_unban(p_user uuid) returns uuid[]
	language sql as $$ select user_restore(p_user, 'banned') $$;
