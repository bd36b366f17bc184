-- A large community, by psql as a superuser: :tenant, :videos (1000000), :people (100000), :likes (5000000). Words follow Zipf's
-- law, as they do in titles; views and followers have a long tail. Everything follows from the row's number, so that two
-- runs make the same. As `replica` no trigger runs: copies and counters are written as the triggers would have.
\set ON_ERROR_STOP 1
set session_replication_role = replica;
set synchronous_commit = off;
set maintenance_work_mem = '512MB';
set work_mem = '64MB';

create temp table vocabulary as
select row_number() over () as n, w
  from (select unnest(string_to_array('the a how to my in with and for of first best learn dance video day from easy new part '
               'como fazer para melhor aula de dança futebol receita treino música cozinha bolo casa rápido '
               'wie man kochen einfach lernen apprendre cuisine facile gâteau maison leçon nasıl yapılır kolay ders '
               'tutorial guitar piano drums skate surf yoga running kitchen bread pasta garden repair wood paint '
               'backflip handstand toprock freeze windmill footwork battle routine practice challenge review coach workshop', ' ')) as w
        union all
        select (array['ba','co','di','fu','ga','lo','mi','na','po','re','sa','tu','vi','xo','ze','ki','ju','pla','tre','bro'])[1 + i % 20]
            || (array['na','li','to','ma','re','so','ti','ba','cu','do'])[1 + i / 20 % 10]
            || (array['r','l','n','s','t','m','','da','ra','go'])[1 + i / 200 % 10]
            || (array['','ing','o','a','es','er','al','ion','ar','inho'])[1 + i / 2000 % 10]
          from generate_series(0, 19999) i) v;
create index on vocabulary (n);
analyze vocabulary;

-- A number from 0 to 1 that follows from two numbers.
create function pg_temp.chance(a bigint, b bigint) returns double precision
	language sql immutable as $$ select (hashint8extended(a, b) & 1048575) / 1048576.0 $$;
create function pg_temp.word(a bigint, b bigint) returns text
	language sql stable as $$ select w from vocabulary where n = 1 + floor(20070 ^ pg_temp.chance(a, b) - 1)::bigint $$;

insert into users (id, tenant_id, email, username, display_name, bio, level, email_verified_at, created_at)
select md5('big u' || i)::uuid, :'tenant', 'big' || i || '@example.test', 'big_' || i,
       initcap(pg_temp.word(i, 1)) || ' ' || initcap(pg_temp.word(i, 2)), 'About ' || pg_temp.word(i, 3) || ' and ' || pg_temp.word(i, 4),
       1 + i % 50, now(), now() - (i % 1000) * interval '1 day'
  from generate_series(1, :people) i;

insert into videos (id, tenant_id, user_id, title, description, tags, hashtags, category, language, duration_s, uploaded_at, processing_at,
                    renditions_total, renditions_ready, published_at, storage_prefix, master_key, thumbnail_key, width, height, fps,
                    view_count, created_at, author_username, author_display_name, author_level)
select v.id, :'tenant', u.id, initcap(pg_temp.word(i, 11)) || ' ' || pg_temp.word(i, 12) || ' ' || pg_temp.word(i, 13) || ' '
       || pg_temp.word(i, 14) || coalesce(' ' || case when i % 2 = 0 then pg_temp.word(i, 15) end, ''),
       'All about ' || (select string_agg(pg_temp.word(i, 20 + k), ' ') from generate_series(1, 12) k) || '.',
       array[pg_temp.word(i, 41), pg_temp.word(i, 42)], array[pg_temp.word(i, 43)],
       (array['dance','music','cooking','sport','craft','garden','language','science','travel','other'])[1 + (hashint8(i) & 1023) % 10],
       (array['en','en','en','en','pt','pt','de','fr','tr','es'])[1 + i % 10], 10 + 3000 * pg_temp.chance(i, 50) ^ 3, at, at, 4, 4, at,
       prefix, prefix || '/master.m3u8', prefix || '/thumb-1.jpg', 1920, 1080, 25,
       floor(3 * (1 / (pg_temp.chance(i, 51) + 0.000005)) ^ 0.9)::bigint, at, u.username, u.display_name, u.level
  from (select i, md5('big v' || i)::uuid as id, :'tenant' || '/' || md5('big v' || i)::uuid || '/' || left(md5('p' || i), 8) as prefix,
               now() - (:videos - i) * interval '60 seconds' as at
          from generate_series(1, :videos) i) v
  join users u on u.id = md5('big u' || 1 + floor(:people * pg_temp.chance(v.i, 52) ^ 2)::bigint)::uuid;

insert into video_likes (tenant_id, video_id, user_id, created_at)
select :'tenant', md5('big v' || 1 + floor(:videos * pg_temp.chance(i, 61) ^ 3)::bigint)::uuid,
       md5('big u' || 1 + floor(:people * pg_temp.chance(i, 62))::bigint)::uuid, now() - (i % 10000000) * interval '1 second'
  from generate_series(1, :likes) i
on conflict do nothing;

insert into follows (tenant_id, follower_id, followed_id)
select :'tenant', follower, followed
  from (select md5('big u' || 1 + floor(:people * pg_temp.chance(i, 71))::bigint)::uuid as follower,
               md5('big u' || 1 + floor(:people * pg_temp.chance(i, 72) ^ 3)::bigint)::uuid as followed
          from generate_series(1, 5 * :people) i) f
 where follower <> followed
on conflict do nothing;

insert into comments (id, tenant_id, video_id, user_id, text, created_at)
select md5('big c' || i)::uuid, :'tenant', md5('big v' || 1 + floor(:videos * pg_temp.chance(i, 81) ^ 3)::bigint)::uuid,
       md5('big u' || 1 + floor(:people * pg_temp.chance(i, 82))::bigint)::uuid,
       'Nice ' || pg_temp.word(i, 83) || ' and ' || pg_temp.word(i, 84), now() - (i % 10000000) * interval '1 second'
  from generate_series(1, :videos) i;
update videos v set comment_count = c.n from (select video_id, count(*) as n from comments group by 1) c where c.video_id = v.id;

update videos v set like_count = l.n from (select video_id, count(*) as n from video_likes group by 1) l where l.video_id = v.id;
insert into video_views_daily (tenant_id, video_id, day, views)
select tenant_id, id, (published_at at time zone 'UTC')::date, view_count from videos where tenant_id = :'tenant' and view_count > 0
on conflict do nothing;
update users u set video_count = coalesce(v.n, 0) from (select user_id, count(*) as n from videos where state = 'ready' group by 1) v where v.user_id = u.id;
update users u set follower_count = f.n from (select followed_id, count(*) as n from follows group by 1) f where f.followed_id = u.id;
update users u set following_count = f.n from (select follower_id, count(*) as n from follows group by 1) f where f.follower_id = u.id;

-- The big indexes are built faster at once than row by row.
drop index search_documents_words_idx, search_documents_title_idx, search_words_alike_idx;
select count(video_search_put(v)) from videos v where v.tenant_id = :'tenant' and v.state = 'ready';
select count(search_put(u.tenant_id, 'user', u.id, u.id, u.locale, u.display_name || ' ' || u.username, '', u.bio, null, null, null,
                        u.follower_count, u.created_at)) from users u where u.tenant_id = :'tenant';
create index search_documents_words_idx on search_documents using gin (document) with (fastupdate = off);
create index search_documents_title_idx on search_documents using gin (title gin_trgm_ops);
create index search_words_alike_idx on search_words using gin (word gin_trgm_ops);
select search_words_count();
reset session_replication_role;
vacuum (analyze);
