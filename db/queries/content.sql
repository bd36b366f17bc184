-- db/queries/content.sql - what the worker makes on request, and what reports are made of.

-- fragment: CONTENT_STATE
       case when c.status = 'COMPLETED' then 100 else coalesce((select j.progress from jobs j where j.id = c.job_id), 0) end::int as progress,
       c.size_bytes as "sizeBytes", c.error_message as "errorMessage", c.created_at as "createdAt", c.completed_at as "completedAt",
       c.expires_at as "expiresAt",

-- fragment: CONTENT_COLUMNS
       c.id, c.title, c.status, c.options ->> 'format' as format, c.options ->> 'kind' as kind, c.options as options,
       case when c.status = 'COMPLETED' and c.expires_at > now() then c.file_key end as "reportUrl:media",
-- include: CONTENT_STATE

-- fragment: CONTENT_FILM_COLUMNS
       c.id, c.title, c.options ->> 'description' as description, c.status, c.options ->> 'kind' as kind, c.options ->> 'style' as style,
       c.options ->> 'music' as "musicTrack", c.options as options,
       case when c.status = 'COMPLETED' and c.expires_at > now() then c.file_key end as "videoUrl:media",
       case when c.status = 'COMPLETED' and c.expires_at > now() then regexp_replace(c.file_key, '[^/]*$', 'poster.jpg') end as "thumbnailUrl:media",
-- include: CONTENT_STATE

-- Of two who ask at once, one comes after the other, and as a statement of its own sees what that one did.
-- Is the time one? And is there room: what was made on request counts, too.
-- query: CONTENT_LOCK(me, from, until)
select :'from'::timestamptz < :'until'::timestamptz as is_time,
       coalesce((select used_bytes + reserved_bytes from user_usage m where m.user_id = u.id), 0)
       + coalesce((select sum(c.size_bytes) from content_items c
                    where c.tenant_id = u.tenant_id and c.owner_id = u.id and c.status = 'COMPLETED' and c.deleted_at is null), 0)
       < coalesce(u.quota_bytes, (select t.user_quota_bytes from tenants t where t.id = u.tenant_id)) as has_room
  from users u where u.id = :'me'
   for no key update of u

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
), told as ( -- who asks again with a mail gets it
	update content_items c set tells_by_mail = true from same where c.id = same.id and :'by_mail' and c.status in ('PENDING', 'PROCESSING')
), asked as (
	insert into jobs (id, kind, user_id, subject_id, payload, traceparent)
	select job_id, case :'kind' when 'report' then 'document' else 'recap' end, owner_id, id, jsonb_build_object('item', id), :'traceparent' from made
)

-- query: CONTENT_ASK(me, kind, title, options, by_mail, traceparent)
-- include: CONTENT_ASKED
select c.id as "reportId", c.status, coalesce(c.completed_at, c.created_at + content_wait('document', 10)) as "estimatedCompletionTime"
  from (select * from made union all select * from same) c

-- query: CONTENT_ASK_FILM(me, kind, title, options, by_mail, traceparent)
-- include: CONTENT_ASKED
select c.id as "videoId", c.status, coalesce(c.completed_at, c.created_at + content_wait('recap', 120)) as "estimatedCompletionTime"
  from (select * from made union all select * from same) c

-- fragment: CONTENT_OWN
  from content_items c
 where c.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and c.owner_id = :'me' and c.deleted_at is null

-- The community's own, for those who moderate.
-- fragment: CONTENT_OF_COMMUNITY
  from content_items c
 where c.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and c.owner_id is null and :'may_report_review' and c.deleted_at is null

