-- db/queries/content.sql - what the worker makes on request, and what reports are made of.

-- fragment: CONTENT_COLUMNS
       c.id, c.title, c.status, c.options ->> 'format' as format, c.options ->> 'kind' as kind, c.options as options,
       case when c.status = 'COMPLETED' then 100 else coalesce((select j.progress from jobs j where j.id = c.job_id), 0) end::int as progress,
       case when c.status = 'COMPLETED' and c.expires_at > now() then c.file_key end as "reportUrl:media",
       c.size_bytes as "sizeBytes", c.error_message as "errorMessage", c.created_at as "createdAt", c.completed_at as "completedAt",
       c.expires_at as "expiresAt",

-- fragment: CONTENT_FILM_COLUMNS
       c.id, c.title, c.options ->> 'description' as description, c.status, c.options ->> 'kind' as kind, c.options ->> 'style' as style,
       c.options ->> 'music' as "musicTrack", c.options as options,
       case when c.status = 'COMPLETED' then 100 else coalesce((select j.progress from jobs j where j.id = c.job_id), 0) end::int as progress,
       case when c.status = 'COMPLETED' and c.expires_at > now() then c.file_key end as "videoUrl:media",
       case when c.status = 'COMPLETED' and c.expires_at > now() then regexp_replace(c.file_key, '[^/]*$', 'poster.jpg') end as "thumbnailUrl:media",
       c.size_bytes as "sizeBytes", c.error_message as "errorMessage", c.created_at as "createdAt", c.completed_at as "completedAt",
       c.expires_at as "expiresAt",

-- Of two who ask at once, one comes after the other, and as a statement of its own sees what that one did.
-- query: CONTENT_LOCK(me)
select id from users where id = :'me' for no key update

-- The same asked for twice within a minute is one.
-- fragment: CONTENT_ASKED
with asker as (
	select id from users where id = :'me'
), same as (
	select c.* from content_items c, asker
	 where c.owner_id = asker.id and c.kind = :'kind' and c.title = :'title' and c.options = :'options'::jsonb and c.deleted_at is null
	   and c.status in ('PENDING', 'PROCESSING', 'COMPLETED') and c.created_at > now() - interval '1 minute'
	 order by c.created_at desc limit 1
), made as (
	insert into content_items (owner_id, kind, title, options, tells_by_mail, job_id)
	select id, :'kind', :'title', :'options'::jsonb, :'by_mail', uuid_v7() from asker where not exists (select from same)
	returning *
), asked as (
	insert into jobs (id, kind, user_id, subject_id, payload, traceparent)
	select job_id, case :'kind' when 'report' then 'document' else 'recap' end, owner_id, id, jsonb_build_object('item', id), :'traceparent' from made
)

-- query: CONTENT_ASK(me, kind, title, options, by_mail, traceparent)
-- include: CONTENT_ASKED
select c.id as "reportId", c.status, c.created_at + interval '30 seconds' as "estimatedCompletionTime"
  from (select * from made union all select * from same) c

-- query: CONTENT_ASK_FILM(me, kind, title, options, by_mail, traceparent)
-- include: CONTENT_ASKED
select c.id as "videoId", c.status, c.created_at + interval '2 minutes' as "estimatedCompletionTime"
  from (select * from made union all select * from same) c

