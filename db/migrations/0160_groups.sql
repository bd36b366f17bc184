-- Named groups of people, whom their owner shows private videos as one: a class, a team, a family.

create table groups (
	id           uuid primary key default uuid_v7(),
	tenant_id    uuid not null default current_tenant(),
	user_id      uuid not null, -- its owner
	name         text not null check (length(name) between 1 and 100),
	created_at   timestamptz not null default now(),
	unique (tenant_id, id),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index groups_user_idx on groups (tenant_id, user_id, id desc);
select tenant_owned('groups');

create table group_members (
	tenant_id    uuid not null default current_tenant(),
	group_id     uuid not null,
	user_id      uuid not null,
	created_at   timestamptz not null default now(),
	primary key (group_id, user_id),
	foreign key (tenant_id, group_id) references groups (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index group_members_page_idx on group_members (group_id, created_at desc, user_id desc);
create index group_members_user_idx on group_members (tenant_id, user_id, group_id desc);
select tenant_owned('group_members');

create table video_group_access (
	tenant_id    uuid not null default current_tenant(),
	video_id     uuid not null,
	group_id     uuid not null,
	access       text not null default 'viewer' check (access in ('viewer', 'editor')),
	created_at   timestamptz not null default now(),
	primary key (video_id, group_id),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade,
	foreign key (tenant_id, group_id) references groups (tenant_id, id) on delete cascade
);
create index video_group_access_group_idx on video_group_access (group_id, created_at desc);
select tenant_owned('video_group_access');

create index video_access_page_idx on video_access (video_id, created_at desc, user_id desc);
drop index video_access_user_idx;
create index video_access_user_idx on video_access (tenant_id, user_id, created_at desc);

-- As what a video is shared with somebody, by name or by group: viewer, editor, or null. In plpgsql, which keeps the plan:
-- it is asked where a video is not open to everybody, and only there.
create function video_shared(p_video uuid, p_user uuid) returns text
	language plpgsql stable strict
	as $$
begin
	return (select min(s.access) -- editor before viewer
	          from (select a.access from video_access a where a.video_id = p_video and a.user_id = p_user
	                union all
	                select g.access
	                  from video_group_access g
	                  join group_members m on m.group_id = g.group_id and m.user_id = p_user
	                 where g.video_id = p_video) s);
end
$$;

-- Who is shown a video that is not public hears of it; of others they have heard when they were published. Grouped: shared,
-- taken back and shared again is told once.
insert into notification_kinds (kind, is_grouped, needs_subject, is_compulsory, push, mail) values
	('video_shared', true, true, false, true, true);

create function video_access_tell() returns trigger
	language plpgsql
	as $$
begin
	perform notify(new.user_id, 'video_shared', v.user_id, 'video', v.id, null)
	   from videos v where v.id = new.video_id and v.visibility <> 'public';
	return null;
end
$$;
create trigger video_access_tell after insert on video_access
	for each row execute function video_access_tell();

create function video_group_access_tell() returns trigger
	language plpgsql
	as $$
begin
	perform notify(m.user_id, 'video_shared', v.user_id, 'video', v.id, null)
	   from videos v
	   join group_members m on m.group_id = new.group_id
	  where v.id = new.video_id and v.visibility <> 'public';
	return null;
end
$$;
create trigger video_group_access_tell after insert on video_group_access
	for each row execute function video_group_access_tell();
