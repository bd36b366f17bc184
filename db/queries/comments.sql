-- db/queries/comments.sql - comments: read, written, answered, liked.
-- `c` is the row of comments and `u` its author's. A comment is open to the caller unless it was deleted or hidden, or
-- its author left; what is not open is shown without its text and author, and only while others answered it.

-- fragment: COMMENT_COLUMNS
       c.id, c.video_id as "videoId", c.parent_id as "parentId", c.reply_to_id as "replyToId",
       case when s.is_open then u.id end as "user?.id",
       u.username as "user?.username",
       u.display_name as "user?.displayName",
       u.avatar_key as "user?.avatarUrl:media",
       u.level as "user?.level",
       u.is_verified as "user?.isVerified",
       c.user_id = (select user_id from videos where id = c.video_id) as "user?.isCreator",
       case when s.is_open then c.text end as text,
       case when s.is_open then coalesce((select json_agg(json_build_object('id', m.id, 'username', m.username) order by m.username)
                                            from comment_mentions n join users m on m.id = n.user_id and m.status <> 'deleted'
                                           where n.comment_id = c.id), '[]') else '[]' end as mentions,
       c.like_count as "stats.likes",
       c.reply_count as "stats.replies",
       exists (select from comment_likes l where l.comment_id = c.id and l.user_id = :'me') as "userHasLiked",
       c.pinned_at is not null as "isPinned",
       c.hearted_at is not null as "isHearted",
       c.edited_at is not null as "isEdited",
       c.edited_at as "editedAt",
       c.deleted_at is not null as "isDeleted",
       c.hidden_at is not null as "isHidden",
       c.created_at as "createdAt",

-- fragment: COMMENT_OPEN
  join users u on u.id = c.user_id
 cross join lateral (select c.deleted_at is null and (c.hidden_at is null or c.user_id = :'me' or :'may_video_edit_any')
                            and u.status <> 'deleted' as is_open) s

-- One look at the caller's blocks for a whole list.
-- fragment: COMMENT_NOT_BLOCKED
   and c.user_id <> all (array(select b.blocked_id from blocks b where b.blocker_id = :'me'
                               union all
                               select b.blocker_id from blocks b where b.blocked_id = :'me'))

-- Whoever may write on a video: its author, and those who edit it.
-- fragment: COMMENT_MANAGED
   and exists (select from videos v
                where v.id = c.video_id
                  and (v.user_id = :'me'
                       or (v.hidden_at is null and video_shared(v.id, :'me') = 'editor')))

-- The most liked first, a pinned one before. Served by comments_top_idx.
-- query: COMMENT_TOP(id, me, may_video_edit_any, after_pin, after_likes, after_id)
select
-- include: COMMENT_COLUMNS
       c.pin_rank as "_after_pin", c.like_count as "_after_likes", c.id as "_after_id"
  from comments c
-- include: COMMENT_OPEN
 where c.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and c.video_id = :'id'
   and c.parent_id is null
   and (c.deleted_at is null or c.reply_count > 0)
   and (s.is_open or c.reply_count > 0)
-- include: COMMENT_NOT_BLOCKED
   and (c.pin_rank, c.like_count, c.id)
       < (case when :'after_pin'::smallint is null then 2::smallint else :'after_pin' end,
          case when :'after_likes'::bigint is null then 0 else :'after_likes' end,
          case when :'after_id'::uuid is null then '00000000-0000-0000-0000-000000000000' else :'after_id' end)
 order by c.pin_rank desc, c.like_count desc, c.id desc
 limit :page

-- The latest first. Served by comments_new_idx.
-- query: COMMENT_NEW(id, me, may_video_edit_any, after_at, after_id)
select
-- include: COMMENT_COLUMNS
       c.created_at as "_after_at", c.id as "_after_id"
  from comments c
-- include: COMMENT_OPEN
 where c.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and c.video_id = :'id'
   and c.parent_id is null
   and (c.deleted_at is null or c.reply_count > 0)
   and (s.is_open or c.reply_count > 0)
