-- db/queries/admin.sql - what operators do with atelierctl. TENANT_* that write run as the owner, USER_* as the application.

-- query: TENANT_INSERT(id, slug, name, base_url, locale, modules)
insert into tenants (id, slug, name, base_url, locale, modules)
values (:'id', :'slug', :'name', :'base_url', :'locale', :'modules')

-- query: TENANT_HOST_ADD(tenant, host)
insert into tenant_hosts (tenant_id, host, is_primary)
values (:'tenant', lower(:'host'), not exists (select from tenant_hosts where tenant_id = :'tenant'))

-- query: TENANT_HOST_REMOVE(tenant, host)
delete from tenant_hosts where tenant_id = :'tenant' and host = lower(:'host')

-- query: TENANT_LIST()
select t.id, t.slug, t.name, t.base_url as "baseUrl", t.locale, t.modules, t.is_active as "isActive",
       t.cors_origins as "corsOrigins", t.max_video_bytes as "maxVideoBytes", t.user_quota_bytes as "userQuotaBytes",
       t.storage_quota_bytes as "storageQuotaBytes", t.settings, t.created_at as "createdAt",
       array(select h.host from tenant_hosts h where h.tenant_id = t.id order by h.is_primary desc, h.host) as hosts
  from tenants t
 order by t.slug
 limit 10000

-- query: TENANT_FIND(slug)
-- By slug, or the only one there is.
select id, slug, name, base_url, locale from tenants
 where slug = :'slug' or (:'slug' is null and (select count(*) from tenants) = 1)

-- query: TENANT_UPDATE(id, name, base_url, locale, modules, cors_origins, max_video_bytes, user_quota_bytes, storage_quota_bytes, settings, is_active)
-- What is null stays; settings are merged.
update tenants
   set name = coalesce(:'name', name), base_url = coalesce(:'base_url', base_url), locale = coalesce(:'locale', locale),
       modules = coalesce(:'modules', modules), cors_origins = coalesce(:'cors_origins', cors_origins),
       max_video_bytes = coalesce(:'max_video_bytes', max_video_bytes),
       user_quota_bytes = coalesce(:'user_quota_bytes', user_quota_bytes),
       storage_quota_bytes = coalesce(:'storage_quota_bytes', storage_quota_bytes),
       settings = jsonb_strip_nulls(settings || coalesce(:'settings'::jsonb, '{}')),
       is_active = coalesce(:'is_active', is_active), updated_at = now()
 where id = :'id'

-- query: USER_FIND(name)
-- By id, address or name.
select id, username, email, role, status, mfa_enabled_at is not null as mfa_enabled from users
 where (id::text = :'name' or lower(email) = lower(:'name') or lower(username) = lower(:'name')) and status <> 'deleted'

-- query: USER_LIST(role)
select id, username, email, role, status, email_verified_at is not null as "emailVerified",
       mfa_enabled_at is not null as "mfaEnabled", created_at as "createdAt"
  from users
 where coalesce(role = :'role'::text, true)
 order by created_at desc
 limit 1000

-- query: USER_INSERT_ADMIN(id, username, email, password_hash, role, display_name, locale)
insert into users (id, username, email, password_hash, role, display_name, locale, email_verified_at)
values (:'id', :'username', :'email', :'password_hash', :'role', coalesce(:'display_name', :'username'), :'locale', now())

-- query: USER_SUSPEND_DAYS(id, days, reason)
select unnest(user_suspend(:'id', now() + make_interval(days => :'days'::int), :'reason')) as id
