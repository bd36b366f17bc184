-- What a video's answer says of its captions, kept with the video: to ask for them cost as much as the video itself.

alter table videos add column caption_list json not null default '[]'; -- [{"lang", "label"}] by language

create function caption_list_keep() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
declare
	changed uuid := coalesce(new.video_id, old.video_id);
begin
	update videos v
	   set caption_list = (select coalesce(json_agg(json_build_object('lang', c.lang, 'label', c.label) order by c.lang), '[]')
	                         from captions c where c.video_id = changed)
	 where v.id = changed;
	return null;
end
$$;
create trigger caption_list_keep after insert or delete or update of lang, label on captions
	for each row execute function caption_list_keep();

update videos v
   set caption_list = (select json_agg(json_build_object('lang', c.lang, 'label', c.label) order by c.lang)
                         from captions c where c.video_id = v.id)
 where exists (select from captions c where c.video_id = v.id);
