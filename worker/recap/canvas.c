/* canvas.c - texts, boxes and pictures as layers. */
#include <math.h>

#include "worker/letters.h"
#include "worker/recap/internal.h"

#define BROKEN 0.6    /* of its size: smaller, words are broken, too */
#define SMALLEST 0.34 /* so small it may get before its end is left out */
#define EDGE 12       /* around letters, for what hangs over and for their glow */

static struct rgb
colour_of_voice(const struct look *l, enum voice voice)
{
	return voice == VOICE_QUIET ? l->quiet : voice == VOICE_ACCENT ? l->accent : l->ink;
}

static PangoLayout *
layout_new(struct stage *s, cairo_t *cr, const char *text, double width, double size, enum voice voice)
{
	PangoLayout *layout = pango_cairo_create_layout(cr);
	PangoAttrList *attributes = letters_attributes();
	PangoFontDescription *font = pango_font_description_new();

	letters_choose(font, voice == VOICE_HEADING ? s->look->heading : s->look->body, text);
	pango_font_description_set_absolute_size(font, size * s->unit * PANGO_SCALE);
	pango_font_description_set_weight(font, voice == VOICE_HEADING || voice == VOICE_ACCENT ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	pango_layout_set_text(layout, text, -1);
	return layout;
}

static double
height_of(PangoLayout *layout)
{
	int height;

	pango_layout_get_size(layout, NULL, &height);
	return (double)height / PANGO_SCALE;
}

/* Does a line begin inside a word? */
static bool
breaks_a_word(PangoLayout *layout)
{
	const PangoLogAttr *attrs;
	int count, lines = pango_layout_get_line_count(layout);
	const char *text = pango_layout_get_text(layout);

	attrs = pango_layout_get_log_attrs_readonly(layout, &count);
	for (int i = 1; i < lines; i++) {
		long at = g_utf8_pointer_to_offset(text, text + pango_layout_get_line_readonly(layout, i)->start_index);

		if (at < count && !attrs[at].is_line_break)
			return true;
	}
	return false;
}

/* At the largest size that fits; what would not even at the smallest ends with an ellipsis. */
static PangoLayout *
layout_fitting(struct stage *s, cairo_t *cr, const char *text, double width, double height, double size, enum voice voice)
{
	for (double share = 1;; share *= 0.92) {
		PangoLayout *layout = layout_new(s, cr, text, width, size * share, voice);
		bool is_last = share < SMALLEST;

		if (is_last || (height_of(layout) <= height && (share < BROKEN || !breaks_a_word(layout)))) {
			if (is_last && height_of(layout) > height) {
				pango_layout_set_height(layout, (int)(height * PANGO_SCALE));
				pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
			}
			return layout;
		}
		g_object_unref(layout);
	}
}

static cairo_t *
measuring(void)
{
	cairo_surface_t *none = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 1, 1);
	cairo_t *cr = cairo_create(none);

	cairo_surface_destroy(none);
	return cr;
}

double
text_height(struct stage *s, const char *text, double width, double height, double size, enum voice voice)
{
	cairo_t *cr = measuring();
	PangoLayout *layout = layout_fitting(s, cr, text, width, height, size, voice);
	double taken = height_of(layout);

	g_object_unref(layout);
	cairo_destroy(cr);
	return taken;
}

static void
glow(cairo_t *cr, PangoLayout *layout, struct rgb c, double unit)
{
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	for (int i = 3; i > 0; i--) {
		pango_cairo_layout_path(cr, layout);
		cairo_set_source_rgba(cr, c.r, c.g, c.b, 0.16);
		cairo_set_line_width(cr, i * 6 * unit);
		cairo_stroke(cr);
	}
}

