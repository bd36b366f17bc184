-- db/queries/live.sql - for atelier-live: the outbox, who may listen to what, counts that are looked at.

-- query: LIVE_TAKE(limit)
select id, tenant_id, channel, type, data::text as data from live_take(:'limit') order by id

-- query: LIVE_TAKEN(ids)
select live_taken(:'ids'::bigint[])::text as done

-- query: LIVE_SWEEP()
select live_sweep() as gone

-- query: LIVE_PERSON(id)
select username, display_name, role from users where id = :'id' and status in ('active', 'suspended')

-- query: LIVE_SESSIONS_OVER(sessions)
select s as session_id, null::bigint as not_before_s from live_sessions_over(:'sessions'::uuid[]) s

-- query: LIVE_MAY_VIDEO(id, me, may_video_edit_any)
select v.id from videos v
 where v.id = :'id' and v.deleted_at is null
-- include: VIDEO_SEEN

-- query: LIVE_COUNTS(ids)
select v.id, v.like_count, v.comment_count, v.view_count from videos v where v.id = any(:'ids'::uuid[]) and v.deleted_at is null

-- --- dojos ---

-- What a socket needs when it opens. rank: how many that take part came before.
-- query: LIVE_DOJO(id, me)
select d.name, d.language, d.status, d.max_participants, d.content, d.revision, p.role,
       (select count(*) from dojo_people o where o.dojo_id = d.id and o.left_at is null and o.role <> 'OBSERVER' and o.joined_at < p.joined_at) as rank,
       u.display_name, d.is_private
  from dojos d
  join tenants t on t.id = d.tenant_id and 'pocs' = any(t.modules)
  join users u on u.id = :'me' and u.status in ('active', 'suspended')
  left join dojo_people p on p.dojo_id = d.id and p.user_id = :'me' and p.left_at is null
 where d.id = :'id' and d.deleted_at is null

-- query: LIVE_DOJO_TEXT(id)
select d.content, d.revision, d.status from dojos d where d.id = :'id' and d.deleted_at is null

-- query: LIVE_DOJO_OPERATIONS(id, after)
select o.revision, o.ops::text as ops, o.user_id, o.request_id, u.display_name as name, o.at
  from dojo_operations o
  left join users u on u.id = o.user_id
 where o.dojo_id = :'id' and o.revision > :'after'
 order by o.revision
 limit 2000

-- The next revision of a dojo that runs. Nothing comes back when another was faster, or it was there already.
-- query: LIVE_DOJO_WRITE(id, revision, me, request_id, ops)
insert into dojo_operations (dojo_id, revision, user_id, request_id, ops)
select d.id, :'revision', :'me', :'request_id', :'ops'::jsonb from dojos d where d.id = :'id' and d.status = 'ACTIVE' and d.deleted_at is null
on conflict do nothing
returning revision, at

-- query: LIVE_DOJO_WRITTEN(id, me, request_id)
select revision from dojo_operations where dojo_id = :'id' and user_id = :'me' and request_id = :'request_id'

-- query: LIVE_DOJO_SAVE(id, revision, content, keep)
with saved as (
	update dojos set content = :'content', revision = :'revision' where id = :'id' and revision < :'revision' returning id
)
insert into dojo_snapshots (dojo_id, revision, content)
select id, :'revision', :'content' from saved where :'keep'
on conflict do nothing

-- query: LIVE_DOJO_CHAT(id, me, text)
insert into dojo_messages (dojo_id, user_id, text)
select p.dojo_id, p.user_id, :'text' from dojo_people p where p.dojo_id = :'id' and p.user_id = :'me' and p.left_at is null and p.role <> 'OBSERVER'
returning id, at

-- query: LIVE_DOJO_PEOPLE(id)
select p.user_id as "userId", u.display_name as "userName", p.role
  from dojo_people p join users u on u.id = p.user_id
 where p.dojo_id = :'id' and p.left_at is null
 order by p.joined_at
 limit 300

-- What those who are here are now: who is not in the answer is in it no more. is_there: the dojo is.
-- query: LIVE_DOJO_ROLES(id, people)
select p.user_id, p.role, d.deleted_at is null and 'pocs' = any(t.modules) as is_there
  from dojo_people p
  join dojos d on d.id = p.dojo_id
  join tenants t on t.id = d.tenant_id
 where p.dojo_id = :'id' and p.user_id = any(:'people'::uuid[]) and p.left_at is null
