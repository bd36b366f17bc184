-- What stands before a storage key whose address may play what is not open to everybody (fcgi/media_url.h): it is given to
-- those who may see the video now. An address that was given out while it was open to all ends when it no longer is.
create function video_mark(p_hidden_at timestamptz, p_visibility text) returns text
	language sql immutable parallel safe
	as $$ select case when p_hidden_at is null and p_visibility <> 'private' then '' else '!' end $$;
