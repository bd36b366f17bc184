-- Whoever uploaded a video is told when it plays, or why it never will. Grouped, so that a video which is made again says
-- so once until somebody has looked.
update notification_kinds set is_grouped = true where kind in ('video_ready', 'video_failed');

create function video_tell_outcome() returns trigger
	language plpgsql
	as $$
begin
	perform notify(new.user_id, 'video_' || new.state, null, 'video', new.id,
		case new.state when 'failed' then jsonb_build_object('code', new.failure_code, 'message', new.failure_reason) end);
	return null;
end
$$;
create trigger video_tell_outcome
	after update of renditions_ready, renditions_failed, renditions_total, failure_code on videos
	for each row when (old.state <> new.state and new.state in ('ready', 'failed')) execute function video_tell_outcome();
