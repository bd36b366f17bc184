-- db/queries/avatars.sql - people's pictures. The folder of an avatar_key is made by one job and goes by another.

-- The newest counts: an earlier one that is still being worked on finds that it is not wanted any more.
-- query: AVATAR_PUT(me, source, traceparent)
with wanted as (
	update users set avatar_pending = :'source', avatar_failure = null, updated_at = now()
	 where id = :'me' and status <> 'deleted'
	returning id
)
insert into jobs (kind, user_id, priority, payload, traceparent)
select 'avatar', id, 5, jsonb_build_object('source', :'source'::text), :'traceparent' from wanted
returning id as "jobId", 'processing' as status

-- query: AVATAR_DROP(me)
with had as (
	select id, avatar_key from users where id = :'me' for update
), gone as (
	insert into jobs (kind, user_id, payload)
	select 'avatar', id, jsonb_build_object('remove', regexp_replace(avatar_key, '/[^/]*$', '')) from had where avatar_key is not null
)
update users u set avatar_key = null, avatar_pending = null, avatar_failure = null, updated_at = now() from had
 where u.id = had.id
returning u.id as "_id"

-- query: AVATAR_WANTED(user, source)
select true as is_wanted from users where id = :'user' and avatar_pending = :'source' and status <> 'deleted'

-- The old one goes when the pages that still name it are gone.
-- query: AVATAR_DONE(user, source, key, delay_s)
with had as (
	select id, avatar_key from users where id = :'user' and avatar_pending = :'source' for update
), gone as (
	insert into jobs (kind, user_id, payload, run_at)
	select 'avatar', id, jsonb_build_object('remove', regexp_replace(avatar_key, '/[^/]*$', '')), now() + make_interval(secs => :'delay_s')
	  from had where avatar_key is not null
)
update users u set avatar_key = :'key', avatar_pending = null, avatar_failure = null, updated_at = now() from had
 where u.id = had.id
returning u.id
