-- Tenants: which community a host name belongs to. These tables hold no tenant's data and have no row-level security.

-- query: TENANT_BY_HOST(host)
select t.id,
       t.name,
       t.locale,
       t.modules,
       t.max_video_bytes as "maxVideoBytes",
       array_to_string(t.cors_origins, ' ') as "corsOrigins",
       t.settings
  from tenant_hosts h
  join tenants t on t.id = h.tenant_id
 where h.host = lower(:'host')
   and t.is_active
