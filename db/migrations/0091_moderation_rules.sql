-- The rules of moderation. A thing's state is not set by a decision: it follows from the decisions that stand (not
-- reversed) and from an open case that holds it, see subject_settle(). Whoever decides, the audit row, the strike and
-- the word to the person are of the same transaction. doc/moderation.md tells it in prose.
--
-- Errors: AT404 there is no such thing, AT400 what is asked for makes no sense, AT409 it is too late or somebody else's,
-- AT403 not by this person; the messages are for people.
-- p_moderator null: the system. p_address, p_request: of the request, for the audit log.

insert into notification_kinds (kind, is_grouped, needs_subject, is_compulsory, push, mail) values
	('report_answered', false, false, false, false, false),
	('appeal_answered', false, false, true, true, true),
	('dmca_notice', false, false, true, true, true);

-- {tenantId, userId, words: {…}, state: {…}} of something that is there; null otherwise.
create function subject_row(p_kind text, p_id uuid) returns jsonb
	language plpgsql stable
	as $$
declare
	found_row jsonb;
begin
	case p_kind
	when 'video' then
		select jsonb_build_object('tenantId', tenant_id, 'userId', user_id,
		         'words', jsonb_build_object('title', title, 'description', description),
		         'state', jsonb_build_object('hiddenAt', hidden_at, 'removedAt', removed_at, 'ageRestricted', age_restricted))
		  into found_row from videos where id = p_id and deleted_at is null;
	when 'comment' then
		select jsonb_build_object('tenantId', tenant_id, 'userId', user_id,
		         'words', jsonb_build_object('text', text, 'videoId', video_id),
		         'state', jsonb_build_object('hiddenAt', hidden_at))
		  into found_row from comments where id = p_id and deleted_at is null;
	when 'user' then
		select jsonb_build_object('tenantId', tenant_id, 'userId', id,
		         'words', jsonb_build_object('username', username, 'displayName', display_name, 'bio', bio),
		         'state', jsonb_build_object('status', status, 'until', status_until))
		  into found_row from users where id = p_id and status <> 'deleted';
	end case;
	return found_row;
end
$$;

-- Makes a thing's state what the standing decisions and an open case that holds it say.
create function subject_settle(p_kind text, p_id uuid) returns void
	language plpgsql
	as $$
declare
	hidden  boolean;
	removed boolean;
	aged    boolean;
begin
	select coalesce(bool_or(action in ('hide', 'remove')), false), coalesce(bool_or(action = 'remove'), false),
	       coalesce(bool_or(action = 'age_restrict'), false)
	  into hidden, removed, aged
	  from decisions
	 where subject_id = p_id and subject_kind = p_kind and reversed_at is null;
	hidden := hidden or exists (select from cases where subject_id = p_id and subject_kind = p_kind and state = 'open' and is_held);
	if p_kind = 'video' then
		update videos
		   set hidden_at = case when hidden then coalesce(hidden_at, now()) end,
		       removed_at = case when removed then coalesce(removed_at, now()) end,
		       age_restricted = aged,
		       -- what nobody has seen yet is new when it is let go
		       published_at = case when not hidden and published_at >= hidden_at - interval '1 minute' then now() else published_at end,
		       updated_at = now()
		 where id = p_id and (hidden_at is not null, removed_at is not null, age_restricted) is distinct from (hidden, removed, aged);
	elsif p_kind = 'comment' then
		update comments set hidden_at = case when hidden then coalesce(hidden_at, now()) end
		 where id = p_id and (hidden_at is not null) <> hidden;
	end if;
end
$$;

-- The open case about a thing, locked; a new one when there is none.
create function case_open(p_kind text, p_subject uuid, p_source text) returns cases
	language plpgsql
	as $$
declare
	s jsonb := subject_row(p_kind, p_subject);
	c cases;
begin
	if s is null then
		raise exception 'There is no such thing here.' using errcode = 'AT404';
	end if;
	insert into cases (tenant_id, subject_kind, subject_id, user_id, snapshot, source)
	values ((s ->> 'tenantId')::uuid, p_kind, p_subject, (s ->> 'userId')::uuid, s -> 'words', p_source)
	on conflict (tenant_id, subject_kind, subject_id) where state = 'open' do update set last_report_at = now()
	returning * into c;
	return c;
end
$$;

