-- The report of a month is nobody's in person: its community's administrators are told that it is there.
insert into notification_kinds (kind, is_grouped, needs_subject, is_compulsory, push, mail) values ('moderation_report_ready', false, false, false, true, true);

create function moderation_report_tell(p_item uuid) returns bigint
	language sql
	as $$
	select count(*)
	  from (select notify(u.id, 'moderation_report_ready', null, 'report', c.id, jsonb_build_object('title', c.title, 'month', c.options ->> 'month'))
	          from content_items c
	          join users u on u.tenant_id = c.tenant_id and u.role = 'admin' and u.status = 'active'
	         where c.id = p_item) told
	$$;