-- query: CONTENT_REPORTS(me, after_at, after_id)
select
-- include: CONTENT_COLUMNS
       c.created_at as "_after_at", c.id as "_after_id"
  from content_items c
 where c.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and c.owner_id = :'me' and c.kind = 'report' and c.deleted_at is null
   and (c.created_at, c.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by c.created_at desc, c.id desc
 limit :page

-- query: CONTENT_REPORT(id, me)
select
-- include: CONTENT_COLUMNS
       c.id as "reportId"
  from content_items c where c.id = :'id' and c.owner_id = :'me' and c.kind = 'report' and c.deleted_at is null

-- query: CONTENT_FILMS(me, after_at, after_id)
select
-- include: CONTENT_FILM_COLUMNS
       c.created_at as "_after_at", c.id as "_after_id"
  from content_items c
 where c.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and c.owner_id = :'me' and c.kind = 'video' and c.deleted_at is null
   and (c.created_at, c.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by c.created_at desc, c.id desc
 limit :page

-- query: CONTENT_FILM(id, me)
select
-- include: CONTENT_FILM_COLUMNS
       c.id as "videoId"
  from content_items c where c.id = :'id' and c.owner_id = :'me' and c.kind = 'video' and c.deleted_at is null

-- query: CONTENT_CANCEL(id, me)
with c as (
	select c.id, c.job_id from content_items c
	 where c.id = :'id' and c.owner_id = :'me' and c.kind = 'report' and c.deleted_at is null and c.status in ('PENDING', 'PROCESSING')
)
select c.id as "reportId", coalesce(job_cancel(c.job_id, current_tenant()), 'cancelled') as state from c

-- query: CONTENT_DELETE(id, me)
with c as (
	update content_items c set deleted_at = now() where c.id = :'id' and c.owner_id = :'me' and c.kind = 'report' and c.deleted_at is null returning *
), stopped as (
	select job_cancel(c.job_id, current_tenant()) from c where c.status in ('PENDING', 'PROCESSING')
), gone as (
	insert into jobs (kind, subject_id, payload, priority)
	select 'content_remove', id, jsonb_build_object('folder', regexp_replace(file_key, '/[^/]*$', '')), -10 from c where file_key is not null
)
select c.id as "_id", (select count(*) from stopped)::text as "_stopped" from c

-- query: CONTENT_FILM_CANCEL(id, me)
with c as (
	select c.id, c.job_id from content_items c
	 where c.id = :'id' and c.owner_id = :'me' and c.kind = 'video' and c.deleted_at is null and c.status in ('PENDING', 'PROCESSING')
)
select c.id as "videoId", coalesce(job_cancel(c.job_id, current_tenant()), 'cancelled') as state from c

-- query: CONTENT_FILM_DELETE(id, me)
with c as (
	update content_items c set deleted_at = now() where c.id = :'id' and c.owner_id = :'me' and c.kind = 'video' and c.deleted_at is null returning *
), stopped as (
	select job_cancel(c.job_id, current_tenant()) from c where c.status in ('PENDING', 'PROCESSING')
), gone as (
	insert into jobs (kind, subject_id, payload, priority)
	select 'content_remove', id, jsonb_build_object('folder', regexp_replace(file_key, '/[^/]*$', '')), -10 from c where file_key is not null
)
select c.id as "_id", (select count(*) from stopped)::text as "_stopped" from c

-- query: CONTENT_WORK(item)
select c.title, c.options::text as options, c.owner_id, c.tells_by_mail, u.display_name as person, u.email,
       coalesce(u.locale, t.locale) as locale, t.name as site, t.base_url
  from content_items c
  join users u on u.id = c.owner_id
  join tenants t on t.id = c.tenant_id
 where c.id = :'item' and c.deleted_at is null and c.status <> 'COMPLETED'

-- query: CONTENT_DONE(item, key, mime, bytes, keep_s)
update content_items
   set status = 'COMPLETED', file_key = :'key', mime_type = :'mime', size_bytes = :'bytes', completed_at = now(), error_message = null,
       expires_at = now() + make_interval(secs => :'keep_s')
 where id = :'item' and deleted_at is null
returning id, case when kind = 'video' then notify(owner_id, 'recap_ready', null, 'film', id, jsonb_build_object('title', title))::text end as told

-- query: CONTENT_EXPIRE()
select content_expire(500) as gone

-- In January and February a worker that was off for New Year still does it.
-- query: RECAP_YEAR()
select case when extract(month from now()) <= 2 then recap_year_ask((extract(year from now()) - 1)::integer) else 0 end as asked

-- What a report is made of: figures (label, value), charts (chart, label, value) and rows (_group, c1…). The sorts of report are
-- in worker/job_document.c; labels are English, worker/report/words.def has them for translators.

-- fragment: REPORT_POCS_FITTING
  from pocs p
 where p.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and p.user_id = :'user' and p.deleted_at is null
   and p.created_at >= :'from'::timestamptz and p.created_at < :'until'::timestamptz
   and (:'include'::text[] is null or p.tags && :'include') and (:'exclude'::text[] is null or not p.tags && :'exclude')

-- query: REPORT_POCS_FIGURES(user, from, until, include, exclude)
with f as (select p.*
-- include: REPORT_POCS_FITTING
)
select 1 as n, 'Projects' as label, (select count(*) from f)::float8 as value
union all select 2, 'Languages', (select count(distinct language) from f)
union all select 3, 'Frameworks', (select count(distinct x) from f, unnest(frameworks) x)
union all select 4, 'Public', (select count(*) from f where is_public)
union all select 5, 'Pieces of code', (select count(*) from poc_snippets s where s.poc_id in (select id from f))
order by 1

-- query: REPORT_POCS_CHARTS(user, from, until, include, exclude)
with f as (select p.*
-- include: REPORT_POCS_FITTING
)
(select 1 as n, 'By month' as chart, to_char(m, 'YYYY-MM') as label, (select count(*) from f where f.created_at >= m and f.created_at < m + interval '1 month')::float8 as value,
        extract(epoch from m)::float8 as place
   from generate_series(date_trunc('month', :'from'::timestamptz), :'until'::timestamptz - interval '1 second', interval '1 month') m limit 36)
union all (select 2, 'By language', coalesce(language, '–'), count(*), -count(*) from f group by 3 order by 4 desc, 3 limit 10)
union all (select 3, 'Most used tags', x, count(*), -count(*) from f, unnest(tags) x group by 3 order by 4 desc, 3 limit 10)
order by 1, place, 3

-- query: REPORT_POCS_ROWS(user, from, until, include, exclude, group_by, after_group, after_at, after_id)
select * from (
	select g.name as "_group", p.name as c1, p.language as c2, array_to_string(p.tags, ', ') as c3, array_to_string(p.frameworks, ', ') as c4,
	       p.repository_url as c5, to_char(p.created_at, 'YYYY-MM-DD') as c6, p.created_at::text as "_at", p.id::text as "_id"
	  from (select p.*
-- include: REPORT_POCS_FITTING
	       ) p
	 cross join lateral unnest(case :'group_by'::text
		when 'language' then array[coalesce(p.language, '–')]
		when 'tag' then case when p.tags = '{}' then array['–'] else p.tags end
		else array[to_char(p.created_at, 'YYYY-MM')] end) g(name)
) r
 where (r."_group", r."_at", r."_id") > (coalesce(:'after_group'::text, ''), coalesce(:'after_at'::text, ''), coalesce(:'after_id'::text, ''))
 order by 1, "_at", "_id"
 limit 1000

-- What a film shows one after the other; pictures and clips are keys of files.
-- query: RECAP_POCS(user, from, until, include, exclude)
select p.name as title,
       concat_ws('  ·  ', p.language, nullif(array_to_string(p.frameworks[1:4], ', '), ''), nullif(array_to_string(p.tags[1:4], ', '), '')) as about,
       left(p.description, 600) as text, p.language as badge, to_char(p.created_at, 'YYYY-MM') as month,
       (select i.folder || '/large.jpg' from poc_pictures i where i.poc_id = p.id and i.folder is not null
         order by i.kind desc, i.created_at limit 1) as picture,
       null::text as clip, 0::float8 as clip_from
-- include: REPORT_POCS_FITTING
 order by p.created_at, p.id
 limit 5000

-- fragment: REPORT_VIDEOS_FITTING
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and v.user_id = :'user' and v.deleted_at is null
   and v.created_at >= :'from'::timestamptz and v.created_at < :'until'::timestamptz
   and (:'include'::text[] is null or v.tags && :'include') and (:'exclude'::text[] is null or not v.tags && :'exclude')

-- query: REPORT_VIDEOS_FIGURES(user, from, until, include, exclude)
with f as (select v.*
-- include: REPORT_VIDEOS_FITTING
)
select 1 as n, 'Videos' as label, (select count(*) from f)::float8 as value
union all select 2, 'Views', (select coalesce(sum(view_count), 0) from f)
union all select 3, 'Likes', (select coalesce(sum(like_count), 0) from f)
union all select 4, 'Comments', (select coalesce(sum(comment_count), 0) from f)
union all select 5, 'Minutes of video', (select coalesce(round(sum(duration_s) / 60), 0) from f)
order by 1

-- query: REPORT_VIDEOS_CHARTS(user, from, until, include, exclude)
with f as (select v.*
-- include: REPORT_VIDEOS_FITTING
)
(select 1 as n, 'By month' as chart, to_char(m, 'YYYY-MM') as label, (select count(*) from f where f.created_at >= m and f.created_at < m + interval '1 month')::float8 as value,
        extract(epoch from m)::float8 as place
   from generate_series(date_trunc('month', :'from'::timestamptz), :'until'::timestamptz - interval '1 second', interval '1 month') m limit 36)
union all (select 2, 'Most viewed', left(title, 60), view_count, -view_count from f order by view_count desc, title limit 10)
union all (select 3, 'Most used tags', x, count(*), -count(*) from f, unnest(tags) x group by 3 order by 4 desc, 3 limit 10)
order by 1, place, 3

-- query: REPORT_VIDEOS_ROWS(user, from, until, include, exclude, group_by, after_group, after_at, after_id)
select * from (
	select g.name as "_group", v.title as c1, v.view_count::text as c2, v.like_count::text as c3, v.comment_count::text as c4,
	       round(coalesce(v.duration_s, 0))::text as c5, to_char(v.created_at, 'YYYY-MM-DD') as c6, v.created_at::text as "_at", v.id::text as "_id"
	  from (select v.*
-- include: REPORT_VIDEOS_FITTING
	       ) v
	 cross join lateral unnest(case :'group_by'::text
		when 'language' then array[coalesce(v.language, '–')]
		when 'tag' then case when v.tags = '{}' then array['–'] else v.tags end
		else array[to_char(v.created_at, 'YYYY-MM')] end) g(name)
) r
 where (r."_group", r."_at", r."_id") > (coalesce(:'after_group'::text, ''), coalesce(:'after_at'::text, ''), coalesce(:'after_id'::text, ''))
 order by 1, "_at", "_id"
 limit 1000

-- query: REPORT_MODERATION_FIGURES(from, until)
select 1 as n, 'Reports' as label, (select count(*) from reports where created_at >= :'from'::timestamptz and created_at < :'until'::timestamptz)::float8 as value
union all select 2, 'Cases decided', (select count(*) from cases where decided_at >= :'from'::timestamptz and decided_at < :'until'::timestamptz)
union all select 3, 'Strikes', (select count(*) from strikes where created_at >= :'from'::timestamptz and created_at < :'until'::timestamptz)
union all select 4, 'Appeals', (select count(*) from appeals where created_at >= :'from'::timestamptz and created_at < :'until'::timestamptz)
union all select 5, 'Appeals granted', (select count(*) from appeals where decided_at >= :'from'::timestamptz and decided_at < :'until'::timestamptz and state = 'granted')
order by 1

-- query: REPORT_MODERATION_CHARTS(from, until)
(select 1 as n, 'Reports by category' as chart, category as label, count(*)::float8 as value, -count(*)::float8 as place
   from reports where created_at >= :'from'::timestamptz and created_at < :'until'::timestamptz group by 3 order by 4 desc limit 12)
union all (select 2, 'Decisions', action, count(*), -count(*) from decisions
            where created_at >= :'from'::timestamptz and created_at < :'until'::timestamptz group by 3 order by 4 desc limit 12)
order by 1, place, 3

-- query: REPORT_MODERATION_ROWS(from, until, after_group, after_at, after_id)
select * from (
	select to_char(d.created_at, 'YYYY-MM') as "_group", d.action as c1, d.reason as c2, d.subject_kind as c3,
	       case when d.is_automatic then '–' else m.username end as c4, case when d.reversed_at is not null then '×' end as c5,
	       to_char(d.created_at, 'YYYY-MM-DD') as c6, d.created_at::text as "_at", d.id::text as "_id"
	  from decisions d
	  left join users m on m.id = d.moderator_id
	 where d.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
	   and d.created_at >= :'from'::timestamptz and d.created_at < :'until'::timestamptz
) r
 where (r."_group", r."_at", r."_id") > (coalesce(:'after_group'::text, ''), coalesce(:'after_at'::text, ''), coalesce(:'after_id'::text, ''))
 order by 1, "_at", "_id"
 limit 1000

-- The best ones of a time, in its order; each plays from where it has begun to get interesting.
-- query: RECAP_VIDEOS(user, from, until, include, exclude)
select v.title, concat_ws('  ·  ', '▶ ' || v.view_count, '♥ ' || v.like_count, nullif(array_to_string(v.tags[1:4], ', '), '')) as about,
       left(v.description, 600) as text, null::text as badge, to_char(v.created_at, 'YYYY-MM') as month, v.poster_key as picture,
       (select r.media_key from renditions r where r.video_id = v.id and r.state = 'ready' and r.height is not null
         order by abs(least(r.height, coalesce(r.width, r.height)) - 720) limit 1) as clip,
       greatest(0, least(v.duration_s * 0.2, v.duration_s - 7))::float8 as clip_from
  from (select v.*
-- include: REPORT_VIDEOS_FITTING
   and v.state = 'ready'
 order by v.view_count + 5 * v.like_count + 10 * v.comment_count desc, v.created_at desc
 limit 20) v
 order by v.created_at, v.id
