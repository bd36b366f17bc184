-- Says when something is no longer for everybody's eyes, whoever changed it: a person, a moderator, a job, an operator at
-- the command line. The worker listens and drops the answers that the web process keeps (worker/supervisor.c).

create function answers_narrow() returns trigger
	language plpgsql
	as $$
begin
	perform pg_notify('atelier_narrowed', new.tenant_id::text);
	return null;
end
$$;
revoke execute on function answers_narrow() from atelier_app;

create trigger answers_narrow after update of visibility, hidden_at, deleted_at, age_restricted on videos
	for each row
	when ((old.visibility = 'public' and new.visibility <> 'public') or (old.visibility = 'unlisted' and new.visibility = 'private')
	      or (old.hidden_at is null and new.hidden_at is not null) or (old.deleted_at is null and new.deleted_at is not null)
	      or (not old.age_restricted and new.age_restricted))
	execute function answers_narrow();
create trigger answers_narrow after update of status on users
	for each row when (old.status <> new.status)
	execute function answers_narrow();
