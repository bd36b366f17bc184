-- How far people have watched, and chapters.

create table watch_progress (
	tenant_id   uuid not null default current_tenant(),
	user_id     uuid not null,
	video_id    uuid not null,
	position_s  double precision not null check (position_s >= 0 and position_s < 1e7),
	completed   boolean not null default false,
	watched_at  timestamptz not null default now(),
	primary key (user_id, video_id),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
create index watch_progress_history_idx on watch_progress (tenant_id, user_id, watched_at desc, video_id desc);
create index watch_progress_video_idx on watch_progress (tenant_id, video_id);
select tenant_owned('watch_progress');

-- Chapters from lines as `0:00 Title`. They count when the first is at 0:00 and each is behind the one before it; what
-- begins behind the video's end is left out.
create function video_chapters(p_description text, p_duration double precision) returns jsonb
	language sql immutable
	as $$
	with line as (
		select n, regexp_match(l, '^\s*[(\[]?(?:(\d{1,2}):)?(\d{1,2}):([0-5]\d)[)\]]?\s*(?:[-–—:|]\s*)?(\S.{0,199})') as m
		  from regexp_split_to_table(p_description, '\r?\n') with ordinality as t(l, n)
	), mark as (
		select n, coalesce(m[1]::integer, 0) * 3600 + m[2]::integer * 60 + m[3]::integer as start, btrim(m[4]) as title
		  from line
		 where m is not null
		 order by n
		 limit 100
	), chapter as (
		select n, start, title, lead(start) over (order by n) as next, lag(start) over (order by n) as before
		  from mark
		 where p_duration is null or start < p_duration
	)
	select case when bool_and(case when before is null then start = 0 else start > before end)
	            then jsonb_agg(jsonb_build_object('start', start, 'end', coalesce(next, p_duration), 'title', title) order by n)
	            else '[]' end
	  from chapter
	$$;
