-- Search: one row for each thing that a list may show, whatever its kind, kept by triggers in the transaction that
-- changes it. A module adds its own kind by a trigger that calls search_put() and search_drop().
--
-- Row-level security keeps PostgreSQL from using an index for @@, % and like, which it does not know to be leakproof: so the
-- programs never read these tables; the functions below do, as the owner, and bind the tenant themselves.

create function fold(p text) returns text
	language sql immutable strict parallel safe
	as $$ select lower(public.unaccent('public.unaccent', p)) $$;

-- Words as they are, without accents; and for each language that PostgreSQL can stem, its stems.
create text search configuration folded (copy = simple);
alter text search configuration folded alter mapping for hword, hword_part, word with unaccent, simple;
do $$
declare
	l text;
begin
	foreach l in array '{arabic,danish,dutch,english,finnish,french,german,hungarian,italian,norwegian,portuguese,romanian,russian,spanish,swedish,turkish}'::text[] loop
		execute format('create text search configuration folded_%s (copy = pg_catalog.%s)', l, l);
		execute format('alter text search configuration folded_%s alter mapping for hword, hword_part, word with unaccent, %s_stem', l, l);
	end loop;
end
$$;

-- The configuration for a language tag: pt-BR, en, tr_TR.
create function search_config(p_language text) returns regconfig
	language sql immutable parallel safe
	as $$
	select case lower(split_part(replace(coalesce(p_language, ''), '_', '-'), '-', 1))
	       when 'ar' then 'public.folded_arabic'::regconfig when 'da' then 'public.folded_danish'::regconfig
	       when 'de' then 'public.folded_german'::regconfig when 'en' then 'public.folded_english'::regconfig
	       when 'es' then 'public.folded_spanish'::regconfig when 'fi' then 'public.folded_finnish'::regconfig
	       when 'fr' then 'public.folded_french'::regconfig when 'hu' then 'public.folded_hungarian'::regconfig
	       when 'it' then 'public.folded_italian'::regconfig when 'nb' then 'public.folded_norwegian'::regconfig
	       when 'nl' then 'public.folded_dutch'::regconfig when 'no' then 'public.folded_norwegian'::regconfig
	       when 'pt' then 'public.folded_portuguese'::regconfig when 'ro' then 'public.folded_romanian'::regconfig
	       when 'ru' then 'public.folded_russian'::regconfig when 'sv' then 'public.folded_swedish'::regconfig
	       when 'tr' then 'public.folded_turkish'::regconfig
	       else 'public.folded'::regconfig end
	$$;

create table search_documents (
	tenant_id   uuid not null references tenants on delete cascade,
	kind        text not null check (kind ~ '^[a-z_]{2,20}$'),
	id          uuid not null,
	author_id   uuid,
	title       text not null, -- folded
	document    tsvector not null,
	category    text,
	length      text, -- short, medium, long
	language    text,
	popularity  smallint not null default 0, -- a step is about a fifth more views
	dated_at    timestamptz not null,
	primary key (kind, id)
);
create index search_documents_words_idx on search_documents using gin (document) with (fastupdate = off);
create index search_documents_popular_idx on search_documents (tenant_id, kind, popularity desc, dated_at desc);
create index search_documents_dated_idx on search_documents (tenant_id, kind, dated_at desc);
create index search_documents_prefix_idx on search_documents (tenant_id, kind, title text_pattern_ops);
create index search_documents_title_idx on search_documents using gin (title gin_trgm_ops);
alter table search_documents alter column document set statistics 1000;
alter table search_documents set (autovacuum_analyze_scale_factor = 0.05);
select tenant_owned('search_documents', 'select');
revoke select on search_documents from atelier_app;

-- The words of titles, to mend mistyped ones and to complete begun ones.
create table search_words (
	tenant_id  uuid not null references tenants on delete cascade,
	word       text not null,
	documents  integer not null default 1, -- counted anew every day
	primary key (tenant_id, word)
);
create index search_words_prefix_idx on search_words (tenant_id, word text_pattern_ops);
create index search_words_alike_idx on search_words using gin (word gin_trgm_ops);
select tenant_owned('search_words', 'select');
revoke select on search_words from atelier_app;

create function search_popularity(p_count bigint) returns smallint
	language sql immutable parallel safe
	as $$ select floor(log(2, greatest(p_count, 0) + 1) * 4)::smallint $$;

create function search_length(p_seconds double precision) returns text
	language sql immutable parallel safe
	as $$ select case when p_seconds is null then null when p_seconds < 240 then 'short' when p_seconds <= 1200 then 'medium' else 'long' end $$;

-- What is filtered by stands in the document as lexemes that no text can have: the index itself then finds what is both.
create function search_marks(p_tenant uuid, p_kind text, p_category text, p_length text) returns text[]
	language sql immutable parallel safe
	as $$
	select array_remove(array['=t' || p_tenant, '=k' || p_kind, '=c' || lower(p_category), '=d' || p_length], null)
	$$;

-- p_weighty, p_middling and p_light: title, tags, description (3 to 2 to 1); p_rest: what is said in it.
create function search_put(p_tenant uuid, p_kind text, p_id uuid, p_author uuid, p_language text, p_weighty text, p_middling text,
		p_light text, p_rest text, p_category text, p_length text, p_count bigint, p_dated_at timestamptz) returns void
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	stems regconfig := search_config(coalesce(p_language, (select locale from tenants where id = p_tenant)));
	doc   tsvector;
