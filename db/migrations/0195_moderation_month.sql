-- A report of the month that ended for each community, asked for by cron where its rules say "monthlyReport". It is the community's own:
-- nobody's in person, seen by all who moderate. One for each month, whatever is asked again.
alter table moderation_settings add column monthly_report boolean not null default true;

alter table content_items alter column owner_id drop not null; -- null: the community's own
create unique index content_items_month_key on content_items (tenant_id, (options ->> 'month')) where kind = 'report' and owner_id is null;

-- For the month that p_day lies in. Returns how many were asked for now. Low priority: people wait for theirs.
create function moderation_month_ask(p_day date) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with span as (
		select date_trunc('month', p_day::timestamp) at time zone 'UTC' as first, (date_trunc('month', p_day::timestamp) + interval '1 month') at time zone 'UTC' as last
	), made as (
		insert into content_items (tenant_id, owner_id, kind, title, options, job_id)
		select t.id, null, 'report', case when t.locale like 'pt%' then 'Moderação ' else 'Moderation ' end || to_char(span.first at time zone 'UTC', 'YYYY-MM'),
		       jsonb_build_object('kind', 'moderation', 'format', 'PDF', 'groupBy', 'month', 'month', to_char(span.first at time zone 'UTC', 'YYYY-MM'),
		           'from', to_char(span.first at time zone 'UTC', 'YYYY-MM-DD"T00:00:00Z"'), 'until', to_char(span.last at time zone 'UTC', 'YYYY-MM-DD"T00:00:00Z"')),
		       uuid_v7()
		  from tenants t
		  join moderation_settings m on m.tenant_id = t.id and m.monthly_report
		 cross join span
		 where t.is_active and t.created_at < span.last
		    on conflict (tenant_id, (options ->> 'month')) where kind = 'report' and owner_id is null do nothing
		returning *
	), asked as (
		insert into jobs (id, tenant_id, kind, subject_id, payload, priority)
		select job_id, tenant_id, 'document', id, jsonb_build_object('item', id), -15 from made
	)
	select count(*) from made
	$$;
