-- Rows that batches of views and of players' events count up leave room on their pages for the next version of them: then no
-- index is touched. Pages that there are already follow as they are written anew.
alter table videos set (fillfactor = 80);
alter table video_views_daily set (fillfactor = 70);
alter table video_breakdown_daily set (fillfactor = 70);
alter table video_engagement_daily set (fillfactor = 70);
