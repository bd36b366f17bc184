-- Texts are looked at where they are written, by triggers: no way in goes around them. Words to watch for are PostgreSQL's
-- regular expressions without back-references, so each is matched by an automaton, in time linear in the text; how long
-- one takes is measured before it is taken, and the statement timeout is behind that.

create function watched_word_check() returns trigger
	language plpgsql
	as $$
declare
	began timestamptz := clock_timestamp();
	probe text;
	flags text := case when new.is_case_sensitive then '' else '(?i)' end;
begin
	if new.pattern ~ '\\[1-9]' then
		raise exception 'A pattern must not refer back to what it matched (\1).' using errcode = 'AT400';
	elsif new.pattern ~ '^(\*\*\*|\(\?[a-z])' then
		raise exception 'A pattern must not begin with options.' using errcode = 'AT400';
	elsif exists (select from regexp_matches(new.pattern, '\{(\d+)(,(\d*))?\}', 'g') m where m[1]::numeric > 50 or nullif(m[3], '')::numeric > 50) then
		raise exception 'A pattern must not repeat something more than 50 times.' using errcode = 'AT400';
	end if;
	begin
		foreach probe in array array[repeat('a', 5000), repeat('ab ', 1700), repeat('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', 125),
		                             repeat('www.x-1.y/ ', 450)] loop
			perform probe ~ (flags || new.pattern);
			if clock_timestamp() > began + interval '100 ms' then
				raise exception 'This pattern takes too long.' using errcode = 'AT400';
			end if;
		end loop;
		if '' ~ (flags || new.pattern) then
			raise exception 'This pattern matches everything.' using errcode = 'AT400';
		end if;
	exception when invalid_regular_expression then
		raise exception 'This is no regular expression: %', sqlerrm using errcode = 'AT400';
	end;
	new.updated_at := now();
	return new;
end
$$;
create trigger watched_word_check before insert or update of pattern, is_case_sensitive on watched_words
	for each row execute function watched_word_check();

-- What a text is compared as: one form of each letter, nothing invisible between them.
create function text_plain(p_text text) returns text
	language sql immutable
	as $$ select regexp_replace(normalize(left(p_text, 20000), nfkc), '[\u00ad\u200b-\u200f\u2060\ufeff]', '', 'g') $$;

-- allow, hold or reject, and what was found: [{"check": …, "pattern": …, "match": …}, …].
create function text_check(p_field text, p_text text, p_user uuid) returns table (verdict text, findings jsonb)
	language plpgsql stable
	as $$
declare
	plain  text := text_plain(p_text);
	folded text;
	w      watched_words;
	m      moderation_settings;
	who    record;
	flags  text;
	links  bigint;
	is_new boolean;
begin
	verdict := 'allow';
	findings := '[]';
	select role, created_at into who from users where id = p_user;
	if who.role in ('moderator', 'admin', 'operator') then
		return next;
		return;
	end if;
	for w in select * from watched_words
	          where tenant_id = current_tenant() and is_active and p_field = any (applies_to)
	          order by action = 'allow' desc, id limit 1000 loop
		flags := case when w.is_case_sensitive then '' else '(?i)' end;
		if w.action = 'allow' then
			plain := regexp_replace(plain, flags || w.pattern, ' ', 'g');
			continue;
		end if;
		folded := coalesce(folded, unaccent(plain));
		if plain ~ (flags || w.pattern) or folded ~ (flags || w.pattern) then
			findings := findings || jsonb_build_object('check', 'watched_words', 'pattern', w.pattern, 'action', w.action,
				'match', left(coalesce(substring(plain from flags || '(?:' || w.pattern || ')'), substring(folded from flags || '(?:' || w.pattern || ')')), 100));
			verdict := case when 'reject' in (w.action, verdict) then 'reject' else 'hold' end;
		end if;
	end loop;
	select * into m from moderation_settings where tenant_id = current_tenant();
	links := regexp_count(plain, '(https?://|\mwww\.)', 1, 'i');
	is_new := coalesce(who.created_at > now() - make_interval(days => m.new_account_days), true);
	if (is_new and links > m.max_links_new) or links > m.max_links then
		findings := findings || jsonb_build_object('check', 'links', 'count', links);
		verdict := case verdict when 'reject' then 'reject' else 'hold' end;
	end if;
	return next;
end
$$;

-- Several fields of one row: the worst verdict, what was found in all; raises when it is not to be taken at all.
create function texts_check(p_user uuid, variadic p_pairs text[]) returns table (verdict text, findings jsonb)
	language plpgsql stable
	as $$
declare
	c record;
begin
	verdict := 'allow';
	findings := '[]';
	for i in 1 .. cardinality(p_pairs) by 2 loop
		continue when coalesce(p_pairs[i + 1], '') = '';
		select * into c from text_check(p_pairs[i], p_pairs[i + 1], p_user);
		findings := findings || c.findings;
		if c.verdict = 'reject' then
			raise exception 'This text cannot be published here.' using errcode = 'AT422';
		elsif c.verdict = 'hold' then
			verdict := 'hold';
		end if;
	end loop;
	return next;
end
$$;

