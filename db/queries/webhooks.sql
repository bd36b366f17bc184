-- db/queries/webhooks.sql - webhooks, what was delivered to them, and how it went.

-- fragment: WEBHOOK_COLUMNS
       w.id, w.url, w.events, w.description, w.is_active as "isActive", w.disabled_reason as "disabledReason",
       w.created_at as "createdAt", w.updated_at as "updatedAt"

-- query: WEBHOOK_UNKNOWN_EVENT(events)
select e.event from unnest(:'events'::text[]) e(event)
 where not exists (select from webhook_events k where k.event = e.event and k.event <> 'webhook.ping')
 limit 1

-- A hundred a community are enough.
-- query: WEBHOOK_INSERT(id, me, url, events, description, secret)
insert into webhooks as w (id, url, events, description, secret, created_by)
select :'id', :'url', :'events', :'description', :'secret', :'me'
 where (select count(*) from webhooks) < 100
returning
-- include: WEBHOOK_COLUMNS

-- query: WEBHOOK_LIST()
select
-- include: WEBHOOK_COLUMNS
  from webhooks w
 where w.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
 order by w.id desc
 limit 100

-- query: WEBHOOK_BY_ID(id)
select
-- include: WEBHOOK_COLUMNS
  from webhooks w
 where w.id = :'id'

-- What was not given is null and stays. Switched on again, it is as if it had never failed.
-- query: WEBHOOK_UPDATE(id, url, events, description, is_active)
update webhooks w
   set url = coalesce(:'url', url), events = coalesce(:'events', events), description = coalesce(:'description', description),
       is_active = coalesce(:'is_active', is_active),
       disabled_reason = case when coalesce(:'is_active', is_active) then null else disabled_reason end, updated_at = now()
 where w.id = :'id'
returning
-- include: WEBHOOK_COLUMNS

-- query: WEBHOOK_SET_SECRET(id, secret)
update webhooks set secret = :'secret', updated_at = now() where id = :'id' returning id

-- query: WEBHOOK_DELETE(id)
delete from webhooks where id = :'id' returning id as "_id"

-- query: WEBHOOK_PING(id)
select w.id as "webhookId", webhook_emit(w.tenant_id, 'webhook.ping', jsonb_build_object('webhookId', w.id), w.id)::text as "_sent"
  from webhooks w
 where w.id = :'id' and w.is_active

-- query: WEBHOOK_EVENTS()
select event from webhook_events where event <> 'webhook.ping' order by event limit 200

-- The latest first. Served by webhook_deliveries_list_idx.
-- query: WEBHOOK_DELIVERIES(id, after_at, after_id)
select d.id, d.event, d.state as status, d.attempts, d.body::json as body, d.created_at as "createdAt", d.delivered_at as "deliveredAt",
       coalesce((select json_agg(json_build_object('at', to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                                                   'status', a.status, 'error', a.error, 'durationMs', a.duration_ms) order by a.at)
                   from (select at, status, error, duration_ms from webhook_attempts where delivery_id = d.id order by at desc limit 20) a), '[]') as log,
       d.created_at as "_after_at", d.id as "_after_id"
  from webhook_deliveries d
 where d.tenant_id = (select nullif(current_setting('atelier.tenant', true), '')::uuid)
   and d.webhook_id = :'id'
   and (d.created_at, d.id) < (case when :'after_at'::timestamptz is null then 'infinity' else :'after_at' end,
                               case when :'after_id'::uuid is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else :'after_id' end)
 order by d.created_at desc, d.id desc
 limit :page

-- query: WEBHOOK_REPLAY(id, delivery)
with again as (
	update webhook_deliveries
	   set state = 'pending', attempts = 0, delivered_at = null
	 where id = :'delivery' and webhook_id = :'id'
	   and (state <> 'pending' or created_at < now() - interval '3 days') -- longer than any wait: it was lost
	returning id, tenant_id
)
select id, webhook_send(id, tenant_id, 0)::text as "_sent" from again

-- --- for the worker ---

-- query: WEBHOOK_DELIVERY(id)
select d.body, d.attempts, w.url, w.secret, w.is_active
  from webhook_deliveries d
  join webhooks w on w.id = d.webhook_id
 where d.id = :'id' and d.state = 'pending'

-- query: WEBHOOK_ATTEMPT(id, status, error, duration_ms)
insert into webhook_attempts (delivery_id, status, error, duration_ms)
values (:'id', :'status', left(:'error', 500), :'duration_ms')

-- query: WEBHOOK_SETTLE(id, state)
update webhook_deliveries
   set attempts = attempts + 1, state = :'state', delivered_at = case when :'state' = 'delivered' then now() end
 where id = :'id'

-- query: WEBHOOK_AGAIN(id, delay_s)
select webhook_send(id, tenant_id, :'delay_s')::text as "_sent" from webhook_deliveries where id = :'id'

-- query: WEBHOOK_DISABLE(delivery_id, reason)
update webhooks set is_active = false, disabled_reason = :'reason', updated_at = now()
 where id = (select webhook_id from webhook_deliveries where id = :'delivery_id')

-- query: WEBHOOKS_PRUNE(days)
select webhooks_prune(:'days') as gone
