-- Communities over HTTP: who looks like what, and the one way in which the programs may change them.

alter table tenants
	add column branding jsonb not null default '{}' check (jsonb_typeof(branding) = 'object'),
	add constraint tenants_modules_known check (modules <@ '{core,skills,coaching,pocs,moves}'),
	add constraint tenants_locale_form check (locale ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$');

-- The host names of a community; the first is the primary one. A name that another one has is a conflict.
create function tenant_set_hosts(p_id uuid, p_hosts jsonb) returns void
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	if jsonb_array_length(p_hosts) = 0 then
		raise exception 'A community needs a host name.' using errcode = 'AT400';
	end if;
	delete from tenant_hosts where tenant_id = p_id and host not in (select lower(value) from jsonb_array_elements_text(p_hosts));
	insert into tenant_hosts (tenant_id, host, is_primary)
	select p_id, h.host, h.place = 1
	  from (select lower(value) as host, min(ordinality) as place
	          from jsonb_array_elements_text(p_hosts) with ordinality group by 1) h
	on conflict (host) do update set is_primary = excluded.is_primary where tenant_hosts.tenant_id = p_id;
	if (select count(*) from tenant_hosts where tenant_id = p_id)
	   <> (select count(distinct lower(value)) from jsonb_array_elements_text(p_hosts)) then
		raise exception 'Another community has one of these host names.' using errcode = 'AT409';
	end if;
end
$$;

-- What a request says of a community, checked by its field table before: what it does not name stays; of branding and
-- settings, null takes a key away. Changes null where that means something (as much as there is).
create function tenant_change(p_id uuid, p jsonb) returns boolean
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	update tenants t
	   set name = coalesce(p ->> 'name', t.name),
	       base_url = coalesce(p ->> 'baseUrl', t.base_url),
	       locale = coalesce(p ->> 'locale', t.locale),
	       modules = case when p ? 'modules' then array(select 'core' union select jsonb_array_elements_text(p -> 'modules') order by 1)
	                      else t.modules end,
	       cors_origins = case when p ? 'corsOrigins' then array(select jsonb_array_elements_text(p -> 'corsOrigins')) else t.cors_origins end,
	       branding = jsonb_strip_nulls(t.branding || coalesce(p -> 'branding', '{}')),
	       settings = jsonb_strip_nulls(t.settings || coalesce(p -> 'settings', '{}')),
	       max_video_bytes = coalesce((p ->> 'maxVideoBytes')::bigint, t.max_video_bytes),
	       user_quota_bytes = coalesce((p ->> 'userQuotaBytes')::bigint, t.user_quota_bytes),
	       storage_quota_bytes = case when p ? 'storageQuotaBytes' then (p ->> 'storageQuotaBytes')::bigint else t.storage_quota_bytes end,
	       is_active = coalesce((p ->> 'isActive')::boolean, t.is_active),
	       updated_at = now()
	 where t.id = p_id;
	if not found then
		return false;
	end if;
	if p ? 'hosts' then
		perform tenant_set_hosts(p_id, p -> 'hosts');
	end if;
	return true;
end
$$;

create function tenant_create(p_id uuid, p_base_url text, p jsonb) returns uuid
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	insert into tenants (id, slug, name, base_url) values (p_id, p ->> 'slug', coalesce(p ->> 'name', p ->> 'slug'), p_base_url);
	perform tenant_change(p_id, p);
	return p_id;
end
$$;
