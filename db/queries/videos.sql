-- db/queries/videos.sql - videos: read, made, changed, liked.
-- Visible to a caller: what is ready, published, not private and not hidden, by somebody with whom there is no block;
-- what is shared with them and not hidden; and whatever is the caller's own, or theirs to moderate. Everything else is not there.
-- The fragments below are what every query that shows videos is made of; in them `v` is the row of videos.
-- Those of columns end with a comma, those of conditions begin with `and`.

-- fragment: VIDEO_AUTHOR
       v.user_id as "user.id",
       v.author_username as "user.username",
       v.author_display_name as "user.displayName",
       v.author_avatar_key as "user.avatarUrl:media",
       v.author_level as "user.level",
       v.author_is_verified as "user.isVerified",

-- What a list shows of a video.
-- fragment: VIDEO_CARD
       v.id,
-- include: VIDEO_AUTHOR
       null::json as challenge,
       v.title,
       v.description as caption,
       v.hashtags,
       video_mark(v.hidden_at, v.visibility) || v.master_key as "videoUrl:media",
       video_mark(v.hidden_at, v.visibility) || v.thumbnail_key as "thumbnailUrl:media",
       v.duration_s as duration,
       v.view_count as "stats.views",
       v.like_count as "stats.likes",
       v.comment_count as "stats.comments",
       v.validation_count as "stats.validations",
       case when :'me'::uuid is null then false else exists (select from video_likes l where l.video_id = v.id and l.user_id = :'me') end as "userHasLiked",
       false as "userHasValidated",
       v.published_at as "createdAt",

-- Everything of a video that whoever may see it is shown.
-- fragment: VIDEO_WHOLE
       v.id,
-- include: VIDEO_AUTHOR
       v.title, v.description, v.tags, v.hashtags, v.category, v.visibility, v.language, v.license,
       v.challenge_id as "challengeId",
       v.comments_enabled as "commentsEnabled",
       v.download_enabled as "downloadEnabled",
       v.scheduled_at as "scheduledAt",
       v.state as status,
       v.progress,
       v.failure_code as "failure?.code",
       v.failure_reason as "failure?.message",
       v.warnings,
       video_mark(v.hidden_at, v.visibility) || v.master_key as "videoUrl:media",
       video_mark(v.hidden_at, v.visibility) || v.thumbnail_key as "thumbnailUrl:media",
       video_mark(v.hidden_at, v.visibility) || v.poster_key as "posterUrl:media",
       v.duration_s as duration,
       v.width, v.height, v.fps, v.bitrate,
       v.original_bytes as "sizeBytes",
       v.view_count as "stats.views",
       v.like_count as "stats.likes",
       v.comment_count as "stats.comments",
       v.validation_count as "stats.validations",
       v.share_count as "stats.shares",
       v.hidden_at is not null as "isHidden",
       v.age_restricted as "isAgeRestricted",
       v.published_at as "publishedAt",
       v.created_at as "createdAt",

-- In every list. Served by videos_latest_idx and videos_listed_user_idx.
-- fragment: VIDEO_LISTED
   and v.state = 'ready'
   and v.visibility = 'public'
   and v.hidden_at is null

-- One look at the caller's blocks for a whole list.
-- fragment: NOT_BLOCKED
   and v.user_id <> all (array(select b.blocked_id from blocks b where b.blocker_id = :'me'
                               union all
                               select b.blocker_id from blocks b where b.blocked_id = :'me'))

-- It plays, or might, for this caller.
-- fragment: VIDEO_OPEN_TO_ME
   and ((v.state = 'ready' and v.published_at <= now() and v.visibility <> 'private' and v.hidden_at is null
         and case when :'me'::uuid is null then true else not is_blocked(v.user_id, :'me') end)
        or v.user_id = :'me'
        or (v.hidden_at is null and video_shared(v.id, :'me') is not null))

-- The same, and for those who moderate.
-- fragment: VIDEO_SEEN
   and ((v.state = 'ready' and v.published_at <= now() and v.visibility <> 'private' and v.hidden_at is null
         and case when :'me'::uuid is null then true else not is_blocked(v.user_id, :'me') end)
        or v.user_id = :'me'
        or :'may_video_edit_any'
        or (v.hidden_at is null and video_shared(v.id, :'me') is not null))

