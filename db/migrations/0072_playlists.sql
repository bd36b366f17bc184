-- Ordered lists of videos. Everybody has one from the start: watch later.

create table playlists (
	id           uuid primary key default uuid_v7(),
	tenant_id    uuid not null default current_tenant(),
	user_id      uuid not null,
	kind         text not null default 'user' check (kind in ('user', 'watch_later')),
	name         text not null check (length(name) between 1 and 100),
	description  text not null default '' check (length(description) <= 5000),
	visibility   text not null default 'private' check (visibility in ('public', 'unlisted', 'private')),
	video_count  bigint not null default 0,
	created_at   timestamptz not null default now(),
	updated_at   timestamptz not null default now(),
	unique (tenant_id, id),
	check (kind = 'user' or visibility = 'private'),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index playlists_user_idx on playlists (tenant_id, user_id, kind desc, id desc); -- watch_later comes first
create index playlists_public_idx on playlists (tenant_id, user_id, id desc) where visibility = 'public';
create unique index playlists_watch_later_key on playlists (user_id) where kind = 'watch_later';
select tenant_owned('playlists');

-- Positions have gaps: a move changes the row that moves. Only when a gap is used up are all made anew.
create table playlist_items (
	tenant_id    uuid not null default current_tenant(),
	playlist_id  uuid not null,
	video_id     uuid not null,
	position     bigint not null,
	added_at     timestamptz not null default now(),
	primary key (playlist_id, video_id),
	unique (playlist_id, position) deferrable initially immediate,
	foreign key (tenant_id, playlist_id) references playlists (tenant_id, id) on delete cascade,
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
create index playlist_items_video_idx on playlist_items (video_id);
select tenant_owned('playlist_items');

insert into kept_counters values
	('playlist.videos', 'playlists', 'video_count', '{playlist_items}',
	 'select playlist_id as id, count(*) as n from playlist_items group by 1');

create function playlist_count_keep() returns trigger
	language plpgsql
	as $$
begin
	if tg_op = 'INSERT' then
		update playlists set video_count = video_count + 1, updated_at = now() where id = new.playlist_id;
	else
		update playlists set video_count = video_count - 1, updated_at = now() where id = old.playlist_id;
	end if;
	return null;
end
$$;
create trigger playlist_count_keep after insert or delete on playlist_items
	for each row execute function playlist_count_keep();

create function playlist_watch_later() returns trigger
	language plpgsql
	as $$
begin
	insert into playlists (tenant_id, user_id, kind, name) values (new.tenant_id, new.id, 'watch_later', 'Watch later')
	on conflict do nothing;
	return null;
end
$$;
create trigger playlist_watch_later after insert on users
	for each row execute function playlist_watch_later();
insert into playlists (tenant_id, user_id, kind, name) select tenant_id, id, 'watch_later', 'Watch later' from users;

-- Where a video goes: behind p_after, before all others (p_first), or to the end. The caller has locked the playlist.
create function playlist_position(p_playlist uuid, p_video uuid, p_after uuid, p_first boolean) returns bigint
	language plpgsql
	as $$
declare
	gap  constant bigint := 1::bigint << 40;
	most constant bigint := 1::bigint << 62;
	low  bigint;
	high bigint;
begin
	for try in 1..2 loop
		if p_first then
			low := null;
		elsif p_after is null then
			select max(position) into low from playlist_items where playlist_id = p_playlist and video_id <> p_video;
		else
			select position into low from playlist_items where playlist_id = p_playlist and video_id = p_after;
			if not found then
				raise exception 'The video to put it behind is not in this playlist.' using errcode = 'AT404';
			end if;
		end if;
		select min(position) into high
		  from playlist_items
		 where playlist_id = p_playlist and video_id <> p_video and (low is null or position > low) and (low is not null or p_first);
		if low is null and high is null then
			return 0;
		elsif low is null and high > -most then
			return high - gap;
		elsif high is null and low < most then
			return low + gap;
		elsif high - low >= 2 then
			return low + (high - low) / 2;
		end if;
		update playlist_items i
		   set position = n.number * gap
		  from (select video_id, row_number() over (order by position) as number
		          from playlist_items where playlist_id = p_playlist) n
		 where i.playlist_id = p_playlist and i.video_id = n.video_id;
	end loop;
	raise exception 'A playlist has no room.';
end
$$;