begin
	doc := setweight(to_tsvector('folded', p_weighty), 'A') || setweight(to_tsvector(stems, p_weighty), 'A')
		|| setweight(to_tsvector('folded', coalesce(p_middling, '')), 'B') || setweight(to_tsvector(stems, coalesce(p_middling, '')), 'B')
		|| setweight(to_tsvector('folded', coalesce(p_light, '')), 'C') || setweight(to_tsvector(stems, coalesce(p_light, '')), 'C')
		|| setweight(to_tsvector(stems, left(coalesce(p_rest, ''), 200000)), 'D')
		|| array_to_tsvector(search_marks(p_tenant, p_kind, p_category, p_length));
	insert into search_documents (tenant_id, kind, id, author_id, title, document, category, length, language, popularity, dated_at)
	values (p_tenant, p_kind, p_id, p_author, fold(p_weighty), doc, lower(p_category), p_length,
	        lower(split_part(replace(p_language, '_', '-'), '-', 1)), search_popularity(p_count), p_dated_at)
	on conflict (kind, id) do update
	   set author_id = excluded.author_id, title = excluded.title, document = excluded.document, category = excluded.category,
	       length = excluded.length, language = excluded.language, popularity = excluded.popularity, dated_at = excluded.dated_at;
	insert into search_words (tenant_id, word)
	select distinct p_tenant, w
	  from regexp_split_to_table(fold(p_weighty || ' ' || coalesce(p_middling, '')), '[^[:alnum:]]+') w
	 where length(w) between 3 and 40
	 order by 2
	on conflict do nothing;
end
$$;

create function search_drop(p_kind text, p_id uuid) returns void
	language sql security definer set search_path = public, pg_temp
	as $$ delete from search_documents where kind = p_kind and id = p_id $$;

-- What is said in a video: the captions' words. Redefined by the migration that makes captions.
create function search_transcript(p_video uuid) returns text
	language sql stable
	as $$ select ''::text $$;

create function video_search_put(v videos) returns void
	language plpgsql
	as $$
begin
	if v.state = 'ready' and v.visibility = 'public' and v.hidden_at is null and v.published_at is not null then
		perform search_put(v.tenant_id, 'video', v.id, v.user_id, v.language, v.title,
			array_to_string(v.tags || v.hashtags, ' '), v.description, search_transcript(v.id), v.category,
			search_length(v.duration_s), v.view_count, v.published_at);
	else
		perform search_drop('video', v.id);
	end if;
end
$$;

create function video_search_keep() returns trigger
	language plpgsql
	as $$
begin
	if tg_op = 'DELETE' then
		perform search_drop('video', old.id);
	elsif tg_op = 'INSERT' or old.state <> 'deleted' or new.state <> 'deleted' then
		perform video_search_put(new);
	end if;
	return null;
end
$$;
create trigger video_search_keep after insert or delete or
	update of title, description, tags, hashtags, category, language, visibility, hidden_at, deleted_at, renditions_ready, published_at, duration_s
	on videos for each row execute function video_search_keep();
create function video_search_count() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	update search_documents set popularity = search_popularity(new.view_count) where kind = 'video' and id = new.id;
	return null;
end
$$;
create trigger video_search_count after update of view_count on videos
	for each row when (search_popularity(old.view_count) <> search_popularity(new.view_count)) execute function video_search_count();

create function user_search_keep() returns trigger
	language plpgsql
	as $$
begin
	if tg_op = 'DELETE' then
		perform search_drop('user', old.id);
	elsif new.status in ('active', 'suspended') then
		perform search_put(new.tenant_id, 'user', new.id, new.id, new.locale, new.display_name || ' ' || new.username,
			array_to_string(new.industries, ' '), new.bio, null, null, null, new.follower_count, new.created_at);
	else
		perform search_drop('user', new.id);
	end if;
	return null;
end
$$;
create trigger user_search_keep after insert or delete or update of username, display_name, bio, industries, status on users
	for each row execute function user_search_keep();
create function user_search_count() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	update search_documents set popularity = search_popularity(new.follower_count) where kind = 'user' and id = new.id;
	return null;
end
$$;
create trigger user_search_count after update of follower_count on users
	for each row when (search_popularity(old.follower_count) <> search_popularity(new.follower_count)) execute function user_search_count();

-- What was there before.
select video_search_put(v) from videos v where v.state = 'ready';
select search_put(u.tenant_id, 'user', u.id, u.id, u.locale, u.display_name || ' ' || u.username, array_to_string(u.industries, ' '),
                  u.bio, null, null, null, u.follower_count, u.created_at)
  from users u where u.status in ('active', 'suspended');

create function search_words_count() returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with counted as (
		select d.tenant_id, w.word, count(*)::integer as n
		  from search_documents d
		 cross join lateral (select distinct word from regexp_split_to_table(d.title, '[^[:alnum:]]+') word where length(word) between 3 and 40) w
		 group by 1, 2
	), set_ as (
		update search_words s set documents = c.n from counted c
		 where s.tenant_id = c.tenant_id and s.word = c.word and s.documents <> c.n
		returning 1
	), gone as (
		delete from search_words s where not exists (select from counted c where c.tenant_id = s.tenant_id and c.word = s.word)
		returning 1
	)
	select (select count(*) from set_) + (select count(*) from gone)
	$$;
