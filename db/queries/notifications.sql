-- db/queries/notifications.sql - what a person was told, and how they want to be told.

-- What the caller may know of: not what is about somebody who left or whom a block parts from the caller, nor about
-- something that the caller cannot see any more.
-- fragment: NOTIFICATION_KNOWN
  from notifications n
  join notification_kinds k on k.kind = n.kind
  left join users a on a.id = n.actor_id and a.status = 'active' and not is_blocked(a.id, :'me')
  left join comments c on n.subject_kind = 'comment' and c.id = n.subject_id and c.deleted_at is null and c.hidden_at is null
  left join videos v on v.id = case n.subject_kind when 'video' then n.subject_id when 'comment' then c.video_id end
   and v.deleted_at is null
-- include: VIDEO_OPEN_TO_ME
 where n.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and n.user_id = :'me'
   and not n.is_withdrawn
   and (n.actor_id is null or a.id is not null or n.actor_count > 1)
   and (not k.needs_subject or v.id is not null)

-- The list: what is also wanted there.
-- fragment: NOTIFICATION_SHOWN
-- include: NOTIFICATION_KNOWN
   and n.in_app

-- What a push or a line of the digest is made of.
-- fragment: NOTIFICATION_WORDS
       n.id::text, n.kind, n.subject_kind, n.subject_id::text, v.id::text as video_id, n.actor_count,
       a.display_name as actor,
       (select o.display_name
          from notification_actors g
          join users o on o.id = g.actor_id and o.status = 'active' and o.id <> n.actor_id
         where g.notification_id = n.id and not is_blocked(o.id, :'me')
         order by g.at desc
         limit 1) as second,
       coalesce(v.title, n.data ->> 'title') as title, left(c.text, 120) as text,

-- fragment: NOTIFICATION_COLUMNS
       n.id, n.kind, n.read_at is not null as "isRead", n.actor_count as "actorCount",
       a.id as "actor?.id", a.username as "actor?.username", a.display_name as "actor?.displayName",
       a.avatar_key as "actor?.avatarUrl:media",
       coalesce((select json_agg(json_build_object('id', o.id, 'username', o.username, 'displayName', o.display_name) order by g.at desc)
                   from (select actor_id, at from notification_actors where notification_id = n.id order by at desc limit 3) g
                   join users o on o.id = g.actor_id and o.status = 'active'
                  where not is_blocked(o.id, :'me')), '[]') as actors,
       n.subject_kind as "subject?.kind", n.subject_id as "subject?.id",
       v.id as "video?.id", v.title as "video?.title", video_mark(v.hidden_at, v.visibility) || v.thumbnail_key as "video?.thumbnailUrl:media",
       case when v.id is not null then c.id end as "comment?.id", left(c.text, 200) as "comment?.text",
       n.data, n.created_at as "createdAt", n.updated_at as "updatedAt",
       n.updated_at as "_after_at", n.id as "_after_id"

