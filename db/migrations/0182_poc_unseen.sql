-- Who is not seen is found once for each question, not for each project.
create index users_gone_idx on users (tenant_id) where status not in ('active', 'suspended');

create or replace function pocs_find(p_me uuid, p_all boolean, p_user uuid, p_q text, p_language text, p_tags text[], p_frameworks text[], p_sort text,
		p_descending boolean, p_offset bigint, p_limit bigint, out ids uuid[], out total bigint, out facets jsonb)
	language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
	as $$
declare
	asked text[] := array(select w from regexp_split_to_table(fold(coalesce(p_q, '')), '[^[:alnum:]]+') w where w <> '');
	wanted tsquery := begun_words(asked);
	-- in code without what every program has; a word that is only begun may be one that it is not
	in_code tsquery := begun_words(array(select w from unnest(asked) w where w <> all (code_common())));
	unseen uuid[] := array(
		select b.blocked_id from blocks b where b.blocker_id = p_me
		union all select b.blocker_id from blocks b where b.blocked_id = p_me
		union all select u.id from users u where u.tenant_id = current_tenant() and u.status not in ('active', 'suspended'));
begin
	with fitting as materialized (
		select p.id, p.name, p.language, p.tags, p.frameworks, p.created_at, p.updated_at,
		       case when wanted is null then 0 else ts_rank(p.words, wanted) end as rank
		  from pocs p
		 where p.tenant_id = current_tenant() and p.deleted_at is null
		   and (p.user_id = p_me or p_all or (p.is_public and p.user_id <> all (unseen)))
		   and (p_user is null or p.user_id = p_user)
		   and (p_language is null or lower(p.language) = lower(p_language))
		   and (p_tags is null or p.tags @> p_tags)
		   and (p_frameworks is null or p.frameworks @> p_frameworks)
		   and (wanted is null or p.words @@ wanted
		        or p.id in (select s.poc_id from poc_snippets s where s.tenant_id = current_tenant() and s.words @@ in_code))
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
