/* worker/report/emoji.c - letters that are pictures (emoji). In a page cairo 1.16 would write each at the size of the text, a few pixels wide,
 * and as nothing that can be copied. Here each is drawn once, large, and laid small where it stands, with its text under it. */
#include <hb-ot.h>
#include <math.h>
#include <string.h>

#include "worker/report/page.h"

#define SIDE 96 /* pixels of a picture */

struct emoji {
	void *mem;
	PangoContext *context;
	GHashTable *pictures; /* of text: cairo_surface_t */
	GHashTable *texts;    /* each once: what shapes point to */
};

static bool
is_coloured(PangoFont *font)
{
	hb_face_t *face = hb_font_get_face(pango_font_get_hb_font(font));

	return hb_ot_color_has_png(face) || hb_ot_color_has_layers(face);
}

static int
emoji_close(struct emoji *e)
{
	g_hash_table_unref(e->pictures);
	g_hash_table_unref(e->texts);
	return 0;
}

/* --- drawing --- */

static cairo_surface_t *
picture_make(const char *text)
{
	cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, SIDE, SIDE);
	cairo_t *cr = cairo_create(s);
	PangoLayout *layout = pango_cairo_create_layout(cr);
	PangoFontDescription *font = pango_font_description_from_string("Noto Color Emoji");
	PangoRectangle ink;
	double scale;

	pango_font_description_set_absolute_size(font, SIDE * 0.8 * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_text(layout, text, -1);
	pango_layout_get_pixel_extents(layout, &ink, NULL);
	if (ink.width > 0 && ink.height > 0) {
		scale = MIN((double)SIDE / ink.width, (double)SIDE / ink.height);
		cairo_translate(cr, (SIDE - ink.width * scale) / 2, (SIDE - ink.height * scale) / 2);
		cairo_scale(cr, scale, scale);
		cairo_move_to(cr, -ink.x, -ink.y);
		pango_cairo_show_layout(cr, layout);
	}
	g_object_unref(layout);
	cairo_destroy(cr);
	return s;
}

static cairo_surface_t *
picture_of(struct emoji *e, const char *text)
{
	cairo_surface_t *s = g_hash_table_lookup(e->pictures, text);

	if (s == NULL) {
		s = picture_make(text);
		g_hash_table_insert(e->pictures, (char *)text, s);
	}
	return s;
}

/* A space that says it is the emoji: what is copied out of the page, and found in it. Not at whole points: cairo leaves out what
 * has no extent at all. */
static void
put_text(struct emoji *e, cairo_t *cr, const char *text)
{
	PangoFont *font = pango_context_load_font(e->context, pango_context_get_font_description(e->context));
	hb_codepoint_t space;
	double x, y;

	if (font == NULL)
		return;
	cairo_get_current_point(cr, &x, &y);
	if (PANGO_IS_CAIRO_FONT(font) && hb_font_get_nominal_glyph(pango_font_get_hb_font(font), ' ', &space)) {
		cairo_glyph_t glyph = { space, floor(x) + 0.5, floor(y) + 0.5 };
		cairo_text_cluster_t cluster = { (int)strlen(text), 1 };

		cairo_set_scaled_font(cr, pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(font)));
		cairo_show_text_glyphs(cr, text, (int)strlen(text), &glyph, 1, &cluster, 1, 0);
	}
	g_object_unref(font);
}

static void
draw(cairo_t *cr, PangoAttrShape *shape, gboolean is_path, void *arg)
{
	struct emoji *e = arg;
	const char *text = shape->data;
	double x, y, side = (double)shape->logical_rect.width / PANGO_SCALE;

	if (text == NULL || is_path)
		return;
	cairo_get_current_point(cr, &x, &y);
	put_text(e, cr, text);
	cairo_save(cr);
	cairo_translate(cr, x + side * 0.04, y + (double)shape->ink_rect.y / PANGO_SCALE);
	cairo_scale(cr, side * 0.92 / SIDE, side * 0.92 / SIDE);
	cairo_set_source_surface(cr, picture_of(e, text), 0, 0);
	cairo_paint(cr);
	cairo_restore(cr);
}

struct emoji *
emoji_open(void *mem, PangoContext *context)
{
	struct emoji *e = mem_new(mem, struct emoji);
	PangoFontDescription *font = pango_font_description_from_string("Noto Sans 8");

	pango_context_set_font_description(context, font);
	pango_font_description_free(font);
	e->mem = mem;
	e->context = context;
	e->pictures = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)cairo_surface_destroy);
	e->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	talloc_set_destructor(e, emoji_close);
	pango_cairo_context_set_shape_renderer(context, draw, e, NULL);
	return e;
}

/* --- finding --- */

static const char *
kept(struct emoji *e, const char *text, int bytes)
{
	char *own = g_strndup(text, (gsize)bytes);
	const char *known = g_hash_table_lookup(e->texts, own);

	if (known != NULL) {
		g_free(own);
		return known;
	}
	g_hash_table_insert(e->texts, own, own);
	return own;
}

static void
add_shape(PangoAttrList *list, int from, int until, int width, int height, const char *text)
{
	PangoRectangle place = { 0, -height * 7 / 8, width, height };
	PangoAttribute *a = pango_attr_shape_new_with_data(&place, &place, (void *)text, NULL, NULL);

	a->start_index = (guint)from;
	a->end_index = (guint)until;
	pango_attr_list_insert(list, a);
}

/* Its first character is as wide as it is, the others that it is made of are not there. */
static void
mark_cluster(struct emoji *e, PangoAttrList *list, const char *text, int from, int until, int side)
{
	int second = (int)(g_utf8_next_char(text + from) - text);

	add_shape(list, from, second, side, side, kept(e, text + from, until - from));
	if (second < until)
		add_shape(list, second, until, 0, side, NULL);
}

/* Below U+2000 there are none: most texts need not be laid out twice. */
static bool
may_have(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0xe2)
		text++;
	return *text != '\0';
}

void
emoji_mark(struct emoji *e, PangoLayout *layout, PangoAttrList *attributes)
{
	const char *text = pango_layout_get_text(layout);
	int size = pango_font_description_get_size(pango_layout_get_font_description(layout));
	PangoAttrList *found;
	PangoLayoutIter *at;

	if (!may_have(text))
		return;
	found = pango_attr_list_copy(attributes); /* the layout looks at its own while we go through it */
	at = pango_layout_get_iter(layout);
	do {
		PangoLayoutRun *run = pango_layout_iter_get_run_readonly(at);
		PangoGlyphItemIter c;

		if (run == NULL || !is_coloured(run->item->analysis.font))
			continue;
		for (gboolean more = pango_glyph_item_iter_init_start(&c, run, text); more; more = pango_glyph_item_iter_next_cluster(&c))
			mark_cluster(e, found, text, c.start_index, c.end_index, size * 9 / 8);
	} while (pango_layout_iter_next_run(at));
	pango_layout_iter_free(at);
	pango_layout_set_attributes(layout, found);
	pango_attr_list_unref(found);
}