-- How heavy a case is: its worst category, and a little for every report.
create function case_weigh() returns trigger
	language plpgsql
	as $$
declare
	about uuid := case when tg_op = 'DELETE' then old.case_id else new.case_id end;
begin
	update cases c
	   set report_count = r.n, categories = r.categories, priority = r.weight + 2 * least(r.n, 25)
	  from (select count(*) as n, coalesce(array_agg(distinct category), '{}') as categories, coalesce(max(weight), 0) as weight
	          from reports join report_categories using (category) where case_id = about) r
	 where c.id = about;
	return null;
end
$$;
create trigger case_weigh after insert or delete or update of category on reports
	for each row execute function case_weigh();

-- A person's report. The second one about an open case takes the place of the first.
create function report_file(p_kind text, p_subject uuid, p_reporter uuid, p_category text, p_text text,
	p_start_s double precision default null, p_end_s double precision default null) returns reports
	language plpgsql
	as $$
declare
	c      cases;
	r      reports;
	enough integer;
begin
	c := case_open(p_kind, p_subject, 'report');
	if c.user_id = p_reporter then
		raise exception 'You cannot report what is your own.' using errcode = 'AT400';
	end if;
	insert into reports (tenant_id, case_id, reporter_id, category, body, start_s, end_s)
	values (c.tenant_id, c.id, p_reporter, p_category, coalesce(p_text, ''), p_start_s, p_end_s)
	on conflict (case_id, reporter_id) where reporter_id is not null
	do update set category = excluded.category, body = excluded.body, start_s = excluded.start_s, end_s = excluded.end_s
	returning * into r;
	select hide_after_reports into enough from moderation_settings where tenant_id = c.tenant_id;
	if enough > 0 and p_kind <> 'user' and not c.is_held
	   and (select count(*) from reports where case_id = c.id and reporter_id is not null) >= enough then
		update cases set is_held = true where id = c.id;
		perform subject_settle(p_kind, p_subject);
		perform audit(null, 'moderation.held', p_kind, p_subject, null, jsonb_build_object('reports', enough), null, null, null);
	end if;
	return r;
end
$$;

-- What a check found. p_verdict: flag (somebody should look), hold (hidden until then), block (removed; can be appealed).
create function check_found(p_kind text, p_subject uuid, p_check text, p_verdict text, p_category text, p_score double precision,
	p_details jsonb) returns uuid
	language plpgsql
	as $$
declare
	c cases := case_open(p_kind, p_subject, 'check');
begin
	delete from reports where case_id = c.id and check_kind = p_check;
	insert into reports (tenant_id, case_id, check_kind, category, score, details)
	values (c.tenant_id, c.id, p_check, p_category, p_score, coalesce(p_details, '{}'));
	if p_verdict = 'hold' and p_kind <> 'user' and not c.is_held then
		update cases set is_held = true where id = c.id;
		perform subject_settle(p_kind, p_subject);
		perform audit(null, 'moderation.held', p_kind, p_subject, null, jsonb_build_object('check', p_check, 'score', p_score), null, null, null);
	elsif p_verdict = 'block' then
		perform case_decide(c.id, null, '{remove}', 'check', p_check, null, p_strike => false);
	end if;
	return c.id;
end
$$;

-- --- the queue ---

create function case_claim(p_case uuid, p_moderator uuid, p_minutes integer default null) returns cases
	language plpgsql
	as $$
declare
	c cases;
begin
	select * into c from cases where id = p_case for update;
	if not found then
		raise exception 'There is no such case here.' using errcode = 'AT404';
	elsif c.state <> 'open' then
		raise exception 'This case is decided.' using errcode = 'AT409';
	elsif c.claimed_by <> p_moderator and c.claimed_until > now() then
		raise exception 'Somebody else works on this case.' using errcode = 'AT409';
	elsif c.user_id = p_moderator then
		raise exception 'Nobody decides on what is their own.' using errcode = 'AT403';
	end if;
	update cases
	   set claimed_by = p_moderator,
	       claimed_until = now() + make_interval(mins => coalesce(p_minutes,
	         (select claim_minutes from moderation_settings where tenant_id = c.tenant_id), 15))
	 where id = p_case returning * into c;
	return c;
end
$$;

-- Claims the heaviest case that nobody works on; none: no row.
create function case_claim_next(p_moderator uuid) returns setof cases
	language plpgsql
	as $$
