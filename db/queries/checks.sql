-- db/queries/checks.sql - what texts and videos are checked with, and the checks themselves (db/migrations/0093 and 0094).

-- fragment: WATCHED_WORD
       id, pattern, action, applies_to as "appliesTo", is_case_sensitive as "isCaseSensitive", is_active as "isActive", note,
       created_at as "createdAt"

-- query: WATCHED_WORD_LIST()
select
-- include: WATCHED_WORD
  from watched_words order by created_at desc, id desc limit 1000

-- query: WATCHED_WORD_INSERT(me, pattern, action, applies_to, is_case_sensitive, note, address, request_id)
with made as (
	insert into watched_words (pattern, action, applies_to, is_case_sensitive, note, created_by)
	values (:'pattern', :'action', coalesce(:'applies_to'::text[], '{title,description,comment,profile}'), coalesce(:'is_case_sensitive', false),
	        :'note', :'me')
	returning *
)
select
-- include: WATCHED_WORD
       , audit(:'me', 'watched_word.created', 'watched_word', id, null, to_jsonb(made), null, :'address', :'request_id')::text as "_audit"
  from made

-- query: WATCHED_WORD_DELETE(id, me, address, request_id)
with gone as (
	delete from watched_words where id = :'id' returning *
)
select audit(:'me', 'watched_word.deleted', 'watched_word', id, to_jsonb(gone), null, null, :'address', :'request_id')::text as "_audit"
  from gone

-- query: TEXT_CHECK(text, field)
select verdict, findings from text_check(coalesce(:'field', 'comment'), :'text', null)

-- query: CHECK_TEXT_OF(kind, id)
select (subject_row(:'kind', :'id') -> 'words')::text as words

-- query: TEXT_SCORED(kind, id, score, labels)
select text_scored(:'kind', :'id', :'score', :'labels') as verdict

-- query: MODERATION_SWEEP()
select dmca_run_clock() as restored, removed_purge() as purged
