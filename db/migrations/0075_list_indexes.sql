-- Lists have indexes that only they can be served by: an order by id alone would let PostgreSQL take the primary key and
-- filter, which on skewed data (half of all comments below one video) it believes to be cheap.
drop index comments_new_idx;
create index comments_new_idx on comments (tenant_id, video_id, created_at desc, id desc)
	where parent_id is null and (deleted_at is null or reply_count > 0);
drop index comments_replies_idx;
create index comments_replies_idx on comments (tenant_id, parent_id, created_at, id) where deleted_at is null;
drop index webhook_deliveries_list_idx;
create index webhook_deliveries_list_idx on webhook_deliveries (tenant_id, webhook_id, created_at desc, id desc);

drop index notifications_subject_idx;
drop index notifications_unread_idx;
create index notifications_unread_idx on notifications (tenant_id, user_id, updated_at desc, id desc)
	where in_app and not is_withdrawn and read_at is null;
drop index notifications_mail_idx;
create index notifications_mail_idx on notifications (user_id, updated_at desc, id desc) where mail_due;
