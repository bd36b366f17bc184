-- The peer's 10,000 people and 100,000 videos (its seed.sql) in our schema: the same ids, texts, states and counts.
-- psql as the owner, with :tenant. Its followers-only videos are unlisted ones here: neither is in the feed.
begin;
alter table users disable trigger user;
alter table videos disable trigger user;

insert into users (id, tenant_id, email, username, display_name, avatar_key, level, created_at)
select md5('u' || i)::uuid,
       :'tenant',
       'user_' || i || '@example.test',
       'user_' || i,
       (array['Amélie', 'Noah', 'Inès', 'Jürgen', 'Sofía', 'Liam', 'Yuki', 'Omar'])[1 + i % 8] || ' ' ||
       (array['Martin', 'O''Brien', 'Dubois', 'Schmidt', 'García', 'Kim', 'Rossi'])[1 + i % 7],
       :'tenant' || '/avatars/' || md5('u' || i) || '/avatar.webp',
       1 + i % 50,
       timestamptz '2023-01-01 00:00:00Z' + i * interval '53 minutes'
  from generate_series(1, 10000) as i;

with video as (
	select i,
	       md5('v' || i)::uuid as id,
	       :'tenant' || '/' || md5('v' || i)::uuid || '/' || left(md5('p' || i), 8) as prefix,
	       timestamptz '2024-01-01 00:00:00Z' + i * interval '271.137 seconds' as at,
	       case when i % 50 = 7 then 'failed' when i % 33 = 5 then 'processing' else 'ready' end as state
	  from generate_series(1, 100000) as i
)
insert into videos (id, tenant_id, user_id, title, description, hashtags, duration_s, visibility,
                    uploaded_at, processing_at, failure_code, failure_reason, renditions_total, renditions_ready,
                    published_at, storage_prefix, master_key, thumbnail_key, poster_key, width, height, fps, bitrate,
                    view_count, like_count, comment_count, validation_count, created_at, updated_at,
                    author_username, author_display_name, author_avatar_key, author_level)
select v.id,
       :'tenant',
       u.id,
       'Video number ' || i,
       case i % 4
       when 0 then 'First take of the "one minute" challenge, tell me what you think! 🔥 #' || i
       when 1 then E'Morning run by the river\nDay ' || i || ' – still going'
       when 2 then 'Cuisine du soir : tarte aux pommes façon grand-mère, recette n° ' || i
       else        'Trick shot compilation, part ' || i || ' \o/ (no edits, one continuous recording, sound on)'
       end,
       (array['challenge', 'sport', 'cuisine', 'fun', 'music', 'été', 'trickshot', 'daily'])[1 + i % 5 : 3 + i % 6],
       8 + (i * 37) % 172,
       case when i % 20 = 3 then 'private' when i % 25 = 9 then 'unlisted' else 'public' end,
       at, at,
       case when v.state = 'failed' then 'no_video' end,
       case when v.state = 'failed' then 'This file has no video track.' end,
       4,
       case when v.state = 'ready' then 4 else 0 end,
       case when v.state = 'ready' then at end,
       prefix, prefix || '/master.m3u8', prefix || '/thumb-1.jpg', prefix || '/poster.jpg', 1920, 1080, 25, 4000000,
       i::bigint * 7907 % 250000,
       i::bigint * 104729 % 20000,
       i::bigint * 1299709 % 900,
       i::bigint * 15485863 % 120,
       at, at,
       u.username, u.display_name, u.avatar_key, u.level
  from video v
  join users u on u.id = md5('u' || (1 + (i::bigint * 7919) % 10000))::uuid;

alter table users enable trigger user;
alter table videos enable trigger user;
commit;
vacuum (analyze) users;
vacuum (analyze) videos;
