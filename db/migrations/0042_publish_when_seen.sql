-- A video is published when others can first see it: a private one not yet. Made public after days, it is new in the feed
-- then, and who pages through the feed meanwhile does not miss it between older ones.
create or replace function video_publish() returns trigger
	language plpgsql
	as $$
begin
	if new.published_at is null and new.renditions_ready > 0 and new.visibility <> 'private'
	   and (new.scheduled_at is null or new.scheduled_at <= now()) then
		new.published_at := now();
	end if;
	return new;
end
$$;
drop trigger video_publish on videos;
create trigger video_publish before insert or update of renditions_ready, scheduled_at, visibility on videos
	for each row execute function video_publish();

create or replace function video_publish_due() returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with due as (
		update videos set published_at = scheduled_at
		 where published_at is null and scheduled_at <= now() and renditions_ready > 0 and visibility <> 'private'
		returning id
	)
	select count(*) from due
	$$;
