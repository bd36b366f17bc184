-- What the recommendations are made of, read person by person.

-- What somebody saw, the latest first: for their taste, and to leave it out of what is recommended to them.
create index view_events_taste_idx on view_events (tenant_id, user_id, seen_at desc, video_id) where user_id is not null;

-- The communities that the worker makes lists for.
create function recommend_tenants() returns setof uuid
	language sql stable security definer set search_path = public, pg_temp
	as $$
	select id from tenants where is_active order by id
	$$;
