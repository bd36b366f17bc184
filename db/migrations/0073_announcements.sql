-- Followers are told of a new video, by the worker and in batches; people get their digests.

-- How far the telling has come: each follower once, whatever happens to the worker meanwhile.
create table video_announcements (
	tenant_id    uuid not null default current_tenant(),
	video_id     uuid primary key,
	after_at     timestamptz not null default now(), -- of the follows that are told already; who follows later is not
	after_id     uuid not null default 'ffffffff-ffff-ffff-ffff-ffffffffffff',
	told         bigint not null default 0,
	finished_at  timestamptz,
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
select tenant_owned('video_announcements');

-- What could be seen before there were announcements is not announced.
insert into video_announcements (tenant_id, video_id, finished_at)
select tenant_id, id, now() from videos where published_at is not null;

create function video_announce() returns trigger
	language plpgsql
	as $$
begin
	insert into video_announcements (tenant_id, video_id) values (new.tenant_id, new.id) on conflict do nothing;
	if found then
		insert into jobs (tenant_id, user_id, kind, subject_id, unique_key, payload)
		values (new.tenant_id, new.user_id, 'announce', new.id, new.id::text, jsonb_build_object('videoId', new.id))
		on conflict do nothing;
	end if;
	return null;
end
$$;
-- When it first appears in lists.
create trigger video_announce after insert or update of renditions_ready, published_at, visibility, hidden_at on videos
	for each row
	when (new.state = 'ready' and new.visibility = 'public' and new.hidden_at is null and new.published_at is not null)
	execute function video_announce();

-- Tells the next followers. False: all are told, or p_most are, or the video is not to be seen any more.
create function video_announce_batch(p_video uuid, p_limit integer, p_most bigint) returns boolean
	language plpgsql
	as $$
declare
	a  video_announcements;
	v  videos;
	f  record;
	n  bigint := 0;
begin
	select * into a from video_announcements where video_id = p_video and finished_at is null for update;
	select * into v from videos
	 where id = p_video and state = 'ready' and visibility = 'public' and hidden_at is null and deleted_at is null;
	if a.video_id is null or v.id is null or a.told >= p_most then
		update video_announcements set finished_at = now() where video_id = p_video and finished_at is null;
		return false;
	end if;
	for f in
		select follower_id, created_at from follows
		 where followed_id = v.user_id and (created_at, follower_id) < (a.after_at, a.after_id)
		 order by created_at desc, follower_id desc
		 limit p_limit
	loop
		perform notify(f.follower_id, 'video_published', v.user_id, 'video', v.id, null);
		n := n + 1;
		a.after_at := f.created_at;
		a.after_id := f.follower_id;
	end loop;
	update video_announcements
	   set after_at = a.after_at, after_id = a.after_id, told = told + n, finished_at = case when n < p_limit then now() end
	 where video_id = p_video;
	return n = p_limit;
end
$$;

-- When somebody's last digest was made.
create table digests (
	tenant_id  uuid not null default current_tenant(),
	user_id    uuid primary key,
	sent_at    timestamptz not null default now(),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
select tenant_owned('digests');

-- Daily at eight in the morning where the person lives, or weekly at eight on Mondays.
create function digest_is_due(p_preferences jsonb, p_time_zone text, p_last timestamptz, p_now timestamptz) returns boolean
	language sql stable
	as $$
	select p_last at time zone p_time_zone < case when b.at <= b.here then b.at else b.at - b.step end
	  from (select date_trunc(case f.often when 'daily' then 'day' else 'week' end, h.here) + interval '8 hours' as at, h.here,
	               case f.often when 'daily' then interval '1 day' else interval '7 days' end as step
	          from (select p_now at time zone p_time_zone as here) h
	         cross join (select coalesce(p_preferences ->> 'digest', 'weekly') as often) f
	         where f.often in ('daily', 'weekly') and coalesce(p_preferences ->> 'emailNotifications', 'true') <> 'false') b
	$$;

-- The next people behind p_after, over all tenants, whose digest is due. Whoever waits is found one index step each.
create function digests_due(p_after uuid, p_limit integer) returns table (tenant_id uuid, user_id uuid)
	language sql stable security definer set search_path = public, pg_temp
	as $$
	with recursive waiting(id) as (
		(select n.user_id from notifications n where n.mail_due and n.user_id > p_after order by n.user_id limit 1)
		union all
		select (select n.user_id from notifications n where n.mail_due and n.user_id > w.id order by n.user_id limit 1)
		  from waiting w
		 where w.id is not null
	)
	select u.tenant_id, u.id
	  from waiting w
	  join users u on u.id = w.id and u.status = 'active' and u.email_verified_at is not null
	  left join digests d on d.user_id = u.id
	 where digest_is_due(u.preferences, u.time_zone, coalesce(d.sent_at, u.created_at), now())
	 limit p_limit
	$$;
