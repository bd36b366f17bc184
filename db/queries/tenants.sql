-- Tenants: which community a host name belongs to. These tables hold no tenant's data and have no row-level security.

-- query: TENANT_BY_HOST(host)
select t.id,
       t.name,
       t.locale,
       t.modules,
       t.max_video_bytes as "maxVideoBytes",
       array_to_string(t.cors_origins, ' ') as "corsOrigins",
       coalesce(t.settings ->> 'registration' = 'closed', false) as is_registration_closed,
       (t.settings ->> 'requireVerified')::boolean as require_verified
  from tenant_hosts h
  join tenants t on t.id = h.tenant_id
 where h.host = lower(:'host')
   and t.is_active

-- fragment: TENANT_COLUMNS
       t.id, t.slug, t.name, t.base_url as "baseUrl", t.locale, t.modules, t.is_active as "isActive", t.branding, t.settings,
       t.cors_origins as "corsOrigins", t.max_video_bytes as "maxVideoBytes", t.user_quota_bytes as "userQuotaBytes",
       t.storage_quota_bytes as "storageQuotaBytes",
       (select coalesce(json_agg(h.host order by h.is_primary desc, h.host), '[]') from tenant_hosts h where h.tenant_id = t.id) as hosts,
       t.created_at as "createdAt", t.updated_at as "updatedAt",

-- query: TENANT_PAGE(q, offset)
select
-- include: TENANT_COLUMNS
       count(*) over () as "_total"
  from tenants t
 where case when :'q'::text is null then true else strpos(lower(t.slug || ' ' || t.name), lower(:'q')) > 0 end
 order by t.slug
offset :'offset'
 limit :page

-- query: TENANT_BY_ID(id)
select
-- include: TENANT_COLUMNS
       (to_jsonb(t) - '{created_at,updated_at}'::text[])::text as "_state"
  from tenants t
 where t.id = :'id'

-- query: TENANT_CREATE(id, base_url, change)
select tenant_create(:'id', :'base_url', :'change') as id

-- query: TENANT_CHANGE(id, change)
select true as "_done" where tenant_change(:'id', :'change')

-- What anybody may know of the community that they are at.
-- query: TENANT_PUBLIC()
select t.name, t.locale, t.modules, t.branding, coalesce(t.settings ->> 'registration', 'open') as registration
  from tenants t
 where t.id = current_tenant()

-- What its administrators see, too.
-- query: TENANT_OWN()
select t.id, t.slug, t.name, t.base_url as "baseUrl", t.locale, t.modules, t.branding, t.settings,
       t.cors_origins as "corsOrigins", t.max_video_bytes as "maxVideoBytes", t.user_quota_bytes as "userQuotaBytes",
       t.storage_quota_bytes as "storageQuotaBytes", coalesce(u.used_bytes, 0) as "usedBytes",
       t.updated_at as "updatedAt", (to_jsonb(t) - '{created_at,updated_at}'::text[])::text as "_state"
  from tenants t
  left join tenant_usage u on u.tenant_id = t.id
 where t.id = current_tenant()
