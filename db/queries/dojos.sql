-- db/queries/dojos.sql - dojos as the REST API shows them; what their sockets do is in live.sql. `d` is the dojo, `u` its owner.

-- Anybody may know of those that are not private; of a private one those who are in it, were, or are invited.
-- fragment: DOJO_SEEN
   and d.deleted_at is null
   and (d.owner_id = :'me'
        or exists (select from dojo_people m where m.dojo_id = d.id and m.user_id = :'me')
        or exists (select from dojo_invitations i where i.dojo_id = d.id and i.user_id = :'me')
        or (not d.is_private and u.status in ('active', 'suspended') and not is_blocked(d.owner_id, :'me')))

-- fragment: DOJO_COLUMNS
       d.id, d.name, d.description, d.language, d.max_participants as "maxParticipants", d.status, d.is_private as "isPrivate",
       d.scheduled_at as "scheduledStartTime", d.started_at as "startedAt", d.ended_at as "endedAt",
       u.id as "owner.id", u.username as "owner.username", u.display_name as "owner.displayName", u.avatar_key as "owner.avatarUrl:media",
       d.film_key as "recordingUrl:media",
       d.created_at as "createdAt", d.updated_at as "updatedAt",

-- fragment: DOJO_PEOPLE_COLUMNS
       (select m.role from dojo_people m where m.dojo_id = d.id and m.user_id = :'me' and m.left_at is null) as "myRole",
       (select count(*) from dojo_people m where m.dojo_id = d.id and m.left_at is null and m.role <> 'OBSERVER') as "participantCount",

-- query: DOJO_INSERT(me, name, description, language, max_participants, scheduled_start_time, is_private, initial_code, code, code_hash)
with d as (
	insert into dojos (owner_id, name, description, language, max_participants, status, scheduled_at, started_at, is_private, join_hash, initial_code, content)
	values (:'me', :'name', coalesce(:'description', ''), :'language', coalesce(:'max_participants', 20),
	        case when :'scheduled_start_time'::timestamptz is null then 'ACTIVE' else 'SCHEDULED' end, :'scheduled_start_time',
	        case when :'scheduled_start_time'::timestamptz is null then now() end, :'is_private', :'code_hash', coalesce(:'initial_code', ''), coalesce(:'initial_code', ''))
	returning *
), owner as (
	insert into dojo_people (dojo_id, user_id, role) select id, owner_id, 'OWNER' from d
)
select
-- include: DOJO_COLUMNS
       :'code' as "joinCode", 'OWNER' as "myRole", 1 as "participantCount",
       true as "isMine"
  from d join users u on u.id = d.owner_id

