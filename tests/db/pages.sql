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
-- shares and groups: Ann is shown much, has as many groups as one may, and is in more
insert into video_access (tenant_id, video_id, user_id, created_at)
select tenant, v.id, ann.id, now() - v.n * interval '1 s'
  from here, ann, (select id, row_number() over () as n from videos where title like 'Generated%') v where v.n <= 5000;
insert into groups (tenant_id, user_id, name) select tenant, ann.id, 'Group ' || i from here, ann, generate_series(1, 200) i;
insert into groups (tenant_id, user_id, name) select tenant, p.id, 'Theirs' from here, people p;
insert into group_members (tenant_id, group_id, user_id) select tenant, g.id, ann.id from here, ann, groups g where name = 'Theirs';
insert into group_members (tenant_id, group_id, user_id, created_at)
select tenant, (select id from groups where name = 'Group 1'), p.id, now() - p.n * interval '1 s' from here, people p;
insert into video_group_access (tenant_id, video_id, group_id)
select tenant, (select id from videos where user_id = g.user_id order by id limit 1), g.id from here, groups g where name = 'Theirs';
insert into video_group_access (tenant_id, video_id, group_id) select tenant, ann.video, g.id from here, ann, groups g where name like 'Group %';
-- moderation: a long queue, and much that was decided; a third of it is Ann's
insert into cases (tenant_id, subject_kind, subject_id, user_id, source, state, priority, categories, created_at, decided_at)
select tenant, (array['video', 'comment', 'user'])[1 + i % 3], uuid_v7(), case when i % 3 = 0 then ann.id else p.id end, 'report',
       case when i % 2 = 0 then 'open' else 'decided' end, i % 7, array[case when i % 1000 = 0 then 'copyright' else 'spam' end],
       now() - i * interval '1 s', case when i % 2 = 1 then now() - i * interval '1 s' end
  from here, ann, generate_series(1, 40000) i join people p on p.n = 1 + i % 5000;
insert into reports (tenant_id, case_id, reporter_id, category, created_at)
select tenant, c.id, ann.id, 'spam', c.created_at from here, ann, cases c;
insert into decisions (tenant_id, case_id, subject_kind, subject_id, user_id, action, created_at)
select tenant, c.id, c.subject_kind, c.subject_id, c.user_id, 'hide', c.decided_at from here, cases c where c.state = 'decided';
insert into appeals (tenant_id, decision_id, user_id, body, state, created_at, decided_at)
select tenant, d.id, d.user_id, 'It was not so', case when right(d.id::text, 1) < '8' then 'open' else 'denied' end, d.created_at,
       case when right(d.id::text, 1) < '8' then null else now() end
  from here, decisions d;
insert into dmca_notices (tenant_id, video_id, user_id, state, claimant_name, claimant_email, claimant_address, work, good_faith, under_perjury, signature, created_at)
select tenant, ann.video, ann.id, case when i % 100 = 0 then 'received' else 'taken_down' end, 'x', 'x@example.test', 'x', 'x', true, true, 'x', now() - i * interval '1 s'
  from here, ann, generate_series(1, 10000) i;
insert into audit_log (tenant_id, at, actor_id, action)
select tenant, now() - i * interval '1 s', case when i % 3 = 0 then ann.id else p.id end, 'video.hidden'
  from here, ann, generate_series(1, 30000) i join people p on p.n = 1 + i % 5000;
insert into jobs (tenant_id, kind, user_id, state, created_at, finished_at)
select tenant, 'transcode', ann.id, case when i % 1000 = 0 then 'dead' else 'done' end, now() - i * interval '1 s', now()
  from here, ann, generate_series(1, 30000) i;
insert into watched_words (tenant_id, pattern, action) select tenant, 'word' || i, 'hold' from here, generate_series(1, 2000) i;
insert into blocked_media (tenant_id, label) select tenant, 'label ' || i from here, generate_series(1, 2000) i;
-- projects, reports, dojos: half of each is Ann's
insert into pocs (tenant_id, user_id, name, language, is_public, created_at)
select tenant, case when i % 2 = 0 then ann.id else p.id end, 'Project ' || i, 'c', true, now() - i * interval '1 s'
  from here, ann, generate_series(1, 20000) i join people p on p.n = 1 + i % 5000;
insert into poc_snippets (tenant_id, poc_id, title, code)
select tenant, (select id from pocs where name = 'Project 1'), 'Snippet ' || i, 'x' from here, generate_series(1, 2000) i;
insert into poc_pictures (tenant_id, poc_id, kind, folder)
select tenant, (select id from pocs where name = 'Project 1'), 'screenshot', 'x' from here, generate_series(1, 2000) i;
insert into content_items (tenant_id, owner_id, kind, title, options, created_at)
select tenant, ann.id, case when i % 100 = 0 then 'video' else 'report' end, 'Item ' || i, '{"kind": "pocs"}', now() - i * interval '1 s'
  from here, ann, generate_series(1, 20000) i;
insert into dojos (tenant_id, owner_id, name, language, join_code, status, created_at, content)
select tenant, case when i % 2 = 0 then ann.id else p.id end, 'Dojo ' || i, case when i % 1000 = 1 then 'lua' else 'c' end, md5(i::text),
       case when i % 500 = 0 then 'ACTIVE' else 'COMPLETED' end, now() - i * interval '1 s', ''
  from here, ann, generate_series(1, 20000) i join people p on p.n = 1 + i % 5000;
insert into dojo_people (tenant_id, dojo_id, user_id, role) select tenant, d.id, d.owner_id, 'OWNER' from here, dojos d;
insert into dojo_people (tenant_id, dojo_id, user_id, role)
select tenant, (select id from dojos where name = 'Dojo 1'), p.id, 'OBSERVER' from here, people p where n <= 300 on conflict do nothing;
insert into dojo_messages (tenant_id, dojo_id, user_id, text, at)
select tenant, (select id from dojos where name = 'Dojo 1'), p.id, 'Message', now() - p.n * interval '1 s' from here, people p;
insert into dojo_snapshots (tenant_id, dojo_id, revision, content)
select tenant, (select id from dojos where name = 'Dojo 1'), i, 'x' from here, generate_series(1, 3000) i;
-- what search finds
insert into search_documents (tenant_id, kind, id, author_id, title, document, popularity, dated_at)
select v.tenant_id, 'video', v.id, v.user_id, fold(v.title),
       to_tsvector('folded', v.title) || array_to_tsvector(search_marks(v.tenant_id, 'video', v.category, 'short')), 1, v.published_at
  from videos v where v.title like 'Generated%';
insert into search_documents (tenant_id, kind, id, author_id, title, document, popularity, dated_at)
select u.tenant_id, 'user', u.id, u.id, fold(u.display_name),
       to_tsvector('folded', u.display_name) || array_to_tsvector(search_marks(u.tenant_id, 'user', null, null)), 1, u.created_at
  from users u where u.username like 'gen%';
insert into search_words (tenant_id, word) select tenant, 'generated' || i from here, generate_series(1, 20000) i;
insert into sessions (tenant_id, user_id, expires_at) select tenant, ann.id, now() + interval '1 day' from here, ann, generate_series(1, 2000);
insert into blocks (tenant_id, blocker_id, blocked_id) select tenant, ann.id, p.id from here, ann, people p where n between 101 and 300;
analyze;
