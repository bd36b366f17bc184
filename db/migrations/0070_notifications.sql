-- What people are told, how they want to be told, and the devices that a push goes to.
-- Whoever causes something calls notify() in the same transaction; see doc/notifications.md.

-- To add a kind: a row here, in a migration of its own.
create table notification_kinds (
	kind           text primary key check (kind ~ '^[a-z][a-z0-9_]*$'),
	is_grouped     boolean not null default false, -- several people, one subject: one row while it is unread
	needs_subject  boolean not null default false, -- not shown to whoever cannot see its subject any more
	is_compulsory  boolean not null default false, -- in the list whatever the preferences say
	push           boolean not null default true,  -- unless the person says otherwise
	mail           boolean not null default true
);
grant select on notification_kinds to atelier_app;

insert into notification_kinds (kind, is_grouped, needs_subject, is_compulsory, push, mail) values
	('new_follower',       true,  false, false, true,  true),
	('video_liked',        true,  true,  false, true,  false),
	('video_commented',    false, true,  false, true,  true),
	('comment_replied',    false, true,  false, true,  true),
	('comment_liked',      true,  true,  false, false, false),
	('comment_hearted',    false, true,  false, true,  false),
	('mentioned',          false, true,  false, true,  true),
	('video_ready',        false, true,  false, true,  false),
	('video_failed',       false, true,  false, true,  true),
	('video_published',    false, true,  false, true,  true),
	('moderation_outcome', false, false, true,  true,  true);

