-- What happens is told to who listens (doc/live.md). The outbox: whoever changes something calls live_emit() in the same transaction;
-- a daemon moves the rows to Redis, at least once each, and removes them.
create table live_events (
	id         bigint generated always as identity primary key,
	tenant_id  uuid not null default current_tenant() references tenants on delete cascade,
	channel    text not null check (length(channel) <= 100),
	type       text not null,
	data       jsonb not null,
	at         timestamptz not null default now(),
	taken_at   timestamptz
);
select tenant_owned('live_events', 'insert');

create function live_emit(p_tenant uuid, p_channel text, p_type text, p_data jsonb) returns void
	language sql security definer set search_path = public, pg_temp
	as $$
	insert into live_events (tenant_id, channel, type, data) values (p_tenant, p_channel, p_type, p_data);
	select pg_notify('atelier_live', '');
	$$;

-- The next ones, for one daemon: what it does not remove within some seconds another takes.
create function live_take(p_limit integer) returns setof live_events
	language sql security definer set search_path = public, pg_temp
	as $$
	update live_events e set taken_at = clock_timestamp()
	  from (select id from live_events where taken_at is null or taken_at < clock_timestamp() - interval '5 seconds'
	         order by id limit p_limit for update skip locked) next
	 where e.id = next.id
	returning e.*
	$$;

create function live_taken(p_ids bigint[]) returns void
	language sql security definer set search_path = public, pg_temp
	as $$ delete from live_events where id = any(p_ids) $$;

-- Where no daemon runs nobody is told, and nothing is kept for long.
create function live_sweep() returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with gone as (delete from live_events where at < now() - interval '10 minutes' returning 1) select count(*) from gone
	$$;

-- --- producers ---

-- Only ids: who may see the comment, and of whom, is decided when it is read.
create function live_comment() returns trigger
	language plpgsql
	as $$
begin
	perform live_emit(new.tenant_id, 'video:' || new.video_id, case
			when new.deleted_at is not null or new.hidden_at is not null then 'comment.deleted'
			when tg_op = 'INSERT' or old.hidden_at is not null then 'comment.created'
			else 'comment.updated' end,
		jsonb_build_object('commentId', new.id, 'videoId', new.video_id, 'parentId', new.parent_id));
	return null;
end
$$;
create trigger live_comment_made after insert on comments for each row when (new.hidden_at is null and new.deleted_at is null) execute function live_comment();
create trigger live_comment_changed after update of text, hidden_at, deleted_at on comments for each row
	when (old.text is distinct from new.text or old.hidden_at is distinct from new.hidden_at or old.deleted_at is distinct from new.deleted_at)
	execute function live_comment();

create function live_notification() returns trigger
	language plpgsql
	as $$
begin
	perform live_emit(new.tenant_id, 'user:' || new.user_id, 'notification',
		jsonb_build_object('notificationId', new.id, 'kind', new.kind, 'actorId', new.actor_id, 'actorCount', new.actor_count,
			'subjectKind', new.subject_kind, 'subjectId', new.subject_id));
	return null;
end
$$;
create trigger live_notification_made after insert on notifications for each row when (new.in_app) execute function live_notification();
create trigger live_notification_grew after update of actor_count on notifications for each row
	when (new.in_app and new.actor_count > old.actor_count) execute function live_notification();

create function live_video() returns trigger
	language plpgsql
	as $$
begin
	perform live_emit(new.tenant_id, 'user:' || new.user_id, 'video.status', jsonb_strip_nulls(jsonb_build_object('videoId', new.id,
		'status', new.state, 'progress', new.progress, 'failure', new.failure_code)));
	return null;
end
$$;
create trigger live_video_status after update of progress, uploaded_at, processing_at, failure_code, renditions_ready, renditions_failed on videos for each row
	when (old.state is distinct from new.state or old.progress is distinct from new.progress) execute function live_video();

create function live_case() returns trigger
	language plpgsql
	as $$
begin
	if tg_op = 'INSERT' or old.state <> new.state or old.report_count <> new.report_count then
		perform live_emit(new.tenant_id, 'moderation', case when tg_op = 'INSERT' then 'case.opened' when new.state = 'decided' then 'case.decided' else 'case.updated' end,
			jsonb_build_object('caseId', new.id, 'subjectKind', new.subject_kind, 'reportCount', new.report_count, 'priority', new.priority));
	end if;
	return null;
end
$$;
create trigger live_case after insert or update of state, report_count on cases for each row execute function live_case();
