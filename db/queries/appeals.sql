-- db/queries/appeals.sql - what somebody was told of decisions about them, appeals, copyright notices, what the public is told.

-- query: DECISION_MINE(me, after_at, after_id)
select d.id, d.action, d.subject_kind as "subject.kind", d.subject_id as "subject.id", c.snapshot as "subject.words", d.reason, d.words,
       d.days, d.is_automatic as "isAutomatic", d.reversed_at as "reversedAt", d.created_at as "createdAt",
       d.created_at + make_interval(days => m.appeal_days) as "appealUntil",
       a.state as "appeal?.state", a.answer as "appeal?.answer", a.created_at as "appeal?.createdAt",
       s.expires_at as "strike?.expiresAt", s.revoked_at as "strike?.revokedAt",
       d.created_at::text as "_after_at", d.id::text as "_after_id"
  from decisions d
  join moderation_settings m on m.tenant_id = d.tenant_id
  left join cases c on c.id = d.case_id
  left join appeals a on a.decision_id = d.id
  left join strikes s on s.decision_id = d.id
 where d.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and d.user_id = :'me'
   and d.action <> 'dismiss'
   and (d.created_at, d.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by d.created_at desc, d.id desc
 limit :page

-- fragment: APPEAL_CARD
       a.id, a.decision_id as "decision.id", d.action as "decision.action", d.reason as "decision.reason", d.words as "decision.words",
       d.subject_kind as "decision.subject.kind", d.subject_id as "decision.subject.id",
       a.body as text, a.state, a.answer, a.created_at as "createdAt", a.decided_at as "decidedAt"

-- query: APPEAL_FILE(decision_id, me, text, address, request_id)
select
-- include: APPEAL_CARD
  from appeal_file(:'decision_id', :'me', :'text', :'address', :'request_id') a
  join decisions d on d.id = a.decision_id

-- query: APPEAL_MINE(me)
select
-- include: APPEAL_CARD
  from appeals a join decisions d on d.id = a.decision_id
 where a.user_id = :'me'
 order by a.created_at desc
 limit 200

-- The oldest that is open first.
-- query: APPEAL_QUEUE(state, offset)
select
-- include: APPEAL_CARD
       , u.id as "user.id", u.username as "user.username", d.case_id as "caseId", d.note as "decisionNote", m.username as "decidedOnBy",
       w.id as "claimedBy?.id", w.username as "claimedBy?.username",
       (select count(*) from (select from appeals x where x.state = coalesce(:'state', 'open') limit 10001) n) as "_total"
  from appeals a
  join decisions d on d.id = a.decision_id
  join users u on u.id = a.user_id
  left join users m on m.id = d.moderator_id
  left join users w on w.id = a.claimed_by and a.claimed_until > now()
 where a.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and a.state = coalesce(:'state', 'open')
 order by a.created_at, a.id
offset :'offset'
 limit :page

-- query: APPEAL_CLAIM(id, me)
select
-- include: APPEAL_CARD
  from appeal_claim(:'id', :'me') a join decisions d on d.id = a.decision_id

-- query: APPEAL_DECIDE(id, me, granted, answer, note, address, request_id)
select
-- include: APPEAL_CARD
  from appeal_decide(:'id', :'me', :'granted', :'answer', :'note', :'address', :'request_id') a
  join decisions d on d.id = a.decision_id

-- fragment: NOTICE_CARD
       n.id, n.video_id as "videoId", n.state, n.claimant_name as "claimant.name", n.claimant_on_behalf as "claimant.onBehalfOf",
       n.work, n.created_at as "createdAt", n.taken_down_at as "takenDownAt", n.countered_at as "counteredAt",
       n.restore_at as "restoreAt", n.closed_at as "closedAt"

-- query: DMCA_FILE(video_id, name, email, postal_address, on_behalf_of, work, good_faith, under_perjury, signature, me, address, request_id)
select
-- include: NOTICE_CARD
  from dmca_file(:'video_id', :'name', :'email', :'postal_address', :'on_behalf_of', :'work', :'good_faith', :'under_perjury',
                 :'signature', :'me', :'address', :'request_id') n

-- query: DMCA_MINE(me)
select
-- include: NOTICE_CARD
  from dmca_notices n
 where n.user_id = :'me' and n.state not in ('received', 'rejected')
 order by n.created_at desc
 limit 200

-- query: DMCA_COUNTER(id, me, name, postal_address, statement, signature, address, request_id)
select
-- include: NOTICE_CARD
  from dmca_counter(:'id', :'me', :'name', :'postal_address', :'statement', :'signature', :'address', :'request_id') n

-- fragment: NOTICE_WHOLE
       , n.claimant_email as "claimantEmail", n.claimant_address as "claimantAddress", n.signature as "claimantSignature",
       n.counter_name as "counter?.name", n.counter_address as "counter?.address", n.counter_statement as "counter?.statement",
       n.counter_signature as "counter?.signature", n.note, n.decision_id as "decisionId"

-- query: DMCA_PAGE(state, after_at, after_id)
select
-- include: NOTICE_CARD
-- include: NOTICE_WHOLE
       , n.created_at::text as "_after_at", n.id::text as "_after_id"
  from dmca_notices n
 where n.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and (:'state'::text is null or n.state = :'state')
   and (n.created_at, n.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by n.created_at desc, n.id desc
 limit :page

-- query: DMCA_ACT(id, me, action, note, address, request_id)
select
-- include: NOTICE_CARD
-- include: NOTICE_WHOLE
  from dmca_act(:'id', :'me', :'action', :'note', :'address', :'request_id') n

-- query: TRANSPARENCY(from, until)
select t.first as "from", t.last as "until", t.reports, t.reports_by_category as "reportsByCategory", t.decisions,
       t.automatic as "automaticDecisions", t.appeals_filed as "appeals.filed", t.appeals_granted as "appeals.granted",
       t.appeals_denied as "appeals.denied", t.dmca_received as "dmca.received", t.dmca_rejected as "dmca.rejected",
       t.dmca_taken_down as "dmca.takenDown", t.dmca_countered as "dmca.countered", t.dmca_restored as "dmca.restored"
  from transparency(:'from', :'until') t

-- query: MODERATION_MONTHS(months)
select to_char(m.month, 'YYYY-MM') as month, m.reports, m.cases_opened as "casesOpened", m.cases_decided as "casesDecided",
       m.median_hours as "medianHours", m.actions, m.by_moderator as "byModerator", m.strikes, m.appeals_filed as "appeals.filed",
       m.appeals_granted as "appeals.granted", m.dmca_notices as "dmcaNotices"
  from moderation_months(:'months') m
