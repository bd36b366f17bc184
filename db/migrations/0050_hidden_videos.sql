-- What moderation does to a video: hidden from everyone but its author and those who moderate, or for adults only.
alter table videos
	add column hidden_at      timestamptz,
	add column age_restricted boolean not null default false;

drop index videos_latest_idx;
create index videos_latest_idx on videos (tenant_id, published_at desc, id desc)
	where state = 'ready' and visibility = 'public' and hidden_at is null;
create index videos_listed_user_idx on videos (tenant_id, user_id, published_at desc, id desc)
	where state = 'ready' and visibility = 'public' and hidden_at is null;

-- The author's number of videos is of those that a list shows.
create or replace function video_count_keep() returns trigger
	language plpgsql
	as $$
declare
	before integer := case when tg_op <> 'INSERT' and old.state = 'ready' and old.visibility = 'public'
		and old.hidden_at is null then 1 else 0 end;
	after  integer := case when tg_op <> 'DELETE' and new.state = 'ready' and new.visibility = 'public'
		and new.hidden_at is null then 1 else 0 end;
begin
	if before <> after then
		update users set video_count = video_count + after - before
		 where id = case when tg_op = 'DELETE' then old.user_id else new.user_id end;
	end if;
	return null;
end
$$;
drop trigger video_count_keep on videos;
create trigger video_count_keep after insert or delete or update of renditions_ready, deleted_at, visibility, hidden_at on videos
	for each row execute function video_count_keep();
