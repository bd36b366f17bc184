-- What those who moderate and operate look at all day: everything of a community by state, newest first; the queue; the log.
create index videos_all_idx on videos (tenant_id, created_at desc, id desc) where deleted_at is null;
create index videos_hidden_idx on videos (tenant_id, created_at desc, id desc) where deleted_at is null and hidden_at is not null;
create index videos_failed_idx on videos (tenant_id, created_at desc, id desc) where deleted_at is null and state = 'failed';
create index videos_under_way_idx on videos (tenant_id, created_at desc, id desc) where deleted_at is null and state in ('queued', 'processing', 'uploading');
create index comments_all_idx on comments (tenant_id, created_at desc, id desc) where deleted_at is null;
create index comments_hidden_idx on comments (tenant_id, created_at desc, id desc) where deleted_at is null and hidden_at is not null;

-- A person of the community by @name or id; null: nobody.
create function desk_person(p_name text) returns uuid
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select id from users
	 where tenant_id = current_tenant()
	   and case when p_name like '@%' then lower(username) = lower(substr(p_name, 2)) else id::text = p_name end
	$$;

-- Videos of the community in any state. p_q: an id, @name of the author, or words; words are found in the search's index and
-- among what is hidden.
create function desk_videos(p_q text, p_state text, p_at timestamptz, p_id uuid, p_limit integer) returns setof uuid
	language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
	as $$
