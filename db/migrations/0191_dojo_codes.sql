-- Join codes are told once and kept as what the server's secret makes of them; who is invited needs none.
alter table dojos
	alter column join_code set default '', -- of old: to be dropped when nobody writes it any more
	add column join_hash text;
update dojos set join_code = ''; -- their owners ask for new ones
create unique index dojos_join_key on dojos (tenant_id, join_hash);
update notifications set data = data - 'joinCode' where kind = 'dojo_invited';

create table dojo_invitations (
	dojo_id    uuid not null,
	tenant_id  uuid not null default current_tenant(),
	user_id    uuid not null,
	at         timestamptz not null default now(),
	primary key (dojo_id, user_id),
	foreign key (tenant_id, dojo_id) references dojos (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index dojo_invitations_user_idx on dojo_invitations (tenant_id, user_id);
select tenant_owned('dojo_invitations');

-- Becomes one of them. '' when that went well, else a word: none, code, full, over. p_code is the hash of the code that was told.
create or replace function dojo_join(p_dojo uuid, p_user uuid, p_role text, p_code text) returns text
	language plpgsql
	as $$
declare
	d dojos;
	may_come boolean;
begin
	select * into d from dojos where id = p_dojo and deleted_at is null for update;
	may_come := not d.is_private or p_code = d.join_hash
		or exists (select from dojo_people where dojo_id = p_dojo and user_id = p_user)
		or exists (select from dojo_invitations where dojo_id = p_dojo and user_id = p_user);
	if d.id is null or is_blocked(d.owner_id, p_user) then
		return 'none';
	elsif may_come is not true then
		return case when p_code is null then 'none' else 'code' end;
	elsif d.status in ('COMPLETED', 'CANCELLED') then
		return 'over';
	elsif exists (select from dojo_people where dojo_id = p_dojo and user_id = p_user and left_at is null and (role = p_role or role = 'OWNER')) then
		return '';
	elsif p_role <> 'OBSERVER' and (select count(*) from dojo_people where dojo_id = p_dojo and user_id <> p_user and left_at is null and role <> 'OBSERVER') >= d.max_participants then
		return 'full';
	end if;
	insert into dojo_people (dojo_id, user_id, role) values (p_dojo, p_user, p_role)
	on conflict (dojo_id, user_id) do update set role = case when dojo_people.role = 'OWNER' then 'OWNER' else excluded.role end, left_at = null, joined_at = now();
	return '';
end
$$;
