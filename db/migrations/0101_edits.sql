-- Edits of a video: what is shown of the original. Each says all of it (times and box of the original as it came, upright),
-- so that no edit loses quality to another and taking one back is showing what the one before it said.
create table video_edits (
	tenant_id   uuid not null default current_tenant(),
	id          uuid not null default gen_random_uuid(),
	video_id    uuid not null,
	number      integer not null,
	user_id     uuid not null,
	state       text not null default 'processing' check (state in ('processing', 'applied', 'undone', 'failed')),
	trim_start  double precision check (trim_start >= 0), -- seconds
	trim_end    double precision check (trim_end > 0),
	crop        jsonb, -- {x, y, width, height} in parts of the picture's sides
	rotate      integer not null default 0 check (rotate in (0, 90, 180, 270)),
	mute        boolean not null default false,
	reason      text, -- of a failure, in words for people
	created_at  timestamptz not null default now(),
	ended_at    timestamptz,
	primary key (tenant_id, id),
	unique (video_id, number),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id)
);
select tenant_owned('video_edits', 'select, insert, update');

-- Of the edition that plays; null: it shows all of the original.
alter table videos add column edition_edit jsonb;

-- What the next edition is to show; null: all of it.
create function video_recipe(p_video uuid) returns jsonb
	language sql stable
	as $$
	select jsonb_strip_nulls(jsonb_build_object('edit', e.id, 'start', e.trim_start, 'end', e.trim_end, 'crop', e.crop,
	                                            'rotate', nullif(e.rotate, 0), 'mute', nullif(e.mute, false)))
	  from video_edits e
	 where e.video_id = p_video and e.state in ('processing', 'applied')
	 order by e.number desc
	 limit 1
	$$;

-- The edition that was asked for did not come: what played goes on.
create function edit_follow() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	update video_edits
	   set state = 'failed', reason = coalesce(new.reason, 'The work on this was cancelled.'), ended_at = now()
	 where video_id = new.subject_id and state = 'processing';
	return null;
end
$$;
revoke execute on function edit_follow() from atelier_app;
create trigger edit_ended after update of state on jobs
	for each row when (new.kind = 'transcode' and new.state in ('dead', 'cancelled') and old.state <> new.state)
	execute function edit_follow();

-- Another file has taken the place of the one that they were made for.
create function edits_forget() returns trigger
	language plpgsql
	as $$
begin
	update video_edits set state = 'undone', ended_at = now() where video_id = new.id and state in ('processing', 'applied');
	return null;
end
$$;
create trigger edits_forget after update of uploaded_at on videos
	for each row when (old.uploaded_at is not null and old.uploaded_at is distinct from new.uploaded_at)
	execute function edits_forget();
