-- db/queries/moderation.sql - reports, the queue, decisions. The rules are functions of db/migrations/0091_moderation_rules.sql.

-- What a function has just written is not there yet for the statement that calls it: no joins to it.
-- fragment: REPORT_MINE
       r.category, r.body as text, r.start_s as "startSeconds", r.end_s as "endSeconds", r.reply, r.replied_at as "repliedAt",
       r.created_at as "createdAt"

-- query: REPORT_VIDEO(id, me, may_video_edit_any, category, text, start_seconds, end_seconds)
select r.id, 'video' as "subject.kind", v.id as "subject.id", 'open' as state,
-- include: REPORT_MINE
  from videos v
 cross join lateral report_file('video', v.id, :'me', :'category', :'text', :'start_seconds', :'end_seconds') r
 where v.id = :'id'
   and v.deleted_at is null
-- include: VIDEO_SEEN

-- query: REPORT_COMMENT(id, me, may_video_edit_any, category, text)
with seen as materialized (
	select m.id
	  from comments m
	  join videos v on v.id = m.video_id
	 where m.id = :'id'
	   and m.deleted_at is null
	   and (m.hidden_at is null or :'may_video_edit_any')
	   and not is_blocked(m.user_id, :'me')
	   and v.deleted_at is null
-- include: VIDEO_SEEN
)
select r.id, 'comment' as "subject.kind", s.id as "subject.id", 'open' as state,
-- include: REPORT_MINE
  from seen s
 cross join lateral report_file('comment', s.id, :'me', :'category', :'text') r

-- query: REPORT_USER(id, me, category, text)
select r.id, 'user' as "subject.kind", u.id as "subject.id", 'open' as state,
-- include: REPORT_MINE
  from users u
 cross join lateral report_file('user', u.id, :'me', :'category', :'text') r
 where u.id = person(:'id') and u.status in ('active', 'suspended')