-- fragment: NOTIFICATION_BEHIND
   and (n.updated_at, n.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by n.updated_at desc, n.id desc

-- Newest first; a group comes up again when somebody joins it. Served by notifications_list_idx.
-- query: NOTIFICATION_PAGE(me, after_at, after_id)
select
-- include: NOTIFICATION_COLUMNS
-- include: NOTIFICATION_SHOWN
-- include: NOTIFICATION_BEHIND
 limit :page

-- Only what was not read. Served by notifications_unread_idx.
-- query: NOTIFICATION_PAGE_UNREAD(me, after_at, after_id)
select
-- include: NOTIFICATION_COLUMNS
-- include: NOTIFICATION_SHOWN
   and n.read_at is null
-- include: NOTIFICATION_BEHIND
 limit :page

-- Exact to a hundred: nobody reads a larger number. Served by notifications_unread_idx.
-- query: NOTIFICATION_UNREAD(me)
select count(*) as unread
  from (select 1
-- include: NOTIFICATION_SHOWN
   and n.read_at is null
         order by n.updated_at desc, n.id desc
         limit 100) counted

-- query: NOTIFICATION_READ(id, me)
update notifications set read_at = coalesce(read_at, now()), mail_due = false
 where id = :'id' and user_id = :'me'
returning id as "_id"

-- A group that is unread again stands for itself: those who come later begin a new one.
-- query: NOTIFICATION_UNREAD_AGAIN(id, me)
update notifications set read_at = null, group_key = case when read_at is null then group_key end
 where id = :'id' and user_id = :'me'
returning id as "_id"

-- Rows are locked in one order, so that two devices cannot wait for each other.
-- query: NOTIFICATION_READ_ALL(me)
with unread as (
	select id from notifications
	 where tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
	   and user_id = :'me' and in_app and not is_withdrawn and read_at is null
	 order by id
	   for update
), done as (
	update notifications n set read_at = now(), mail_due = false from unread u where n.id = u.id returning 1
)
select count(*) as read from done

-- query: NOTIFICATION_DELETE(id, me)
delete from notifications where id = :'id' and user_id = :'me' returning id as "_id"

-- query: NOTIFICATION_DELETE_ALL(me)
with mine as (
	select id from notifications
	 where tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid) and user_id = :'me'
	 order by id
	   for update
), gone as (
	delete from notifications n using mine m where n.id = m.id returning 1
)
select count(*) as deleted from gone

-- query: NOTIFICATION_PREFERENCES(me)
select k.kind, k.is_compulsory as "isCompulsory",
       k.is_compulsory or notification_wanted(u.preferences, k.kind, 'inApp', true) as "inApp",
       notification_wanted(u.preferences, k.kind, 'push', k.push) as push,
       notification_wanted(u.preferences, k.kind, 'mail', k.mail) as mail
  from notification_kinds k
 cross join users u
 where u.id = :'me'
 order by k.kind

-- The first thing in {kind: {channel: boolean}} that makes no sense; no row: all does.
-- query: NOTIFICATION_CHOICE_PROBLEM(choice)
select case when jsonb_typeof(:'choice'::jsonb) <> 'object' then 'must be an object of kinds'
            when k.kind is null then 'has no kind "' || left(e.key, 60) || '"'
            when jsonb_typeof(e.value) <> 'object' then 'has no channels for "' || e.key || '"'
            else 'has channels other than inApp, push and mail, or other values than true and false, for "' || e.key || '"' end as problem
  from (select 1) one
  left join lateral jsonb_each(case jsonb_typeof(:'choice') when 'object' then :'choice'::jsonb else '{}' end) e on true
  left join notification_kinds k on k.kind = e.key
 where jsonb_typeof(:'choice') <> 'object'
    or (e.key is not null
        and (k.kind is null or jsonb_typeof(e.value) <> 'object'
             or exists (select from jsonb_each(case jsonb_typeof(e.value) when 'object' then e.value else '{}' end) c
                         where c.key not in ('inApp', 'push', 'mail') or jsonb_typeof(c.value) <> 'boolean')))
 limit 1

-- What is not given stays. Something that is no object, from elsewhere, is replaced.
-- query: NOTIFICATION_PREFER(me, kind, in_app, push, mail)
update users u
   set preferences = u.preferences || jsonb_build_object('notifications',
         case jsonb_typeof(u.preferences -> 'notifications') when 'object' then u.preferences -> 'notifications' else '{}' end
         || jsonb_build_object(k.kind,
              case jsonb_typeof(u.preferences -> 'notifications' -> k.kind) when 'object' then u.preferences -> 'notifications' -> k.kind else '{}' end
              || jsonb_strip_nulls(jsonb_build_object('inApp', :'in_app'::boolean, 'push', :'push'::boolean, 'mail', :'mail'::boolean)))),
       updated_at = now()
  from notification_kinds k
 where u.id = :'me' and k.kind = :'kind'
