-- Proof-of-concept projects: what somebody tried, in which language and with what, and pieces of its code.
create table pocs (
	id              uuid primary key default uuid_v7(),
	tenant_id       uuid not null default current_tenant(),
	user_id         uuid not null,
	name            text not null check (length(name) between 1 and 100),
	description     text not null default '' check (length(description) <= 10000),
	repository_url  text check (length(repository_url) <= 500),
	language        text check (length(language) <= 50),
	tags            text[] not null default '{}',
	frameworks      text[] not null default '{}',
	is_public       boolean not null default false,
	words           tsvector not null default '', -- kept by poc_words
	created_at      timestamptz not null default now(),
	updated_at      timestamptz not null default now(),
	deleted_at      timestamptz,
	unique (tenant_id, id),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index pocs_mine_idx on pocs (tenant_id, user_id, created_at desc, id desc) where deleted_at is null;
create index pocs_public_idx on pocs (tenant_id, created_at desc, id desc) where deleted_at is null and is_public;
create index pocs_words_idx on pocs using gin (words);
create index pocs_tags_idx on pocs using gin (tags);
select tenant_owned('pocs');

create table poc_snippets (
	id          uuid primary key default uuid_v7(),
	tenant_id   uuid not null default current_tenant(),
	poc_id      uuid not null,
	title       text not null check (length(title) between 1 and 200),
	language    text check (length(language) <= 50),
	code        text not null check (length(code) between 1 and 50000),
	words       tsvector not null default '',
	created_at  timestamptz not null default now(),
	updated_at  timestamptz not null default now(),
	unique (tenant_id, id),
	foreign key (tenant_id, poc_id) references pocs (tenant_id, id) on delete cascade
);
create index poc_snippets_poc_idx on poc_snippets (tenant_id, poc_id, created_at);
select tenant_owned('poc_snippets');

-- The words of code: names as they are and in their parts (readFileSync: readfilesync, read, file, sync), without the words that
-- every program of any language is full of.
create function code_words(p_code text) returns tsvector
	language sql immutable
	as $$
	select ts_delete(to_tsvector('simple', p_code || ' ' || regexp_replace(regexp_replace(p_code, '([a-z0-9])([A-Z])', '\1 \2', 'g'), '[^[:alnum:]]+', ' ', 'g')),
		array['abstract', 'and', 'as', 'async', 'auto', 'await', 'begin', 'bool', 'boolean', 'break', 'case', 'catch', 'char', 'class', 'const',
		      'continue', 'def', 'default', 'delete', 'do', 'double', 'elif', 'else', 'elsif', 'end', 'enum', 'esac', 'except', 'export', 'extends',
		      'extern', 'false', 'fi', 'final', 'finally', 'float', 'fn', 'for', 'foreach', 'from', 'func', 'function', 'goto', 'if', 'implements',
		      'import', 'in', 'include', 'int', 'interface', 'is', 'lambda', 'let', 'local', 'long', 'mut', 'namespace', 'new', 'nil', 'none', 'not',
		      'null', 'of', 'or', 'override', 'package', 'pass', 'private', 'protected', 'pub', 'public', 'raise', 'readonly', 'require', 'return',
		      'self', 'short', 'signed', 'sizeof', 'static', 'string', 'struct', 'super', 'switch', 'then', 'this', 'throw', 'throws', 'trait', 'true',
		      'try', 'type', 'typedef', 'typeof', 'undefined', 'union', 'unsigned', 'until', 'use', 'using', 'val', 'var', 'virtual', 'void', 'volatile',
		      'when', 'where', 'while', 'with', 'yield'])
	$$;

create function poc_words() returns trigger
	language plpgsql
	as $$
begin
	new.words := setweight(to_tsvector('simple', fold(new.name)), 'A')
		|| setweight(to_tsvector('simple', fold(array_to_string(new.tags || new.frameworks || array[new.language], ' '))), 'B')
		|| setweight(to_tsvector('simple', fold(left(new.description, 10000))), 'C');
	return new;
end
$$;
create trigger poc_words before insert or update of name, tags, frameworks, language, description on pocs
	for each row execute function poc_words();

create function poc_snippet_words() returns trigger
	language plpgsql
	as $$
begin
	new.words := setweight(to_tsvector('simple', fold(new.title)), 'A') || setweight(code_words(new.code), 'C');
	return new;
end
$$;
create trigger poc_snippet_words before insert or update of title, code on poc_snippets
	for each row execute function poc_snippet_words();
create index poc_snippets_words_idx on poc_snippets using gin (words);

-- What fits, in order, how many that are, and what they are of. p_me sees their own, p_all (those who moderate) everything.
create function pocs_find(p_me uuid, p_all boolean, p_user uuid, p_q text, p_language text, p_tags text[], p_frameworks text[], p_sort text,
		p_descending boolean, p_offset bigint, p_limit bigint, out ids uuid[], out total bigint, out facets jsonb)
	language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
	as $$
declare
	wanted tsquery := case when p_q is null then null else (select to_tsquery('simple', coalesce(string_agg(quote_literal(w) || ':*', ' & '), ''))
		from regexp_split_to_table(fold(p_q), '[^[:alnum:]]+') w where w <> '') end;
begin
	with fitting as materialized (
		select p.id, p.name, p.language, p.tags, p.frameworks, p.created_at, p.updated_at,
		       case when wanted is null then 0 else ts_rank(p.words, wanted) end as rank
		  from pocs p
		 where p.tenant_id = current_tenant() and p.deleted_at is null
		   and (p.is_public or p.user_id = p_me or p_all)
		   and (p_user is null or p.user_id = p_user)
		   and (p_language is null or lower(p.language) = lower(p_language))
		   and (p_tags is null or p.tags @> p_tags)
		   and (p_frameworks is null or p.frameworks @> p_frameworks)
		   and (wanted is null or numnode(wanted) = 0 or p.words @@ wanted
		        or p.id in (select s.poc_id from poc_snippets s where s.tenant_id = current_tenant() and s.words @@ wanted))
		 order by p.created_at desc
		 limit 10001
	), sorted as (
		select f.id, row_number() over (order by
			case when p_sort = 'relevance' then -rank end,
			case when p_sort = 'name' and not p_descending then lower(name) end, case when p_sort = 'name' and p_descending then lower(name) end desc,
			case when p_sort = 'language' and not p_descending then lower(language) end, case when p_sort = 'language' and p_descending then lower(language) end desc,
			case when p_sort = 'updatedAt' and not p_descending then updated_at end, case when p_sort = 'updatedAt' and p_descending then updated_at end desc,
			case when p_sort = 'createdAt' and not p_descending then created_at end,
			created_at desc, id desc) as place
		  from fitting f
	)
	select (select array_agg(s.id order by s.place) from sorted s where s.place > p_offset and s.place <= p_offset + p_limit),
	       (select count(*) from fitting),
	       jsonb_build_object(
		'languages', (select coalesce(jsonb_agg(jsonb_build_object('value', value, 'count', n) order by n desc, value), '[]')
			from (select language as value, count(*) as n from fitting where language is not null group by 1 order by 2 desc, 1 limit 50) x),
		'tags', (select coalesce(jsonb_agg(jsonb_build_object('value', value, 'count', n) order by n desc, value), '[]')
			from (select value, count(*) as n from fitting, unnest(tags) value group by 1 order by 2 desc, 1 limit 50) x),
		'frameworks', (select coalesce(jsonb_agg(jsonb_build_object('value', value, 'count', n) order by n desc, value), '[]')
			from (select value, count(*) as n from fitting, unnest(frameworks) value group by 1 order by 2 desc, 1 limit 50) x))
	  into ids, total, facets;
	ids := coalesce(ids, '{}');
end
$$;
