-- db/queries/search.sql - finding things by their words. The functions (migrations 0080, 0081) search as the owner and bind the
-- tenant; what they found is read again here under row-level security, with the conditions that every list has.

-- Authors whom the caller is not to see.
-- fragment: BLOCKED_WITH_ME
       array(select b.blocked_id from blocks b where b.blocker_id = :'me'
             union all
             select b.blocker_id from blocks b where b.blocked_id = :'me')

-- query: SEARCH_FIND(me, kind, q, category, duration, uploaded, sort, offset, count)
select f.ids::text as "_ids", f.total as "_total", f.facets
  from search_find(:'kind', :'q', :'category', :'duration',
       now() - case :'uploaded' when 'day' then interval '1 day' when 'week' then interval '7 days'
               when 'month' then interval '1 month' when 'year' then interval '1 year' end,
       :'sort',
-- include: BLOCKED_WITH_ME
       , :'offset', :'count') f

-- query: SEARCH_CORRECTED(q)
select search_corrected(:'q') as corrected

-- query: SEARCH_VIDEOS(me, ids, q)
select
-- include: VIDEO_CARD
       search_mark(v.title, :'q', v.language, true) as "highlights.title",
       search_mark(left(v.description, 5000), :'q', v.language, false) as "highlights.snippet",
       case when s.start_ms / 1000.0::double precision > s.cut then s.start_ms / 1000.0::double precision - s.cut
            when s.cut is not null then 0 end as "said?.at",
       search_mark(s.text, :'q', s.lang, true) as "said?.text"
  from unnest(:'ids'::uuid[]) with ordinality as w(id, position)
  join videos v on v.id = w.id
  left join lateral ( -- where it is said first; of long captions the first hours are looked through
	select c.start_ms, c.text, c.lang, e.cut
	  from (select start_ms, end_ms, text, lang from caption_cues where video_id = v.id order by start_ms limit 3000) c
	 cross join (select coalesce((v.edition_edit ->> 'start')::double precision, 0) as cut,
	                    coalesce((v.edition_edit ->> 'end')::double precision, 'infinity') as until) e
	 where c.end_ms > e.cut * 1000 and c.start_ms < e.until * 1000
	   and to_tsvector(search_config(c.lang), c.text) @@ search_query(:'q', search_config(c.lang))
	 order by c.start_ms limit 1) s on true
 where true
-- include: VIDEO_LISTED
-- include: NOT_BLOCKED
 order by w.position
 limit :page

-- query: SEARCH_USERS(me, ids, q)
select u.id, u.username, u.display_name as "displayName", u.avatar_key as "avatarUrl:media", u.level,
       u.is_verified as "isVerified", u.follower_count as "stats.followers", u.video_count as "stats.videos",
       exists (select from follows f where f.follower_id = :'me' and f.followed_id = u.id) as "isFollowing",
       search_mark(u.display_name, :'q', u.locale, true) as "highlights.title",
       search_mark(u.bio, :'q', u.locale, false) as "highlights.snippet"
  from unnest(:'ids'::uuid[]) with ordinality as w(id, position)
  join users u on u.id = w.id
 where u.status in ('active', 'suspended')
   and case when :'me'::uuid is null then true else not is_blocked(u.id, :'me') end
 order by w.position
 limit :page

-- query: SEARCH_POCS(me, ids, q)
select p.id, p.name, p.language, p.tags, p.frameworks, p.repository_url as "repositoryUrl",
       (select x.folder || '/small.jpg' from poc_pictures x where x.poc_id = p.id and x.kind = 'thumbnail' and x.folder is not null
         order by x.created_at desc limit 1) as "thumbnailUrl:media",
       u.id as "user.id", u.username as "user.username", u.display_name as "user.displayName", u.avatar_key as "user.avatarUrl:media",
       search_mark(p.name, :'q', null, true) as "highlights.title",
       search_mark(left(p.description, 5000), :'q', null, false) as "highlights.snippet",
       p.created_at as "createdAt"
  from unnest(:'ids'::uuid[]) with ordinality as w(id, position)
  join pocs p on p.id = w.id
  join users u on u.id = p.user_id
 where p.is_public and p.deleted_at is null and u.status in ('active', 'suspended')
   and case when :'me'::uuid is null then true else not is_blocked(u.id, :'me') end
 order by w.position
 limit :page

-- query: SEARCH_COMPLETE(me, q)
select c.text, c.type
  from search_complete(:'q',
-- include: BLOCKED_WITH_ME
       ) c
 limit 20

-- query: SEARCH_WORDS_COUNT()
select search_words_count() as changed