create table notifications (
	id            uuid primary key default uuid_v7(),
	tenant_id     uuid not null default current_tenant(),
	user_id       uuid not null,
	kind          text not null references notification_kinds,
	actor_id      uuid, -- the last one; null: nobody in particular
	subject_kind  text, -- video, comment, user, ...
	subject_id    uuid,
	data          jsonb not null default '{}' check (jsonb_typeof(data) = 'object'),
	actor_count   integer not null default 0 check (actor_count >= 0),
	group_key     uuid, -- null: stands for itself
	in_app        boolean not null default true,
	mail_due      boolean not null default false, -- waits for the next digest
	is_withdrawn  boolean not null default false, -- everybody in it took it back
	pushed_at     timestamptz,
	read_at       timestamptz,
	created_at    timestamptz not null default now(),
	updated_at    timestamptz not null default now(),
	unique (tenant_id, id),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index notifications_list_idx on notifications (tenant_id, user_id, updated_at desc, id desc)
	where in_app and not is_withdrawn;
create index notifications_unread_idx on notifications (tenant_id, user_id)
	where in_app and not is_withdrawn and read_at is null;
create unique index notifications_group_key on notifications (user_id, kind, group_key)
	where group_key is not null and read_at is null;
create index notifications_mail_idx on notifications (user_id) where mail_due;
create index notifications_subject_idx on notifications (subject_id);
create index notifications_updated_idx on notifications (updated_at); -- retention
select tenant_owned('notifications');

create table notification_actors (
	tenant_id        uuid not null default current_tenant(),
	notification_id  uuid not null,
	actor_id         uuid not null,
	at               timestamptz not null default clock_timestamp(),
	primary key (notification_id, actor_id),
	foreign key (tenant_id, notification_id) references notifications (tenant_id, id) on delete cascade,
	foreign key (tenant_id, actor_id) references users (tenant_id, id) on delete cascade
);
create index notification_actors_latest_idx on notification_actors (notification_id, at desc);
create index notification_actors_actor_idx on notification_actors (actor_id);
select tenant_owned('notification_actors');

insert into kept_counters values
	('notification.actors', 'notifications', 'actor_count', '{notification_actors}',
	 'select notification_id as id, count(*) as n from notification_actors group by 1');

create table devices (
	id            uuid primary key default uuid_v7(),
	tenant_id     uuid not null default current_tenant(),
	user_id       uuid not null,
	session_id    uuid, -- signed out there: no more pushes
	platform      text not null check (platform in ('android', 'ios', 'web')),
	token         text not null check (length(token) between 10 and 4096),
	name          text,
	created_at    timestamptz not null default now(),
	last_seen_at  timestamptz not null default now(),
	unique (tenant_id, id),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
	foreign key (tenant_id, session_id) references sessions (tenant_id, id) on delete cascade
);
create unique index devices_token_key on devices (tenant_id, md5(token)); -- one device is one person's at a time
create index devices_user_idx on devices (tenant_id, user_id, last_seen_at desc);
select tenant_owned('devices');

-- Does a person want this kind on this channel (inApp, push, mail)? p_default where they said nothing of it.
create function notification_wanted(p_preferences jsonb, p_kind text, p_channel text, p_default boolean) returns boolean
	language sql immutable
	as $$
	select case p_preferences -> 'notifications' -> p_kind -> p_channel
	       when 'true' then true
	       when 'false' then false
	       else p_default
	       end
	   and case p_channel
	       when 'push' then coalesce(p_preferences ->> 'pushNotifications', 'true') <> 'false'
	       when 'mail' then coalesce(p_preferences ->> 'emailNotifications', 'true') <> 'false'
	                        and coalesce(p_preferences ->> 'digest', 'weekly') <> 'off'
	       else true
	       end
	$$;

-- Has the worker send a push, when there is a device to send it to; of a group once an hour.
create function notification_push(p_id uuid) returns void
	language sql
	as $$
	with sent as (
		update notifications n
		   set pushed_at = now()
		 where n.id = p_id
		   and (n.pushed_at is null or n.pushed_at < now() - interval '1 hour')
		   and exists (select from devices d where d.tenant_id = n.tenant_id and d.user_id = n.user_id)
		returning n.tenant_id, n.user_id
	)
	insert into jobs (tenant_id, user_id, kind, subject_id, unique_key, payload, priority)
	select tenant_id, user_id, 'push', p_id, p_id::text, jsonb_build_object('notificationId', p_id), 5 from sent
	on conflict do nothing
	$$;

-- Another person joins a group, or comes back to one that was withdrawn. False: was in it already.
create function notification_join(p_id uuid, p_tenant uuid, p_actor uuid, p_data jsonb) returns boolean
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
	       updated_at = clock_timestamp()
	 where id = p_id;
	return true;
end
$$;

-- Tells a person. Nothing happens when it is nobody or the actor himself, when one of the two has blocked the other, or
-- when the person does not want this kind on any channel. To be called in the transaction of what it is about.
create function notify(p_user uuid, p_kind text, p_actor uuid, p_subject_kind text, p_subject uuid, p_data jsonb) returns void
	language plpgsql
	as $$
declare
	k         notification_kinds;
	person    record;
	in_app    boolean;
	push      boolean;
	mail      boolean;
	told      uuid;
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
	insert into notifications as n (tenant_id, user_id, kind, actor_id, subject_kind, subject_id, data, group_key, in_app, mail_due)
	values (person.tenant_id, p_user, p_kind, p_actor, p_subject_kind, p_subject, coalesce(p_data, '{}'),
	        case when k.is_grouped then coalesce(p_subject, p_user) end, in_app, mail)
	on conflict (user_id, kind, group_key) where group_key is not null and read_at is null
	do update set actor_count = n.actor_count -- takes the lock: the others wait their turn
	returning id into told;
	if p_actor is not null and not notification_join(told, person.tenant_id, p_actor, p_data) then
		return;
	end if;
	if push then
		perform notification_push(told);
	end if;
end
$$;

-- Takes back what notify() said of a grouped kind (a like, a follow), while it is unread.
create function notify_undo(p_user uuid, p_kind text, p_actor uuid, p_subject uuid) returns void
	language plpgsql
	as $$
declare
	told uuid;
begin
	select id into told
	  from notifications
	 where user_id = p_user and kind = p_kind and group_key = coalesce(p_subject, p_user) and read_at is null
	   for update;
	delete from notification_actors where notification_id = told and actor_id = p_actor;
	if found then
		update notifications n
		   set actor_count = n.actor_count - 1, is_withdrawn = n.actor_count = 1,
		       actor_id = (select a.actor_id from notification_actors a where a.notification_id = told order by a.at desc limit 1)
		 where n.id = told;
	end if;
end
$$;

create function video_like_notify() returns trigger
	language plpgsql
	as $$
begin
	if tg_op = 'INSERT' then
		perform notify(v.user_id, 'video_liked', new.user_id, 'video', v.id, null) from videos v where v.id = new.video_id;
	else
		perform notify_undo(v.user_id, 'video_liked', old.user_id, v.id) from videos v where v.id = old.video_id;
	end if;
	return null;
end
$$;
create trigger video_likes_notify after insert or delete on video_likes
	for each row execute function video_like_notify();

create function follow_notify() returns trigger
	language plpgsql
	as $$
begin
	if tg_op = 'INSERT' then
		perform notify(new.followed_id, 'new_follower', new.follower_id, 'user', new.followed_id, null);
	else
		perform notify_undo(old.followed_id, 'new_follower', old.follower_id, old.followed_id);
	end if;
	return null;
end
$$;
create trigger follow_notify after insert or delete on follows
	for each row execute function follow_notify();

-- Forgets what is old: read ones after a month or so, any after half a year.
create function notifications_prune(p_read_days integer, p_days integer) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with gone as (
		delete from notifications
		 where id in (select id from notifications
		               where updated_at < now() - make_interval(days => least(p_read_days, p_days))
		                 and (read_at is not null or is_withdrawn or updated_at < now() - make_interval(days => p_days))
		               order by updated_at
		               limit 50000)
		returning 1
	)
	select count(*) from gone
	$$;
