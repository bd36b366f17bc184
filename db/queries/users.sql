-- db/queries/users.sql - people: profiles, follows, blocks, preferences, deletion.

-- query: ME(me)
select u.id, u.id as "userId", u.username, u.email, u.email_verified_at is not null as "emailVerified",
       u.display_name as "displayName", u.company_name as "companyName", u.role, u.status,
       u.status_until as "suspendedUntil", u.bio, u.avatar_key as "avatarUrl:media",
       replace(u.avatar_key, '/large.jpg', '/small.jpg') as "avatarSmallUrl:media",
       case when u.avatar_pending is not null then 'processing' when u.avatar_failure is not null then 'failed' end as "avatar?.status",
       u.avatar_failure as "avatar?.message", u.level, u.location, u.website, u.linkedin_url as "linkedinUrl", u.industries, u.is_verified as "isVerified",
       u.mfa_enabled_at is not null as "mfaEnabled", u.locale, u.time_zone as "timeZone",
       u.follower_count as "stats.followers", u.following_count as "stats.following", u.video_count as "stats.videos",
       u.created_at as "createdAt", u.updated_at as "updatedAt"
  from users u
 where u.id = :'me' and u.status <> 'deleted'

-- People are named by id or @username: person() finds the id of either.

-- Who is blocked, either way, does not see the other; those who review reports see everybody.
-- query: USER_BY_ID(me, id, may_report_review)
select u.id, u.username, u.display_name as "displayName", u.role, u.bio, u.avatar_key as "avatarUrl:media",
       replace(u.avatar_key, '/large.jpg', '/small.jpg') as "avatarSmallUrl:media", u.level,
       u.location, u.website, u.linkedin_url as "linkedinUrl", u.industries, u.company_name as "companyName",
       u.is_verified as "isVerified", u.follower_count as "stats.followers", u.following_count as "stats.following",
       u.video_count as "stats.videos", u.created_at as "createdAt",
       exists (select from follows f where f.follower_id = :'me' and f.followed_id = u.id) as "isFollowing"
  from users u
 where u.id = person(:'id') and u.status in ('active', 'suspended')
   and (:'may_report_review' or :'me'::uuid is null or not is_blocked(u.id, :'me'))

-- `set` names the fields that the request spoke of; the others stay.
-- query: USER_UPDATE(id, set, display_name, bio, company_name, location, website, linkedin_url, industries, locale, time_zone)
update users
   set display_name = case when 'displayName' = any (:'set'::text[]) then coalesce(:'display_name', username) else display_name end,
       bio = case when 'bio' = any (:'set') then coalesce(:'bio', '') else bio end,
       company_name = case when 'companyName' = any (:'set') then :'company_name' else company_name end,
       location = case when 'location' = any (:'set') then :'location' else location end,
       website = case when 'website' = any (:'set') then :'website' else website end,
       linkedin_url = case when 'linkedinUrl' = any (:'set') then :'linkedin_url' else linkedin_url end,
       industries = case when 'industries' = any (:'set') then coalesce(:'industries'::text[], '{}') else industries end,
       locale = case when 'locale' = any (:'set') then :'locale' else locale end,
       time_zone = case when 'timeZone' = any (:'set') then coalesce(:'time_zone', 'UTC') else time_zone end,
       updated_at = now()
 where id = :'id' and status <> 'deleted'

-- query: TIME_ZONE_EXISTS(name)
select exists (select from pg_timezone_names where name = :'name') as known

-- Whom one cannot see, one cannot follow. A second follow changes nothing.
-- query: FOLLOW(me, id)
with seen as (
	select u.id from users u
	 where u.id = person(:'id') and u.id <> :'me' and u.status = 'active' and not is_blocked(u.id, :'me')
), added as (
	insert into follows (follower_id, followed_id) select :'me', id from seen
	on conflict do nothing
)
select id as "userId", true as "isFollowing" from seen

-- query: UNFOLLOW(me, id)
with gone as (delete from follows where follower_id = :'me' and followed_id = person(:'id'))
select id as "_id" from users where id = person(:'id')

