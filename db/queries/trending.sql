-- db/queries/trending.sql - what is watched these days: computed by the worker, kept in Redis, read back as cards.

-- query: TRENDING_SCORES(window, most)
select t.tenant_id, t.video_id, t.score from trending_scores(:'window', :'most') t