double
stage_text(struct stage *s, const char *text, struct box box, double size, enum voice voice, enum align align, double at)
{
	cairo_t *cr = measuring();
	PangoLayout *layout;
	cairo_surface_t *drawing;
	struct rgb c = colour_of_voice(s->look, voice);
	double height;

	if (text == NULL || *text == '\0') {
		cairo_destroy(cr);
		return 0;
	}
	layout = layout_fitting(s, cr, text, box.width, box.height, size, voice);
	cairo_destroy(cr);
	height = height_of(layout);
	drawing = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)ceil(box.width) + 2 * EDGE, (int)ceil(height) + 2 * EDGE);
	cr = cairo_create(drawing);
	cairo_translate(cr, EDGE, EDGE);
	pango_layout_set_alignment(layout, align == ALIGN_CENTRE ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT);
	pango_cairo_update_layout(cr, layout);
	if (s->look->glows && voice == VOICE_HEADING)
		glow(cr, layout, s->look->second, s->unit);
	cairo_set_source_rgb(cr, c.r, c.g, c.b);
	pango_cairo_show_layout(cr, layout);
	g_object_unref(layout);
	cairo_destroy(cr);
	stage_add(s, drawing, box.x - EDGE, box.y - EDGE, at, ARRIVE_RISE);
	return height;
}

static void
round_box(cairo_t *cr, double width, double height, double radius)
{
	cairo_new_path(cr);
	cairo_arc(cr, width - radius, radius, radius, -M_PI / 2, 0);
	cairo_arc(cr, width - radius, height - radius, radius, 0, M_PI / 2);
	cairo_arc(cr, radius, height - radius, radius, M_PI / 2, M_PI);
	cairo_arc(cr, radius, radius, radius, M_PI, 3 * M_PI / 2);
	cairo_close_path(cr);
}

void
stage_rect(struct stage *s, struct box box, double radius, struct rgb colour, double opacity, double at, enum arrival arrival)
{
	cairo_surface_t *drawing = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, ((int)ceil(box.width) + 1) & ~1, ((int)ceil(box.height) + 1) & ~1);
	cairo_t *cr = cairo_create(drawing);

	round_box(cr, box.width, box.height, fmin(radius, fmin(box.width, box.height) / 2));
	cairo_set_source_rgba(cr, colour.r, colour.g, colour.b, opacity);
	cairo_fill(cr);
	cairo_destroy(cr);
	stage_add(s, drawing, box.x, box.y, at, arrival);
}

/* A decoded picture as cairo has them. */
static cairo_surface_t *
surface_of(const AVFrame *f, int width, int height)
{
	cairo_surface_t *drawing = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
	struct SwsContext *sws = sws_getContext(f->width, f->height, f->format, width, height, AV_PIX_FMT_BGRA, SWS_AREA, NULL, NULL, NULL);
	uint8_t *data[4] = { cairo_image_surface_get_data(drawing) };
	int stride[4] = { cairo_image_surface_get_stride(drawing) };

	if (sws != NULL)
		sws_scale(sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, data, stride);
	sws_freeContext(sws);
	cairo_surface_mark_dirty(drawing);
	return drawing;
}

bool
stage_picture(struct stage *s, const char *path, struct box box, double at)
{
	AUTO(frame) AVFrame *f = av_frame_alloc();
	struct media_failure failure;
	cairo_surface_t *picture, *drawing;
	cairo_t *cr;
	double scale;
	int width, height;

	if (f == NULL || picture_read(path, f, &failure) != MEDIA_OK)
		return false;
	scale = fmin(box.width / f->width, box.height / f->height);
	width = FFMAX(2, (int)(f->width * scale) & ~1);
	height = FFMAX(2, (int)(f->height * scale) & ~1);
	picture = surface_of(f, width, height);
	drawing = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
	cr = cairo_create(drawing);
	round_box(cr, width, height, 18 * s->unit);
	cairo_clip(cr);
	cairo_set_source_surface(cr, picture, 0, 0);
	cairo_paint(cr);
	cairo_destroy(cr);
	cairo_surface_destroy(picture);
	stage_add(s, drawing, box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, at, ARRIVE_RISE);
	return true;
}
