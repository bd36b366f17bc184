-- db/queries/leaving.sql - what is kept of a person, to be taken along (account_export) or taken away (account_purge).
-- A table that keeps something of people gets a part in LEAVING_EXPORT and in LEAVING_PURGE.

-- query: USER_VIDEOS_HIDE(id)
update videos set deleted_at = now(), updated_at = now() where user_id = :'id' and deleted_at is null

-- query: LEAVING_EXPORT(user)
select 'profile.json' as file, jsonb_pretty(to_jsonb(u) - '{tenant_id,password_hash,mfa_secret,mfa_last_step}'::text[]) as content
  from users u where u.id = :'user'
union all
select 'sessions.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(s) - '{tenant_id,refresh_hash}'::text[]), '[]'))
  from sessions s where s.user_id = :'user'
union all
select 'api-keys.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(k) - '{tenant_id,key_hash}'::text[]), '[]'))
  from api_keys k where k.user_id = :'user'
union all
select 'identities.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(i) - 'tenant_id'), '[]')) from identities i where i.user_id = :'user'
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
select 'videos.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(v) - '{tenant_id,storage_prefix}'::text[]), '[]'))
  from videos v where v.user_id = :'user'
union all
select 'likes.json', jsonb_pretty(coalesce(jsonb_agg(jsonb_build_object('videoId', l.video_id, 'at', l.created_at)), '[]'))
  from video_likes l where l.user_id = :'user'
union all
select 'comments.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(c) - 'tenant_id'), '[]')) from comments c where c.user_id = :'user'
union all
select 'comment-likes.json', jsonb_pretty(coalesce(jsonb_agg(jsonb_build_object('commentId', l.comment_id, 'at', l.created_at)), '[]'))
  from comment_likes l where l.user_id = :'user'
union all
select 'playlists.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(p) - 'tenant_id' || jsonb_build_object('videos',
         (select coalesce(jsonb_agg(i.video_id order by i.position), '[]') from playlist_items i where i.playlist_id = p.id))), '[]'))
  from playlists p where p.user_id = :'user'
union all
select 'notifications.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(n) - 'tenant_id'), '[]')) from notifications n where n.user_id = :'user'
union all
select 'devices.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(d) - '{tenant_id,token}'::text[]), '[]')) from devices d where d.user_id = :'user'
union all
select 'shared-with-me.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(a) - 'tenant_id'), '[]')) from video_access a where a.user_id = :'user'
union all
select 'views.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(e) - 'tenant_id'), '[]')) from view_events e where e.user_id = :'user'
union all
select 'uploads.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(p) - '{tenant_id,path}'::text[]), '[]')) from uploads p where p.user_id = :'user'
union all
select 'audit.json', jsonb_pretty(coalesce(jsonb_agg(to_jsonb(l) - 'tenant_id'), '[]'))
  from audit_log l where l.actor_id = :'user' or l.target_id = :'user'

-- query: LEAVING_FILES(user)
select original_key, coalesce(original_name, id::text) as name, id::text as id
  from videos where user_id = :'user' and original_key is not null and deleted_at is null
 order by created_at
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

-- query: LEAVING_PURGE(user)
-- The row stays, without the person: what others wrote below it keeps its place.
with s as (delete from sessions where user_id = :'user'),
     o as (delete from one_time_tokens where user_id = :'user'),
     k as (delete from api_keys where user_id = :'user'),
     i as (delete from identities where user_id = :'user'),
     r as (delete from recovery_codes where user_id = :'user'),
     f as (delete from follows where follower_id = :'user' or followed_id = :'user'),
     b as (delete from blocks where blocker_id = :'user' or blocked_id = :'user'),
     l as (delete from video_likes where user_id = :'user'),
     a as (delete from video_access where user_id = :'user'),
     c as (delete from idempotency_keys where caller = (:'user'::uuid)::text),
     v as (update videos set title = 'Deleted video', description = '', tags = '{}', hashtags = '{}', original_name = null,
                  source = '{}' where user_id = :'user')
update users
   set email = 'deleted-' || id || '@invalid', username = 'deleted_' || right(replace(id::text, '-', ''), 20),
       display_name = 'Deleted account', password_hash = null, mfa_secret = null, mfa_enabled_at = null,
       company_name = null, bio = '', avatar_key = null, avatar_pending = null, avatar_failure = null, location = null, website = null, linkedin_url = null,
       industries = '{}', preferences = '{}', locale = null, time_zone = 'UTC', role = 'user', is_verified = false,
       email_verified_at = null, status_reason = null, last_seen_at = null, purge_at = null, updated_at = now()
 where id = :'user' and status = 'deleted'

-- What they said is taken back; answers to it keep their place.
-- query: LEAVING_PURGE_SOCIAL(user)
with l as (delete from comment_likes where user_id = :'user'),
     m as (delete from comment_mentions where user_id = :'user'),
     n as (delete from notifications where user_id = :'user'),
     p as (delete from playlists where user_id = :'user'),
     d as (delete from devices where user_id = :'user')
update comments
   set deleted_at = now(), updated_at = now(), text = '', pinned_at = null, hearted_at = null
 where user_id = :'user' and deleted_at is null
