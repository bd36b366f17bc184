-- Videos, their renditions, who likes and who may see them, and views.
--
-- A video's state is not set by anyone: it follows from facts in its row.
--   deleted_at                                    deleted
--   a rendition is ready                          ready (it plays)
--   failure_code, or every rendition failed       failed
--   processing_at                                 processing
--   uploaded_at                                   queued
--   nothing of it yet                             uploading

create table videos (
	id                   uuid primary key default uuid_v7(),
	tenant_id            uuid not null default current_tenant() references tenants on delete cascade,
	user_id              uuid not null,
	title                text not null check (length(title) between 3 and 200),
	description          text not null default '' check (length(description) <= 5000),
	tags                 text[] not null default '{}' check (cardinality(tags) <= 10),
	hashtags             text[] not null default '{}',
	category             text,
	visibility           text not null default 'public' check (visibility in ('public', 'unlisted', 'private')),
	challenge_id         uuid,
	language             text,
	license              text,
	comments_enabled     boolean not null default true,
	download_enabled     boolean not null default false,
	scheduled_at         timestamptz,

	-- facts that the state follows from
	uploaded_at          timestamptz,
	processing_at        timestamptz,
	failure_code         text,
	failure_reason       text, -- in words for the uploader
	renditions_total     smallint not null default 0,
	renditions_ready     smallint not null default 0,
	renditions_failed    smallint not null default 0,
	deleted_at           timestamptz,
	state                text not null generated always as (
		case
		when deleted_at is not null then 'deleted'
		when renditions_ready > 0 then 'ready'
		when failure_code is not null or (renditions_total > 0 and renditions_failed = renditions_total) then 'failed'
		when processing_at is not null then 'processing'
		when uploaded_at is not null then 'queued'
		else 'uploading'
		end) stored,
	progress             smallint not null default 0 check (progress between 0 and 100),
	warnings             jsonb not null default '[]' check (jsonb_typeof(warnings) = 'array'),
	published_at         timestamptz, -- when it first could be seen; set by trigger

	-- the file as it came
	original_key         text, -- below media/originals; null once it is gone
	original_name        text,
	original_bytes       bigint,
	source               jsonb not null default '{}', -- container, codecs, what the probe found

	-- what was made of it; keys below media/public
	storage_prefix       text, -- tenant/video/8 hex digits
	master_key           text,
	poster_key           text,
	thumbnail_key        text,
	thumbnail_keys       text[] not null default '{}',
	storyboard_key       text,
	storyboard_vtt_key   text,
	duration_s           double precision,
	width                integer,
	height               integer,
	fps                  double precision,
	bitrate              bigint, -- bits per second
	has_audio            boolean,
	stored_bytes         bigint not null default 0 check (stored_bytes >= 0), -- everything kept on disk, counts against quota

	-- counters, kept by triggers and batches
	view_count           bigint not null default 0,
	like_count           bigint not null default 0,
	comment_count        bigint not null default 0,
	validation_count     bigint not null default 0,
	share_count          bigint not null default 0,

	-- what a list shows of the author, copied by trigger: a join would cost more than the rest of the feed
	author_username      text not null default '',
	author_display_name  text not null default '',
	author_avatar_key    text,
	author_level         integer not null default 1,
	author_is_verified   boolean not null default false,

	created_at           timestamptz not null default now(),
	updated_at           timestamptz not null default now(),
	unique (tenant_id, id),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index videos_latest_idx on videos (tenant_id, published_at desc, id desc)
	where state = 'ready' and visibility = 'public';
create index videos_user_idx on videos (tenant_id, user_id, created_at desc, id desc) where deleted_at is null;
create index videos_user_all_idx on videos (user_id); -- for the author's copies
create index videos_deleted_idx on videos (deleted_at) where deleted_at is not null;
create index videos_scheduled_idx on videos (scheduled_at) where published_at is null and scheduled_at is not null;
select tenant_owned('videos');

create function video_author_copy() returns trigger
	language plpgsql
	as $$
begin
	select u.username, u.display_name, u.avatar_key, u.level, u.is_verified
	  into new.author_username, new.author_display_name, new.author_avatar_key, new.author_level, new.author_is_verified
	  from users u
	 where u.id = new.user_id;
	return new;
end
$$;
create trigger video_author_copy before insert or update of user_id on videos
	for each row execute function video_author_copy();

create function user_author_copies() returns trigger
	language plpgsql
	as $$
begin
	update videos
	   set author_username = new.username, author_display_name = new.display_name,
	       author_avatar_key = new.avatar_key, author_level = new.level, author_is_verified = new.is_verified
	 where user_id = new.id and tenant_id = new.tenant_id;
	return null;
end
$$;
create trigger user_author_copies after update of username, display_name, avatar_key, level, is_verified on users
	for each row
	when ((old.username, old.display_name, old.avatar_key, old.level, old.is_verified)
	      is distinct from (new.username, new.display_name, new.avatar_key, new.level, new.is_verified))
	execute function user_author_copies();

-- Seen for the first time: when its first rendition is ready, unless it is to appear later (video_publish_due).
create function video_publish() returns trigger
	language plpgsql
	as $$
begin
	if new.published_at is null and new.renditions_ready > 0 and (new.scheduled_at is null or new.scheduled_at <= now()) then
		new.published_at := now();
	end if;
	return new;
end
$$;
create trigger video_publish before insert or update of renditions_ready, scheduled_at on videos
	for each row execute function video_publish();

create function video_publish_due() returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with due as (
		update videos set published_at = scheduled_at
		 where published_at is null and scheduled_at <= now() and renditions_ready > 0
		returning id
	)
	select count(*) from due
	$$;

create function video_count_keep() returns trigger
	language plpgsql
	as $$
declare
	before integer := case when tg_op <> 'INSERT' and old.state = 'ready' and old.visibility = 'public' then 1 else 0 end;
	after  integer := case when tg_op <> 'DELETE' and new.state = 'ready' and new.visibility = 'public' then 1 else 0 end;
begin
	if before <> after then
		update users set video_count = video_count + after - before
		 where id = case when tg_op = 'DELETE' then old.user_id else new.user_id end;
	end if;
	return null;
end
$$;
create trigger video_count_keep after insert or delete or update of renditions_ready, deleted_at, visibility on videos
	for each row execute function video_count_keep();

-- A rung of the ladder.
create table renditions (
	id                 uuid primary key default uuid_v7(),
	tenant_id          uuid not null default current_tenant(),
	video_id           uuid not null,
	name               text not null check (name ~ '^[a-z0-9]{1,16}$'), -- 1080p, 720p, audio
	state              text not null default 'pending' check (state in ('pending', 'processing', 'ready', 'failed')),
	width              integer,
	height             integer,
	fps                double precision,
	codecs             text, -- as in the playlist's CODECS
	bandwidth          bigint, -- peak, bits per second
	average_bandwidth  bigint,
	media_key          text,
	playlist_key       text,
	size_bytes         bigint,
	was_copied         boolean not null default false, -- the source's own stream, not encoded again
	failure_reason     text,
	created_at         timestamptz not null default now(),
	finished_at        timestamptz,
	unique (video_id, name),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
select tenant_owned('renditions');

create function renditions_settle() returns trigger
	language plpgsql
	as $$
declare
	video uuid := case when tg_op = 'DELETE' then old.video_id else new.video_id end;
begin
	-- The lock first: two rungs that end at once must not count each other as unfinished.
	perform from videos where id = video for update;
	update videos v
	   set renditions_total = r.total, renditions_ready = r.ready, renditions_failed = r.failed
	  from (select count(*) as total, count(*) filter (where state = 'ready') as ready,
	               count(*) filter (where state = 'failed') as failed
	          from renditions where video_id = video) r
	 where v.id = video
	   and (v.renditions_total, v.renditions_ready, v.renditions_failed) is distinct from (r.total, r.ready, r.failed);
	return null;
end
$$;
create trigger renditions_settle after insert or delete or update of state on renditions
	for each row execute function renditions_settle();

-- A private video shown to named people.
create table video_access (
	tenant_id   uuid not null default current_tenant(),
	video_id    uuid not null,
	user_id     uuid not null,
	access      text not null default 'viewer' check (access in ('viewer', 'editor')),
	created_at  timestamptz not null default now(),
	primary key (video_id, user_id),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index video_access_user_idx on video_access (tenant_id, user_id);
select tenant_owned('video_access');

create table video_likes (
	tenant_id   uuid not null default current_tenant(),
	video_id    uuid not null,
	user_id     uuid not null,
	created_at  timestamptz not null default now(),
	primary key (video_id, user_id),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index video_likes_user_idx on video_likes (tenant_id, user_id, created_at desc);
select tenant_owned('video_likes', 'select, insert, delete');

create function video_likes_count() returns trigger
	language plpgsql
	as $$
begin
	if tg_op = 'INSERT' then
		update videos set like_count = like_count + 1 where id = new.video_id;
	else
		update videos set like_count = like_count - 1 where id = old.video_id;
	end if;
	return null;
end
$$;
create trigger video_likes_count after insert or delete on video_likes
	for each row execute function video_likes_count();

-- Views come in batches out of Redis. A batch is applied once, whatever happens to the worker in between.
create table view_batches (
	id          text primary key,
	row_count   bigint not null,
	applied_at  timestamptz not null default now()
);

create table view_events (
	tenant_id   uuid not null,
	video_id    uuid not null,
	user_id     uuid,
	session     text,
	seen_at     timestamptz not null default now()
) partition by range (seen_at);
create table view_events_rest partition of view_events default;
create index view_events_video_idx on view_events (tenant_id, video_id, seen_at);
select tenant_owned('view_events', 'select');

create table video_views_daily (
	tenant_id   uuid not null,
	video_id    uuid not null,
	day         date not null,
	views       bigint not null default 0,
	primary key (video_id, day),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
select tenant_owned('video_views_daily', 'select');

-- The month's partition, made ahead by cron; without it rows land in view_events_rest.
create function view_events_month(p_month date) returns void
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	first date := date_trunc('month', p_month)::date;
begin
	execute format('create table if not exists %I partition of view_events for values from (%L) to (%L)',
		'view_events_' || to_char(first, 'YYYYMM'), first, first + interval '1 month');
end
$$;
select view_events_month(current_date);
select view_events_month((current_date + interval '1 month')::date);

-- p_views: [{"tenant":uuid,"video":uuid,"user":uuid|null,"session":text,"at":timestamptz}, …]
-- Returns how many views were added; 0 for a batch that was applied before. Views of videos that are gone are dropped.
create function views_apply(p_batch text, p_views jsonb) returns bigint
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	added bigint;
begin
	insert into view_batches (id, row_count) values (p_batch, jsonb_array_length(p_views)) on conflict do nothing;
	if not found then
		return 0;
	end if;
	with seen as (
		select v.tenant_id, v.id as video_id, e."user" as user_id, e.session, coalesce(e.at, now()) as seen_at
		  from jsonb_to_recordset(p_views) as e(tenant uuid, video uuid, "user" uuid, session text, at timestamptz)
		  join videos v on v.id = e.video and v.tenant_id = e.tenant
	), kept as (
		insert into view_events (tenant_id, video_id, user_id, session, seen_at)
		select tenant_id, video_id, user_id, session, seen_at from seen
	), daily as (
		insert into video_views_daily (tenant_id, video_id, day, views)
		select tenant_id, video_id, (seen_at at time zone 'UTC')::date, count(*)
		  from seen group by 1, 2, 3 order by 2, 3
		on conflict (video_id, day) do update set views = video_views_daily.views + excluded.views
	), locked as ( -- in one order, so that two batches cannot wait for each other
		select id from videos where id in (select video_id from seen) order by id for update
	), counted as (
		update videos v set view_count = view_count + c.n
		  from (select video_id, count(*) as n from seen group by 1) c
		 where v.id = c.video_id and v.id in (select id from locked)
	)
	select count(*) into added from seen;
	return added;
end
$$;
