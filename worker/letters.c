/* worker/letters.c - see letters.h. */
#include "worker/letters.h"

#include <stdbool.h>
#include <string.h>

static const char *
east_asian(const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = (unsigned char)*p < 0xe1 ? 0 : g_utf8_get_char(p); /* all of them are above */

		if (c >= 0x3040 && c <= 0x30ff)
			return "JP";
		if ((c >= 0xac00 && c <= 0xd7a3) || (c >= 0x1100 && c <= 0x11ff))
			return "KR";
	}
	return "SC";
}

void
letters_choose(PangoFontDescription *font, const char *first, const char *text)
{
	bool is_serif = strstr(first, "Serif") != NULL;
	const char *kind = is_serif ? "Serif" : "Sans";
	char families[300];

	g_snprintf(families, sizeof(families), "%s,Noto %s,%s,Noto %s Hebrew,Noto %s Devanagari,Noto %s Thai,Noto %s CJK %s", first, kind,
	    is_serif ? "Noto Naskh Arabic" : "Noto Sans Arabic", kind, kind, kind, kind, east_asian(text));
	pango_font_description_set_family(font, families);
}

PangoAttrList *
letters_attributes(void)
{
	PangoAttrList *list = pango_attr_list_new();

	pango_attr_list_insert(list, pango_attr_insert_hyphens_new(FALSE));
	return list;
}
