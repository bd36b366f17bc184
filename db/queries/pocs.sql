-- db/queries/pocs.sql - proof-of-concept projects and their pieces of code.

-- fragment: POC_COLUMNS
       p.id, p.name, p.description, p.repository_url as "repositoryUrl", p.language, p.tags, p.frameworks, p.is_public as "isPublic",
       u.id as "user.id", u.username as "user.username", u.display_name as "user.displayName", u.avatar_key as "user.avatarUrl:media",
       (select x.folder || '/small.jpg' from poc_pictures x where x.poc_id = p.id and x.kind = 'thumbnail' and x.folder is not null
         order by x.created_at desc limit 1) as "thumbnailUrl:media",
       (select count(*) from poc_snippets s where s.poc_id = p.id) as "snippetCount",
       p.created_at as "createdAt", p.updated_at as "updatedAt",

-- fragment: POC_SEEN
   and p.deleted_at is null
   and (p.user_id = :'me' or :'may_poc_edit_any' or (p.is_public and u.status in ('active', 'suspended') and not is_blocked(p.user_id, :'me')))

-- fragment: POC_MINE_TO_EDIT
   and p.deleted_at is null
   and (p.user_id = :'me' or :'may_poc_edit_any')

-- query: POC_INSERT(me, name, description, repository_url, language, tags, frameworks, is_public)
with made as (
	insert into pocs (user_id, name, description, repository_url, language, tags, frameworks, is_public)
	values (:'me', :'name', coalesce(:'description', ''), :'repository_url', :'language', coalesce(:'tags'::text[], '{}'),
	        coalesce(:'frameworks'::text[], '{}'), coalesce(:'is_public', false))
	returning *
)
select
-- include: POC_COLUMNS
       true as "isMine"
  from made p join users u on u.id = p.user_id

-- query: POC_BY_ID(id, me, may_poc_edit_any)
select
-- include: POC_COLUMNS
       p.user_id = :'me' as "isMine"
  from pocs p join users u on u.id = p.user_id
 where p.id = :'id'
-- include: POC_SEEN

-- What is not given stays. An empty text clears an optional field.
-- query: POC_UPDATE(id, me, may_poc_edit_any, name, description, repository_url, language, tags, frameworks, is_public)
with changed as (
	update pocs p
	   set name = coalesce(:'name', name), description = coalesce(:'description', description),
	       repository_url = case when :'repository_url'::text is null then repository_url else nullif(:'repository_url', '') end,
	       language = case when :'language'::text is null then language else nullif(:'language', '') end,
	       tags = coalesce(:'tags'::text[], tags), frameworks = coalesce(:'frameworks'::text[], frameworks),
	       is_public = coalesce(:'is_public', is_public), updated_at = now()
	 where p.id = :'id'
-- include: POC_MINE_TO_EDIT
	returning *
)
select
-- include: POC_COLUMNS
       p.user_id = :'me' as "isMine"
  from changed p join users u on u.id = p.user_id

-- query: POC_DELETE(id, me, may_poc_edit_any)
update pocs p set deleted_at = now(), updated_at = now()
 where p.id = :'id'
-- include: POC_MINE_TO_EDIT
returning p.id as "_id"

-- query: POC_FIND(me, may_poc_edit_any, user, q, language, tags, frameworks, sort, descending, offset, count)
select ids::text as "_ids", total as "_total", facets
  from pocs_find(:'me', :'may_poc_edit_any', :'user', :'q', :'language', :'tags', :'frameworks', :'sort', :'descending', :'offset', :'count')

-- query: POC_LIST(ids, me)
select
-- include: POC_COLUMNS
       p.user_id = :'me' as "isMine"
  from unnest(:'ids'::uuid[]) with ordinality as w(id, place)
  join pocs p on p.id = w.id
  join users u on u.id = p.user_id
 where p.user_id = :'me' or (u.status in ('active', 'suspended') and not is_blocked(p.user_id, :'me'))
 order by w.place
 limit :page

-- Rows that were checked one by one, at once.
-- query: POC_IMPORT(me, rows)
with made as (
	insert into pocs (user_id, name, description, repository_url, language, tags, frameworks, is_public)
	select :'me', r.name, coalesce(r.description, ''), r."repositoryUrl", r.language, coalesce(r.tags, '{}'), coalesce(r.frameworks, '{}'),
	       coalesce(r."isPublic", false)
	  from jsonb_to_recordset(:'rows'::jsonb)
	    as r(name text, description text, "repositoryUrl" text, language text, tags text[], frameworks text[], "isPublic" boolean)
	returning id
)
select count(*) as imported from made

-- query: POC_EXPORT(me, at, id)
select p.id, p.name, p.description, p.repository_url as "repositoryUrl", p.language, p.tags, p.frameworks, p.is_public as "isPublic",
       p.created_at as "createdAt", array_to_string(p.tags, ',') as "_tags", array_to_string(p.frameworks, ',') as "_frameworks",
       p.created_at::text as "_at"
  from pocs p
 where p.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and p.user_id = :'me' and p.deleted_at is null
   and (p.created_at, p.id) < (case when :'at'::timestamptz is null then 'infinity' else :'at' end,
                               case when :'id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'id' end)
 order by p.created_at desc, p.id desc
 limit 1000

-- fragment: SNIPPET_COLUMNS
       s.id, s.title, s.language, s.code, s.created_at as "createdAt", s.updated_at as "updatedAt"

-- query: SNIPPET_LIST(id, me, may_poc_edit_any)
select
-- include: SNIPPET_COLUMNS
  from pocs p
  join users u on u.id = p.user_id
  join poc_snippets s on s.poc_id = p.id
 where p.id = :'id'
-- include: POC_SEEN
 order by s.created_at, s.id
 limit 200

-- query: SNIPPET_INSERT(id, me, may_poc_edit_any, title, language, code)
with mine as (
	select p.id from pocs p where p.id = :'id'
-- include: POC_MINE_TO_EDIT
), s as (
	insert into poc_snippets (poc_id, title, language, code) select id, :'title', :'language', :'code' from mine returning *
)
select
-- include: SNIPPET_COLUMNS
  from s

-- query: SNIPPET_UPDATE(id, snippet, me, may_poc_edit_any, title, language, code)
with s as (
	update poc_snippets x
	   set title = coalesce(:'title', x.title), language = case when :'language'::text is null then x.language else nullif(:'language', '') end,
	       code = coalesce(:'code', x.code), updated_at = now()
	  from pocs p
	 where x.id = :'snippet' and x.poc_id = p.id and p.id = :'id'
-- include: POC_MINE_TO_EDIT
	returning x.*
)
select
-- include: SNIPPET_COLUMNS
  from s

-- query: SNIPPET_DELETE(id, snippet, me, may_poc_edit_any)
delete from poc_snippets x using pocs p
 where x.id = :'snippet' and x.poc_id = p.id and p.id = :'id'
-- include: POC_MINE_TO_EDIT
returning x.id as "_id"
