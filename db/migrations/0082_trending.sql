-- What is watched these days, for the worker: views count the less the older they are, and more where those who saw it liked it.
create index view_events_recent_idx on view_events using brin (seen_at);

-- The p_most best of each community, the best first. An hour looks at the last three with a half-life of 20 minutes, a day at the
-- last two with 8 hours, a week at the last ten days with two and a half.
create function trending_scores(p_window text, p_most integer) returns table (tenant_id uuid, video_id uuid, score double precision)
	language plpgsql stable security definer set search_path = public, pg_temp
	set plan_cache_mode = force_custom_plan set work_mem = '64MB'
	as $$
#variable_conflict use_column
declare
	since  timestamptz := now() - case p_window when 'hour' then interval '3 hours' when 'day' then interval '2 days' else interval '10 days' end;
	half_s double precision := case p_window when 'hour' then 1200 when 'day' then 28800 else 216000 end;
begin
	return query
	with watched as (
		select e.tenant_id, e.video_id, sum(0.5 ^ (extract(epoch from now() - e.seen_at)::double precision / half_s)) as n
		  from view_events e
		 where p_window <> 'week' and e.seen_at >= since and e.seen_at <= now()
		 group by 1, 2
		union all
		select d.tenant_id, d.video_id,
		       sum(d.views * 0.5 ^ (greatest(extract(epoch from now() - (d.day + interval '12 hours') at time zone 'UTC')::double precision, 0) / half_s))
		  from video_views_daily d
		 where p_window = 'week' and d.day >= since::date
		 group by 1, 2
	), scored as (
		select w.tenant_id, w.video_id, w.n * (1 + 5.0 * v.like_count / (v.view_count + 20)) as score
		  from watched w
		  join videos v on v.id = w.video_id
		 where v.published_at is not null and v.state = 'ready' and v.visibility = 'public' and v.hidden_at is null
	)
	select r.tenant_id, r.video_id, r.score
	  from (select s.*, row_number() over (partition by s.tenant_id order by s.score desc, s.video_id) as place from scored s) r
	 where r.place <= p_most
	 order by r.tenant_id, r.place;
end
$$;
create index video_views_daily_day_idx on video_views_daily (day);
