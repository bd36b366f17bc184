/* worker/report/text.c - text on pages. Pango finds letters for any script; cairo embeds those that are used. */
#include <math.h>

#include "worker/letters.h"
#include "worker/report/page.h"

const struct rgb INK = { 0.09, 0.10, 0.13 }, SOFT = { 0.25, 0.28, 0.33 }, QUIET = { 0.38, 0.41, 0.47 }, LINE = { 0.86, 0.87, 0.90 }, WHITE = { 1, 1, 1 };

PangoLayout *
text_new(struct pages *p, const char *text, double size, enum weight weight, double width)
{
	PangoLayout *layout = pango_layout_new(p->context);
	PangoFontDescription *font = pango_font_description_new();
	PangoAttrList *attributes = letters_attributes();

	text = text != NULL ? text : "";
	letters_choose(font, "Noto Sans", text); /* not the emoji font: it would take its digits */
	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_font_description_set_weight(font, weight == BOLD ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_text(layout, text, -1);
	pango_layout_set_attributes(layout, attributes);
	emoji_mark(p->emoji, layout, attributes);
	pango_attr_list_unref(attributes);
	return layout;
}

void
text_limit(PangoLayout *layout, int lines)
{
	pango_layout_set_height(layout, -lines);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
}

double
text_measure(PangoLayout *layout)
{
	int height;

	pango_layout_get_size(layout, NULL, &height);
	return (double)height / PANGO_SCALE;
}

void
text_from_left(PangoLayout *layout)
{
	pango_layout_set_auto_dir(layout, FALSE);
}

static void
colour(struct pages *p, struct rgb c, double opacity)
{
	cairo_set_source_rgba(p->cr, c.r, c.g, c.b, opacity);
}

double
text_draw(struct pages *p, PangoLayout *layout, double x, double y, struct rgb c)
{
	double height = text_measure(layout);

	colour(p, c, 1);
	cairo_move_to(p->cr, x, y);
	pango_cairo_show_layout(p->cr, layout);
	g_object_unref(layout);
	return height;
}

double
text_at(struct pages *p, const char *text, double size, enum weight weight, struct rgb c, double x, double y, double width)
{
	return text_draw(p, text_new(p, text, size, weight, width), x, y, c);
}

double
text_line(struct pages *p, const char *text, double size, enum weight weight, struct rgb c, double x, double y, double width, PangoAlignment align)
{
	PangoLayout *layout = text_new(p, text, size, weight, width);

	text_limit(layout, 1);
	text_from_left(layout);
	pango_layout_set_alignment(layout, align);
	return text_draw(p, layout, x, y, c);
}

void
text_box(struct pages *p, double x, double y, double width, double height, double radius, struct rgb c, double opacity)
{
	double r = fmin(radius, fmin(width, height) / 2);

	colour(p, c, opacity);
	cairo_new_path(p->cr);
	cairo_arc(p->cr, x + width - r, y + r, r, -M_PI / 2, 0);
	cairo_arc(p->cr, x + width - r, y + height - r, r, 0, M_PI / 2);
	cairo_arc(p->cr, x + r, y + height - r, r, M_PI / 2, M_PI);
	cairo_arc(p->cr, x + r, y + r, r, M_PI, 3 * M_PI / 2);
	cairo_close_path(p->cr);
	cairo_fill(p->cr);
}