-- Somebody has to look, and the scorer, where the community has one.
create function text_found(p_kind text, p_id uuid, p_user uuid, p_verdict text, p_findings jsonb) returns void
	language plpgsql
	as $$
begin
	if p_verdict = 'hold' then
		perform check_found(p_kind, p_id, p_findings -> 0 ->> 'check', 'hold',
			case when p_findings -> 0 ->> 'check' = 'links' then 'spam' else 'other' end, null, jsonb_build_object('findings', p_findings));
	end if;
	if (select score_text from moderation_settings where tenant_id = current_tenant()) then
		insert into jobs (kind, user_id, subject_id, unique_key, payload, priority)
		values ('check_text', p_user, p_id, p_kind || ':' || p_id, jsonb_build_object('kind', p_kind, 'id', p_id), 5)
		on conflict do nothing;
	end if;
end
$$;

create function video_text_check() returns trigger
	language plpgsql
	as $$
declare
	c record;
begin
	if tg_op = 'UPDATE' and (new.title, new.description) is not distinct from (old.title, old.description) then
		return null;
	end if;
	select * into c from texts_check(new.user_id, 'title', new.title, 'description', new.description);
	perform text_found('video', new.id, new.user_id, c.verdict, c.findings);
	return null;
end
$$;
create trigger video_text_check after insert or update of title, description on videos
	for each row when (new.deleted_at is null) execute function video_text_check();

-- A comment is hidden before anybody is told of it.
create function comment_text_check() returns trigger
	language plpgsql
	as $$
begin
	if tg_op = 'INSERT' or new.text is distinct from old.text then
		if (select verdict from texts_check(new.user_id, 'comment', new.text)) = 'hold' then
			new.hidden_at := coalesce(new.hidden_at, now());
		end if;
	end if;
	return new;
end
$$;
create trigger comment_text_check before insert or update of text on comments
	for each row when (new.deleted_at is null) execute function comment_text_check();

create function comment_text_found() returns trigger
	language plpgsql
	as $$
declare
	c record;
begin
	if tg_op = 'INSERT' or new.text is distinct from old.text then
		select * into c from texts_check(new.user_id, 'comment', new.text);
		perform text_found('comment', new.id, new.user_id, c.verdict, c.findings);
	end if;
	return null;
end
$$;
create trigger comment_text_found after insert or update of text on comments
	for each row when (new.deleted_at is null) execute function comment_text_found();

-- A person is not hidden: somebody looks.
create function profile_text_check() returns trigger
	language plpgsql
	as $$
declare
	c record;
begin
	if tg_op = 'INSERT' or (new.username, new.display_name, new.bio) is distinct from (old.username, old.display_name, old.bio) then
		select * into c from texts_check(new.id, 'profile', new.username || E'\n' || new.display_name || E'\n' || new.bio);
		if current_tenant() is not null then
			perform text_found('user', new.id, new.id, c.verdict, c.findings);
		end if;
	end if;
	return null;
end
$$;
create trigger profile_text_check after insert or update of username, display_name, bio on users
	for each row when (new.status <> 'deleted') execute function profile_text_check();

-- The first videos of somebody new wait for a moderator, where the community wants that.
create function video_first_hold() returns trigger
	language plpgsql
	as $$
begin
	if new.renditions_ready > 0 and new.visibility <> 'private' and new.hidden_at is null
	   and (tg_op = 'INSERT' or old.renditions_ready = 0 or old.visibility = 'private')
	   and exists (select from moderation_settings m join users u on u.id = new.user_id
	                where m.tenant_id = new.tenant_id and u.video_count < m.review_first_videos
	                  and u.role not in ('moderator', 'admin', 'operator'))
	   -- one that was let go once is not held again
	   and not exists (select from cases c join reports r on r.case_id = c.id
	                    where c.tenant_id = new.tenant_id and c.subject_id = new.id and c.state = 'decided' and r.check_kind = 'first_videos') then
		new.hidden_at := now();
	end if;
	return new;
end
$$;
create trigger video_first_hold before insert or update of renditions_ready, visibility on videos
	for each row execute function video_first_hold();

create function video_first_found() returns trigger
	language plpgsql
	as $$
begin
	if new.hidden_at is not null and (tg_op = 'INSERT' or old.hidden_at is null) then
		perform check_found('video', new.id, 'first_videos', 'hold', 'review', null, null);
	end if;
	return null;
end
$$;
create trigger video_first_found after insert or update of renditions_ready, visibility on videos
	for each row execute function video_first_found();

-- What the scorer said: score of 0 to 1. Above 0.8 it is hidden at once, above 0.5 held; either way somebody looks. The
-- same, but a profile, which is flagged.
create function text_scored(p_kind text, p_id uuid, p_score double precision, p_labels jsonb) returns text
	language plpgsql
	as $$
declare
	verdict text := case when p_score > 0.8 then 'hide' when p_score > 0.5 then 'hold' else 'allow' end;
begin
	if verdict <> 'allow' and subject_row(p_kind, p_id) is not null then
		perform check_found(p_kind, p_id, 'toxicity', 'hold', case when p_score > 0.8 then 'hate' else 'harassment' end, p_score,
		                    jsonb_build_object('verdict', verdict, 'labels', p_labels));
	end if;
	return verdict;
end
$$;
