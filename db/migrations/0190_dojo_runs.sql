-- Runs of programs: what they write as errors and the processors' time that they take is told, and one person has only so many waiting.
alter table dojo_runs
	add column stderr text,
	add column cpu_ms integer;
create index dojo_runs_waiting_idx on dojo_runs (tenant_id, user_id) where status in ('QUEUED', 'RUNNING');

create or replace function live_dojo_run() returns trigger
	language plpgsql
	as $$
begin
	perform live_emit(new.tenant_id, 'dojo:' || new.dojo_id, 'CODE_EXECUTION_RESULT', jsonb_build_object('requestId', new.id, 'status', new.status,
		'output', new.output, 'stderr', new.stderr, 'executionTime', new.duration_ms, 'cpuTime', new.cpu_ms, 'memory', new.memory_bytes, 'error', new.error,
		'userId', new.user_id));
	return null;
end
$$;

-- Both ways in, the request and the frame. word: '' when it waits, else why it does not: absent, observer, over, busy.
create function dojo_run_queue(p_dojo uuid, p_user uuid, p_language text, p_code text, p_stdin text, p_trace text, out run uuid, out word text)
	language plpgsql
	as $$
declare
	d dojos;
	their_role text;
	waiting integer;
begin
	select * into d from dojos where id = p_dojo and deleted_at is null;
	select role into their_role from dojo_people where dojo_id = p_dojo and user_id = p_user and left_at is null;
	select count(*) into waiting from dojo_runs
	 where user_id = p_user and status in ('QUEUED', 'RUNNING') and asked_at > now() - interval '10 minutes';
	word := case when d.id is null or their_role is null then 'absent'
	             when their_role = 'OBSERVER' then 'observer'
	             when d.status <> 'ACTIVE' then 'over'
	             when waiting >= 20 then 'busy'
	             else '' end;
	if word = '' then
		run := dojo_run_ask(p_dojo, p_user, coalesce(p_language, d.language), p_code, p_stdin, p_trace);
	end if;
end
$$;

-- Whoever waits for it is answered, whatever became of the work: the worker was lost, somebody cancelled it.
create function dojo_run_lost() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	update dojo_runs
	   set status = 'ERROR', output = '', stderr = '', error = jsonb_build_object('message', 'The program could not be run; try again.'), done_at = now()
	 where id = new.subject_id and status in ('QUEUED', 'RUNNING');
	return null;
end
$$;
create trigger dojo_run_lost after update of state on jobs for each row
	when (new.kind = 'code_run' and new.state in ('dead', 'cancelled')) execute function dojo_run_lost();
