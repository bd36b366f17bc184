-- Finding: how many things have these words decides how. Few (10,000 at most): all of them are looked up by their words,
-- ranked and counted. More: the most popular things (or the newest) are walked through until enough of them have the words;
-- the total is then an estimate. Either way the work is bounded, whatever the words.

create function search_query(p_q text, p_config regconfig) returns tsquery
	language sql immutable parallel safe
	as $$ select websearch_to_tsquery(p_config, p_q) || websearch_to_tsquery('public.folded', p_q) $$;

-- PostgreSQL's own estimate of how many rows a condition leaves.
create function search_estimate(p_tenant uuid, p_kind text, p_query tsquery, p_since timestamptz) returns bigint
	language plpgsql -- volatile, as search_find: PostgreSQL explains nothing in a stable function
	as $$
declare
	plan json;
begin
	execute 'explain (format json) select from search_documents where document @@ $1 and dated_at >= $2' into plan
		using p_query, p_since;
	return (plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint;
end
$$;
revoke execute on function search_estimate(uuid, text, tsquery, timestamptz) from atelier_app;

-- Mistyped words are replaced by those of titles that look most alike; null when none needs it or none is alike.
create function search_corrected(p_q text) returns text
	language plpgsql stable security definer set search_path = public, pg_temp
	as $$
declare
	words   text[] := regexp_split_to_array(trim(fold(left(p_q, 200))), '[^[:alnum:]]+');
	changed boolean := false;
	best    text;
begin
	for i in 1 .. least(cardinality(words), 8) loop
		continue when length(words[i]) < 3 or exists (select from search_words where tenant_id = current_tenant() and word = words[i]);
		select s.word into best
		  from search_words s
		 where s.tenant_id = current_tenant() and s.word % words[i] and abs(length(s.word) - length(words[i])) <= 3
		 order by similarity(s.word, words[i]) desc, s.documents desc, s.word
		 limit 1;
		if best is not null then
			words[i] := best;
			changed := true;
		end if;
	end loop;
	return case when changed then array_to_string(words, ' ') end;
end
$$;

-- One page of ids in their order, how many there are (above 10,000 an estimate), and how they fall into the facets.
-- p_sort: relevance, -views, -date. p_not: authors whom the caller is not to see.
create function search_find(p_kind text, p_q text, p_category text, p_length text, p_since timestamptz, p_sort text, p_not uuid[],
		p_offset bigint, p_limit bigint, out ids uuid[], out total bigint, out facets jsonb)
	language plpgsql security definer set search_path = public, pg_temp
	set plan_cache_mode = force_custom_plan set work_mem = '32MB' set jit = off
	as $$
declare
	tenant   uuid := current_tenant();
	cap      constant integer := 10001;
	walk     constant integer := 20000;
	words    tsquery := search_query(p_q, search_config((select locale from tenants where id = tenant)));
	wanted   tsquery := words;
	since    timestamptz := coalesce(p_since, '-infinity');
	estimate bigint;
	source   text;
	mark     text;
	by_views text := case p_kind when 'video' then '(select v.view_count from videos v where v.id = found.id)'
		when 'user' then '(select u.follower_count from users u where u.id = found.id)' else 'popularity' end;
	-- Scripts that put no space between words: what is looked for stands anywhere in a title.
	is_script boolean := p_q ~ '[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]';
begin
	ids := '{}';
	total := 0;
	facets := '{}';
	if numnode(words) = 0 then
		return;
	end if;
	foreach mark in array search_marks(tenant, p_kind, p_category, p_length) loop
		wanted := wanted && quote_literal(mark)::tsquery;
	end loop;
	estimate := case when is_script then cap else search_estimate(tenant, p_kind, wanted, since) end;
	if estimate < cap then
		source := 'select * from search_documents where document @@ $1 and dated_at >= $2 and (author_id is null or author_id <> all ($3)) limit ' || cap;
	else
		source := format('select * from (select * from search_documents where tenant_id = %L and kind = %L and dated_at >= $2 order by %s limit %s) w'
			' where %s and (author_id is null or author_id <> all ($3))', tenant, p_kind,
			case p_sort when '-date' then 'dated_at desc' else 'popularity desc, dated_at desc' end, walk,
			case when is_script then '(document @@ $1 or title like $7) and ($8 is null or category = $8) and ($9 is null or length = $9)'
			else 'document @@ $1' end);
	end if;
	execute format('with found as materialized (
			select id, category, length, language, popularity, dated_at,
			       ts_rank(''{0.1, 0.33, 0.66, 1}'', document, $4) * (1 + popularity / 40.0) as score
			  from (%s) d
		), page as (
			select id, row_number() over (order by %s) as n from found order by n offset $5 limit $6
		)
		select (select coalesce(array_agg(id order by n), ''{}'') from page), (select count(*) from found),
		       jsonb_build_object(
		         ''category'', (select coalesce(jsonb_agg(jsonb_build_object(''value'', f.v, ''count'', f.c) order by f.c desc, f.v), ''[]'')
		            from (select category as v, count(*) as c from found where category is not null group by 1 order by 2 desc, 1 limit 20) f),
		         ''duration'', (select coalesce(jsonb_agg(jsonb_build_object(''value'', f.v, ''count'', f.c) order by f.c desc, f.v), ''[]'')
		            from (select length as v, count(*) as c from found where length is not null group by 1) f),
		         ''language'', (select coalesce(jsonb_agg(jsonb_build_object(''value'', f.v, ''count'', f.c) order by f.c desc, f.v), ''[]'')
		            from (select language as v, count(*) as c from found where language is not null group by 1 order by 2 desc, 1 limit 20) f))',
		source, case p_sort when '-views' then by_views || ' desc, dated_at desc, id' when '-date' then 'dated_at desc, id'
			else 'score desc, dated_at desc, id' end)
		into ids, total, facets
		using wanted, since, coalesce(p_not, '{}'), words, p_offset, p_limit,
			'%' || replace(replace(replace(fold(p_q), '\', '\\'), '%', '\%'), '_', '\_') || '%', lower(p_category), p_length;
	if estimate >= cap and not is_script then
		total := greatest(estimate, total);
	end if;
end
$$;

-- Completions of what was begun: titles by how popular they are, words by how frequent, people by their name.
create function search_complete(p_q text, p_not uuid[]) returns table (text text, type text)
	language plpgsql stable security definer set search_path = public, pg_temp
	set plan_cache_mode = force_custom_plan set jit = off
	as $$
#variable_conflict use_column
declare
	tenant uuid := current_tenant();
	begun  text := fold(left(p_q, 100));
	prefix text := replace(replace(replace(begun, '\', '\\'), '%', '\%'), '_', '\_') || '%';
	lead   text := coalesce(substring(begun from '^.*[^[:alnum:]]'), '');
	last   text := substring(begun from '[[:alnum:]]+$');
begin
	return query
	select x.t, x.k from (
		(select v.title as t, 'video' as k, 1 as part, d.popularity::integer as p
		   from (select s.id, s.popularity from search_documents s
		          where s.tenant_id = tenant and s.kind = 'video' and s.title like prefix limit 400) d
		   join videos v on v.id = d.id and v.user_id <> all (p_not)
		  order by d.popularity desc, v.title limit 5)
		union all
		(select lead || w.word, 'word', 2, w.documents
		   from (select s.word, s.documents from search_words s
		          where s.tenant_id = tenant and s.word like last || '%' limit 2000) w
		  order by w.documents desc, w.word limit 5)
		union all
		(select u.display_name || ' (@' || u.username || ')', 'user', 3, u.follower_count::integer
		   from (select s.id from search_documents s
		          where s.tenant_id = tenant and s.kind = 'user' and s.title like prefix limit 200) d
		   join users u on u.id = d.id and u.id <> all (p_not)
		  order by u.follower_count desc, u.username limit 3)) x
	 order by x.part, x.p desc, x.t;
end
$$;

create function html_text(p text) returns text
	language sql immutable strict parallel safe
	as $$ select replace(replace(replace(replace(p, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;') $$;

-- A text with the words found between <mark> and </mark>, everything else of it escaped for HTML: whole, or its best parts.
create function search_mark(p_text text, p_q text, p_language text, p_whole boolean) returns text
	language sql stable parallel safe
	as $$
	select ts_headline(c.config, html_text(p_text), search_query(p_q, c.config),
	         'StartSel=<mark>, StopSel=</mark>, ' || case when p_whole then 'HighlightAll=true'
	         else 'MaxFragments=2, MinWords=8, MaxWords=24, FragmentDelimiter=" … "' end)
	  from (select search_config(coalesce(p_language,
	          (select t.locale from tenants t where t.id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)))) as config) c
	$$;
