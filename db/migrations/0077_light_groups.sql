-- A like of a video that thousands like must not cost more than the first one. Whoever joins a group changes only what
-- no index holds, so that the row's old versions go at once: the group comes up in the list once a minute at most.
alter table notifications set (fillfactor = 80);

create or replace function notification_join(p_id uuid, p_tenant uuid, p_actor uuid, p_data jsonb) returns boolean
	language plpgsql
	as $$
begin
	insert into notification_actors (tenant_id, notification_id, actor_id) values (p_tenant, p_id, p_actor)
	on conflict do nothing;
	if not found then
		return false;
	end if;
	update notifications
	   set actor_count = actor_count + 1, actor_id = p_actor, data = coalesce(p_data, data), is_withdrawn = false,
	       updated_at = case when is_withdrawn or updated_at < clock_timestamp() - interval '1 minute' then clock_timestamp()
	                    else updated_at end
	 where id = p_id;
	return true;
end
$$;

create or replace function notify(p_user uuid, p_kind text, p_actor uuid, p_subject_kind text, p_subject uuid, p_data jsonb) returns void
	language plpgsql
	as $$
declare
	k         notification_kinds;
	person    record;
	in_app    boolean;
	push      boolean;
	mail      boolean;
	told      uuid;
	pushed    timestamptz;
begin
	if p_user is null or p_user = p_actor then
		return;
	end if;
	select * into strict k from notification_kinds where kind = p_kind;
	select tenant_id, preferences into person from users where id = p_user and status in ('active', 'suspended');
	if not found or (p_actor is not null and is_blocked(p_user, p_actor)) then
		return;
	end if;
	in_app := k.is_compulsory or notification_wanted(person.preferences, p_kind, 'inApp', true);
	push := notification_wanted(person.preferences, p_kind, 'push', k.push);
	mail := notification_wanted(person.preferences, p_kind, 'mail', k.mail);
	if not (in_app or push or mail) then
		return;
	end if;
	if k.is_grouped then -- nearly always there is one: no need to try an insert
		select id, pushed_at into told, pushed
		  from notifications
		 where user_id = p_user and kind = p_kind and group_key = coalesce(p_subject, p_user) and read_at is null
		   for no key update;
	end if;
	if told is null then
		insert into notifications as n (tenant_id, user_id, kind, actor_id, subject_kind, subject_id, data, group_key, in_app, mail_due)
		values (person.tenant_id, p_user, p_kind, p_actor, p_subject_kind, p_subject, coalesce(p_data, '{}'),
		        case when k.is_grouped then coalesce(p_subject, p_user) end, in_app, mail)
		on conflict (user_id, kind, group_key) where group_key is not null and read_at is null
		do update set actor_count = n.actor_count -- takes the lock: the others wait their turn
		returning id into told;
	end if;
	if p_actor is not null and not notification_join(told, person.tenant_id, p_actor, p_data) then
		return;
	end if;
	if push and (pushed is null or pushed < now() - interval '1 hour')
	   and exists (select from devices d where d.tenant_id = person.tenant_id and d.user_id = p_user) then
		perform notification_push(told);
	end if;
end
$$;