-- fragment: CONTENT_PAGE
   and (c.created_at, c.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by c.created_at desc, c.id desc
 limit :page

-- query: CONTENT_TIME(from, until)
select :'from'::timestamptz < :'until'::timestamptz as is_time

-- query: CONTENT_REPORTS(me, may_report_review, after_at, after_id)
select
-- include: CONTENT_COLUMNS
       c.owner_id is null as "isOfCommunity", c.created_at as "_after_at", c.id as "_after_id"
  from ((select c.*
-- include: CONTENT_OWN
   and c.kind = 'report'
-- include: CONTENT_PAGE
       ) union all (select c.*
-- include: CONTENT_OF_COMMUNITY
   and c.kind = 'report'
-- include: CONTENT_PAGE
       )) c
 order by c.created_at desc, c.id desc
 limit :page

-- query: CONTENT_REPORT(id, me, may_report_review)
select
-- include: CONTENT_COLUMNS
       c.owner_id is null as "isOfCommunity", c.id as "reportId"
  from content_items c
 where (c.owner_id = :'me' or (:'may_report_review' and c.owner_id is null)) and c.deleted_at is null
   and c.kind = 'report' and c.id = :'id'

-- query: CONTENT_FILMS(me, after_at, after_id)
select
-- include: CONTENT_FILM_COLUMNS
       c.created_at as "_after_at", c.id as "_after_id"
-- include: CONTENT_OWN
   and c.kind = 'video'
-- include: CONTENT_PAGE

-- query: CONTENT_FILM(id, me)
select
-- include: CONTENT_FILM_COLUMNS
       c.id as "videoId"
-- include: CONTENT_OWN
   and c.kind = 'video' and c.id = :'id'

-- query: CONTENT_CANCEL(id, me, kind)
with c as (
	select c.id, c.job_id
-- include: CONTENT_OWN
	   and c.kind = :'kind' and c.id = :'id' and c.status in ('PENDING', 'PROCESSING')
)
select c.id, coalesce(job_cancel(c.job_id, current_tenant()), 'cancelled') as state from c

-- query: CONTENT_DELETE(id, me, kind)
with c as (
	update content_items c set deleted_at = now() where c.id = :'id' and c.owner_id = :'me' and c.kind = :'kind' and c.deleted_at is null returning *
), stopped as (
	select job_cancel(c.job_id, current_tenant()) from c where c.status in ('PENDING', 'PROCESSING')
), gone as (
	insert into jobs (kind, subject_id, payload, priority)
	select 'content_remove', id, jsonb_build_object('folder', regexp_replace(file_key, '/[^/]*$', '')), -10 from c where file_key is not null
)
select c.id as "_id", (select count(*) from stopped)::text as "_stopped" from c

-- query: CONTENT_WORK(item)
select c.title, c.options::text as options, c.owner_id, c.tells_by_mail, coalesce(u.display_name, t.name) as person, u.email,
       coalesce(u.locale, t.locale) as locale, t.name as site, t.base_url, t.branding ->> 'primaryColor' as colour,
       to_char((c.options ->> 'from')::timestamptz at time zone 'UTC', 'YYYY-MM-DD') as first_day,
       to_char(((c.options ->> 'until')::timestamptz - interval '1 microsecond') at time zone 'UTC', 'YYYY-MM-DD') as last_day
  from content_items c
  left join users u on u.id = c.owner_id -- null: the community's
  join tenants t on t.id = c.tenant_id
 where c.id = :'item' and c.deleted_at is null and c.status <> 'COMPLETED'

-- query: CONTENT_DONE(item, key, mime, bytes, keep_s)
update content_items
   set status = 'COMPLETED', file_key = :'key', mime_type = :'mime', size_bytes = :'bytes', completed_at = now(), error_message = null,
       expires_at = now() + make_interval(secs => :'keep_s')
 where id = :'item' and deleted_at is null
returning id, case when kind = 'video' then notify(owner_id, 'recap_ready', null, 'film', id, jsonb_build_object('title', title))::text
                   when owner_id is null then moderation_report_tell(id)::text end as told

-- query: CONTENT_EXPIRE()
select content_expire(500) as gone

-- In January and February a worker that was off for New Year still does it.
-- query: RECAP_YEAR()
select case when extract(month from now()) <= 2 then recap_year_ask((extract(year from now()) - 1)::integer) else 0 end as asked

-- query: MODERATION_MONTH()
select moderation_month_ask(((now() at time zone 'UTC') - interval '1 month')::date) as asked

-- What a report is made of: figures (label, value), charts (chart, label, value; is_word: the label is a code of ours) and rows (_group, c1…, in the order they are to have). The sorts of report are
-- in worker/job_document.c; labels are English, worker/report/words.def has them for translators.

-- fragment: REPORT_POCS_FITTING
  from pocs p
 where p.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and p.user_id = :'user' and p.deleted_at is null
   and p.created_at >= :'from'::timestamptz and p.created_at < :'until'::timestamptz
   and (:'include'::text[] is null or p.tags && :'include') and (:'exclude'::text[] is null or not p.tags && :'exclude')

-- fragment: REPORT_POCS_FIGURES_ROWS
with f as (select p.*
-- include: REPORT_POCS_FITTING
)
select 1 as n, 'Projects' as label, (select count(*) from f)::float8 as value
union all select 2, 'Languages', (select count(distinct language) from f)
union all select 3, 'Frameworks', (select count(distinct x) from f, unnest(frameworks) x)
union all select 4, 'Public', (select count(*) from f where is_public)
union all select 5, 'Pieces of code', (select count(*) from poc_snippets s where s.poc_id in (select id from f))

-- query: REPORT_POCS_FIGURES(user, from, until, include, exclude)
-- include: REPORT_POCS_FIGURES_ROWS
order by 1

-- fragment: REPORT_POCS_CHARTS_ROWS
with f as (select p.*
-- include: REPORT_POCS_FITTING
)
(select 1 as n, 'Projects by month' as chart, to_char(m, 'YYYY-MM') as label, (select count(*) from f where f.created_at >= m and f.created_at < m + interval '1 month')::float8 as value,
        extract(epoch from m)::float8 as place, false as is_word
   from generate_series(date_trunc('month', greatest(:'from'::timestamptz, :'until'::timestamptz - interval '35 months')),
                        :'until'::timestamptz - interval '1 second', interval '1 month') m limit 36)
union all (select 2, 'By language', coalesce(language, '–'), count(*), -count(*), false from f group by 3 order by 4 desc, 3 limit 10)
union all (select 3, 'Most used tags', x, count(*), -count(*), false from f, unnest(tags) x group by 3 order by 4 desc, 3 limit 10)

-- query: REPORT_POCS_CHARTS(user, from, until, include, exclude)
-- include: REPORT_POCS_CHARTS_ROWS
order by 1, place, 3

-- Rows of reports are all of them: they are read by a cursor, sorted once.
-- query: REPORT_POCS_ROWS(user, from, until, include, exclude, group_by)
select g.name as "_group", p.name as c1, p.language as c2, array_to_string(p.tags, ', ') as c3, array_to_string(p.frameworks, ', ') as c4,
       p.repository_url as c5, to_char(p.created_at, 'YYYY-MM-DD') as c6
  from (select p.*
-- include: REPORT_POCS_FITTING
       ) p
 cross join lateral unnest(case :'group_by'::text
	when 'language' then array[coalesce(p.language, '–')]
	when 'tag' then case when p.tags = '{}' then array['–'] else p.tags end
	else array[to_char(p.created_at, 'YYYY-MM')] end) g(name)
 order by 1, p.created_at, p.id

-- All of somebody's projects, as POC_EXPORT has them.
-- query: POC_TABLE_ROWS(user, from, until, include, exclude)
select p.name as "_group", p.description as c1, p.repository_url as c2, p.language as c3, array_to_string(p.tags, ',') as c4,
       array_to_string(p.frameworks, ',') as c5, case when p.is_public then 'true' else 'false' end as c6
-- include: REPORT_POCS_FITTING
 order by p.created_at desc, p.id desc

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

-- Those with these tags, made before the time ends: what they were watched, liked and talked about in it is counted.
-- fragment: REPORT_VIDEOS_FITTING
  from videos v
 where v.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and v.user_id = :'user' and v.deleted_at is null
   and v.created_at < :'until'::timestamptz
   and (:'include'::text[] is null or v.tags && :'include') and (:'exclude'::text[] is null or not v.tags && :'exclude')

-- fragment: REPORT_VIDEOS_FIGURES_ROWS
with f as materialized (select v.id, v.created_at
-- include: REPORT_VIDEOS_FITTING
), t as (
	select :'from'::timestamptz as first, :'until'::timestamptz as last, (:'from'::timestamptz at time zone 'UTC')::date as first_day,
	       ((:'until'::timestamptz - interval '1 microsecond') at time zone 'UTC')::date as last_day
)
select 1 as n, 'Videos' as label, (select count(*) from f, t where f.created_at >= t.first)::float8 as value
union all select 2, 'Views', (select coalesce(sum(d.views), 0) from f join video_views_daily d on d.video_id = f.id, t where d.day between t.first_day and t.last_day)
union all select 3, 'Hours watched', (select round(coalesce(sum(d.watched_s), 0) / 3600) from f join video_engagement_daily d on d.video_id = f.id, t
                                       where d.day between t.first_day and t.last_day)
union all select 4, 'Seconds a view', (select coalesce(round(sum(e.watched_s) / nullif(sum(d.views), 0)), 0)
                                        from f join video_views_daily d on d.video_id = f.id left join video_engagement_daily e on e.video_id = d.video_id and e.day = d.day, t
                                       where d.day between t.first_day and t.last_day)
union all select 5, 'Likes', (select count(*) from f join video_likes l on l.video_id = f.id, t where l.created_at >= t.first and l.created_at < t.last)
union all select 6, 'Comments', (select count(*) from f join comments c on c.video_id = f.id, t
                                  where c.created_at >= t.first and c.created_at < t.last and c.deleted_at is null)
union all select 7, 'New followers', (select count(*) from follows x, t where x.followed_id = :'user' and x.created_at >= t.first and x.created_at < t.last)

-- query: REPORT_VIDEOS_FIGURES(user, from, until, include, exclude)
-- include: REPORT_VIDEOS_FIGURES_ROWS
order by 1

-- Which of them were watched on which day: their sketches say by how many (lib/uniques.h). Read by a cursor.
-- query: REPORT_VIDEOS_VIEWED(user, from, until, include, exclude, kept_days)
select f.id::text as video, to_char(d.day, 'YYYYMMDD') as day, d.day <= (now() at time zone 'UTC')::date - :'kept_days'::integer as is_gone
  from (select v.id
-- include: REPORT_VIDEOS_FITTING
       ) f
  join video_views_daily d on d.video_id = f.id
 where d.day between (:'from'::timestamptz at time zone 'UTC')::date and ((:'until'::timestamptz - interval '1 microsecond') at time zone 'UTC')::date
   and d.views > 0

-- fragment: REPORT_VIDEOS_CHARTS_ROWS
with f as materialized (select v.id, v.title
-- include: REPORT_VIDEOS_FITTING
), t as (
	select (:'from'::timestamptz at time zone 'UTC')::date as first_day, ((:'until'::timestamptz - interval '1 microsecond') at time zone 'UTC')::date as last_day
), views as materialized (
	select f.id, f.title, d.day, d.views from f join video_views_daily d on d.video_id = f.id, t where d.day between t.first_day and t.last_day
), parts as materialized (
	select d.dimension, d.value, sum(d.views)::float8 as views
	  from f join video_breakdown_daily d on d.video_id = f.id, t
	 where d.day between t.first_day and t.last_day and d.dimension in ('source', 'device', 'country') group by 1, 2
), months as (
	select m::date as first, (m + interval '1 month')::date as after from t, generate_series(date_trunc('month', greatest(t.first_day, t.last_day - interval '35 months')), t.last_day, interval '1 month') m limit 36
)
(select 1 as n, 'Views by month' as chart, to_char(m.first, 'YYYY-MM') as label, coalesce(sum(w.views), 0)::float8 as value, extract(epoch from m.first)::float8 as place, false as is_word
   from months m left join views w on w.day >= m.first and w.day < m.after group by m.first)
union all (select 2, 'Most viewed', left(title, 60), sum(views)::float8, -sum(views), false from views group by id, title order by 4 desc, 3 limit 8)
union all (select 3, 'Where viewers came from', value, views, -views, value in ('direct', 'internal', 'search', 'social') from parts where dimension = 'source' order by 4 desc, 3 limit 8)
union all (select 4, 'Devices', value, views, -views, true from parts where dimension = 'device' order by 4 desc, 3 limit 8)
union all (select 5, 'Countries', value, views, -views, false from parts where dimension = 'country' order by 4 desc, 3 limit 8)

-- query: REPORT_VIDEOS_CHARTS(user, from, until, include, exclude)
-- include: REPORT_VIDEOS_CHARTS_ROWS
order by 1, place, 3

-- Those of the time, and older ones that were watched in it.
-- query: REPORT_VIDEOS_ROWS(user, from, until, include, exclude, group_by)
select g.name as "_group", v.title as c1, w.views::text as c2, e.minutes::text as c3,
       (select count(*) from video_likes l where l.video_id = v.id and l.created_at >= :'from'::timestamptz and l.created_at < :'until'::timestamptz)::text as c4,
       (select count(*) from comments c where c.video_id = v.id and c.created_at >= :'from'::timestamptz and c.created_at < :'until'::timestamptz
           and c.deleted_at is null)::text as c5,
       to_char(v.created_at, 'YYYY-MM-DD') as c6
  from (select v.*
-- include: REPORT_VIDEOS_FITTING
       ) v
 cross join (select (:'from'::timestamptz at time zone 'UTC')::date as first_day,
                    ((:'until'::timestamptz - interval '1 microsecond') at time zone 'UTC')::date as last_day) t
 cross join lateral (select coalesce(sum(d.views), 0) as views from video_views_daily d where d.video_id = v.id and d.day between t.first_day and t.last_day) w
 cross join lateral (select round(coalesce(sum(d.watched_s), 0) / 60) as minutes from video_engagement_daily d
                      where d.video_id = v.id and d.day between t.first_day and t.last_day) e
 cross join lateral unnest(case :'group_by'::text
	when 'language' then array[coalesce(v.language, '–')]
	when 'tag' then case when v.tags = '{}' then array['–'] else v.tags end
	else array[to_char(v.created_at, 'YYYY-MM')] end) g(name)
 where v.created_at >= :'from'::timestamptz or w.views > 0
 order by 1, v.created_at, v.id

-- fragment: REPORT_MODERATION_FIGURES_ROWS
select 1 as n, 'Reports' as label, (select count(*) from reports where created_at >= :'from'::timestamptz and created_at < :'until'::timestamptz)::float8 as value
union all select 2, 'Cases decided', (select count(*) from cases where decided_at >= :'from'::timestamptz and decided_at < :'until'::timestamptz)
union all select 3, 'Hours to a decision', (select coalesce(round(percentile_cont(0.5) within group (order by extract(epoch from decided_at - created_at)) / 3600), 0)
                                             from cases where decided_at >= :'from'::timestamptz and decided_at < :'until'::timestamptz)
union all select 4, 'Strikes', (select count(*) from strikes where created_at >= :'from'::timestamptz and created_at < :'until'::timestamptz)
union all select 5, 'Appeals', (select count(*) from appeals where created_at >= :'from'::timestamptz and created_at < :'until'::timestamptz)
union all select 6, 'Appeals granted', (select count(*) from appeals where decided_at >= :'from'::timestamptz and decided_at < :'until'::timestamptz and state = 'granted')

-- query: REPORT_MODERATION_FIGURES(from, until)
-- include: REPORT_MODERATION_FIGURES_ROWS
order by 1

-- Day by day as long as that can be read, otherwise month by month.
-- fragment: REPORT_MODERATION_CHARTS_ROWS
with t as (
	select *, case when until - "from" <= interval '40 days' then 'day' else 'month' end as unit
	  from (select :'from'::timestamptz as "from", :'until'::timestamptz as until) x
), counted as materialized (
	select date_trunc(t.unit, r.created_at, 'UTC') as at, count(*) as reports from reports r, t where r.created_at >= t."from" and r.created_at < t.until group by 1
)
(select 1 as n, case t.unit when 'day' then 'Reports by day' else 'Reports by month' end as chart,
        to_char(s at time zone 'UTC', case t.unit when 'day' then 'YYYY-MM-DD' else 'YYYY-MM' end) as label, coalesce(c.reports, 0)::float8 as value,
        extract(epoch from s)::float8 as place, false as is_word
   from t cross join generate_series(date_trunc(t.unit, t."from", 'UTC'), t.until - interval '1 microsecond', ('1 ' || t.unit)::interval) s
   left join counted c on c.at = s limit 40)
union all (select 2, 'Reports by category', category, count(*), -count(*), true
             from reports where created_at >= :'from'::timestamptz and created_at < :'until'::timestamptz group by 3 order by 4 desc limit 12)
union all (select 3, 'Decisions', action, count(*), -count(*), true from decisions
            where created_at >= :'from'::timestamptz and created_at < :'until'::timestamptz group by 3 order by 4 desc limit 12)

-- query: REPORT_MODERATION_CHARTS(from, until)
-- include: REPORT_MODERATION_CHARTS_ROWS
order by 1, place, 3

-- What a report would say, without making it: the same figures and charts. Of the three sorts, by one frame.
-- fragment: REPORT_PREVIEW_FIGURES
select :'from'::timestamptz as "from", :'until'::timestamptz as until,
       (select json_agg(json_build_object('name', x.label, 'value', x.value) order by x.n) from (

-- fragment: REPORT_PREVIEW_CHARTS
       ) x) as figures,
       (select coalesce(json_agg(json_build_object('title', y.chart, 'isByTime', y.is_by_time, 'bars', y.bars) order by y.n), '[]')
          from (select x.n, x.chart, bool_and(x.label ~ '^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$') as is_by_time,
                       json_agg(json_build_object('label', x.label, 'value', x.value, 'isWord', x.is_word) order by x.place, x.label) as bars
                  from (

-- fragment: REPORT_PREVIEW_END
                  ) x group by x.n, x.chart) y) as charts

-- query: REPORT_POCS_PREVIEW(user, from, until, include, exclude)
-- include: REPORT_PREVIEW_FIGURES
-- include: REPORT_POCS_FIGURES_ROWS
-- include: REPORT_PREVIEW_CHARTS
-- include: REPORT_POCS_CHARTS_ROWS
-- include: REPORT_PREVIEW_END

-- query: REPORT_VIDEOS_PREVIEW(user, from, until, include, exclude)
-- include: REPORT_PREVIEW_FIGURES
-- include: REPORT_VIDEOS_FIGURES_ROWS
-- include: REPORT_PREVIEW_CHARTS
-- include: REPORT_VIDEOS_CHARTS_ROWS
-- include: REPORT_PREVIEW_END

-- query: REPORT_MODERATION_PREVIEW(from, until)
-- include: REPORT_PREVIEW_FIGURES
-- include: REPORT_MODERATION_FIGURES_ROWS
-- include: REPORT_PREVIEW_CHARTS
-- include: REPORT_MODERATION_CHARTS_ROWS
-- include: REPORT_PREVIEW_END

-- query: REPORT_MODERATION_ROWS(from, until)
select to_char(d.created_at, 'YYYY-MM') as "_group", d.action as c1,
       coalesce((select r.title from reason_templates r where r.tenant_id = d.tenant_id and r.code = d.reason
                  order by r.locale = t.language desc, r.locale = 'en' desc limit 1), d.reason) as c2, d.subject_kind as c3,
       case when d.is_automatic then '–' else m.username end as c4, case when d.reversed_at is not null then '×' end as c5,
       to_char(d.created_at, 'YYYY-MM-DD') as c6
  from decisions d
  join (select id, split_part(locale, '-', 1) as language from tenants) t on t.id = d.tenant_id
  left join users m on m.id = d.moderator_id
 where d.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and d.created_at >= :'from'::timestamptz and d.created_at < :'until'::timestamptz
 order by 1, d.created_at, d.id

-- The best ones of a time, in its order; each plays from where it has begun to get interesting.
-- query: RECAP_VIDEOS(user, from, until, include, exclude)
select v.title, concat_ws('  ·  ', '▶ ' || v.view_count, '♥ ' || v.like_count, nullif(array_to_string(v.tags[1:4], ', '), '')) as about,
       left(v.description, 600) as text, null::text as badge, to_char(v.created_at, 'YYYY-MM') as month, v.poster_key as picture,
       (select r.media_key from renditions r where r.video_id = v.id and r.state = 'ready' and r.height is not null
         order by abs(least(r.height, coalesce(r.width, r.height)) - 720) limit 1) as clip,
       greatest(0, least(v.duration_s * 0.2, v.duration_s - 7))::float8 as clip_from
  from (select v.*
-- include: REPORT_VIDEOS_FITTING
   and v.state = 'ready' and v.created_at >= :'from'::timestamptz
 order by v.view_count + 5 * v.like_count + 10 * v.comment_count desc, v.created_at desc
 limit 20) v
 order by v.created_at, v.id
