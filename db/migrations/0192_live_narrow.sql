-- What sockets have to know and nobody else: somebody may see less than before, though what all may see is as it was (doc/live.md).
create function live_narrow() returns trigger
	language plpgsql
	as $$
begin
	perform pg_notify('atelier_live_narrowed', coalesce(to_jsonb(new) ->> 'tenant_id', to_jsonb(old) ->> 'tenant_id', to_jsonb(new) ->> 'id'));
	return null;
end
$$;
create trigger live_narrow after insert on blocks for each row execute function live_narrow();
create trigger live_narrow after delete on video_access for each row execute function live_narrow();
create trigger live_narrow after delete on group_members for each row execute function live_narrow();
create trigger live_narrow after delete on video_group_access for each row execute function live_narrow();
create trigger live_narrow after update of published_at on videos for each row
	when (old.published_at <= now() and (new.published_at is null or new.published_at > now())) execute function live_narrow();
create trigger live_narrow after update of modules on tenants for each row when (not new.modules @> old.modules) execute function live_narrow();

-- Which of these sessions have ended, by whatever way.
create function live_sessions_over(p_sessions uuid[]) returns setof uuid
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select s from unnest(p_sessions) s
	 where not exists (select from sessions x where x.id = s and x.revoked_at is null and x.expires_at > now())
	$$;
