-- db/queries/sharing.sql - videos shared with named people and with groups of them (viewer, editor), and the groups.

-- A video's owner, and who may edit any, say with whom it is shared.
-- fragment: VIDEO_OWNED
   and v.deleted_at is null
   and (v.user_id = :'me' or :'may_video_edit_any')

-- query: VIDEO_ACCESS_OWNED(id, me, may_video_edit_any)
select v.id from videos v
 where v.id = :'id'
-- include: VIDEO_OWNED

-- Served by video_access_page_idx.
-- query: VIDEO_ACCESS_PAGE(id, after_at, after_id)
select u.id as "user.id", u.username as "user.username", u.display_name as "user.displayName",
       u.avatar_key as "user.avatarUrl:media", a.access, a.created_at as "createdAt",
       a.created_at as "_after_at", a.user_id as "_after_id"
  from video_access a
  join users u on u.id = a.user_id and u.status in ('active', 'suspended')
 where a.video_id = :'id'
   and (a.created_at, a.user_id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                    case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by a.created_at desc, a.user_id desc
 limit :page

-- query: VIDEO_ACCESS_GET(id, user, me, may_video_edit_any)
select u.id as "user.id", u.username as "user.username", u.display_name as "user.displayName",
       u.avatar_key as "user.avatarUrl:media", a.access, a.created_at as "createdAt"
  from videos v
  join video_access a on a.video_id = v.id
  join users u on u.id = a.user_id
 where v.id = :'id' and a.user_id = person(:'user')
-- include: VIDEO_OWNED

-- query: VIDEO_ACCESS_PUT(id, user, me, may_video_edit_any, access)
with shared as (
	insert into video_access as a (video_id, user_id, access)
	select v.id, u.id, :'access'
	  from videos v
	  join users u on u.id = person(:'user') and u.status in ('active', 'suspended') and u.id <> v.user_id
	 where v.id = :'id' and not is_blocked(u.id, v.user_id)
-- include: VIDEO_OWNED
	on conflict (video_id, user_id) do update set access = excluded.access
	returning a.user_id, a.access, a.created_at
)
select u.id as "user.id", u.username as "user.username", u.display_name as "user.displayName",
       u.avatar_key as "user.avatarUrl:media", s.access, s.created_at as "createdAt"
  from shared s
  join users u on u.id = s.user_id

-- query: VIDEO_ACCESS_DELETE(id, user, me, may_video_edit_any)
delete from video_access a
 using videos v
 where v.id = :'id' and a.video_id = v.id and a.user_id = person(:'user')
-- include: VIDEO_OWNED
returning a.user_id as "_id"

-- query: VIDEO_GROUP_PAGE(id, after_at, after_id)
select g.id as "group.id", g.name as "group.name", a.access, a.created_at as "createdAt",
       a.created_at as "_after_at", a.group_id as "_after_id"
  from video_group_access a
  join groups g on g.id = a.group_id
 where a.video_id = :'id'
   and (a.created_at, a.group_id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                     case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by a.created_at desc, a.group_id desc
 limit :page

-- With a group of the video's owner. A hundred a video are enough.
-- query: VIDEO_GROUP_PUT(id, group, me, may_video_edit_any, access)
with shared as (
	insert into video_group_access as a (video_id, group_id, access)
	select v.id, g.id, :'access'
	  from videos v
	  join groups g on g.id = :'group' and g.user_id = v.user_id
	 where v.id = :'id'
	   and (select count(*) from video_group_access where video_id = :'id' and group_id <> :'group') < 100
-- include: VIDEO_OWNED
	on conflict (video_id, group_id) do update set access = excluded.access
	returning a.group_id, a.access, a.created_at
)
select g.id as "group.id", g.name as "group.name", s.access, s.created_at as "createdAt"
  from shared s
  join groups g on g.id = s.group_id

-- query: VIDEO_GROUP_DELETE(id, group, me, may_video_edit_any)
delete from video_group_access a
 using videos v
 where v.id = :'id' and a.video_id = v.id and a.group_id = :'group'
-- include: VIDEO_OWNED
returning a.group_id as "_id"

-- What others share with the caller, the latest first; of a thousand shares of either sort the latest are looked at. Served
-- by video_access_user_idx, group_members_user_idx and video_group_access_group_idx.
-- query: VIDEO_SHARED_WITH_ME(me, after_at, after_id)
select
-- include: VIDEO_CARD
       s.access, s.at as "sharedAt",
       s.at as "_after_at", s.video_id as "_after_id"
  from (select x.video_id, min(x.access) as access, max(x.at) as at
          from ((select a.video_id, a.access, a.created_at as at
                   from video_access a
                  where a.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
                    and a.user_id = :'me'
                  order by a.created_at desc
                  limit 1000)
                union all
                (select g.video_id, g.access, greatest(g.created_at, m.created_at)
                   from (select group_id, created_at
                           from group_members
                          where tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
                            and user_id = :'me'
                          order by group_id desc
                          limit 200) m
                  cross join lateral (
                         select video_id, access, created_at
                           from video_group_access
                          where group_id = m.group_id
                          order by created_at desc
                          limit 200) g
                  limit 1000)) x
         group by x.video_id
        having (max(x.at), x.video_id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                          case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
         order by max(x.at) desc, x.video_id desc
        offset 0) s
  join videos v on v.id = s.video_id
 where v.state = 'ready'
-- include: VIDEO_OPEN_TO_ME
 order by s.at desc, s.video_id desc
 limit :page

-- --- groups; `g` is the row of groups ---

-- Whoever is in it sees it; its owner alone sees with whom.
-- fragment: GROUP_COLUMNS
       g.id, g.name,
       u.id as "user.id", u.username as "user.username", u.display_name as "user.displayName", u.avatar_key as "user.avatarUrl:media",
       g.user_id = :'me' as "isOwner",
       case when g.user_id = :'me' then (select count(*) from group_members m where m.group_id = g.id) end as "memberCount",
       g.created_at as "createdAt",

-- query: GROUP_BY_ID(id, me)
select
-- include: GROUP_COLUMNS
       g.id as "_id"
  from groups g
  join users u on u.id = g.user_id
 where g.id = :'id'
   and (g.user_id = :'me' or exists (select from group_members m where m.group_id = g.id and m.user_id = :'me'))

-- The caller's own, the newest first. Served by groups_user_idx.
-- query: GROUP_PAGE(me, after_id)
select
-- include: GROUP_COLUMNS
       g.id as "_after_id"
  from groups g
  join users u on u.id = g.user_id
 where g.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and g.user_id = :'me'
   and g.id < (case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by g.id desc
 limit :page

-- Those of others that the caller is in. Served by group_members_user_idx.
-- query: GROUP_PAGE_JOINED(me, after_id)
select
-- include: GROUP_COLUMNS
       g.id as "_after_id"
  from group_members m
  join groups g on g.id = m.group_id
  join users u on u.id = g.user_id
 where m.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and m.user_id = :'me'
   and m.group_id < (case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by m.group_id desc
 limit :page

-- Two hundred a person are enough.
-- query: GROUP_INSERT(me, name)
insert into groups (user_id, name)
select :'me', :'name' where (select count(*) from groups where user_id = :'me') < 200
returning id

-- query: GROUP_RENAME(id, me, name)
with renamed as (
	update groups set name = :'name' where id = :'id' and user_id = :'me' returning id, name, user_id, created_at
)
select
-- include: GROUP_COLUMNS
       g.id as "_id"
  from renamed g
  join users u on u.id = g.user_id

-- query: GROUP_DELETE(id, me)
delete from groups where id = :'id' and user_id = :'me' returning id as "_id"

-- query: GROUP_OWNED(id, me)
select id from groups where id = :'id' and user_id = :'me'

-- Of two who are added at once, one comes after the other: then the group knows how many it has.
-- query: GROUP_LOCK(id, me)
select id, (select count(*) from group_members m where m.group_id = g.id) as members
  from groups g where g.id = :'id' and g.user_id = :'me' for no key update

-- The latest first. Served by group_members_page_idx.
-- query: GROUP_MEMBER_PAGE(id, after_at, after_id)
select u.id, u.username, u.display_name as "displayName", u.avatar_key as "avatarUrl:media", m.created_at as "addedAt",
       m.created_at as "_after_at", m.user_id as "_after_id"
  from group_members m
  join users u on u.id = m.user_id and u.status in ('active', 'suspended')
 where m.group_id = :'id'
   and (m.created_at, m.user_id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                                    case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by m.created_at desc, m.user_id desc
 limit :page

-- query: GROUP_MEMBER_PUT(id, user, me)
with added as (
	insert into group_members (group_id, user_id)
	select :'id', u.id from users u
	 where u.id = person(:'user') and u.id <> :'me' and u.status in ('active', 'suspended') and not is_blocked(u.id, :'me')
	on conflict (group_id, user_id) do update set created_at = group_members.created_at
	returning user_id, created_at
)
select u.id, u.username, u.display_name as "displayName", u.avatar_key as "avatarUrl:media", a.created_at as "addedAt"
  from added a
  join users u on u.id = a.user_id

-- Its owner takes somebody out, or somebody leaves.
-- query: GROUP_MEMBER_DELETE(id, user, me)
delete from group_members m
 using groups g
 where g.id = :'id' and m.group_id = g.id and m.user_id = person(:'user') and (g.user_id = :'me' or m.user_id = :'me')
returning m.user_id as "_id"
