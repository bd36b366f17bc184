-- db/queries/poc_pictures.sql - thumbnails and screenshots of projects.

-- query: POC_PICTURE_MAY(id, me, may_poc_edit_any)
select (select count(*) from poc_pictures x where x.poc_id = p.id and x.kind = 'screenshot') as screenshots
  from pocs p
 where p.id = :'id'
-- include: POC_MINE_TO_EDIT

-- query: POC_PICTURE_PUT(id, me, kind, caption, source, traceparent)
with made as (
	insert into poc_pictures (poc_id, kind, caption, pending) values (:'id', :'kind', coalesce(:'caption', ''), :'source') returning id
), asked as (
	insert into jobs (kind, user_id, subject_id, priority, payload, traceparent)
	select 'poc_picture', :'me', id, 5, jsonb_build_object('source', :'source'::text), :'traceparent' from made
)
select id, 'processing' as status from made

-- query: POC_PICTURE_LIST(id, me, may_poc_edit_any)
select x.id, x.kind, x.caption, x.folder || '/large.jpg' as "url:media", x.folder || '/small.jpg' as "smallUrl:media",
       x.pending is not null as "isProcessing", x.failure as "failureReason", x.created_at as "createdAt"
  from pocs p
  join users u on u.id = p.user_id
  join poc_pictures x on x.poc_id = p.id
 where p.id = :'id'
-- include: POC_SEEN
   and (x.folder is not null or p.user_id = :'me')
 order by x.kind desc, x.created_at, x.id
 limit 100

-- query: POC_PICTURE_DROP(id, picture, me, may_poc_edit_any)
delete from poc_pictures x using pocs p
 where x.id = :'picture' and x.poc_id = p.id and p.id = :'id'
-- include: POC_MINE_TO_EDIT
returning x.id as "_id"

-- query: POC_PICTURE_WORK(picture, source)
select true as is_wanted from poc_pictures where id = :'picture' and pending = :'source'

-- A thumbnail takes the place of the one before it.
-- query: POC_PICTURE_DONE(picture, folder)
with made as (
	update poc_pictures set folder = :'folder', pending = null, failure = null where id = :'picture' and pending is not null returning id, poc_id, kind, created_at
), old as (
	delete from poc_pictures x using made m
	 where x.poc_id = m.poc_id and m.kind = 'thumbnail' and x.kind = 'thumbnail' and x.id <> m.id and x.created_at <= m.created_at
)
select id from made