-- query: REPORT_MINE_PAGE(me, after_at, after_id)
select r.id, c.subject_kind as "subject.kind", c.subject_id as "subject.id", c.state,
-- include: REPORT_MINE
       , r.created_at::text as "_after_at", r.id::text as "_after_id"
  from reports r
  join cases c on c.id = r.case_id
 where r.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and r.reporter_id = :'me'
   and (r.created_at, r.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by r.created_at desc, r.id desc
 limit :page

-- fragment: CASE_CARD
       c.id, c.subject_kind as "subject.kind", c.subject_id as "subject.id", c.snapshot as "subject.words",
       c.source, c.state, c.is_held as "isHeld", c.report_count as "reportCount", c.categories, c.priority,
       a.id as "user?.id", a.username as "user?.username", a.display_name as "user?.displayName", a.status as "user?.status",
       case when a.id is not null then strike_count(a.id) end as "user?.strikes",
       w.id as "claimedBy?.id", w.username as "claimedBy?.username",
       case when w.id is not null then c.claimed_until end as "claimedUntil",
       c.created_at as "createdAt", c.last_report_at as "lastReportAt", c.decided_at as "decidedAt"

-- fragment: CASE_PEOPLE
  left join users a on a.id = c.user_id
  left join users w on w.id = c.claimed_by and c.claimed_until > now()

-- fragment: CASE_OPEN_FITTING
 where c.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and c.state = 'open'
   and case when :'kind'::text is null then true else c.subject_kind = :'kind' end
   and case when :'category'::text is null then true else c.categories @> array[:'category'::text] end
   and case :'claimed'::text
       when 'me' then c.claimed_by = :'me' and c.claimed_until > now()
       when 'nobody' then c.claimed_by is null or c.claimed_until <= now()
       else true end
   and (:'held'::boolean is null or c.is_held = :'held')

-- fragment: CASE_PICTURE
       case when c.subject_kind = 'video' then (
	select '!!' || v.thumbnail_key from videos v where v.id = c.subject_id and v.deleted_at is null) end as "thumbnailUrl:media"

-- The heaviest first. What fits is found in one walk along cases_queue_idx, which holds all that is asked for, and counted to 10,001;
-- of the table only the rows of the page are read.
-- query: CASE_QUEUE(me, kind, category, claimed, held, offset)
select
-- include: CASE_CARD
       ,
-- include: CASE_PICTURE
       , least(p.total, 10001) as "_total"
  from (select f.id, count(*) over () as total
          from (select c.id, c.priority, c.created_at
                  from cases c
-- include: CASE_OPEN_FITTING
                 order by c.priority desc, c.created_at, c.id
                 limit 10001 + :'offset'::bigint) f
         order by f.priority desc, f.created_at, f.id
        offset :'offset'
         limit :page) p
  join cases c on c.id = p.id
-- include: CASE_PEOPLE
 order by c.priority desc, c.created_at, c.id
 limit :page

-- query: CASE_DECIDED(kind, after_at, after_id)
select
-- include: CASE_CARD
       ,
-- include: CASE_PICTURE
       , (select m.username from users m where m.id = c.decided_by) as "decidedBy",
       array(select d.action from decisions d where d.case_id = c.id order by d.created_at, d.id) as decided
       , c.decided_at::text as "_after_at", c.id::text as "_after_id"
  from cases c
-- include: CASE_PEOPLE
 where c.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and c.state = 'decided'
   and (:'kind'::text is null or c.subject_kind = :'kind')
   and (c.decided_at, c.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by c.decided_at desc, c.id desc
 limit :page

-- What a moderator needs to decide: what was said, what was decided before, what the author has done.
-- query: CASE_BY_ID(id)
select
-- include: CASE_CARD
       , subject_row(c.subject_kind, c.subject_id) -> 'state' as "subjectState",
       case when c.subject_kind = 'video' then (
	select '!!' || r.media_key from renditions r
	 where r.video_id = c.subject_id and r.state = 'ready' and r.media_key is not null order by abs(r.height - 480) limit 1) end as "mp4Url:media",
       case when c.subject_kind = 'video' then (select '!!' || v.poster_key from videos v where v.id = c.subject_id and v.deleted_at is null) end as "posterUrl:media",
       (select coalesce(json_agg(json_build_object('id', r.id, 'category', r.category, 'text', r.body, 'startSeconds', r.start_s,
                 'endSeconds', r.end_s, 'check', r.check_kind, 'score', r.score, 'details', r.details, 'reporter', u.username,
                 'reply', r.reply, 'createdAt', r.created_at) order by r.created_at), '[]')
          from (select * from reports where case_id = c.id order by created_at limit 200) r
          left join users u on u.id = r.reporter_id) as reports,
       (select coalesce(json_agg(json_build_object('id', d.id, 'action', d.action, 'reason', d.reason, 'words', d.words, 'note', d.note,
                 'days', d.days, 'moderator', m.username, 'isAutomatic', d.is_automatic, 'reversedAt', d.reversed_at,
                 'createdAt', d.created_at) order by d.created_at desc), '[]')
          from (select * from decisions where user_id = c.user_id order by created_at desc limit 50) d
          left join users m on m.id = d.moderator_id) as history
  from cases c
-- include: CASE_PEOPLE
 where c.id = :'id'

-- query: CASE_CLAIM(id, me)
select
-- include: CASE_CARD
  from case_claim(:'id', :'me') c
-- include: CASE_PEOPLE

-- query: CASE_CLAIM_NEXT(me)
select
-- include: CASE_CARD
  from case_claim_next(:'me') c
-- include: CASE_PEOPLE

-- query: CASE_RELEASE(id, me)
select true as released from (select case_release(:'id', :'me') as done) r where done

-- query: CASE_ASSIGN(id, me, user_id, address, request_id)
select
-- include: CASE_CARD
  from case_assign(:'id', :'me', :'user_id', :'address', :'request_id') c
-- include: CASE_PEOPLE

-- fragment: DECISIONS_MADE
       json_agg(json_build_object('id', d.id, 'action', d.action, 'reason', d.reason, 'words', d.words, 'days', d.days,
                                  'before', d.before, 'after', d.after, 'createdAt', d.created_at)) as decisions,
       max(d.subject_kind) as "subject.kind", max(d.subject_id::text)::uuid as "subject.id"

-- query: CASE_DECIDE(id, me, action, actions, reason, note, days, words, strike, reply, address, request_id)
select max(d.case_id::text)::uuid as "caseId",
-- include: DECISIONS_MADE
  from case_decide(:'id', :'me', coalesce(:'actions', array[:'action'::text]), :'reason', :'note', :'days', :'words', :'strike',
                   :'reply', :'address', :'request_id') d

-- query: CASES_DECIDE(me, case_ids, action, actions, reason, note, days, words, strike, reply, address, request_id)
select d.case_id as "caseId", d.is_decided as "isDecided", d.problem
  from cases_decide(:'case_ids', :'me', coalesce(:'actions', array[:'action'::text]), :'reason', :'note', :'days', :'words', :'strike',
                    :'reply', :'address', :'request_id') d

-- query: SUBJECT_DECIDE(kind, id, me, action, actions, reason, note, days, words, strike, reply, address, request_id)
select max(d.case_id::text)::uuid as "caseId",
-- include: DECISIONS_MADE
  from subject_decide(:'kind', :'id', :'me', coalesce(:'actions', array[:'action'::text]), :'reason', :'note', :'days', :'words',
                      :'strike', :'reply', :'address', :'request_id') d

-- fragment: REASON
       id, code, locale, title, body, adds_strike as "addsStrike", is_active as "isActive"

-- query: REASON_LIST()
select
-- include: REASON
  from reason_templates order by code, locale limit 500

-- strike: as_action, always or never; null leaves it.
-- query: REASON_INSERT(me, code, locale, title, body, strike, address, request_id)
with made as (
	insert into reason_templates (code, locale, title, body, adds_strike)
	values (:'code', :'locale', :'title', :'body', case :'strike' when 'always' then true when 'never' then false end)
	returning *
)
select
-- include: REASON
       , audit(:'me', 'reason.created', 'reason', id, null, to_jsonb(made), null, :'address', :'request_id')::text as "_audit"
  from made

-- query: REASON_UPDATE(id, me, title, body, strike, is_active, address, request_id)
with was as (
	select to_jsonb(t) as row from reason_templates t where id = :'id'
), changed as (
	update reason_templates
	   set title = coalesce(:'title', title), body = coalesce(:'body', body), is_active = coalesce(:'is_active', is_active),
	       adds_strike = case :'strike' when 'always' then true when 'never' then false when 'as_action' then null else adds_strike end,
	       updated_at = now()
	 where id = :'id'
	returning *
)
select
-- include: REASON
       , audit(:'me', 'reason.changed', 'reason', id, was.row, to_jsonb(changed), null, :'address', :'request_id')::text as "_audit"
  from changed cross join was

-- fragment: MODERATION_SETTINGS_ALL
       strike_days as "strikeDays", strikes_to_suspend as "strikesToSuspend", suspend_days as "suspendDays",
       strikes_to_ban as "strikesToBan", appeal_days as "appealDays", purge_days as "purgeDays", dmca_days as "dmcaDays",
       claim_minutes as "claimMinutes", hide_after_reports as "hideAfterReports", review_first_videos as "reviewFirstVideos",
       new_account_days as "newAccountDays", max_links as "maxLinks", max_links_new as "maxLinksNew", score_text as "scoreText",
       classify_frames as "classifyFrames", scan_files as "scanFiles", monthly_report as "monthlyReport", updated_at as "updatedAt"

-- query: MODERATION_SETTINGS()
select
-- include: MODERATION_SETTINGS_ALL
  from moderation_settings where tenant_id = current_tenant()

-- query: MODERATION_SETTINGS_UPDATE(me, strike_days, strikes_to_suspend, suspend_days, strikes_to_ban, appeal_days, purge_days, dmca_days, claim_minutes, hide_after_reports, review_first_videos, new_account_days, max_links, max_links_new, score_text, classify_frames, scan_files, monthly_report, address, request_id)
with was as (
	select to_jsonb(s) as row from moderation_settings s where tenant_id = current_tenant()
), changed as (
	update moderation_settings
	   set strike_days = coalesce(:'strike_days', strike_days),
	       strikes_to_suspend = coalesce(:'strikes_to_suspend', strikes_to_suspend),
	       suspend_days = coalesce(:'suspend_days', suspend_days),
	       strikes_to_ban = coalesce(:'strikes_to_ban', strikes_to_ban),
	       appeal_days = coalesce(:'appeal_days', appeal_days),
	       purge_days = coalesce(:'purge_days', purge_days),
	       dmca_days = coalesce(:'dmca_days', dmca_days),
	       claim_minutes = coalesce(:'claim_minutes', claim_minutes),
	       hide_after_reports = coalesce(:'hide_after_reports', hide_after_reports),
	       review_first_videos = coalesce(:'review_first_videos', review_first_videos),
	       new_account_days = coalesce(:'new_account_days', new_account_days),
	       max_links = coalesce(:'max_links', max_links),
	       max_links_new = coalesce(:'max_links_new', max_links_new),
	       score_text = coalesce(:'score_text', score_text),
	       classify_frames = coalesce(:'classify_frames', classify_frames),
	       scan_files = coalesce(:'scan_files', scan_files),
	       monthly_report = coalesce(:'monthly_report', monthly_report),
	       updated_at = now()
	 where tenant_id = current_tenant()
	returning *
)
select
-- include: MODERATION_SETTINGS_ALL
       , audit(:'me', 'moderation.settings', 'tenant', c.tenant_id, w.row, to_jsonb(c), null, :'address', :'request_id')::text as "_audit"
  from changed c cross join was w
