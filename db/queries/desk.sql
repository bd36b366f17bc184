-- db/queries/desk.sql - what those who moderate and operate look at: figures, everything by state, the queue, the log.

-- fragment: AFTER_TENANT
 where tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)

-- query: DESK_FIGURES()
select (select count(*) from (select from cases
-- include: AFTER_TENANT
           and state = 'open' limit 10001) x) as "open.cases",
       (select count(*) from (select from cases
-- include: AFTER_TENANT
           and state = 'open' and is_held limit 10001) x) as "open.held",
       (select count(*) from (select from appeals
-- include: AFTER_TENANT
           and state = 'open' limit 10001) x) as "open.appeals",
       (select count(*) from (select from dmca_notices
-- include: AFTER_TENANT
           and state in ('received', 'countered') limit 10001) x) as "open.notices",
       (select count(*) from (select from videos
-- include: AFTER_TENANT
           and deleted_at is null and state in ('queued', 'processing', 'uploading') limit 10001) x) as "videos.underWay",
       (select count(*) from (select from videos
-- include: AFTER_TENANT
           and deleted_at is null and state = 'failed' limit 10001) x) as "videos.failed",
       (select count(*) from (select from videos
-- include: AFTER_TENANT
           and deleted_at is null and hidden_at is not null limit 10001) x) as "videos.hidden",
       (select jsonb_agg(jsonb_build_object('day', day, 'people', people, 'videos', videos, 'comments', comments, 'reports', reports,
                                            'decisions', decisions) order by day) from desk_days(30)) as days

-- query: DESK_VIDEOS(q, state, after_at, after_id)
select v.id, v.title, v.state as status, v.visibility, '!!' || v.thumbnail_key as "thumbnailUrl:media", v.duration_s as duration,
       v.failure_reason as "failureReason", v.hidden_at as "hiddenAt", v.removed_at as "removedAt", v.age_restricted as "ageRestricted",
       v.view_count as "stats.views", u.id as "user.id", u.username as "user.username", u.status as "user.status",
       (select c.id from cases c where c.tenant_id = v.tenant_id and c.subject_kind = 'video' and c.subject_id = v.id and c.state = 'open') as "caseId",
       v.created_at as "createdAt", v.created_at as "_after_at", v.id as "_after_id"
  from desk_videos(:'q', :'state', :'after_at', :'after_id', 101) with ordinality as f(id, place)
  join videos v on v.id = f.id
  join users u on u.id = v.user_id
 order by f.place
 limit :page

-- query: DESK_VIDEO(id)
select v.id, v.title, v.description, v.tags, v.state as status, v.visibility, v.duration_s as duration, v.width, v.height,
       v.failure_reason as "failureReason", v.warnings, v.hidden_at as "hiddenAt", v.removed_at as "removedAt", v.age_restricted as "ageRestricted",
       v.view_count as "stats.views", v.like_count as "stats.likes", v.comment_count as "stats.comments", v.stored_bytes as "storedBytes",
       '!!' || v.poster_key as "posterUrl:media",
       (select '!!' || r.media_key from renditions r where r.video_id = v.id and r.state = 'ready' and r.media_key is not null
         order by abs(r.height - 480) limit 1) as "mp4Url:media",
       u.id as "user.id", u.username as "user.username", u.display_name as "user.displayName", u.status as "user.status", u.role as "user.role",
       strike_count(u.id) as "user.strikes",
       (select c.id from cases c where c.tenant_id = v.tenant_id and c.subject_kind = 'video' and c.subject_id = v.id and c.state = 'open') as "caseId",
       (select coalesce(json_agg(json_build_object('kind', j.kind, 'state', j.state, 'id', j.id, 'reason', j.reason, 'createdAt', j.created_at)
               order by j.created_at desc), '[]')
          from (select * from jobs where subject_id = v.id order by created_at desc limit 20) j) as jobs,
       (select coalesce(json_agg(json_build_object('action', d.action, 'reason', d.reason, 'moderator', m.username, 'note', d.note,
                 'isAutomatic', d.is_automatic, 'reversedAt', d.reversed_at, 'createdAt', d.created_at) order by d.created_at desc), '[]')
          from (select * from decisions where subject_id = v.id order by created_at desc limit 50) d
          left join users m on m.id = d.moderator_id) as history,
       v.created_at as "createdAt", v.published_at as "publishedAt"
  from videos v
  join users u on u.id = v.user_id
 where v.id = :'id' and v.deleted_at is null