-- query: DOJO_LIST(me, status, language, mine, after_at, after_id)
select
-- include: DOJO_COLUMNS
-- include: DOJO_PEOPLE_COLUMNS
       d.owner_id = :'me' as "isMine", d.created_at as "_after_at", d.id as "_after_id"
  from dojos d
  join users u on u.id = d.owner_id
 where d.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and case when :'status'::text is null then true else d.status = :'status' end
   and case when :'language'::text is null then true else lower(d.language) = lower(:'language') end
   and case when :'mine'::text = 'true' then exists (select from dojo_people m where m.dojo_id = d.id and m.user_id = :'me' and m.left_at is null) else true end
   and (d.created_at, d.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
-- include: DOJO_SEEN
 order by d.created_at desc, d.id desc
 limit :page

-- query: DOJO_BY_ID(id, me)
select
-- include: DOJO_COLUMNS
-- include: DOJO_PEOPLE_COLUMNS
       d.owner_id = :'me' as "isMine"
  from dojos d join users u on u.id = d.owner_id
 where d.id = :'id'
-- include: DOJO_SEEN

-- The text as it is now is the snapshot's and what came since: the sockets have it, and GET .../replay.
-- query: DOJO_UPDATE(id, me, name, description, max_participants, scheduled_start_time, is_private)
with d as (
	update dojos d
	   set name = coalesce(:'name', name), description = coalesce(:'description', description), max_participants = coalesce(:'max_participants', max_participants),
	       is_private = coalesce(:'is_private', is_private),
	       scheduled_at = case when status = 'SCHEDULED' then coalesce(:'scheduled_start_time', scheduled_at) else scheduled_at end,
	       reminded_at = case when :'scheduled_start_time'::timestamptz is null then reminded_at end, updated_at = now()
	 where d.id = :'id' and d.owner_id = :'me' and d.deleted_at is null
	returning *
)
select
-- include: DOJO_COLUMNS
-- include: DOJO_PEOPLE_COLUMNS
       true as "isMine"
  from d join users u on u.id = d.owner_id

-- query: DOJO_DELETE(id, me)
with d as (
	update dojos set deleted_at = now(), updated_at = now(), status = case when status in ('COMPLETED', 'CANCELLED') then status else 'CANCELLED' end
	 where id = :'id' and owner_id = :'me' and deleted_at is null
	returning *
), gone as (
	insert into jobs (kind, subject_id, payload, priority)
	select 'content_remove', id, jsonb_build_object('folder', regexp_replace(film_key, '/[^/]*$', '')), -10 from d where film_key is not null
)
select id as "_id" from d

-- query: DOJO_START(id, me)
with d as (
	update dojos set status = 'ACTIVE', started_at = coalesce(started_at, now()), updated_at = now()
	 where id = :'id' and owner_id = :'me' and deleted_at is null and status in ('SCHEDULED', 'ACTIVE')
	returning *
)
select
-- include: DOJO_COLUMNS
-- include: DOJO_PEOPLE_COLUMNS
       true as "isMine"
  from d join users u on u.id = d.owner_id

-- The recording is made when it ends. A scheduled one that never began is cancelled.
-- query: DOJO_END(id, me, traceparent)
with d as (
	update dojos set status = case status when 'ACTIVE' then 'COMPLETED' else 'CANCELLED' end, ended_at = now(), updated_at = now()
	 where id = :'id' and owner_id = :'me' and deleted_at is null and status in ('SCHEDULED', 'ACTIVE')
	returning *
), asked as (
	insert into jobs (kind, user_id, subject_id, payload, priority, traceparent)
	select 'dojo_film', owner_id, id, '{}', -5, :'traceparent' from d where status = 'COMPLETED'
)
select
-- include: DOJO_COLUMNS
-- include: DOJO_PEOPLE_COLUMNS
       true as "isMine"
  from d join users u on u.id = d.owner_id

-- query: DOJO_JOIN(id, me, role, code)
select dojo_join(:'id', :'me', :'role', :'code') as word

-- query: DOJO_CODE(id, me, code, code_hash)
update dojos set join_hash = :'code_hash', updated_at = now() where id = :'id' and owner_id = :'me' and deleted_at is null and status in ('SCHEDULED', 'ACTIVE')
returning id, :'code' as "joinCode"

-- query: DOJO_BY_CODE(code_hash)
select id from dojos where join_hash = :'code_hash' and deleted_at is null and status in ('SCHEDULED', 'ACTIVE') limit 1

-- query: DOJO_LEAVE(id, me)
update dojo_people set left_at = now() where dojo_id = :'id' and user_id = :'me' and left_at is null and role <> 'OWNER'
returning user_id as "_id"

-- Once each: who has been told and has not come is not told again.
-- query: DOJO_INVITE(id, me, people)
with d as (
	select d.id, d.name from dojos d where d.id = :'id' and d.owner_id = :'me' and d.deleted_at is null and d.status in ('SCHEDULED', 'ACTIVE')
), invited as (
	insert into dojo_invitations (dojo_id, user_id)
	select d.id, u.id from d join users u on u.id = any(:'people'::uuid[]) and u.status = 'active' and u.id <> :'me' and not is_blocked(u.id, :'me')
	on conflict do nothing
	returning user_id
), told as (
	select notify(i.user_id, 'dojo_invited', :'me', 'dojo', d.id, jsonb_build_object('title', d.name))::text as word from d, invited i
)
select d.id, (select count(*) from told where word is not null) as invited from d

-- query: DOJO_PEOPLE(id, me, after_at, after_id)
select p.role, p.joined_at as "joinedAt", p.left_at as "leftAt",
       w.id as "user.id", w.username as "user.username", w.display_name as "user.displayName", w.avatar_key as "user.avatarUrl:media",
       p.joined_at as "_after_at", w.id as "_after_id"
  from dojos d
  join users u on u.id = d.owner_id
  join dojo_people p on p.dojo_id = d.id
  join users w on w.id = p.user_id
 where d.id = :'id'
   and (p.joined_at, w.id) > (case when :'after_at'::timestamptz is null then '-infinity' else :'after_at' end,
                              case when :'after_id'::uuid is null then '00000000-0000-0000-0000-000000000000' else :'after_id' end)
-- include: DOJO_SEEN
 order by p.joined_at, w.id
 limit :page

-- query: DOJO_CHAT(id, me, after_at, after_id)
select m.id, m.text, m.at as timestamp, w.id as "user?.id", w.username as "user?.username", w.display_name as "user?.displayName",
       m.at as "_after_at", m.id as "_after_id"
  from dojos d
  join users u on u.id = d.owner_id
  join dojo_messages m on m.dojo_id = d.id
  left join users w on w.id = m.user_id
 where d.id = :'id'
   and (m.at, m.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                       case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
-- include: DOJO_SEEN
 order by m.at desc, m.id desc
 limit :page

-- query: DOJO_SNAPSHOTS(id, me, after_revision)
select s.revision, s.content, s.at as timestamp, s.revision as "_after_revision"
  from dojos d
  join users u on u.id = d.owner_id
  join dojo_snapshots s on s.dojo_id = d.id
 where d.id = :'id'
   and s.revision < (case when :'after_revision'::integer is null then 2147483647 else :'after_revision' end)
-- include: DOJO_SEEN
 order by s.revision desc
 limit :page

-- What happened, in order: from a revision on, at most a thousand operations, with the chat of that time.
-- query: DOJO_REPLAY(id, me, from)
with d as (
	select d.* from dojos d join users u on u.id = d.owner_id
	 where d.id = :'id'
-- include: DOJO_SEEN
), o as (
	select o.* from d join dojo_operations o on o.dojo_id = d.id where o.revision > coalesce(:'from', 0) order by o.revision limit 1000
)
select d.id, d.initial_code as "initialCode", d.started_at as "startedAt", d.ended_at as "endedAt",
       (select coalesce(json_agg(json_build_object('revision', o.revision, 'userId', o.user_id, 'ops', o.ops, 'timestamp', o.at) order by o.revision), '[]') from o) as operations,
       (select coalesce(json_agg(json_build_object('userId', m.user_id, 'text', m.text, 'timestamp', m.at) order by m.at), '[]')
          from (select * from dojo_messages m where m.dojo_id = d.id and (coalesce(:'from', 0) = 0 or m.at >= (select min(at) from o)) order by m.at limit 1000) m) as chat,
       exists (select from dojo_operations n where n.dojo_id = d.id and n.revision > (select max(revision) from o)) as "hasMore"
  from d

-- query: DOJO_EXECUTE(id, me, language, code, stdin, traceparent)
select run, word from dojo_run_queue(:'id', :'me', :'language', :'code', :'stdin', :'traceparent')

-- query: DOJO_RUN(id, run, me)
select r.id as "requestId", r.status, r.language, r.output, r.stderr, r.error, r.duration_ms as "executionTime", r.cpu_ms as "cpuTime", r.memory_bytes as memory,
       r.asked_at as "askedAt", r.done_at as "doneAt"
  from dojos d
  join users u on u.id = d.owner_id
  join dojo_runs r on r.dojo_id = d.id
 where d.id = :'id' and r.id = :'run'
-- include: DOJO_SEEN

-- --- for the worker ---

-- query: DOJO_RUN_WORK(id)
update dojo_runs set status = 'RUNNING' where id = :'id' and status in ('QUEUED', 'RUNNING')
returning language, code, stdin

-- query: DOJO_RUN_DONE(id, status, output, stderr, error, duration_ms, cpu_ms, memory_bytes)
update dojo_runs
   set status = :'status', output = :'output', stderr = :'stderr', error = :'error', duration_ms = :'duration_ms', cpu_ms = :'cpu_ms', memory_bytes = :'memory_bytes',
       done_at = now()
 where id = :'id' and status in ('QUEUED', 'RUNNING')

-- query: DOJOS_DUE()
select tenant_id, dojo_id, user_id from dojos_due()

-- query: DOJO_REMIND(id, user)
select notify(:'user', 'dojo_soon', null, 'dojo', d.id, jsonb_build_object('title', d.name, 'at', d.scheduled_at))::text as told,
       u.email, u.display_name as name, coalesce(u.locale, t.locale) as locale, t.name as site, t.base_url, d.name as dojo
  from dojos d join users u on u.id = :'user' and u.status = 'active' join tenants t on t.id = d.tenant_id
 where d.id = :'id'

-- query: DOJO_FILM_WORK(id)
select d.name, d.initial_code, u.display_name as owner, t.name as site,
       coalesce(least((select min(at) from dojo_operations o where o.dojo_id = d.id), (select min(at) from dojo_messages m where m.dojo_id = d.id)), d.created_at) as began
  from dojos d join users u on u.id = d.owner_id join tenants t on t.id = d.tenant_id
 where d.id = :'id' and d.deleted_at is null

-- query: DOJO_FILM_CHAT(id)
select m.at, m.text, coalesce(u.display_name, '') as name from dojo_messages m left join users u on u.id = m.user_id
 where m.dojo_id = :'id' order by m.at, m.id limit 2000

-- query: DOJO_FILM_DONE(id, key)
update dojos set film_key = :'key' where id = :'id' and deleted_at is null
