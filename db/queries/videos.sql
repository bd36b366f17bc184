-- Videos: reads.

-- The latest public videos. A page is found by keyset: the last row's _after_at and _after_id go into the cursor, and
-- the first page is asked for with both null. Served by videos_latest_idx.
-- query: VIDEO_FEED(after_at, after_id)
select v.id,
       v.user_id as "user.id",
       v.author_username as "user.username",
       v.author_display_name as "user.displayName",
       v.author_avatar_key as "user.avatarUrl:media",
       v.author_level as "user.level",
       v.author_is_verified as "user.isVerified",
       v.title,
       v.description,
       v.hashtags,
       v.category,
       v.duration_s as "duration",
       v.width,
       v.height,
       v.thumbnail_key as "thumbnailUrl:media",
       v.view_count as "stats.views",
       v.like_count as "stats.likes",
       v.comment_count as "stats.comments",
       v.validation_count as "stats.validations",
       v.share_count as "stats.shares",
       v.published_at as "publishedAt",
       v.published_at as "_after_at",
       v.id as "_after_id"
  from videos v
 where v.state = 'ready'
   and v.visibility = 'public'
   and v.published_at is not null
   and (v.published_at, v.id) < (coalesce(:'after_at', 'infinity'::timestamptz), coalesce(:'after_id', 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
 order by v.published_at desc, v.id desc
 limit :page
