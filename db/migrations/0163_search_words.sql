-- A word that only a title had which nobody is to see any more completes and mends no search either.

-- Of the words given those go that no document of the community has. The daily count says which are rare: only these are
-- looked for, so that nobody waits for the index to find a common one.
create function search_words_forget(p_tenant uuid, p_words text[]) returns void
	language sql security definer set search_path = public, pg_temp
	as $$
	delete from search_words w
	 where w.tenant_id = p_tenant and w.word = any (p_words) and w.documents <= 100
	   and not exists (select from search_documents d
	                    where d.document @@ (plainto_tsquery('folded', w.word) && ('''=t' || p_tenant || '''')::tsquery))
	$$;
revoke execute on function search_words_forget(uuid, text[]) from public;

-- The words that a document has given: of titles and tags.
create function search_words_of(p_document tsvector) returns text[]
	language sql immutable
	as $$ select coalesce(array_agg(lexeme), '{}') from unnest(p_document) where weights && '{A,B}' $$;

create or replace function search_drop(p_kind text, p_id uuid) returns void
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	gone search_documents;
begin
	delete from search_documents where kind = p_kind and id = p_id returning * into gone;
	if found then
		perform search_words_forget(gone.tenant_id, search_words_of(gone.document));
	end if;
end
$$;

create function search_words_follow() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	perform search_words_forget(new.tenant_id, array(select unnest(search_words_of(old.document)) except select unnest(search_words_of(new.document))));
	return null;
end
$$;
create trigger search_words_follow after update of document on search_documents
	for each row when (old.document is distinct from new.document) execute function search_words_follow();
