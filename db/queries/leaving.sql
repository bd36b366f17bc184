-- db/queries/leaving.sql - what is kept of a person, to be taken along (account_export) or taken away (account_purge).

-- query: USER_VIDEOS_HIDE(id)
update videos set deleted_at = now(), updated_at = now() where user_id = :'id' and deleted_at is null

-- Every column that names a person stands here, or tests/api/leaving.test.mjs fails. To add a table: a line.
--   table and column; for rows that belong to rows of a person's, also what they belong to
--   file of the archive, null: not in it, or in a part of its own below; columns that are secret or mean nothing to people
--   do its rows go when the account is anonymised? What stays names somebody who has no name any more.
-- A line with null or false says why.
-- fragment: PERSON_TABLES
	('sessions', 'user_id', null, null, 'sessions.json', '{refresh_hash}', true),
	('one_time_tokens', 'user_id', null, null, null, '{}', true), -- secrets
	('recovery_codes', 'user_id', null, null, null, '{}', true), -- secrets
	('api_keys', 'user_id', null, null, 'api-keys.json', '{key_hash}', true),
	('identities', 'user_id', null, null, 'identities.json', '{}', true),
	('follows', 'follower_id', null, null, null, '{}', true), -- following.json, by names
	('follows', 'followed_id', null, null, null, '{}', true), -- followers.json, by names
	('blocks', 'blocker_id', null, null, null, '{}', true), -- blocks.json, by names
	('blocks', 'blocked_id', null, null, null, '{}', true), -- whom others block is theirs
	('videos', 'user_id', null, null, 'videos.json', '{storage_prefix}', false), -- emptied below, then removed by purge_video
	('video_access', 'user_id', null, null, 'shared-with-me.json', '{}', true),
	('groups', 'user_id', null, null, 'groups.json', '{}', true),
	('group_members', 'user_id', null, null, 'in-groups.json', '{}', true),
	('watch_progress', 'user_id', null, null, 'watched.json', '{}', true),
	('video_likes', 'user_id', null, null, 'likes.json', '{}', true),
	('view_events', 'user_id', null, null, 'views.json', '{}', false), -- figures of others' videos: the person is taken out of them
	('engagement_events', 'user_id', null, null, 'watching.json', '{}', false), -- as view_events
	('uploads', 'user_id', null, null, 'uploads.json', '{path}', false), -- go with their videos
	('user_usage', 'user_id', null, null, 'usage.json', '{}', false), -- a sum of bytes
	('jobs', 'user_id', null, null, 'jobs.json', '{payload,worker,unique_key,traceparent,result,fair_key}', false), -- forgotten after 90 days
	('notifications', 'user_id', null, null, 'notifications.json', '{group_key}', true),
	('notifications', 'actor_id', null, null, null, '{}', false), -- what others were told is theirs
	('notification_actors', 'actor_id', null, null, null, '{}', false), -- what others were told is theirs
	('digests', 'user_id', null, null, 'digests.json', '{}', true),
	('devices', 'user_id', null, null, 'devices.json', '{token}', true),
	('comments', 'user_id', null, null, 'comments.json', '{}', false), -- emptied below: what others answered keeps its place
	('comment_likes', 'user_id', null, null, 'comment-likes.json', '{}', true),
	('comment_mentions', 'user_id', null, null, 'mentions.json', '{}', true),
	('playlists', 'user_id', null, null, 'playlists.json', '{}', true),
	('playlist_items', 'playlist_id', 'playlists', 'user_id', 'playlist-videos.json', '{}', true),
	('search_documents', 'author_id', null, null, null, '{}', false), -- follows the video or the person
	('webhooks', 'created_by', null, null, null, '{}', false), -- the community's
	('reports', 'reporter_id', null, null, 'my-reports.json', '{case_id}', false), -- what was reported stays reported, by nobody
	('cases', 'user_id', null, null, null, '{}', false), -- of the community; decisions.json has what concerns the person
	('cases', 'claimed_by', null, null, null, '{}', false), -- a moderator at work
	('cases', 'decided_by', null, null, null, '{}', false), -- likewise
	('decisions', 'user_id', null, null, 'decisions.json', '{moderator_id,note}', false), -- the community's memory
	('decisions', 'moderator_id', null, null, null, '{}', false), -- the community's
	('strikes', 'user_id', null, null, 'strikes.json', '{}', false), -- they count on when the account comes back
	('appeals', 'user_id', null, null, 'appeals.json', '{claimed_by,claimed_until,decided_by,note}', false), -- belong to their decisions
	('appeals', 'claimed_by', null, null, null, '{}', false), -- a moderator at work
	('appeals', 'decided_by', null, null, null, '{}', false), -- likewise
	('content_items', 'owner_id', null, null, 'reports.json', '{file_key,job_id}', true),
	('pocs', 'user_id', null, null, 'projects.json', '{words}', true),
	('poc_pictures', 'poc_id', 'pocs', 'user_id', 'project-pictures.json', '{pending,folder}', true),
	('poc_snippets', 'poc_id', 'pocs', 'user_id', 'snippets.json', '{words}', true),
	('video_edits', 'user_id', null, null, 'video-edits.json', '{}', false), -- go with their videos
	('dojos', 'owner_id', null, null, 'dojos.json', '{}', true),
	('dojo_people', 'user_id', null, null, 'in-dojos.json', '{}', true),
	('dojo_invitations', 'user_id', null, null, 'dojo-invitations.json', '{}', true),
	('dojo_operations', 'user_id', null, null, 'dojo-edits.json', '{}', false), -- the text is everybody's: written by nobody then
	('dojo_messages', 'user_id', null, null, 'dojo-chat.json', '{}', true),
	('dojo_runs', 'user_id', null, null, 'dojo-runs.json', '{}', true),
	('dmca_notices', 'user_id', null, null, 'copyright-notices.json', '{handled_by,note}', false), -- has to be kept
	('dmca_notices', 'handled_by', null, null, null, '{}', false), -- a moderator at work
	('watched_words', 'created_by', null, null, null, '{}', false), -- the community's
	('blocked_media', 'created_by', null, null, null, '{}', false), -- the community's
	('audit_log', 'actor_id', null, null, null, '{}', false), -- audit.json; the log is for ever, and names nobody any more
	('audit_log', 'target_id', null, null, null, '{}', false) -- audit.json