declare
	next uuid;
begin
	select id into next
	  from cases
	 where state = 'open' and (claimed_by is null or claimed_until <= now() or claimed_by = p_moderator)
	   and user_id is distinct from p_moderator
	 order by priority desc, created_at, id
	 limit 1
	   for update skip locked;
	if found then
		return next case_claim(next, p_moderator);
	end if;
end
$$;

create function case_release(p_case uuid, p_moderator uuid) returns boolean
	language sql
	as $$
	with freed as (
		update cases set claimed_by = null, claimed_until = null
		 where id = p_case and claimed_by = p_moderator and state = 'open'
		returning id
	)
	select exists (select from freed)
	$$;

-- Gives a case to a colleague for a day, whoever has it now.
create function case_assign(p_case uuid, p_moderator uuid, p_to uuid, p_address text default null, p_request text default null)
	returns cases
	language plpgsql
	as $$
declare
	c cases;
begin
	if not exists (select from users where id = p_to and role in ('moderator', 'admin', 'operator') and status = 'active') then
		raise exception 'Only somebody who moderates can be given a case.' using errcode = 'AT400';
	end if;
	update cases set claimed_by = null where id = p_case and state = 'open';
	c := case_claim(p_case, p_to, 1440);
	perform audit(p_moderator, 'moderation.assigned', 'case', p_case, null, jsonb_build_object('to', p_to), null, p_address, p_request);
	return c;
end
$$;

-- --- decisions ---

-- What somebody is told for a reason, in their language.
create function reason_words(p_reason text, p_user uuid) returns text
	language sql stable
	as $$
	select t.body
	  from reason_templates t
	 where t.code = p_reason and t.is_active
	 order by t.locale = coalesce((select split_part(locale, '-', 1) from users where id = p_user), 'en') desc, t.locale = 'en' desc
	 limit 1
	$$;

-- One act with its audit row.
create function decision_make(p_kind text, p_subject uuid, p_user uuid, p_case uuid, p_moderator uuid, p_automatic boolean,
	p_action text, p_reason text, p_words text, p_note text, p_days integer, p_address text, p_request text) returns decisions
	language plpgsql
	as $$
declare
	d      decisions;
	s      jsonb := subject_row(p_kind, p_subject);
	person jsonb;
begin
	if p_action in ('warn', 'suspend', 'ban') then
		person := subject_row('user', p_user);
	end if;
	if (p_action in ('warn', 'suspend', 'ban') and person is null)
	   or (p_action in ('hide', 'remove', 'restore', 'age_restrict') and s is null) then
		raise exception 'It is not there any more.' using errcode = 'AT409';
	elsif p_action in ('hide', 'remove') and p_kind = 'user' or p_action = 'age_restrict' and p_kind <> 'video' then
		raise exception 'This cannot be done to such a thing.' using errcode = 'AT400';
	elsif p_action = 'suspend' and p_days is null then
		raise exception 'A suspension lasts some days.' using errcode = 'AT400';
	end if;
	insert into decisions (tenant_id, case_id, subject_kind, subject_id, user_id, moderator_id, is_automatic, action, reason, words,
	                       note, days, before)
	values (coalesce((s ->> 'tenantId')::uuid, current_tenant()), p_case, p_kind, p_subject, p_user, p_moderator, p_automatic,
	        p_action, p_reason, p_words, p_note, case when p_action = 'suspend' then p_days end,
	        case when p_action in ('suspend', 'ban') then person -> 'state' else s -> 'state' end)
	returning * into d;
	if p_action in ('suspend', 'ban') and p_moderator is not null then
		perform user_act_check(p_moderator, p_user);
	end if;
	case p_action
	when 'suspend' then perform user_suspend(p_user, now() + make_interval(days => p_days), p_words);
	when 'ban' then perform user_ban(p_user, p_words);
	when 'restore' then
		perform decision_undo(o.id, d.id) from decisions o
		 where o.reversed_at is null and o.id <> d.id
		   and ((o.subject_id = p_subject and o.subject_kind = p_kind and o.action in ('hide', 'remove', 'age_restrict'))
		        or (p_kind = 'user' and o.user_id = p_subject and o.action in ('suspend', 'ban')));
		if p_kind = 'user' then -- also what was done without a decision
			perform user_restore(id, status) from users where id = p_subject and status in ('suspended', 'banned');
		end if;
	else null;
	end case;
	perform subject_settle(p_kind, p_subject);
	update decisions
	   set after = case when p_action in ('suspend', 'ban') then subject_row('user', p_user) -> 'state'
	               else subject_row(p_kind, p_subject) -> 'state' end
	 where id = d.id returning * into d;
	perform audit(p_moderator, 'moderation.' || p_action, p_kind, p_subject, d.before,
	              coalesce(d.after, '{}') || jsonb_build_object('decisionId', d.id), coalesce(p_note, p_words), p_address, p_request);
	return d;
