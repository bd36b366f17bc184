-- Comments in two levels, their likes, and whom they mention. What is removed keeps its place while others answered it.
-- Rows are locked child, parent, video: whoever writes here keeps to that order.

create table comments (
	id            uuid primary key default uuid_v7(),
	tenant_id     uuid not null default current_tenant(),
	video_id      uuid not null,
	user_id       uuid not null,
	parent_id     uuid, -- null: of the first level
	reply_to_id   uuid, -- what exactly was answered: the parent, or another reply below it
	text          text not null check (length(text) <= 5000),
	pinned_at     timestamptz,
	pin_rank      smallint not null generated always as (case when pinned_at is null then 0 else 1 end) stored,
	hearted_at    timestamptz, -- by the video's author
	edited_at     timestamptz,
	hidden_at     timestamptz, -- by moderation
	announced_at  timestamptz, -- when those whom it concerns were told; not while it is hidden
	deleted_at    timestamptz,
	like_count    bigint not null default 0,
	reply_count   bigint not null default 0,
	created_at    timestamptz not null default now(),
	updated_at    timestamptz not null default now(),
	unique (tenant_id, id),
	check (deleted_at is not null or text <> ''),
	check (parent_id is null or pinned_at is null),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
	foreign key (tenant_id, parent_id) references comments (tenant_id, id) on delete cascade
);
-- Ids are in the order of time.
create index comments_top_idx on comments (tenant_id, video_id, pin_rank desc, like_count desc, id desc)
	where parent_id is null and (deleted_at is null or reply_count > 0);
create index comments_new_idx on comments (tenant_id, video_id, id desc)
	where parent_id is null and (deleted_at is null or reply_count > 0);
create index comments_replies_idx on comments (tenant_id, parent_id, id) where deleted_at is null;
create index comments_parent_idx on comments (parent_id) where parent_id is not null; -- for the reference
create index comments_video_idx on comments (video_id);
create index comments_user_idx on comments (tenant_id, user_id, id desc);
create index comments_deleted_idx on comments (deleted_at) where deleted_at is not null and reply_count = 0;
create unique index comments_pin_key on comments (video_id) where pinned_at is not null;
select tenant_owned('comments');