-- query: DESK_COMMENTS(q, state, after_at, after_id)
select c.id, c.text, c.hidden_at as "hiddenAt", c.like_count as "stats.likes", c.reply_count as "stats.replies",
       v.id as "video.id", v.title as "video.title", u.id as "user.id", u.username as "user.username", u.status as "user.status",
       (select k.id from cases k where k.tenant_id = c.tenant_id and k.subject_kind = 'comment' and k.subject_id = c.id and k.state = 'open') as "caseId",
       c.created_at as "createdAt", c.created_at as "_after_at", c.id as "_after_id"
  from desk_comments(:'q', :'state', :'after_at', :'after_id', 101) with ordinality as f(id, place)
  join comments c on c.id = f.id
  join videos v on v.id = c.video_id
  join users u on u.id = c.user_id
 order by f.place
 limit :page

-- query: DESK_PERSON(id, may_user_manage)
select u.id, u.username, u.display_name as "displayName", u.bio, u.avatar_key as "avatarUrl:media", u.role, u.status,
       u.status_until as "suspendedUntil", u.status_reason as "statusReason", u.is_verified as "isVerified", u.locale,
       case when :'may_user_manage' then u.email end as email,
       u.email_verified_at is not null as "emailVerified", u.mfa_enabled_at is not null as "mfaEnabled",
       u.video_count as "stats.videos", u.follower_count as "stats.followers", u.created_at as "createdAt",
       strike_count(u.id) as "strikeCount",
       (select coalesce(json_agg(json_build_object('id', s.id, 'expiresAt', s.expires_at, 'revokedAt', s.revoked_at, 'createdAt', s.created_at)
               order by s.created_at desc), '[]')
          from (select * from strikes where user_id = u.id order by created_at desc limit 50) s) as strikes,
       (select coalesce(json_agg(json_build_object('id', d.id, 'action', d.action, 'kind', d.subject_kind, 'subjectId', d.subject_id, 'reason', d.reason,
                 'words', d.words, 'note', d.note, 'days', d.days, 'moderator', m.username, 'isAutomatic', d.is_automatic,
                 'reversedAt', d.reversed_at, 'createdAt', d.created_at) order by d.created_at desc), '[]')
          from (select * from decisions where user_id = u.id order by created_at desc limit 50) d
          left join users m on m.id = d.moderator_id) as history,
       case when :'may_user_manage' then (
	select coalesce(json_agg(json_build_object('id', s.id, 'device', s.user_agent, 'ip', s.address, 'createdAt', s.created_at,
	                                           'lastActiveAt', s.last_active_at) order by s.last_active_at desc), '[]')
	  from (select * from sessions where user_id = u.id and revoked_at is null and expires_at > now() order by last_active_at desc limit 50) s) end as sessions
  from users u
 where u.id = person(:'id') and u.status <> 'deleted'

-- query: DESK_COLLEAGUES(me)
select u.id, u.username, u.display_name as "displayName"
  from users u
 where u.role in ('moderator', 'admin') and u.status = 'active' and u.id <> :'me'
 order by u.username
 limit 200

-- query: DESK_SESSIONS_END(id, me, address, request_id)
with ended as (
	update sessions set revoked_at = now() where user_id = person(:'id') and revoked_at is null returning id
)
select (select count(*) from ended) as "signedOut",
       audit(:'me', 'user.signed_out', 'user', person(:'id'), null, null, null, :'address', :'request_id')::text as "_audit"
  from users u where u.id = person(:'id') and u.status <> 'deleted'

-- query: DESK_SESSION_END(id, session, me, address, request_id)
with ended as (
	update sessions set revoked_at = now()
	 where id = :'session' and user_id = person(:'id') and revoked_at is null and expires_at > now()
	returning id, user_id
)
select id, audit(:'me', 'user.session_ended', 'user', user_id, jsonb_build_object('sessionId', id), null, null, :'address', :'request_id')::text as "_audit"
  from ended

-- fragment: DESK_JOB
       j.id, j.kind, j.state, j.priority, j.attempts, j.max_attempts as "maxAttempts", j.progress, j.reason_code as "reasonCode", j.reason,
       j.subject_id as "subjectId", j.cancel_requested as "isCancelling", j.tenant_id as "tenantId", t.slug as "tenant",
       j.created_at as "createdAt", j.run_at as "runAt", j.started_at as "startedAt", j.finished_at as "finishedAt",

