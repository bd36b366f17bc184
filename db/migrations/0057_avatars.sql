-- A person's picture: what came lies in incoming/ until the worker has made it anew.
alter table users
	add column avatar_pending text, -- file below incoming/ that is being worked on
	add column avatar_failure text; -- why the last one was refused, in words for its owner

-- Its owner is told also when no program was there to tell: the worker died, or somebody cancelled the job.
create function avatar_follow() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	update users
	   set avatar_pending = null, avatar_failure = coalesce(new.reason, 'The work on this picture was cancelled.'), updated_at = now()
	 where id = new.user_id and avatar_pending = new.payload ->> 'source';
	return null;
end
$$;
revoke execute on function avatar_follow() from atelier_app;
create trigger avatar_ended after update of state on jobs
	for each row when (new.kind = 'avatar' and new.state in ('dead', 'cancelled') and old.state <> new.state)
	execute function avatar_follow();
