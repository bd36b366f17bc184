-- Webhooks: a community's own programs are told of events. An event becomes a delivery for each webhook that wants it, in
-- the transaction of what happened; the worker delivers.

create table webhook_events (
	event  text primary key check (event ~ '^[a-z_]+\.[a-z_]+$')
);
grant select on webhook_events to atelier_app;
insert into webhook_events values
	('webhook.ping'), ('user.registered'), ('user.deleted'), ('video.ready'), ('video.failed'), ('video.published'),
	('video.deleted'), ('comment.created'), ('comment.deleted');

create table webhooks (
	id               uuid primary key default uuid_v7(),
	tenant_id        uuid not null default current_tenant() references tenants on delete cascade,
	url              text not null check (url ~ '^https?://' and length(url) <= 2000),
	events           text[] not null check (cardinality(events) between 1 and 50),
	description      text,
	secret           text not null, -- sealed (lib/seal.h): it signs what is sent
	is_active        boolean not null default true,
	disabled_reason  text, -- why it was switched off by itself
	created_by       uuid,
	created_at       timestamptz not null default now(),
	updated_at       timestamptz not null default now(),
	unique (tenant_id, id)
);
create index webhooks_tenant_idx on webhooks (tenant_id, id desc);
select tenant_owned('webhooks');

create table webhook_deliveries (
	id            uuid primary key default uuid_v7(),
	tenant_id     uuid not null default current_tenant(),
	webhook_id    uuid not null,
	event         text not null,
	body          text not null, -- sent as it is, each time the same
	state         text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
	attempts      integer not null default 0, -- since it was made or replayed
	created_at    timestamptz not null default now(),
	delivered_at  timestamptz,
	unique (tenant_id, id),
	foreign key (tenant_id, webhook_id) references webhooks (tenant_id, id) on delete cascade
);
create index webhook_deliveries_list_idx on webhook_deliveries (tenant_id, webhook_id, id desc);
create index webhook_deliveries_created_idx on webhook_deliveries (created_at); -- retention
select tenant_owned('webhook_deliveries');

create table webhook_attempts (
	tenant_id    uuid not null default current_tenant(),
	delivery_id  uuid not null,
	at           timestamptz not null default clock_timestamp(),
	status       integer, -- of the answer; null: there was none
	error        text,
	duration_ms  integer not null,
	primary key (delivery_id, at),
	foreign key (tenant_id, delivery_id) references webhook_deliveries (tenant_id, id) on delete cascade
);
select tenant_owned('webhook_attempts', 'select, insert');

create function webhook_send(p_delivery uuid, p_tenant uuid, p_delay_s integer) returns void
	language sql
	as $$
	insert into jobs (tenant_id, kind, subject_id, payload, run_at)
	values (p_tenant, 'webhook', p_delivery, jsonb_build_object('deliveryId', p_delivery), now() + make_interval(secs => p_delay_s))
	$$;

-- To be called in the transaction of what happened. p_only: one webhook, whatever it wants (a ping).
create function webhook_emit(p_tenant uuid, p_event text, p_data jsonb, p_only uuid default null) returns void
	language plpgsql
	as $$
declare
	w     record;
	made  uuid;
begin
	for w in
		select id from webhooks
		 where tenant_id = p_tenant and is_active and case when p_only is null then p_event = any (events) else id = p_only end
		 order by id
	loop
		made := uuid_v7();
		insert into webhook_deliveries (id, tenant_id, webhook_id, event, body)
		values (made, p_tenant, w.id, p_event,
		        jsonb_build_object('id', made, 'type', p_event, 'timestamp', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
		                           'tenantId', p_tenant, 'data', p_data)::text);
		perform webhook_send(made, p_tenant, 0);
	end loop;
end
$$;

create function webhook_user() returns trigger
	language plpgsql
	as $$
begin
	perform webhook_emit(new.tenant_id, case tg_op when 'INSERT' then 'user.registered' else 'user.deleted' end,
		jsonb_build_object('userId', new.id, 'username', new.username, 'displayName', new.display_name, 'role', new.role));
	return null;
end
$$;
create trigger webhook_user_registered after insert on users
	for each row execute function webhook_user();
create trigger webhook_user_deleted after update of status on users
	for each row when (old.status <> 'deleted' and new.status = 'deleted') execute function webhook_user();

create function webhook_video_data(v videos) returns jsonb
	language sql stable
	as $$
	select jsonb_build_object('videoId', v.id, 'title', v.title, 'userId', v.user_id, 'username', v.author_username,
		'visibility', v.visibility, 'status', v.state, 'duration', v.duration_s,
		'failure', case when v.state = 'failed' then jsonb_build_object('code', v.failure_code, 'message', v.failure_reason) end)
	$$;

create function webhook_video() returns trigger
	language plpgsql
	as $$
begin
	perform webhook_emit(new.tenant_id, 'video.' || new.state, webhook_video_data(new));
	return null;
end
$$;
create trigger webhook_video
	after update of renditions_ready, renditions_failed, renditions_total, failure_code, deleted_at on videos
	for each row when (old.state <> new.state and new.state in ('ready', 'failed', 'deleted')) execute function webhook_video();

create function webhook_video_published() returns trigger
	language plpgsql
	as $$
begin
	perform webhook_emit(v.tenant_id, 'video.published', webhook_video_data(v)) from videos v where v.id = new.video_id;
	return null;
end
$$;
create trigger webhook_video_published after insert on video_announcements
	for each row execute function webhook_video_published();

create function webhook_comment() returns trigger
	language plpgsql
	as $$
begin
	if new.announced_at is not null and new.deleted_at is null and (tg_op = 'INSERT' or old.announced_at is null) then
		perform webhook_emit(new.tenant_id, 'comment.created', jsonb_build_object('commentId', new.id, 'videoId', new.video_id,
			'parentId', new.parent_id, 'userId', new.user_id, 'text', new.text));
	elsif tg_op = 'UPDATE' and old.deleted_at is null and new.deleted_at is not null then
		perform webhook_emit(new.tenant_id, 'comment.deleted', jsonb_build_object('commentId', new.id, 'videoId', new.video_id,
			'parentId', new.parent_id, 'userId', new.user_id));
	end if;
	return null;
end
$$;
create trigger webhook_comment after insert or update of hidden_at, deleted_at on comments
	for each row execute function webhook_comment();

create function webhooks_prune(p_days integer) returns bigint
	language sql security definer set search_path = public, pg_temp
	as $$
	with gone as (
		delete from webhook_deliveries
		 where id in (select id from webhook_deliveries where created_at < now() - make_interval(days => p_days) limit 50000)
		returning 1
	)
	select count(*) from gone
	$$;