end
$$;

-- Lets one decision count no longer: its strike goes, and what stood because of it alone. Another decision (or none: an
-- appeal) is the cause.
create function decision_undo(p_decision uuid, p_by uuid) returns void
	language plpgsql
	as $$
declare
	d decisions;
	o decisions;
	m moderation_settings;
	n bigint;
begin
	update decisions set reversed_at = now(), reversed_by = p_by where id = p_decision and reversed_at is null returning * into d;
	if not found then
		return;
	end if;
	update strikes set revoked_at = now() where decision_id = d.id and revoked_at is null;
	perform subject_settle(d.subject_kind, d.subject_id);
	if d.action in ('suspend', 'ban')
	   and not exists (select from decisions x where x.user_id = d.user_id and x.action = d.action and x.reversed_at is null
	                     and (x.action = 'ban' or x.created_at + make_interval(days => x.days) > now())) then
		perform case d.action when 'ban' then user_unban(id) else user_unsuspend(id) end
		   from users where id = d.user_id and status = (case d.action when 'ban' then 'banned' else 'suspended' end);
	end if;
	-- with a strike less, what followed from so many falls as well
	select * into m from moderation_settings where tenant_id = d.tenant_id;
	n := strike_count(d.user_id);
	for o in select * from decisions
	          where user_id = d.user_id and is_automatic and reason = 'strikes' and reversed_at is null
	            and n < case action when 'ban' then m.strikes_to_ban else m.strikes_to_suspend end
	            and (action = 'ban' or created_at + make_interval(days => days) > now()) loop
		perform decision_undo(o.id, p_by);
	end loop;
end
$$;

create function strike_count(p_user uuid) returns bigint
	language sql stable
	as $$
	select count(*) from strikes where user_id = p_user and revoked_at is null and expires_at > now()
	$$;

-- A strike for a decision, and what follows from so many. Those who moderate are judged by people only.
create function strike_add(d decisions, p_is_enough boolean) returns void
	language plpgsql
	as $$
declare
	m    moderation_settings;
	n    bigint;
	u    users;
	next text;
begin
	select * into m from moderation_settings where tenant_id = d.tenant_id;
	select * into u from users where id = d.user_id for update; -- two strikes at once count as two
	insert into strikes (tenant_id, user_id, decision_id, expires_at)
	values (d.tenant_id, d.user_id, d.id, now() + make_interval(days => m.strike_days));
	n := strike_count(d.user_id);
	next := case when m.strikes_to_ban > 0 and n >= m.strikes_to_ban then 'ban'
	             when m.strikes_to_suspend > 0 and n >= m.strikes_to_suspend then 'suspend' end;
	if next is null or p_is_enough or u.role in ('moderator', 'admin', 'operator') or u.status in ('banned', 'deleted')
	   or (next = 'suspend' and u.status = 'suspended' and coalesce(u.status_until >= now() + make_interval(days => m.suspend_days), true)) then
		return;
	end if;
	d := decision_make('user', d.user_id, d.user_id, d.case_id, null, true, next, 'strikes', reason_words('strikes', d.user_id),
	                   n || ' strikes', m.suspend_days, null, null);
	perform moderation_tell(array[d]);
end
$$;

-- Tells the person what was decided about one thing, and of an account's suspension or end by mail as well.
create function moderation_tell(p_decisions decisions[]) returns void
	language plpgsql
	as $$
declare
	d      decisions := p_decisions[1];
	m      moderation_settings;
	person record;