create table comment_likes (
	tenant_id   uuid not null default current_tenant(),
	comment_id  uuid not null,
	user_id     uuid not null,
	created_at  timestamptz not null default now(),
	primary key (comment_id, user_id),
	foreign key (tenant_id, comment_id) references comments (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index comment_likes_user_idx on comment_likes (tenant_id, user_id, created_at desc);
select tenant_owned('comment_likes', 'select, insert, delete');

create table comment_mentions (
	tenant_id   uuid not null default current_tenant(),
	comment_id  uuid not null,
	user_id     uuid not null,
	is_told     boolean not null default false,
	primary key (comment_id, user_id),
	foreign key (tenant_id, comment_id) references comments (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index comment_mentions_user_idx on comment_mentions (user_id);
select tenant_owned('comment_mentions');

insert into kept_counters values
	('video.comments', 'videos', 'comment_count', '{comments}',
	 'select video_id as id, count(*) as n from comments where deleted_at is null and hidden_at is null group by 1'),
	('comment.replies', 'comments', 'reply_count', '{comments}',
	 'select parent_id as id, count(*) as n from comments where parent_id is not null and deleted_at is null and hidden_at is null group by 1'),
	('comment.likes', 'comments', 'like_count', '{comment_likes}',
	 'select comment_id as id, count(*) as n from comment_likes group by 1');

create function comment_count_keep() returns trigger
	language plpgsql
	as $$
declare
	c      comments := case when tg_op = 'DELETE' then old else new end;
	change integer := case when tg_op <> 'DELETE' and new.deleted_at is null and new.hidden_at is null then 1 else 0 end
	                - case when tg_op <> 'INSERT' and old.deleted_at is null and old.hidden_at is null then 1 else 0 end;
begin
	if change <> 0 then
		if c.parent_id is not null then
			update comments set reply_count = reply_count + change where id = c.parent_id;
		end if;
		update videos set comment_count = comment_count + change where id = c.video_id;
	end if;
	return null;
end
$$;
create trigger comment_count_keep after insert or delete or update of deleted_at, hidden_at on comments
	for each row execute function comment_count_keep();

create function comment_like_follow() returns trigger
	language plpgsql
	as $$
begin
	if tg_op = 'INSERT' then
		update comments set like_count = like_count + 1 where id = new.comment_id;
		perform notify(c.user_id, 'comment_liked', new.user_id, 'comment', c.id, null) from comments c where c.id = new.comment_id;
	else
		update comments set like_count = like_count - 1 where id = old.comment_id;
		perform notify_undo(c.user_id, 'comment_liked', old.user_id, c.id) from comments c where c.id = old.comment_id;
	end if;
	return null;
end
$$;
create trigger comment_like_follow after insert or delete on comment_likes
	for each row execute function comment_like_follow();

-- The last of the triggers before (they run in the order of their names): others may have hidden it.
create function comment_announce() returns trigger
	language plpgsql
	as $$
begin
	if new.announced_at is null and new.hidden_at is null and new.deleted_at is null then
		new.announced_at := now();
	end if;
	return new;
end
$$;
create trigger zz_comment_announce before insert or update of hidden_at on comments
	for each row execute function comment_announce();

-- Ten people at most: a comment is no mailing list.
create function comment_mentions_read(c comments) returns void
	language sql
	as $$
	with named as (
		select distinct lower(m[1]) as name
		  from regexp_matches(c.text, '(?:^|[^A-Za-z0-9_@.])@([A-Za-z0-9_]{3,30})(?![A-Za-z0-9_])', 'g') m
		 limit 10
	), meant as (
		select u.id from named n join users u on u.tenant_id = c.tenant_id and lower(u.username) = n.name
		 where u.status in ('active', 'suspended') and u.id <> c.user_id
	), gone as (
		delete from comment_mentions where comment_id = c.id and user_id not in (select id from meant)
	)
	insert into comment_mentions (tenant_id, comment_id, user_id) select c.tenant_id, c.id, id from meant
	on conflict do nothing
	$$;

-- Who else is told of a comment: the video's author of a first one, whoever was answered of a reply.
create function comment_concerns(c comments) returns table (user_id uuid, kind text)
	language sql stable
	as $$
	select v.user_id, 'video_commented' from videos v where v.id = c.video_id and c.parent_id is null
	union
	select p.user_id, 'comment_replied' from comments p where p.id in (c.parent_id, c.reply_to_id) and p.deleted_at is null
	$$;

create function comment_tell() returns trigger
	language plpgsql
	as $$
declare
	mentioned uuid;
begin
	if tg_op = 'INSERT' or new.text <> old.text then
		perform comment_mentions_read(new);
	end if;
	if new.announced_at is null or new.hidden_at is not null or new.deleted_at is not null then
		return null;
	end if;
	if tg_op = 'INSERT' or old.announced_at is null then
		perform notify(t.user_id, t.kind, new.user_id, 'comment', new.id, null)
		   from (select user_id, kind from comment_concerns(new) order by user_id) t;
	end if;
	for mentioned in
		update comment_mentions set is_told = true where comment_id = new.id and not is_told returning user_id
	loop
		if mentioned not in (select t.user_id from comment_concerns(new) t) then
			perform notify(mentioned, 'mentioned', new.user_id, 'comment', new.id, null);
		end if;
	end loop;
	return null;
end
$$;
create trigger comment_tell after insert or update of text, hidden_at on comments
	for each row execute function comment_tell();

create function comment_hearted() returns trigger
	language plpgsql
	as $$
begin
	perform notify(new.user_id, 'comment_hearted', v.user_id, 'comment', new.id, null) from videos v where v.id = new.video_id;
	return null;
end
$$;
create trigger comment_hearted after update of hearted_at on comments
	for each row when (old.hearted_at is null and new.hearted_at is not null) execute function comment_hearted();

-- Removed comments that hold no thread together are forgotten after a while.
create function comments_prune(p_days integer) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with gone as (
		delete from comments
		 where id in (select c.id from comments c
		               where c.deleted_at < now() - make_interval(days => p_days) and c.reply_count = 0
		                 and not exists (select from comments r where r.parent_id = c.id and r.deleted_at is null)
		               limit 10000)
		returning 1
	)
	select count(*) from gone
	$$;
