-- Captions: a video's words by language, as files beside its streams and as texts that are searched.

create table captions (
	tenant_id   uuid not null default current_tenant(),
	video_id    uuid not null,
	lang        text not null check (lang ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
	label       text not null check (length(label) between 1 and 60),
	vtt         text not null,
	cue_count   integer not null,
	file_key    text, -- below media/public; null until the worker has put it there
	updated_at  timestamptz not null default now(),
	primary key (video_id, lang),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
select tenant_owned('captions');

create table caption_cues (
	tenant_id  uuid not null default current_tenant(),
	video_id   uuid not null,
	lang       text not null,
	start_ms   integer not null,
	end_ms     integer not null check (end_ms > start_ms),
	text       text not null,
	foreign key (video_id, lang) references captions (video_id, lang) on delete cascade
);
create index caption_cues_video_idx on caption_cues (video_id, lang, start_ms);
select tenant_owned('caption_cues', 'select, insert, delete');

-- The files and the master playlist follow: what the worker puts beside the edition that plays.
create function captions_enqueue(p_tenant uuid, p_video uuid, p_user uuid) returns void
	language sql
	as $$
	insert into jobs (tenant_id, user_id, kind, subject_id, payload, priority)
	values (p_tenant, p_user, 'captions', p_video, jsonb_build_object('videoId', p_video), 5)
	$$;

-- A new edition has a new folder.
create function captions_follow() returns trigger
	language plpgsql
	as $$
begin
	if exists (select from captions where video_id = new.id) then
		perform captions_enqueue(new.tenant_id, new.id, new.user_id);
	end if;
	return null;
end
$$;
create trigger captions_follow after update of edition_at on videos
	for each row when (old.edition_at is distinct from new.edition_at and new.edition_at is not null)
	execute function captions_follow();