-- query: LEAVING_EXPORT(user)
select 'profile.json' as file,
       jsonb_pretty(to_jsonb(u) - '{tenant_id,password_hash,mfa_secret,mfa_last_step,avatar_pending}'::text[]) as content
  from users u where u.id = :'user'
union all
select p.file, jsonb_pretty(person_rows(:'user', p.tbl, p.col, p.via, p.via_col, p.hidden::text[]))
  from (values
-- include: PERSON_TABLES
  ) as p(tbl, col, via, via_col, file, hidden, goes)
 where p.file is not null
union all
select 'following.json', jsonb_pretty(coalesce(jsonb_agg(jsonb_build_object('username', u.username, 'since', f.created_at)), '[]'))
  from follows f join users u on u.id = f.followed_id where f.follower_id = :'user'
union all
select 'followers.json', jsonb_pretty(coalesce(jsonb_agg(jsonb_build_object('username', u.username, 'since', f.created_at)), '[]'))
  from follows f join users u on u.id = f.follower_id where f.followed_id = :'user'
union all
select 'blocks.json', jsonb_pretty(coalesce(jsonb_agg(jsonb_build_object('username', u.username, 'since', b.created_at)), '[]'))
  from blocks b join users u on u.id = b.blocked_id where b.blocker_id = :'user'
union all
select 'audit.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(l) - 'tenant_id'), '[]'))
  from audit_log l where l.actor_id = :'user' or l.target_id = :'user'

-- query: LEAVING_FILES(user)
select f.folder, f.key, f.name, f.is_public
  from (
	select 'videos/' as folder, original_key as key, id || '-' || coalesce(original_name, id::text) as name, false as is_public, created_at
	  from videos where user_id = :'user' and original_key is not null and deleted_at is null
	union all
	select '', avatar_key, 'picture.jpg', true, created_at from users where id = :'user' and avatar_key is not null) f
 order by f.created_at
 limit 100000

-- query: LEAVING_PERSON(user)
select u.email, u.display_name as name, u.locale, t.name as site, t.base_url, t.locale as site_locale
  from users u join tenants t on t.id = u.tenant_id
 where u.id = :'user' and u.status <> 'deleted'

-- query: LEAVING_DUE(user)
select avatar_key from users where id = :'user' and status = 'deleted' and purge_at <= now() for update

-- query: LEAVING_PURGE_VIDEOS(user)
insert into jobs (kind, user_id, subject_id, unique_key, payload)
select 'purge_video', v.user_id, v.id, v.id::text, jsonb_build_object('videoId', v.id)
  from videos v where v.user_id = :'user'
on conflict do nothing

-- query: LEAVING_FORGET(user)
select coalesce(sum(person_forget(:'user', p.tbl, p.col, p.via, p.via_col)), 0)::bigint as gone
  from (values
-- include: PERSON_TABLES
  ) as p(tbl, col, via, via_col, file, hidden, goes)
 where p.goes

-- What they said is taken back; answers to it keep their place.
-- query: LEAVING_PURGE_COMMENTS(user)
update comments
   set deleted_at = coalesce(deleted_at, now()), updated_at = now(), text = '', pinned_at = null, hearted_at = null
 where user_id = :'user' and text <> ''

-- query: LEAVING_PURGE(user)
-- The row stays, without the person: what others wrote below it keeps its place.
with k as (delete from idempotency_keys where caller = (:'user'::uuid)::text),
     v as (update videos set title = 'Deleted video', description = '', tags = '{}', hashtags = '{}', original_name = null,
                  source = '{}' where user_id = :'user'),
     w as (select view_events_forget(:'user'))
update users
   set email = 'deleted-' || id || '@invalid', username = 'deleted_' || right(replace(id::text, '-', ''), 20),
       display_name = 'Deleted account', password_hash = null, mfa_secret = null, mfa_enabled_at = null,
       company_name = null, bio = '', avatar_key = null, avatar_pending = null, avatar_failure = null, location = null,
       website = null, linkedin_url = null, industries = '{}', preferences = '{}', locale = null, time_zone = 'UTC',
       role = 'user', is_verified = false, email_verified_at = null, status_reason = null, last_seen_at = null,
       purge_at = null, updated_at = now()
 where id = :'user' and status = 'deleted' and (select count(*) from w) = 1