begin
	select * into m from moderation_settings where tenant_id = d.tenant_id;
	perform notify(d.user_id, 'moderation_outcome', null, d.subject_kind, d.subject_id, jsonb_build_object(
		'actions', (select jsonb_agg(x.action) from unnest(p_decisions) x),
		'decisions', (select jsonb_agg(x.id) from unnest(p_decisions) x),
		'reason', d.reason, 'words', d.words,
		'days', (select max(x.days) from unnest(p_decisions) x),
		'strikes', strike_count(d.user_id),
		'appealUntil', case when d.action not in ('dismiss', 'restore') then now() + make_interval(days => m.appeal_days) end));
	if exists (select from unnest(p_decisions) x where x.action in ('suspend', 'ban')) then
		select u.email, u.display_name, u.locale, t.name as site into person
		  from users u join tenants t on t.id = u.tenant_id where u.id = d.user_id;
		insert into jobs (tenant_id, kind, user_id, payload)
		values (d.tenant_id, 'mail', d.user_id, jsonb_strip_nulls(jsonb_build_object(
		        'template', case when exists (select from unnest(p_decisions) x where x.action = 'ban') then 'account-banned' else 'account-suspended' end,
		        'to', person.email, 'name', person.display_name, 'locale', person.locale, 'site', person.site, 'detail', d.words)));
	end if;
end
$$;

create function actions_check(p_actions text[]) returns void
	language plpgsql immutable
	as $$
begin
	if cardinality(p_actions) is distinct from (select count(distinct a) from unnest(p_actions) a) or cardinality(p_actions) = 0 then
		raise exception 'A decision is one action or several different ones.' using errcode = 'AT400';
	elsif (p_actions && '{dismiss}' and cardinality(p_actions) > 1)
	      or (p_actions && '{restore}' and p_actions && '{hide,remove,age_restrict}')
	      or p_actions @> '{hide,remove}' or p_actions @> '{suspend,ban}' then
		raise exception 'These actions contradict each other.' using errcode = 'AT400';
	end if;
end
$$;

-- Decides a case: p_actions is {dismiss}, or what is done about the thing and its author. p_words: instead of the
-- template's; p_strike: null as the template or the action (remove) says; p_reply: to those who reported.
-- What was held and is not hidden or removed by this is let go.
create function case_decide(p_case uuid, p_moderator uuid, p_actions text[], p_reason text, p_note text, p_days integer,
	p_words text default null, p_strike boolean default null, p_reply text default null,
	p_address text default null, p_request text default null) returns setof decisions
	language plpgsql
	as $$
declare
	c     cases;
	made  decisions[] := '{}';
	a     text;
	words text;
begin
	perform actions_check(p_actions);
	select * into c from cases where id = p_case for update;
	if not found then
		raise exception 'There is no such case here.' using errcode = 'AT404';
	elsif c.state <> 'open' then
		raise exception 'This case is decided.' using errcode = 'AT409';
	elsif c.claimed_by <> p_moderator and c.claimed_until > now() then
		raise exception 'Somebody else works on this case.' using errcode = 'AT409';
	elsif c.user_id = p_moderator then
		raise exception 'Nobody decides on what is their own.' using errcode = 'AT403';
	end if;
	if not p_actions <@ '{dismiss,restore}' or p_reason is not null then
		words := coalesce(nullif(p_words, ''), reason_words(p_reason, c.user_id));
		if words is null or p_reason is null or reason_words(p_reason, c.user_id) is null then
			raise exception 'A decision needs a reason that has a template.' using errcode = 'AT400';
		end if;
	end if;
	update cases
	   set state = 'decided', decided_at = now(), decided_by = p_moderator, claimed_by = null, claimed_until = null
	 where id = c.id;
	foreach a in array p_actions loop
		made := made || decision_make(c.subject_kind, c.subject_id, c.user_id, c.id, p_moderator, p_moderator is null, a, p_reason,
		                              words, p_note, p_days, p_address, p_request);
	end loop;
	if c.user_id is not null and not p_actions <@ '{dismiss,restore}'
	   and coalesce(p_strike, (select bool_or(adds_strike) from reason_templates where code = p_reason), p_actions && '{remove}') then
		perform strike_add(made[1], p_actions && '{suspend,ban}');
	end if;
	if c.user_id is not null and (p_actions <> '{dismiss}' or c.is_held) then
		perform moderation_tell(made);
	end if;
	perform reports_answer(c.id, p_reply, not p_actions <@ '{dismiss,restore}');
	return query select * from unnest(made);
end
$$;

-- Those who reported learn that somebody looked.
create function reports_answer(p_case uuid, p_reply text, p_acted boolean) returns void
	language plpgsql
	as $$
