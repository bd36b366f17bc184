-- db/queries/playlists.sql - playlists and what is in them; `p` is the row of playlists, `u` its owner's.

-- fragment: PLAYLIST_SEEN
   and (p.user_id = :'me'
        or (p.visibility <> 'private' and u.status in ('active', 'suspended') and not is_blocked(p.user_id, :'me')))

-- A playlist shows nobody a video that they could not see elsewhere; an unlisted one only where its author put it.
-- fragment: PLAYLIST_SHOWS
   and v.deleted_at is null
   and v.state = 'ready'
   and (v.visibility <> 'unlisted' or p.user_id = :'me' or p.user_id = v.user_id)
-- include: VIDEO_OPEN_TO_ME

-- fragment: PLAYLIST_COLUMNS
       p.id, p.kind, p.name, p.description, p.visibility,
       u.id as "user.id", u.username as "user.username", u.display_name as "user.displayName",
       u.avatar_key as "user.avatarUrl:media",
       (select video_mark(v.hidden_at, v.visibility) || v.thumbnail_key
          from playlist_items i
          join videos v on v.id = i.video_id
         where i.playlist_id = p.id
-- include: PLAYLIST_SHOWS
         order by i.position
         limit 1) as "thumbnailUrl:media",
       p.created_at as "createdAt", p.updated_at as "updatedAt",

-- Others count what is open to everybody: a private video does not show as a number either.
-- query: PLAYLIST_BY_ID(id, me)
select
-- include: PLAYLIST_COLUMNS
       case when p.user_id = :'me' then p.video_count else
         (select count(*)
            from playlist_items i
            join videos v on v.id = i.video_id
           where i.playlist_id = p.id
             and v.state = 'ready' and v.hidden_at is null and v.published_at <= now()
             and (v.visibility = 'public' or (v.visibility = 'unlisted' and v.user_id = p.user_id)))
       end as "videoCount"
  from playlists p
  join users u on u.id = p.user_id
 where p.id = :'id'
-- include: PLAYLIST_SEEN

-- Watch later first, then the newest. Served by playlists_user_idx.
-- query: PLAYLIST_MINE(me, after_kind, after_id)
select
-- include: PLAYLIST_COLUMNS
       p.video_count as "videoCount",
       p.kind as "_after_kind", p.id as "_after_id"
  from playlists p
  join users u on u.id = p.user_id
 where p.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and p.user_id = :'me'
   and (p.kind, p.id) < (case when :'after_kind'::text is null then 'z' else :'after_kind' end,
                         case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by p.kind desc, p.id desc
 limit :page

-- Somebody's public ones, the newest first. What the reader may see of each is counted to two hundred: more is said to be
-- more. Served by playlists_public_idx and the key on (playlist_id, position).
-- query: PLAYLIST_OF_PERSON(me, id, after_id)
select
-- include: PLAYLIST_COLUMNS
       least(seen.n, 200) as "videoCount",
       seen.n > 200 as "hasMoreVideos",
       p.id as "_after_id"
  from playlists p
  join users u on u.id = p.user_id
 cross join lateral (
	select count(*) as n
	  from (select i.position
	          from playlist_items i
	          join videos v on v.id = i.video_id
	         where i.playlist_id = p.id
-- include: PLAYLIST_SHOWS
	         order by i.position
	         limit 201) x) seen
 where p.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and p.user_id = (select person(:'id'))
   and p.visibility = 'public'
   and p.id < (case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by p.id desc
 limit :page

-- In their order. Served by the key on (playlist_id, position).
-- query: PLAYLIST_VIDEOS(id, me, after_position)
select
-- include: VIDEO_CARD
       i.added_at as "addedAt",
       i.position as "_after_position"
  from playlists p
  join playlist_items i on i.playlist_id = p.id
  join videos v on v.id = i.video_id
 where p.id = :'id'
   and i.playlist_id = :'id'
   and i.position > (case when :'after_position'::bigint is null then -9223372036854775808 else :'after_position' end)
-- include: PLAYLIST_SHOWS
 order by i.position
 limit :page

-- A thousand a person are enough.
-- query: PLAYLIST_INSERT(me, name, description, visibility)
insert into playlists (user_id, name, description, visibility)
select :'me', :'name', coalesce(:'description', ''), :'visibility'
 where (select count(*) from playlists where user_id = :'me') < 1000
returning id

-- What was not given is null and stays.
-- query: PLAYLIST_UPDATE(id, me, name, description, visibility)
update playlists
   set name = coalesce(:'name', name), description = coalesce(:'description', description),
       visibility = coalesce(:'visibility', visibility), updated_at = now()
 where id = :'id' and user_id = :'me' and kind = 'user'

-- query: PLAYLIST_DELETE(id, me)
delete from playlists where id = :'id' and user_id = :'me' and kind = 'user'

-- query: PLAYLIST_LOCK(id, me)
select id, video_count from playlists where id = :'id' and user_id = :'me' for no key update

-- query: PLAYLIST_POSITION(id, video_id, after_id, first)
select playlist_position(:'id', :'video_id', :'after_id', :'first') as position

-- query: PLAYLIST_ADD(id, me, video_id, position)
insert into playlist_items (playlist_id, video_id, position)
select :'id', v.id, :'position' from videos v
 where v.id = :'video_id' and v.deleted_at is null
-- include: VIDEO_OPEN_TO_ME
on conflict (playlist_id, video_id) do nothing

-- query: PLAYLIST_HAS(id, video_id)
select position from playlist_items where playlist_id = :'id' and video_id = :'video_id'

-- query: PLAYLIST_MOVE(id, video_id, position)
with moved as (
	update playlist_items set position = :'position' where playlist_id = :'id' and video_id = :'video_id' returning playlist_id
)
update playlists p set updated_at = now() from moved m where p.id = m.playlist_id

-- query: PLAYLIST_REMOVE(id, video_id)
delete from playlist_items where playlist_id = :'id' and video_id = :'video_id'
