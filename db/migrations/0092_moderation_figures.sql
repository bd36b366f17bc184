-- Figures of moderation: for the public, and by month for those who run a community; what a notice's page may do.

create function dmca_act(p_notice uuid, p_moderator uuid, p_action text, p_note text, p_address text default null,
	p_request text default null) returns dmca_notices
	language plpgsql
	as $$
begin
	case p_action
	when 'take_down' then return dmca_take_down(p_notice, p_moderator, p_note, p_address, p_request);
	when 'reject' then return dmca_reject(p_notice, p_moderator, p_note, p_address, p_request);
	when 'uphold' then return dmca_uphold(p_notice, p_moderator, p_note, p_address, p_request);
	when 'withdraw' then return dmca_restore(p_notice, p_moderator, 'withdrawn', p_note, p_address, p_request);
	when 'restore' then return dmca_restore(p_notice, p_moderator, 'restored', p_note, p_address, p_request);
	else raise exception 'A notice knows no such action.' using errcode = 'AT400';
	end case;
end
$$;

-- Videos whose claimant did not go to court in time come back: over all tenants, by cron. Returns how many.
create function dmca_run_clock() returns bigint
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	n    dmca_notices;
	done bigint := 0;
begin
	for n in select * from dmca_notices where state = 'countered' and restore_at <= now() order by restore_at limit 1000
	            for update skip locked loop
		perform set_config('atelier.tenant', n.tenant_id::text, true);
		perform dmca_restore(n.id, null, 'restored', null);
		done := done + 1;
	end loop;
	perform set_config('atelier.tenant', '', true);
	return done;
end
$$;

-- Removed videos that nobody can appeal for any more are deleted, with their files; not while a notice's clock runs.
create function removed_purge() returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with due as (
		select v.id, v.tenant_id, v.user_id
		  from videos v
		  join moderation_settings m on m.tenant_id = v.tenant_id
		 where v.removed_at < now() - make_interval(days => greatest(m.purge_days, m.appeal_days)) and v.deleted_at is null
		   and not exists (select from dmca_notices n where n.video_id = v.id and n.tenant_id = v.tenant_id and n.state in ('received', 'taken_down', 'countered'))
		   and not exists (select from appeals a join decisions d on d.id = a.decision_id where d.subject_id = v.id and a.state = 'open')
		 limit 1000
		   for update of v skip locked
	), gone as (
		update videos v set deleted_at = now(), updated_at = now() from due where v.id = due.id returning v.id, v.tenant_id, v.user_id
	), asked as (
		insert into jobs (tenant_id, kind, user_id, subject_id, unique_key, payload, priority)
		select tenant_id, 'purge_video', user_id, id, id::text, jsonb_build_object('videoId', id), -10 from gone
		on conflict do nothing
	), told as (
		insert into audit_log (tenant_id, action, target_kind, target_id)
		select tenant_id, 'moderation.purged', 'video', id from gone
	)
	select count(*) from gone
	$$;
create index videos_removed_idx on videos (removed_at) where removed_at is not null and deleted_at is null;

-- What the public is told: counts only.
create function transparency(p_from timestamptz, p_until timestamptz)
	returns table (first timestamptz, last timestamptz, reports bigint, reports_by_category jsonb, decisions jsonb, automatic bigint,
	               appeals_filed bigint, appeals_granted bigint, appeals_denied bigint, dmca_received bigint, dmca_rejected bigint,
	               dmca_taken_down bigint, dmca_countered bigint, dmca_restored bigint)
	language sql stable
	as $$
	with span as (
		select coalesce(p_from, date_trunc('year', now())) as a, coalesce(p_until, now()) as b
	), said as (
		select r.category, count(*) as n from reports r, span where r.created_at >= a and r.created_at < b and r.check_kind is null group by 1
	), done as (
		select d.action, count(*) as n, count(*) filter (where d.is_automatic) as automatic
		  from decisions d, span where d.created_at >= a and d.created_at < b group by 1
	), appealed as (
		select count(*) as filed, count(*) filter (where p.state = 'granted') as granted, count(*) filter (where p.state = 'denied') as denied
		  from appeals p, span where p.created_at >= a and p.created_at < b
	), noticed as (
		select count(*) as received, count(*) filter (where n.state = 'rejected') as rejected, count(n.taken_down_at) as down,
		       count(n.countered_at) as countered, count(*) filter (where n.state in ('restored', 'withdrawn') and n.taken_down_at is not null) as restored
		  from dmca_notices n, span where n.created_at >= a and n.created_at < b
	)
	select a, b, coalesce((select sum(n)::bigint from said), 0), coalesce((select jsonb_object_agg(category, n) from said), '{}'),
	       coalesce((select jsonb_object_agg(action, n) from done), '{}'), coalesce((select sum(automatic)::bigint from done), 0),
	       filed, granted, denied, received, rejected, down, countered, restored
	  from span, appealed, noticed
	$$;

-- The last months, this one included, newest first: for the monthly report.
create function moderation_months(p_months integer)
	returns table (month date, reports bigint, cases_opened bigint, cases_decided bigint, median_hours double precision, actions jsonb,
	               by_moderator jsonb, strikes bigint, appeals_filed bigint, appeals_granted bigint, dmca_notices bigint)
	language sql stable
	as $$
	select m.a::date,
	       (select count(*) from reports r where r.created_at >= a and r.created_at < b),
	       (select count(*) from cases c where c.created_at >= a and c.created_at < b),
	       (select count(*) from cases c where c.decided_at >= a and c.decided_at < b),
	       (select percentile_cont(0.5) within group (order by extract(epoch from c.decided_at - c.created_at) / 3600.0)
	          from cases c where c.decided_at >= a and c.decided_at < b),
	       coalesce((select jsonb_object_agg(action, n) from (select action, count(*) as n from decisions d
	                   where d.created_at >= a and d.created_at < b group by 1) x), '{}'),
	       coalesce((select jsonb_object_agg(username, n) from (select u.username, count(*) as n from decisions d join users u on u.id = d.moderator_id
	                   where d.created_at >= a and d.created_at < b group by 1) x), '{}'),
	       (select count(*) from strikes s where s.created_at >= a and s.created_at < b),
	       (select count(*) from appeals p where p.created_at >= a and p.created_at < b),
	       (select count(*) from appeals p where p.decided_at >= a and p.decided_at < b and p.state = 'granted'),
	       (select count(*) from dmca_notices n where n.created_at >= a and n.created_at < b)
	  from (select date_trunc('month', now()) - make_interval(months => i) as a, date_trunc('month', now()) - make_interval(months => i - 1) as b
	          from generate_series(0, least(greatest(coalesce(p_months, 12), 1), 60) - 1) i) m
	 order by 1 desc
	$$;