declare
	r record;
begin
	for r in update reports set reply = p_reply, replied_at = now()
	          where case_id = p_case and reporter_id is not null and replied_at is null
	         returning reporter_id, id loop
		perform notify(r.reporter_id, 'report_answered', null, 'report', r.id,
		               jsonb_build_object('outcome', case when p_acted then 'acted' else 'dismissed' end, 'reply', p_reply));
	end loop;
end
$$;

-- Many cases at once; what cannot be decided is told and leaves the others alone.
create function cases_decide(p_cases uuid[], p_moderator uuid, p_actions text[], p_reason text, p_note text, p_days integer,
	p_words text default null, p_strike boolean default null, p_reply text default null,
	p_address text default null, p_request text default null)
	returns table (case_id uuid, is_decided boolean, problem text)
	language plpgsql
	as $$
begin
	for case_id in select distinct x from unnest(p_cases) x order by x loop
		begin
			perform case_decide(cases_decide.case_id, p_moderator, p_actions, p_reason, p_note, p_days, p_words, p_strike, p_reply,
			                    p_address, p_request);
			is_decided := true;
			problem := null;
		exception when sqlstate 'AT400' or sqlstate 'AT403' or sqlstate 'AT404' or sqlstate 'AT409' then
			is_decided := false;
			problem := sqlerrm;
		end;
		return next;
	end loop;
end
$$;

-- Decides about something that nobody reported (from a page of videos, comments or people).
create function subject_decide(p_kind text, p_subject uuid, p_moderator uuid, p_actions text[], p_reason text, p_note text,
	p_days integer, p_words text default null, p_strike boolean default null, p_reply text default null,
	p_address text default null, p_request text default null) returns setof decisions
	language plpgsql
	as $$
begin
	return query select * from case_decide((case_open(p_kind, p_subject, 'moderator')).id, p_moderator, p_actions, p_reason, p_note,
		p_days, p_words, p_strike, p_reply, p_address, p_request);
end
$$;

-- --- appeals ---

create function appeal_file(p_decision uuid, p_user uuid, p_text text, p_address text default null, p_request text default null)
	returns appeals
	language plpgsql
	as $$
declare
	d decisions;
	a appeals;
begin
	select * into d from decisions where id = p_decision and user_id = p_user for update;
	if not found then
		raise exception 'There is no such decision about you.' using errcode = 'AT404';
	elsif d.action in ('dismiss', 'restore') then
		raise exception 'There is nothing to appeal against.' using errcode = 'AT409';
	elsif exists (select from appeals where decision_id = d.id) then
		raise exception 'You have appealed against this decision already.' using errcode = 'AT409';
	elsif d.reversed_at is not null then
		raise exception 'This decision has been reversed.' using errcode = 'AT409';
	elsif d.created_at < now() - make_interval(days => (select appeal_days from moderation_settings where tenant_id = d.tenant_id)) then
		raise exception 'The time to appeal is over.' using errcode = 'AT409';
	end if;
	insert into appeals (tenant_id, decision_id, user_id, body) values (d.tenant_id, d.id, p_user, p_text) returning * into a;
	perform audit(p_user, 'appeal.filed', 'decision', d.id, null, jsonb_build_object('appealId', a.id), null, p_address, p_request);
	return a;
end
$$;

create function appeal_locked(p_appeal uuid, p_moderator uuid) returns appeals
	language plpgsql
	as $$
declare
	a appeals;
	d decisions;
begin
	select * into a from appeals where id = p_appeal for update;
	if not found then
		raise exception 'There is no such appeal here.' using errcode = 'AT404';
	end if;
	select * into d from decisions where id = a.decision_id;
	if a.state <> 'open' then
		raise exception 'This appeal is decided.' using errcode = 'AT409';
	elsif d.moderator_id = p_moderator then
		raise exception 'Another moderator decides on an appeal.' using errcode = 'AT403';
	elsif a.user_id = p_moderator then
		raise exception 'Nobody decides on what is their own.' using errcode = 'AT403';
	elsif a.claimed_by <> p_moderator and a.claimed_until > now() then
		raise exception 'Somebody else works on this appeal.' using errcode = 'AT409';
	end if;
	return a;
end
$$;

create function appeal_claim(p_appeal uuid, p_moderator uuid) returns appeals
	language plpgsql
	as $$
