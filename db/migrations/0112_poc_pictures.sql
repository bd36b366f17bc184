-- Pictures of a project: its thumbnail and its screenshots, made anew by the worker.
create table poc_pictures (
	id          uuid primary key default uuid_v7(),
	tenant_id   uuid not null default current_tenant(),
	poc_id      uuid not null,
	kind        text not null check (kind in ('thumbnail', 'screenshot')),
	caption     text not null default '' check (length(caption) <= 200),
	pending     text, -- file below incoming/ that is being worked on
	folder      text, -- storage key of large.jpg and small.jpg; null until they are there
	failure     text, -- why it was refused, in words for its owner
	created_at  timestamptz not null default now(),
	unique (tenant_id, id),
	foreign key (tenant_id, poc_id) references pocs (tenant_id, id) on delete cascade
);
create index poc_pictures_poc_idx on poc_pictures (tenant_id, poc_id, kind, created_at);
select tenant_owned('poc_pictures');

-- Its owner is told also when no program was there to tell.
create function poc_picture_follow() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	update poc_pictures set pending = null, failure = coalesce(new.reason, 'The work on this picture was cancelled.')
	 where id = new.subject_id and pending is not null;
	return null;
end
$$;
revoke execute on function poc_picture_follow() from atelier_app;
create trigger poc_picture_ended after update of state on jobs
	for each row when (new.kind = 'poc_picture' and new.state in ('dead', 'cancelled') and old.state <> new.state)
	execute function poc_picture_follow();

-- The files of one that is gone go, too: replaced, taken away, or with its project.
create function poc_picture_gone() returns trigger
	language plpgsql
	as $$
begin
	insert into jobs (tenant_id, kind, subject_id, payload, priority)
	values (old.tenant_id, 'content_remove', old.id, jsonb_build_object('folder', old.folder), -10);
	return null;
end
$$;
create trigger poc_picture_gone after delete on poc_pictures for each row when (old.folder is not null) execute function poc_picture_gone();