returning k.kind, k.is_compulsory as "isCompulsory",
          k.is_compulsory or notification_wanted(u.preferences, k.kind, 'inApp', true) as "inApp",
          notification_wanted(u.preferences, k.kind, 'push', k.push) as push,
          notification_wanted(u.preferences, k.kind, 'mail', k.mail) as mail

-- --- devices and pushes ---

-- One device is one person's: who signs in on it last gets its pushes. The twenty used last are kept.
-- query: DEVICE_SAVE(me, session, token, platform, name)
with made as (
	insert into devices as d (user_id, session_id, token, platform, name)
	values (:'me', (select id from sessions where id = :'session'), :'token', :'platform', :'name')
	on conflict (tenant_id, md5(token)) do update
	   set user_id = excluded.user_id, session_id = excluded.session_id, platform = excluded.platform, name = excluded.name,
	       last_seen_at = now()
	returning d.id, d.platform, d.name, d.created_at
), gone as (
	delete from devices
	 where id in (select id from devices where user_id = :'me' and token <> :'token' order by last_seen_at desc offset 19)
)
select id, platform, name, created_at as "createdAt" from made

-- query: DEVICE_LIST(me)
select id, platform, name, created_at as "createdAt", last_seen_at as "lastSeenAt"
  from devices
 where tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid) and user_id = :'me'
 order by last_seen_at desc
 limit 20

-- query: DEVICE_DELETE(id, me)
delete from devices where id = :'id' and user_id = :'me' returning id as "_id"

-- What is still to be told; read, withdrawn or out of sight: nothing.
-- query: PUSH_NOTICE(id, me)
select
-- include: NOTIFICATION_WORDS
       (select coalesce(u.locale, t.locale) from users u join tenants t on t.id = u.tenant_id where u.id = n.user_id) as locale,
       (select name from tenants t where t.id = n.tenant_id) as site
-- include: NOTIFICATION_KNOWN
   and n.id = :'id' and n.read_at is null

-- Where somebody is signed in. `only` names one of them.
-- query: PUSH_DEVICES(me, only)
select d.id, d.token, d.platform
  from devices d
  left join sessions s on s.id = d.session_id
 where d.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and d.user_id = :'me'
   and (:'only'::uuid is null or d.id = :'only')
   and (s.id is null or (s.revoked_at is null and s.expires_at > now()))
 order by d.last_seen_at desc
 limit 20

-- query: PUSH_DEVICE_DEAD(id, token)
delete from devices where id = :'id' and token = :'token'

-- Again for one device, later.
-- query: PUSH_AGAIN(me, subject, unique_key, payload, delay_s)
insert into jobs (kind, user_id, subject_id, unique_key, payload, run_at)
values ('push', :'me', :'subject', :'unique_key', :'payload', now() + make_interval(secs => :'delay_s'))
on conflict do nothing

-- --- followers and digests ---

-- query: ANNOUNCE_BATCH(video_id, limit, most)
select video_announce_batch(:'video_id', :'limit', :'most') as more

-- query: DIGESTS_DUE(after, limit)
select tenant_id, user_id from digests_due(:'after', :'limit')

-- query: DIGEST_LINES(me)
select
-- include: NOTIFICATION_WORDS
       n.updated_at
-- include: NOTIFICATION_KNOWN
   and n.mail_due and n.read_at is null
 order by n.updated_at desc, n.id desc
 limit 20

-- query: DIGEST_DONE(me)
with told as (
	update notifications set mail_due = false where user_id = :'me' and mail_due
)
insert into digests (user_id) values (:'me')
on conflict (user_id) do update set sent_at = now()

-- query: DIGEST_STOP(user)
update users set preferences = preferences || '{"digest": "off"}', updated_at = now() where id = :'user'
returning id as "_id"

-- query: NOTIFICATIONS_PRUNE(read_days, days)
select notifications_prune(:'read_days', :'days') as gone

-- query: COMMENTS_PRUNE(days)
select comments_prune(:'days') as gone