-- include: COMMENT_NOT_BLOCKED
   and (c.created_at, c.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by c.created_at desc, c.id desc
 limit :page

-- In the order in which they were said. Served by comments_replies_idx.
-- query: COMMENT_REPLIES(id, me, may_video_edit_any, after_at, after_id)
select
-- include: COMMENT_COLUMNS
       c.created_at as "_after_at", c.id as "_after_id"
  from comments c
-- include: COMMENT_OPEN
 where c.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and c.parent_id = :'id'
   and c.deleted_at is null
   and s.is_open
-- include: COMMENT_NOT_BLOCKED
   and (c.created_at, c.id) > (case when :'after_at'::timestamptz is null then '-infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then '00000000-0000-0000-0000-000000000000' else :'after_id' end)
 order by c.created_at, c.id
 limit :page

-- query: COMMENT_BY_ID(id, me, may_video_edit_any)
select
-- include: COMMENT_COLUMNS
       c.updated_at as "updatedAt"
  from comments c
  join videos v on v.id = c.video_id and v.deleted_at is null
-- include: COMMENT_OPEN
 where c.id = :'id'
   and (s.is_open or c.reply_count > 0)
-- include: COMMENT_NOT_BLOCKED
-- include: VIDEO_SEEN

-- Where a comment on a video may stand.
-- query: COMMENT_PLACE(id, me, may_video_edit_any)
select v.id as video_id, v.comments_enabled
  from videos v
 where v.id = :'id' and v.state = 'ready'
-- include: VIDEO_SEEN

-- Where an answer may stand: below the comment of the first level, whichever of its replies was answered.
-- query: COMMENT_REPLY_PLACE(id, me, may_video_edit_any)
select v.id as video_id, v.comments_enabled, coalesce(c.parent_id, c.id) as parent_id
  from comments c
  join videos v on v.id = c.video_id and v.state = 'ready'
-- include: COMMENT_OPEN
 where c.id = :'id' and s.is_open
-- include: COMMENT_NOT_BLOCKED
-- include: VIDEO_SEEN

-- query: COMMENT_INSERT(video_id, me, parent_id, reply_to_id, text)
insert into comments (video_id, user_id, parent_id, reply_to_id, text)
values (:'video_id', :'me', :'parent_id', :'reply_to_id', :'text')
returning id

-- query: COMMENT_UPDATE(id, me, text)
update comments c
   set text = :'text', edited_at = now(), updated_at = now()
  from videos v
 where c.id = :'id' and c.user_id = :'me' and c.deleted_at is null and v.id = c.video_id and v.deleted_at is null
returning c.id

-- By its author, by those who manage the video, by those who moderate. The text is gone at once.
-- query: COMMENT_DELETE(id, me, may_comment_delete_any)
update comments c
   set deleted_at = now(), updated_at = now(), text = '', pinned_at = null, hearted_at = null
 where c.id = :'id' and c.deleted_at is null
   and (c.user_id = :'me' or :'may_comment_delete_any' or (true
-- include: COMMENT_MANAGED
       ))
returning c.user_id, c.user_id <> :'me' and not (true
-- include: COMMENT_MANAGED
       ) as is_moderation

-- One a video: another one gives way first. Those who pin on one video take turns.
-- query: COMMENT_PIN_LOCK(id)
select pg_advisory_xact_lock(hashtextextended('pin' || video_id, 0))::text as "_locked" from comments where id = :'id'

-- query: COMMENT_PIN_OTHERS(id, me)
update comments c
   set pinned_at = null
 where c.video_id = (select video_id from comments where id = :'id') and c.id <> :'id' and c.pinned_at is not null
-- include: COMMENT_MANAGED

-- query: COMMENT_PIN(id, me)
update comments c
   set pinned_at = coalesce(c.pinned_at, now())
 where c.id = :'id' and c.parent_id is null and c.deleted_at is null and c.hidden_at is null
-- include: COMMENT_MANAGED
returning c.id as "_id"

-- query: COMMENT_UNPIN(id, me)
update comments c set pinned_at = null
 where c.id = :'id'
-- include: COMMENT_MANAGED
returning c.id as "_id"

-- query: COMMENT_HEART(id, me)
update comments c set hearted_at = coalesce(hearted_at, now())
 where c.id = :'id' and c.deleted_at is null and c.hidden_at is null
-- include: COMMENT_MANAGED
returning c.id as "_id"

-- query: COMMENT_UNHEART(id, me)
update comments c set hearted_at = null
 where c.id = :'id'
-- include: COMMENT_MANAGED
returning c.id as "_id"

-- query: COMMENT_LIKE(id, me, may_video_edit_any)
with seen as (
	select c.id, c.like_count from comments c
	  join videos v on v.id = c.video_id and v.state = 'ready'
-- include: COMMENT_OPEN
	 where c.id = :'id' and s.is_open
-- include: COMMENT_NOT_BLOCKED
-- include: VIDEO_SEEN
), added as (
	insert into comment_likes (comment_id, user_id) select id, :'me' from seen on conflict do nothing returning 1
)
select true as liked, like_count + (select count(*) from added) as likes from seen

-- query: COMMENT_UNLIKE(id, me, may_video_edit_any)
with seen as (
	select c.id, c.like_count from comments c
	  join videos v on v.id = c.video_id and v.state = 'ready'
-- include: COMMENT_OPEN
	 where c.id = :'id'
-- include: VIDEO_SEEN
), gone as (
	delete from comment_likes where comment_id in (select id from seen) and user_id = :'me' returning 1
)
select false as liked, like_count - (select count(*) from gone) as likes from seen
