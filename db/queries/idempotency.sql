-- db/queries/idempotency.sql - answers kept by Idempotency-Key for 24 hours.

-- query: IDEMPOTENCY_FIND(caller, key)
select request_hash as "_request_hash", status, headers, body from idempotency_keys
 where caller = :'caller' and key = :'key' and expires_at > now()

-- query: IDEMPOTENCY_STORE(caller, key, route, request_hash, status, headers, body)
-- An answer too old to be given again makes room; one that still counts is a conflict (no row).
insert into idempotency_keys as k (caller, key, route, request_hash, status, headers, body)
values (:'caller', :'key', :'route', :'request_hash', :'status', :'headers', :'body')
on conflict (tenant_id, caller, key) do update
   set route = excluded.route, request_hash = excluded.request_hash, status = excluded.status,
       headers = excluded.headers, body = excluded.body, created_at = now(), expires_at = now() + interval '24 hours'
 where k.expires_at <= now()
returning status