-- query: DESK_JOBS(may_tenant_manage, state, kind, reason_code, subject_id, after_at, after_id)
select
-- include: DESK_JOB
       j.created_at as "_after_at", j.id as "_after_id"
  from desk_jobs(:'may_tenant_manage', :'state', :'kind', :'reason_code', :'subject_id', :'after_at', :'after_id', 101) j
  left join tenants t on t.id = j.tenant_id
 order by j.created_at desc, j.id desc
 limit :page

-- query: DESK_JOB_FAILURES(may_tenant_manage)
select kind, reason_code as "reasonCode", reason, jobs, last_at as "lastAt" from desk_job_failures(:'may_tenant_manage')

-- query: DESK_JOB_FIGURES(may_tenant_manage)
select kind, state, count as jobs, oldest_s as "oldestSeconds" from job_figures() where :'may_tenant_manage' order by kind, state limit 500

-- query: DESK_JOB_BY_ID(id, may_tenant_manage)
select
-- include: DESK_JOB
       j.worker, j.traceparent, case when j.kind in ('mail', 'push') then null else j.payload end as payload, j.result,
       (select coalesce(json_agg(json_build_object('attempt', f.attempt, 'at', f.at, 'worker', f.worker, 'reasonCode', f.reason_code,
                 'reason', f.reason, 'log', f.log) order by f.at desc), '[]')
          from job_failures_seen(j.id, :'may_tenant_manage') f) as failures
  from job_seen(:'id', :'may_tenant_manage') j
  left join tenants t on t.id = j.tenant_id

-- query: DESK_JOB_RETRY(id, me, may_tenant_manage, address, request_id)
select r.count as "retried",
       case when r.count > 0 then audit(:'me', 'job.retried', 'job', :'id', null, null, null, :'address', :'request_id')::text end as "_audit"
  from job_seen(:'id', :'may_tenant_manage') j
 cross join lateral job_retry(j.id, null, null, null) as r(count)

-- query: DESK_JOB_CANCEL(id, me, may_tenant_manage, address, request_id)
select r.state,
       audit(:'me', 'job.cancelled', 'job', :'id', null, null, null, :'address', :'request_id')::text as "_audit"
  from job_seen(:'id', :'may_tenant_manage') j
 cross join lateral job_cancel(j.id, null) as r(state)
 where r.state is not null

-- query: DESK_JOBS_RETRY(kind, reason_code, me, may_tenant_manage, address, request_id)
select r.count as "retried",
       audit(:'me', 'job.retried', 'job', null, null, jsonb_build_object('kind', :'kind'::text, 'reasonCode', :'reason_code'::text, 'jobs', r.count),
             null, :'address', :'request_id')::text as "_audit"
  from job_retry(null, :'kind', :'reason_code', case when :'may_tenant_manage' then null else current_tenant() end) as r(count)

-- fragment: AUDIT_ROW
       a.id, a.at, a.action, a.actor_id as "actor.id", u.username as "actor.username", a.actor_role as "actor.role",
       a.target_kind as "target.kind", a.target_id as "target.id", a.before, a.after, a.note, a.address, a.request_id as "requestId",

-- query: AUDIT_PAGE(q, actor, action, target, from, until, after_at, after_id)
select
-- include: AUDIT_ROW
       a.at as "_after_at", a.id as "_after_id"
  from desk_audit(:'q', :'actor', :'action', :'target', :'from', :'until', :'after_at', :'after_id', 101) a
  left join users u on u.id = a.actor_id
 order by a.at desc, a.id desc
 limit :page

-- query: AUDIT_EXPORT(q, actor, action, target, from, until, at, id)
select a.id, a.at, a.action, u.username as actor, a.actor_role, a.target_kind, a.target_id::text as target, a.before::text as before, a.after::text as after,
       a.note, a.address, a.request_id
  from desk_audit(:'q', :'actor', :'action', :'target', :'from', :'until', :'at', :'id', 1000) a
  left join users u on u.id = a.actor_id
 order by a.at desc, a.id desc
 limit 1000

-- query: DESK_DAYS_KEEP(days)
select community_days_keep(:'days') as kept

-- query: DESK_STORAGE()
select coalesce(t.used_bytes, 0) as "usedBytes", coalesce(t.reserved_bytes, 0) as "reservedBytes", n.storage_quota_bytes as "quotaBytes",
       (select coalesce(json_agg(json_build_object('username', u.username, 'usedBytes', x.used_bytes) order by x.used_bytes desc), '[]')
          from (select * from user_usage order by used_bytes desc limit 10) x join users u on u.id = x.user_id) as people
  from tenants n left join tenant_usage t on t.tenant_id = n.id
 where n.id = current_tenant()