-- A block ends what there was between the two.
-- query: BLOCK(me, id)
with seen as (
	select u.id from users u
	 where u.id = person(:'id') and u.id <> :'me' and u.status <> 'deleted'
	   and not exists (select from blocks b where b.blocker_id = u.id and b.blocked_id = :'me')
), parted as (
	delete from follows f using seen s
	 where (f.follower_id = :'me' and f.followed_id = s.id) or (f.follower_id = s.id and f.followed_id = :'me')
), shared as ( -- private videos that one showed the other
	delete from video_access a using seen s, videos v
	 where v.id = a.video_id and ((v.user_id = :'me' and a.user_id = s.id) or (v.user_id = s.id and a.user_id = :'me'))
), ungrouped as (
	delete from group_members m using seen s, groups g
	 where g.id = m.group_id and ((g.user_id = :'me' and m.user_id = s.id) or (g.user_id = s.id and m.user_id = :'me'))
), added as (
	insert into blocks (blocker_id, blocked_id) select :'me', id from seen
	on conflict do nothing
)
select id as "userId", true as "isBlocked" from seen

-- query: UNBLOCK(me, id)
with gone as (delete from blocks where blocker_id = :'me' and blocked_id = person(:'id'))
select id as "_id" from users where id = person(:'id')

-- query: BLOCK_LIST(me)
select u.id, u.username, u.display_name as "displayName", u.avatar_key as "avatarUrl:media", b.created_at as "blockedAt"
  from blocks b
  join users u on u.id = b.blocked_id
 where b.blocker_id = :'me'
 order by b.created_at desc
 limit 1000

-- query: FOLLOWER_PAGE(me, id, after_at, after_id)
select u.id, u.username, u.display_name as "displayName", u.avatar_key as "avatarUrl:media", u.level,
       u.is_verified as "isVerified", f.created_at as "followedAt", f.created_at as "_after_at",
       u.id as "_after_id"
  from follows f
  join users u on u.id = f.follower_id
 where f.followed_id = person(:'id') and u.status = 'active'
   and f.follower_id <> all (
-- include: BLOCKED_WITH_ME
       )
   and exists (select from users o where o.id = person(:'id') and o.status in ('active', 'suspended') and not is_blocked(o.id, :'me'))
   and (f.created_at, f.follower_id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                        case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by f.created_at desc, f.follower_id desc
 limit :page

-- query: FOLLOWING_PAGE(me, id, after_at, after_id)
select u.id, u.username, u.display_name as "displayName", u.avatar_key as "avatarUrl:media", u.level,
       u.is_verified as "isVerified", f.created_at as "followedAt", f.created_at as "_after_at",
       u.id as "_after_id"
  from follows f
  join users u on u.id = f.followed_id
 where f.follower_id = person(:'id') and u.status = 'active'
   and f.followed_id <> all (
-- include: BLOCKED_WITH_ME
       )
   and exists (select from users o where o.id = person(:'id') and o.status in ('active', 'suspended') and not is_blocked(o.id, :'me'))
   and (f.created_at, f.followed_id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                        case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by f.created_at desc, f.followed_id desc
 limit :page

-- query: USER_VIDEO_PAGE(me, id, after_at, after_id)
-- Served by videos_listed_user_idx.
select
-- include: VIDEO_CARD
       v.published_at as "_after_at",
       v.id as "_after_id"
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and v.user_id = (select person(:'id'))
-- include: VIDEO_LISTED
-- include: NOT_BLOCKED
   and (v.published_at, v.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                 case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by v.published_at desc, v.id desc
 limit :page

-- One's own that play, the unlisted and private ones too. Served by videos_user_idx.
-- query: USER_VIDEO_PAGE_OWN(me, after_at, after_id)
select
-- include: VIDEO_CARD
       v.visibility,
       v.created_at as "_after_at",
       v.id as "_after_id"
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and v.user_id = :'me'
   and v.deleted_at is null
   and v.state = 'ready'
   and (v.created_at, v.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by v.created_at desc, v.id desc
 limit :page

-- query: PREFERENCES(me)
select preferences from users where id = :'me'

-- A null takes a preference away.
-- query: PREFERENCES_MERGE(me, change)
update users set preferences = jsonb_strip_nulls(preferences || :'change'::jsonb), updated_at = now()
 where id = :'me' and octet_length((preferences || :'change'::jsonb)::text) <= 16384
returning preferences

-- Unseen at once; anonymised when the job runs.
-- query: USER_DELETE(id, days)
update users
   set status = 'deleted', deleted_at = now(), purge_at = now() + make_interval(days => :'days'::int), updated_at = now()
 where id = :'id' and status <> 'deleted'
returning id as "userId", purge_at as "deletedBy", email as "_email", display_name as "_name", locale as "_locale",
          to_char(purge_at at time zone 'UTC', 'YYYY-MM-DD') as "_day"

-- query: PERSON(name)
select id from users where id = person(:'name') and status <> 'deleted'