-- The latest public videos. A page is found by keyset (doc/lists.md). Served by videos_latest_idx.
-- query: VIDEO_FEED(me, after_at, after_id)
select
-- include: VIDEO_CARD
       v.published_at as "_after_at",
       v.id as "_after_id"
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
-- include: VIDEO_LISTED
-- include: NOT_BLOCKED
   and (v.published_at, v.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                 case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by v.published_at desc, v.id desc
 limit :page

-- What one shows of a video beside that. Chapters are rarely looked for.
-- fragment: VIDEO_PARTS
       case when strpos(v.description, ':') > 0 and v.description ~ '\d:[0-5]\d' then video_chapters(v.description, v.duration_s) else '[]' end as chapters,
       v.caption_list as captions,
       v.updated_at as "updatedAt",
       v.updated_at as "_version"

-- query: VIDEO_BY_ID(id, me, may_video_edit_any)
-- many: id
select
-- include: VIDEO_WHOLE
       case when :'me'::uuid is null then false else exists (select from video_likes l where l.video_id = v.id and l.user_id = :'me') end as "userHasLiked",
       false as "userHasValidated",
-- include: VIDEO_PARTS
  from videos v
 where v.id = :'id'
   and v.deleted_at is null
-- include: VIDEO_SEEN

-- The same for somebody without an account: half of the work, for all that could be theirs need not be looked for.
-- query: VIDEO_BY_ID_PUBLIC(id)
-- many: id
select
-- include: VIDEO_WHOLE
       false as "userHasLiked",
       false as "userHasValidated",
-- include: VIDEO_PARTS
  from videos v
 where v.id = :'id'
   and v.deleted_at is null
   and v.state = 'ready' and v.published_at <= now() and v.visibility <> 'private' and v.hidden_at is null

-- query: VIDEO_MINE(me, after_at, after_id)
select
-- include: VIDEO_WHOLE
       v.created_at as "_after_at",
       v.id as "_after_id"
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and v.user_id = :'me'
   and v.deleted_at is null
   and (v.created_at, v.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by v.created_at desc, v.id desc
 limit :page

-- query: VIDEO_STREAM(id, me, may_video_edit_any)
select v.id,
       k.mark || v.master_key as "hlsUrl:media",
       k.mark || v.poster_key as "posterUrl:media",
       k.mark || v.storyboard_vtt_key as "storyboardUrl:media",
       v.duration_s as duration,
       v.width, v.height,
       (select coalesce(array_agg(k.mark || t.key order by t.n), '{}') from unnest(v.thumbnail_keys) with ordinality t(key, n)) as "_thumbnails",
       r.names as "_names",
       r.keys as "_keys"
  from videos v
-- What is hidden plays for its author and for those who moderate: fcgi/media_url.h.
 cross join lateral (select case when v.hidden_at is not null and :'may_video_edit_any' then '!!' else video_mark(v.hidden_at, v.visibility) end as mark) k
 cross join lateral (
	select coalesce(array_agg(name order by height desc), '{}') as names,
	       coalesce(array_agg(k.mark || media_key order by height desc), '{}') as keys
	  from renditions
	 where video_id = v.id and state = 'ready' and media_key is not null) r
 where v.id = :'id'
   and v.state = 'ready'
   and v.deleted_at is null
-- include: VIDEO_SEEN

-- query: VIDEO_IS_VISIBLE(id, me)
-- many: id
select v.id, v.visibility <> 'private' and v.published_at <= now() and v.hidden_at is null as is_public
  from videos v
 where v.id = :'id'
   and v.state = 'ready'
-- include: VIDEO_OPEN_TO_ME

-- query: VIDEO_MEDIA_ALIVE(id, prefix, sight)
-- sight: whose the token is, fcgi/media_url.h.
select true as alive from videos
 where id = :'id' and deleted_at is null and :'prefix' in (storage_prefix, own_still_key)
   and (visibility <> 'private' or :'sight'::int > 0)
   and (hidden_at is null or :'sight'::int > 1 or (:'sight'::int = 1 and removed_at is null))

-- query: VIDEO_INSERT(id, me, title, description, tags, hashtags, category, visibility, challenge_id, language, license, comments_enabled, download_enabled, scheduled_at)
insert into videos (id, user_id, title, description, tags, hashtags, category, visibility, challenge_id, language,
                    license, comments_enabled, download_enabled, scheduled_at)
values (:'id', :'me', :'title', coalesce(:'description', ''), coalesce(:'tags'::text[], '{}'), coalesce(:'hashtags'::text[], '{}'),
        :'category', coalesce(:'visibility', 'public'), :'challenge_id', :'language', :'license',
        :'comments_enabled', :'download_enabled', :'scheduled_at')

-- query: VIDEO_CONFIRM(id, me, title, description, tags, hashtags, category, visibility, challenge_id, language, license, comments_enabled, download_enabled, scheduled_at)
update videos
   set title = :'title', description = coalesce(:'description', ''), tags = coalesce(:'tags'::text[], '{}'),
       hashtags = coalesce(:'hashtags'::text[], '{}'), category = :'category', visibility = :'visibility',
       challenge_id = :'challenge_id', language = :'language', license = :'license',
       comments_enabled = :'comments_enabled', download_enabled = :'download_enabled', scheduled_at = :'scheduled_at',
       updated_at = now()
 where id = :'id' and user_id = :'me' and deleted_at is null

-- query: VIDEO_UPDATE(id, me, may_video_edit_any, title, description, tags, hashtags, category, visibility, language, license, comments_enabled, download_enabled, scheduled_at, given_scheduled_at)
-- What was not given is null and stays; an empty text clears an optional field, null the time. To call a time off publishes
-- nothing (doc/uploads.md).
update videos v
   set title = coalesce(:'title', title),
       description = coalesce(:'description', description),
       tags = coalesce(:'tags', tags),
       hashtags = coalesce(:'hashtags', hashtags),
       category = nullif(coalesce(:'category', category), ''),
       visibility = coalesce(:'visibility', case when :'given_scheduled_at'::boolean and :'scheduled_at'::timestamptz is null
                                                  and scheduled_at is not null and published_at is null then 'private' end, visibility),
       language = nullif(coalesce(:'language', language), ''),
       license = nullif(coalesce(:'license', license), ''),
       comments_enabled = coalesce(:'comments_enabled', comments_enabled),
       download_enabled = coalesce(:'download_enabled', download_enabled),
       scheduled_at = case when :'given_scheduled_at' then :'scheduled_at' else scheduled_at end,
       updated_at = now()
 where v.id = :'id'
   and deleted_at is null
   and (user_id = :'me' or :'may_video_edit_any'
        or (v.hidden_at is null and video_shared(v.id, :'me') = 'editor'))
returning
-- include: VIDEO_WHOLE
       v.updated_at as "updatedAt"

-- query: VIDEO_DELETE(id, me, may_video_delete_any)
update videos set deleted_at = now(), updated_at = now()
 where id = :'id' and deleted_at is null and (user_id = :'me' or :'may_video_delete_any')

-- query: VIDEO_PURGE_ENQUEUE(id, me)
insert into jobs (kind, user_id, subject_id, unique_key, payload, priority)
values ('purge_video', :'me', :'id'::uuid, (:'id'::uuid)::text, jsonb_build_object('videoId', :'id'::uuid), 10)
on conflict do nothing

-- query: VIDEO_LIKE(id, me)
with seen as (
	select id, like_count from videos v
	 where v.id = :'id' and v.state = 'ready'
-- include: VIDEO_OPEN_TO_ME
), added as (
	insert into video_likes (video_id, user_id) select id, :'me' from seen on conflict do nothing returning 1
)
select true as liked, like_count + (select count(*) from added) as likes from seen

-- query: VIDEO_UNLIKE(id, me)
with seen as (
	select id, like_count from videos v
	 where v.id = :'id' and v.state = 'ready'
-- include: VIDEO_OPEN_TO_ME
), gone as (
	delete from video_likes where video_id in (select id from seen) and user_id = :'me' returning 1
)
select false as liked, like_count - (select count(*) from gone) as likes from seen
