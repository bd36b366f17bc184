-- Public projects are found by the search of everything, with the names in their code.
create function poc_search_put() returns trigger
	language plpgsql
	as $$
declare
	p pocs;
begin
	select * into p from pocs where id = new.id;
	if p.id is null or p.deleted_at is not null or not p.is_public then
		perform search_drop('poc', new.id);
	else
		perform search_put(p.tenant_id, 'poc', p.id, p.user_id, null, p.name, array_to_string(p.tags || p.frameworks || array[p.language], ' '), p.description,
			(select string_agg(array_to_string(tsvector_to_array(code_words(s.code)), ' '), ' ') from (select code from poc_snippets where poc_id = p.id limit 50) s),
			p.language, null, 0, p.created_at);
	end if;
	return null;
end
$$;
create trigger poc_search_put after insert or update of name, tags, frameworks, language, description, is_public, deleted_at on pocs
	for each row execute function poc_search_put();

create function poc_snippet_search_put() returns trigger
	language plpgsql
	as $$
begin
	update pocs set is_public = is_public where id = coalesce(new.poc_id, old.poc_id);
	return null;
end
$$;
create trigger poc_snippet_search_put after insert or update of code or delete on poc_snippets
	for each row execute function poc_snippet_search_put();

create function poc_search_drop() returns trigger
	language plpgsql
	as $$
begin
	perform search_drop('poc', old.id);
	return null;
end
$$;
create trigger poc_search_drop after delete on pocs for each row execute function poc_search_drop();