declare
	a appeals := appeal_locked(p_appeal, p_moderator);
begin
	update appeals
	   set claimed_by = p_moderator, claimed_until = now() + make_interval(mins => (
	       select claim_minutes from moderation_settings where tenant_id = a.tenant_id))
	 where id = p_appeal returning * into a;
	return a;
end
$$;

create function appeal_release(p_appeal uuid, p_moderator uuid) returns boolean
	language sql
	as $$
	with freed as (
		update appeals set claimed_by = null, claimed_until = null
		 where id = p_appeal and claimed_by = p_moderator and state = 'open'
		returning id
	)
	select exists (select from freed)
	$$;

-- Granted: the decision counts no longer, and what stood because of it alone is as before.
create function appeal_decide(p_appeal uuid, p_moderator uuid, p_granted boolean, p_answer text, p_note text,
	p_address text default null, p_request text default null) returns appeals
	language plpgsql
	as $$
declare
	a       appeals := appeal_locked(p_appeal, p_moderator);
	d       decisions;
	before  jsonb;
begin
	select * into d from decisions where id = a.decision_id;
	before := subject_row(d.subject_kind, d.subject_id) -> 'state';
	update appeals
	   set state = case when p_granted then 'granted' else 'denied' end, decided_by = p_moderator, decided_at = now(),
	       answer = p_answer, note = p_note, claimed_by = null, claimed_until = null
	 where id = a.id returning * into a;
	if p_granted then
		perform decision_undo(d.id, null);
	end if;
	perform audit(p_moderator, case when p_granted then 'appeal.granted' else 'appeal.denied' end, d.subject_kind, d.subject_id,
	              before, subject_row(d.subject_kind, d.subject_id) -> 'state' || jsonb_build_object('decisionId', d.id, 'appealId', a.id),
	              coalesce(p_note, p_answer), p_address, p_request);
	perform notify(a.user_id, 'appeal_answered', null, d.subject_kind, d.subject_id,
	               jsonb_build_object('appealId', a.id, 'decisionId', d.id, 'granted', p_granted, 'answer', p_answer));
	return a;
end
$$;

-- --- copyright notices ---

-- The end of the n-th business day (Monday to Friday) after a moment.
create function business_days_after(p_from timestamptz, p_days integer) returns timestamptz
	language sql immutable
	as $$
	select (p_from at time zone 'UTC' + make_interval(days => d)) at time zone 'UTC'
	  from generate_series(1, p_days * 2 + 5) d
	 where extract(isodow from p_from at time zone 'UTC' + make_interval(days => d)) < 6
	 order by d
	offset p_days - 1 limit 1
	$$;

create function dmca_file(p_video uuid, p_name text, p_email text, p_postal_address text, p_on_behalf text, p_work text,
	p_good_faith boolean, p_under_perjury boolean, p_signature text, p_by uuid,
	p_address text default null, p_request text default null) returns dmca_notices
	language plpgsql
	as $$
declare
	n dmca_notices;
	s jsonb := subject_row('video', p_video);
begin
	if s is null then
		raise exception 'There is no such video here.' using errcode = 'AT404';
	end if;
	insert into dmca_notices (tenant_id, video_id, user_id, claimant_name, claimant_email, claimant_address, claimant_on_behalf, work,
	                          good_faith, under_perjury, signature)
	values ((s ->> 'tenantId')::uuid, p_video, (s ->> 'userId')::uuid, p_name, p_email, p_postal_address, p_on_behalf, p_work,
	        p_good_faith, p_under_perjury, p_signature)
	returning * into n;
	perform audit(p_by, 'dmca.received', 'video', p_video, null, jsonb_build_object('noticeId', n.id), null, p_address, p_request);
	return n;
end
$$;

-- The notice, locked, if it is in one of these states.
create function dmca_locked(p_notice uuid, variadic p_states text[]) returns dmca_notices
	language plpgsql
	as $$
declare
	n dmca_notices;
begin
	select * into n from dmca_notices where id = p_notice for update;
	if not found then
		raise exception 'There is no such notice here.' using errcode = 'AT404';
	elsif not n.state = any (p_states) then
		raise exception 'This notice is %.', replace(n.state, '_', ' ') using errcode = 'AT409';
	end if;
	return n;
end
$$;

