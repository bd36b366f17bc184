-- tests/db/pages.sql - what test_pages.c pages through: a community that is larger and more lopsided than it looks healthy,
-- since that is where PostgreSQL guesses wrong. Run as superuser; triggers do not fire.
set session_replication_role = replica;
create temporary table here as select id as tenant from tenants where slug = 'a';
create temporary table ann as select u.id, v.id as video from users u join videos v on v.user_id = u.id, here where u.tenant_id = here.tenant;

insert into users (tenant_id, email, username, display_name)
select tenant, 'g' || i || '@example.test', 'gen' || i, 'Generated ' || i from here, generate_series(1, 5000) i;
create temporary table people as
select id, row_number() over (order by id) as n from users where username like 'gen%';
insert into playlists (tenant_id, user_id, kind, name) select tenant, id, 'watch_later', 'Watch later' from here, people;

-- a third of all videos is Ann's
insert into videos (tenant_id, user_id, title, renditions_total, renditions_ready, published_at)
select tenant, case when i % 3 = 0 then ann.id else p.id end, 'Generated ' || i, 1, 1, now() - i * interval '1 minute'
  from here, ann, generate_series(1, 30000) i join people p on p.n = 1 + i % 5000;
-- Ann has seen much, and not long ago
insert into view_events (tenant_id, video_id, user_id, seen_at)
select tenant, v.id, ann.id, now() - v.n * interval '1 minute'
  from here, ann, (select id, row_number() over (order by md5(id::text)) as n from videos) v where v.n <= 5000;
insert into view_events (tenant_id, video_id, user_id, seen_at)
select tenant, ann.video, p.id, now() - p.n * interval '1 minute' from here, ann, people p;
-- half of all comments is below one video, and half of the answers below one comment
insert into comments (tenant_id, video_id, user_id, text, announced_at, created_at, like_count, reply_count)
select tenant, ann.video, p.id, 'Generated ' || i, now(), now() - i * interval '1 s', (i * 7919) % 1000, 1
  from here, ann, generate_series(1, 30000) i join people p on p.n = 1 + i % 5000;
create temporary table asked as select id from comments order by id limit 1;
insert into comments (tenant_id, video_id, user_id, parent_id, text, announced_at, created_at)
select tenant, ann.video, p.id, asked.id, 'Answer ' || i, now(), now() - i * interval '1 s'
  from here, ann, asked, generate_series(1, 15000) i join people p on p.n = 1 + i % 5000;
insert into comments (tenant_id, video_id, user_id, text, announced_at)
select tenant, v.id, p.id, 'Elsewhere', now()
  from here, (select id, row_number() over () as n from videos) v join people p on p.n = 1 + v.n % 5000;
-- half of all notifications is Ann's, and nearly all of them are read
insert into notifications (tenant_id, user_id, kind, actor_id, subject_kind, subject_id, actor_count, updated_at, read_at)
select tenant, ann.id, 'video_commented', c.user_id, 'comment', c.id, 1, now() - c.n * interval '1 s', case when c.n between 20 and 29000 then now() end
  from here, ann, (select id, user_id, row_number() over (order by md5(text)) as n from comments where text like 'Generated%') c;
insert into notifications (tenant_id, user_id, kind, actor_id, subject_kind, subject_id, actor_count, mail_due)
select tenant, p.id, 'video_published', ann.id, 'video', ann.video, 1, true from here, ann, people p;
insert into notification_actors (tenant_id, notification_id, actor_id) select tenant_id, id, actor_id from notifications;
insert into follows (tenant_id, follower_id, followed_id, created_at)
select tenant, p.id, ann.id, now() - p.n * interval '1 minute' from here, ann, people p
union all
select tenant, ann.id, p.id, now() - p.n * interval '1 minute' from here, ann, people p;
insert into blocks (tenant_id, blocker_id, blocked_id) select tenant, p.id, ann.id from here, ann, people p where n <= 100;
insert into playlists (tenant_id, user_id, name, visibility) select tenant, ann.id, 'List ' || i, 'public' from here, ann, generate_series(1, 900) i;
insert into playlist_items (tenant_id, playlist_id, video_id, position)
select tenant, (select id from playlists where name = 'List 1'), v.id, v.n << 40
  from here, (select id, row_number() over () as n from videos limit 5000) v;
insert into webhooks (tenant_id, url, events, secret) select tenant, 'https://example.com/', '{video.ready}', 'x' from here;
insert into webhook_deliveries (tenant_id, webhook_id, event, body, created_at)
select tenant, w.id, 'video.ready', '{}', now() - i * interval '1 s' from here, webhooks w, generate_series(1, 20000) i;
-- Ann has watched everything, and shows one video to everybody
insert into watch_progress (tenant_id, user_id, video_id, position_s, watched_at)
select tenant, ann.id, v.id, 1, now() - v.n * interval '1 s' from here, ann, (select id, row_number() over () as n from videos) v;
insert into video_access (tenant_id, video_id, user_id, created_at)
select tenant, ann.video, p.id, now() - p.n * interval '1 s' from here, ann, people p;
analyze;
