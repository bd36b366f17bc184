-- db/queries/standing.sql - people as those see them who manage them. The rules are in db/migrations/0055_standing.sql.

-- query: USER_PAGE(q, role, status, sort, offset)
with page as (
	select id, row_number() over () as place
	  from people_find(:'q', :'role', :'status', :'sort', :'offset'::bigint + 101) as id
)
select u.id, u.username, u.email, u.display_name as "displayName", u.avatar_key as "avatarUrl:media", u.role, u.status,
       u.status_until as "suspendedUntil", u.status_reason as "statusReason",
       u.email_verified_at is not null as "emailVerified", u.mfa_enabled_at is not null as "mfaEnabled",
       u.is_verified as "isVerified", u.video_count as "stats.videos", u.follower_count as "stats.followers",
       u.created_at as "createdAt",
       (select count(*) from people_find(:'q', :'role', :'status', '', 10001)) as "_total"
  from page p
  join users u on u.id = p.id
 where p.place > :'offset'
 order by p.place
 limit :page

-- query: USER_STANDING(id)
select id, username, email, display_name as "displayName", role, status, status_until as "suspendedUntil",
       status_reason as "statusReason", json_build_object('role', role, 'status', status, 'until', status_until)::text as "_state"
  from users where id = :'id' and status <> 'deleted'

-- query: USER_ACT_CHECK(me, id)
select user_act_check(:'me', :'id')::text as "_done"

-- query: USER_SET_ROLE(id, role)
select unnest(user_set_role(:'id', :'role')) as id

-- query: USER_SUSPEND(id, until, reason)
select unnest(user_suspend(:'id', :'until', :'reason')) as id

-- query: USER_BAN(id, reason)
select unnest(user_ban(:'id', :'reason')) as id

-- query: USER_UNSUSPEND(id)
select unnest(user_unsuspend(:'id')) as id

-- query: USER_UNBAN(id)
select unnest(user_unban(:'id')) as id

-- Whose access tokens have ended: those made until then, or (null) all of them.
-- query: SESSIONS_TOLD(user)
select id, case when revoked_at is null then ceil(extract(epoch from not_before))::bigint end as "_not_before_s"
  from sessions
 where user_id = :'user' and (revoked_at is not null or not_before is not null) and expires_at > now()
 order by last_active_at desc
 limit 1000