declare
	fits text := case p_state
		when 'hidden' then ' and v.hidden_at is not null'
		when 'failed' then ' and v.state = ''failed'''
		when 'underWay' then ' and v.state in (''queued'', ''processing'', ''uploading'')'
		when 'ready' then ' and v.state = ''ready'''
		else '' end;
	mine text := ' from videos v where v.tenant_id = $1 and v.deleted_at is null and (v.created_at, v.id) < ($2, $3)';
	tail text := ' order by v.created_at desc, v.id desc limit $4';
	at   timestamptz := coalesce(p_at, 'infinity');
	id   uuid := coalesce(p_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
	if p_q is null then
		return query execute 'select v.id' || mine || fits || tail using current_tenant(), at, id, p_limit;
	elsif p_q ~ '^@' or p_q ~ '^[0-9a-f]{8}-[0-9a-f]{4}-' then
		return query execute 'select v.id' || mine || fits || ' and (v.id::text = $5 or v.user_id = $6)' || tail
			using current_tenant(), at, id, p_limit, p_q, desk_person(p_q);
	else
		return query execute 'select v.id' || mine || fits || ' and v.id = any ($5)' || tail
			using current_tenant(), at, id, p_limit, array(
				select f from unnest((select ids from search_find('video', p_q, null, null, null, 'relevance', '{}', 0, 500))) f
				union
				select h.id from (select v.id, v.title from videos v
				                   where v.tenant_id = current_tenant() and v.deleted_at is null and v.hidden_at is not null
				                   order by v.created_at desc, v.id desc limit 5000) h
				 where strpos(lower(h.title), lower(p_q)) > 0);
	end if;
end
$$;

-- Comments, newest first; words are looked for among the newest ten thousand that fit the rest.
create function desk_comments(p_q text, p_state text, p_at timestamptz, p_id uuid, p_limit integer) returns setof uuid
	language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
	as $$
declare
	mine text := 'select c.id, c.text, c.created_at from comments c where c.tenant_id = $1 and c.deleted_at is null and (c.created_at, c.id) < ($2, $3)'
		|| case p_state when 'hidden' then ' and c.hidden_at is not null' else '' end;
	tail text := ' order by c.created_at desc, c.id desc limit ';
	at   timestamptz := coalesce(p_at, 'infinity');
	id   uuid := coalesce(p_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
	if p_q is null then
		return query execute 'select x.id from (' || mine || tail || '$4) x order by x.created_at desc, x.id desc' using current_tenant(), at, id, p_limit;
	elsif p_q ~ '^@' then
		return query execute 'select x.id from (' || mine || ' and c.user_id = $5' || tail || '$4) x order by x.created_at desc, x.id desc'
			using current_tenant(), at, id, p_limit, desk_person(p_q);
	else
		return query execute 'select x.id from (' || mine || tail || '10000) x where strpos(lower(x.text), lower($5)) > 0'
			' order by x.created_at desc, x.id desc limit $4' using current_tenant(), at, id, p_limit, p_q;
	end if;
end
$$;

-- The queue of the community, or (p_all) of the installation.
create function desk_jobs(p_all boolean, p_state text, p_kind text, p_reason_code text, p_subject uuid, p_at timestamptz, p_id uuid, p_limit integer)
	returns setof jobs
	language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
	as $$
begin
	return query execute 'select * from jobs j where (j.created_at, j.id) < ($1, $2)'
		|| case when p_all then '' else ' and j.tenant_id = $3' end
		|| case when p_state is null then '' else ' and j.state = $4' end
		|| case when p_kind is null then '' else ' and j.kind = $5' end
		|| case when p_reason_code is null then '' else ' and j.reason_code = $6' end
		|| case when p_subject is null then '' else ' and j.subject_id = $7' end
		|| ' order by j.created_at desc, j.id desc limit $8'
		using coalesce(p_at, 'infinity'), coalesce(p_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'), current_tenant(), p_state, p_kind, p_reason_code,
		      p_subject, p_limit;
end
$$;
create index jobs_created_idx on jobs (created_at desc, id desc);

-- Reasons for which jobs have failed, for doing them again at once.
create function desk_job_failures(p_all boolean) returns table (kind text, reason_code text, reason text, jobs bigint, last_at timestamptz)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select j.kind, j.reason_code, max(j.reason), count(*), max(j.finished_at)
	  from (select * from jobs x where x.state = 'dead' and (p_all or x.tenant_id = current_tenant()) order by x.created_at desc limit 5000) j
	 group by 1, 2 order by 4 desc limit 50
	$$;

create function desk_audit(p_q text, p_actor text, p_action text, p_target uuid, p_from timestamptz, p_until timestamptz,
		p_at timestamptz, p_id uuid, p_limit integer) returns setof audit_log
	language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
	as $$
begin
	return query execute 'select * from (select * from audit_log a where a.tenant_id = $1 and (a.at, a.id) < ($2, $3)'
		|| case when p_actor is null then '' else ' and a.actor_id = $4' end
		|| case when p_action is null then '' else ' and a.action like $5' end
		|| case when p_target is null then '' else ' and a.target_id = $6' end
		|| case when p_from is null then '' else ' and a.at >= $7' end
		|| case when p_until is null then '' else ' and a.at < $8' end
		|| case when p_q is null then '' else ' and strpos(lower(concat_ws('' '', a.action, a.note, a.before::text, a.after::text, a.address, a.request_id)), lower($9)) > 0' end
		|| ' order by a.at desc, a.id desc limit $10) f'
		using current_tenant(), coalesce(p_at, 'infinity'), coalesce(p_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'), desk_person(p_actor),
		      replace(replace(p_action, '\', '\\'), '%', '\%') || '%', p_target, p_from, p_until, p_q, p_limit;
end
$$;

-- One line for each of the last days: what came in and what was decided.
create function desk_days(p_days integer)
	returns table (day date, people bigint, videos bigint, comments bigint, reports bigint, decisions bigint)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select d::date,
	       (select count(*) from users u where u.tenant_id = current_tenant() and u.created_at >= d and u.created_at < d + interval '1 day'),
	       (select count(*) from videos v where v.tenant_id = current_tenant() and v.deleted_at is null and v.created_at >= d and v.created_at < d + interval '1 day'),
	       (select count(*) from comments c where c.tenant_id = current_tenant() and c.deleted_at is null and c.created_at >= d and c.created_at < d + interval '1 day'),
	       (select count(*) from reports r where r.tenant_id = current_tenant() and r.created_at >= d and r.created_at < d + interval '1 day'),
	       (select count(*) from decisions x where x.tenant_id = current_tenant() and x.created_at >= d and x.created_at < d + interval '1 day')
	  from generate_series(date_trunc('day', now()) - make_interval(days => p_days - 1), date_trunc('day', now()), interval '1 day') d
	$$;

-- One job, as far as the asker may see it.
create function job_seen(p_id uuid, p_all boolean) returns setof jobs
	language sql stable security definer set search_path = public, pg_temp
	as $$ select * from jobs where id = p_id and (p_all or tenant_id = current_tenant()) $$;
