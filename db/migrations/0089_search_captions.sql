-- The words of all languages are searched; a tsvector takes no more than a megabyte.
create or replace function search_transcript(p_video uuid) returns text
	language sql stable
	as $$ select coalesce(left(string_agg(text, ' ' order by lang, start_ms), 200000), '') from caption_cues where video_id = p_video $$;