-- A notice's next state, with its audit row and the word to the author.
create function dmca_move(n dmca_notices, p_state text, p_by uuid, p_note text, p_address text, p_request text) returns dmca_notices
	language plpgsql
	as $$
declare
	was text := n.state;
begin
	update dmca_notices
	   set state = p_state, note = coalesce(p_note, note), handled_by = coalesce(p_by, handled_by),
	       taken_down_at = case when p_state = 'taken_down' then now() else taken_down_at end,
	       countered_at = case when p_state = 'countered' then now() else countered_at end,
	       restore_at = case when p_state = 'countered' then business_days_after(now(),
	         (select dmca_days from moderation_settings where tenant_id = n.tenant_id)) else restore_at end,
	       closed_at = case when p_state in ('rejected', 'restored', 'upheld', 'withdrawn') then now() end
	 where id = n.id returning * into n;
	perform audit(p_by, 'dmca.' || p_state, 'video', n.video_id, jsonb_build_object('state', was),
	              jsonb_build_object('state', p_state, 'noticeId', n.id), p_note, p_address, p_request);
	if p_state <> 'rejected' then
		perform notify(n.user_id, 'dmca_notice', null, 'video', n.video_id,
		               jsonb_build_object('noticeId', n.id, 'state', p_state, 'restoreAt', n.restore_at));
	end if;
	return n;
end
$$;

create function dmca_reject(p_notice uuid, p_moderator uuid, p_note text, p_address text default null, p_request text default null)
	returns dmca_notices
	language plpgsql
	as $$
begin
	return dmca_move(dmca_locked(p_notice, 'received'), 'rejected', p_moderator, p_note, p_address, p_request);
end
$$;

create function dmca_take_down(p_notice uuid, p_moderator uuid, p_note text, p_address text default null, p_request text default null)
	returns dmca_notices
	language plpgsql
	as $$
declare
	n dmca_notices := dmca_locked(p_notice, 'received');
	d decisions;
begin
	d := decision_make('video', n.video_id, n.user_id, null, p_moderator, false, 'remove', 'copyright',
	                   reason_words('copyright', n.user_id), p_note, null, p_address, p_request);
	if n.user_id is not null then
		perform strike_add(d, false);
	end if;
	update dmca_notices set decision_id = d.id where id = n.id;
	n := dmca_move(n, 'taken_down', p_moderator, p_note, p_address, p_request);
	perform moderation_tell(array[d]);
	return n;
end
$$;

-- The author says under penalty of perjury that it was a mistake: the clock starts.
create function dmca_counter(p_notice uuid, p_user uuid, p_name text, p_postal_address text, p_statement text, p_signature text,
	p_address text default null, p_request text default null) returns dmca_notices
	language plpgsql
	as $$
declare
	n dmca_notices;
begin
	if not exists (select from dmca_notices where id = p_notice and user_id = p_user) then
		raise exception 'There is no such notice here.' using errcode = 'AT404';
	end if;
	n := dmca_locked(p_notice, 'taken_down');
	update dmca_notices
	   set counter_name = p_name, counter_address = p_postal_address, counter_statement = p_statement, counter_signature = p_signature
	 where id = n.id;
	return dmca_move(n, 'countered', p_user, null, p_address, p_request);
end
$$;

-- The claimant went to court: it stays down.
create function dmca_uphold(p_notice uuid, p_moderator uuid, p_note text, p_address text default null, p_request text default null)
	returns dmca_notices
	language plpgsql
	as $$
begin
	return dmca_move(dmca_locked(p_notice, 'countered', 'taken_down'), 'upheld', p_moderator, p_note, p_address, p_request);
end
$$;

-- Back again: the claimant withdrew, or (p_state restored) the clock ran out.
create function dmca_restore(p_notice uuid, p_moderator uuid, p_state text, p_note text, p_address text default null,
	p_request text default null) returns dmca_notices
	language plpgsql
	as $$
declare
	n dmca_notices;
begin
	if p_state not in ('restored', 'withdrawn') then
		raise exception 'A video comes back restored or withdrawn.' using errcode = 'AT400';
	end if;
	n := dmca_locked(p_notice, variadic case p_state when 'restored' then '{countered}' else '{received,taken_down,countered}' end::text[]);
	perform decision_undo(n.decision_id, null);
	return dmca_move(n, p_state, p_moderator, p_note, p_address, p_request);
end
$$;
