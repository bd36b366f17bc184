-- Files that were made on request leave nothing behind: whatever ends their work, or takes their row away, takes the folder, too.

-- The folder of a file that was asked for, whether it is there by now or not.
create function content_folder(p content_items) returns text
	language sql immutable
	as $$ select p.tenant_id || case p.kind when 'report' then '/reports/' else '/films/' end || p.id $$;

-- A minute later: the child that was writing there is gone by then.
create function content_forget(p content_items) returns void
	language sql
	as $$
	insert into jobs (tenant_id, kind, subject_id, payload, priority, run_at)
	select t.id, 'content_remove', p.id, jsonb_build_object('folder', content_folder(p)), -10,
	       now() + case when p.status = 'COMPLETED' then interval '0' else interval '1 minute' end
	  from tenants t where t.id = p.tenant_id
	$$;

-- The job's fate is the item's, also when no program was there to tell.
create or replace function content_follow() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	item content_items;
begin
	update content_items
	   set status = case new.state when 'running' then 'PROCESSING' when 'queued' then 'PENDING' when 'dead' then 'FAILED' else 'CANCELLED' end,
	       error_message = case when new.state = 'dead' then coalesce(new.reason, 'It could not be made.') end
	 where job_id = new.id and status in ('PENDING', 'PROCESSING', 'FAILED', 'CANCELLED')
	returning * into item;
	if item.id is not null and new.state in ('dead', 'cancelled') and new.attempts > 0 then
		perform content_forget(item);
	elsif item.id is not null and new.state = 'queued' then -- somebody lets it be tried again
		update jobs set state = 'cancelled', finished_at = now() where kind = 'content_remove' and subject_id = item.id and state = 'queued';
	end if;
	return null;
end
$$;

-- With its person, say.
create function content_gone() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	perform content_forget(old);
	return null;
end
$$;
revoke execute on function content_gone() from atelier_app;
create trigger content_gone after delete on content_items for each row when (old.deleted_at is null and old.file_key is not null and old.status <> 'EXPIRED')
	execute function content_gone();

-- How long one that is asked for now will take: as long as the last ones did, after those that wait. first_s: what is said before there were any.
create function content_wait(p_kind text, p_first_s integer) returns interval
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select make_interval(secs => (1 + (select count(*) from jobs where kind = p_kind and (state = 'running' or (state = 'queued' and run_at <= now())))) * coalesce(
		(select greatest(1, avg(extract(epoch from finished_at - started_at)))
		   from (select started_at, finished_at from jobs where state = 'done' and kind = p_kind order by created_at desc limit 20) x), p_first_s)::double precision)
	$$;
