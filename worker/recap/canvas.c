/* canvas.c - texts, boxes and pictures as layers. */
#include <math.h>

#include "worker/letters.h"
#include "worker/recap/internal.h"

#define BROKEN 0.6    /* of its size: smaller, words are broken, too */
#define SMALLEST 0.34 /* so small it may get before its end is left out */
#define GHOSTLY 0.07  /* how much is seen of letters behind everything */
#define EDGE 12       /* around letters, for what hangs over and for their glow */

static struct rgb
colour_of_voice(const struct look *l, enum voice voice)
{
	switch (voice) {
	case VOICE_QUIET:
		return l->quiet;
	case VOICE_ACCENT:
		return l->accent;
	case VOICE_GROUND:
		return l->ground;
	case VOICE_HEADING:
	case VOICE_BODY:
	case VOICE_GHOST:
		break;
	}
	return l->ink;
}

static PangoLayout *
layout_new(struct stage *s, cairo_t *cr, const char *text, double width, double size, enum voice voice)
{
	PangoLayout *layout = pango_cairo_create_layout(cr);
	PangoAttrList *attributes = letters_attributes();
	PangoFontDescription *font = pango_font_description_new();

	letters_choose(font, voice == VOICE_HEADING || voice == VOICE_GHOST ? s->look->heading : s->look->body, text);
	pango_font_description_set_absolute_size(font, size * s->unit * PANGO_SCALE);
	pango_font_description_set_weight(font, voice == VOICE_BODY || voice == VOICE_QUIET ? PANGO_WEIGHT_NORMAL : PANGO_WEIGHT_BOLD);
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

/* At the largest size that fits, which is told; what would not even at the smallest ends with an ellipsis. */
static PangoLayout *
layout_fitting(struct stage *s, cairo_t *cr, const char *text, double width, double height, double *size, enum voice voice)
{
	for (double share = 1;; share *= 0.92) {
		PangoLayout *layout = layout_new(s, cr, text, width, *size * share, voice);
		bool is_last = share < SMALLEST;

		if (is_last || (height_of(layout) <= height && (share < BROKEN || !breaks_a_word(layout)))) {
			if (is_last && height_of(layout) > height) {
				pango_layout_set_height(layout, (int)(height * PANGO_SCALE));
				pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
			}
			*size *= share;
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
	PangoLayout *layout = layout_fitting(s, cr, text, width, height, &size, voice);
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

/* Frees the layout. */
static struct layer *
put_layout(struct stage *s, PangoLayout *layout, struct box box, enum voice voice, enum align align, double at, enum arrival arrival)
{
	struct rgb c = colour_of_voice(s->look, voice);
	cairo_surface_t *drawing = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)ceil(box.width) + 2 * EDGE, (int)ceil(height_of(layout)) + 2 * EDGE);
	cairo_t *cr = cairo_create(drawing);

	cairo_translate(cr, EDGE, EDGE);
	pango_layout_set_alignment(layout, align == ALIGN_CENTRE ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT);
	pango_cairo_update_layout(cr, layout);
	if (s->look->glows && voice == VOICE_HEADING)
		glow(cr, layout, s->look->second, s->unit);
	cairo_set_source_rgba(cr, c.r, c.g, c.b, voice == VOICE_GHOST ? GHOSTLY : 1);
	pango_cairo_show_layout(cr, layout);
	g_object_unref(layout);
	cairo_destroy(cr);
	return stage_add(s, drawing, box.x - EDGE, box.y - EDGE, at, arrival);
}

double
stage_text(struct stage *s, const char *text, struct box box, double size, enum voice voice, enum align align, double at)
{
	PangoLayout *layout;
	cairo_t *cr;
	double height;

	if (text == NULL || *text == '\0')
		return 0;
	cr = measuring();
	layout = layout_fitting(s, cr, text, box.width, box.height, &size, voice);
	height = height_of(layout);
	put_layout(s, layout, box, voice, align, at, voice == VOICE_GHOST ? ARRIVE_FADE : ARRIVE_RISE);
	cairo_destroy(cr);
	return height;
}

#define STEPS 14
#define COUNTING 0.9 /* seconds */

void
stage_number(struct stage *s, double n, struct box box, double size, enum voice voice, enum align align, double at)
{
	cairo_t *cr = measuring();
	struct layer *before = NULL;
	double told = -1;

	g_object_unref(layout_fitting(s, cr, summary_number(s->mem, s->recap->language, n), box.width, box.height, &size, voice));
	for (int i = 1; i <= STEPS; i++) {
		double done = (double)i / STEPS, value = i == STEPS ? n : round(n * (1 - pow(1 - done, 2.5))), when = at + COUNTING * (i - 1) / STEPS;
		PangoLayout *layout;

		if (value == told)
			continue;
		told = value;
		layout = layout_new(s, cr, summary_number(s->mem, s->recap->language, value), box.width, size, voice);
		if (before != NULL)
			before->until = when;
		before = put_layout(s, layout, box, voice, align, when, ARRIVE_AT_ONCE);
	}
	cairo_destroy(cr);
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

void
stage_tile(struct stage *s, struct box box, const char *word, double at)
{
	double side = fmin(box.width, box.height), pad = side * 0.08, size = 120, height;
	cairo_surface_t *drawing = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)side & ~1, (int)side & ~1);
	cairo_t *cr = cairo_create(drawing);
	unsigned hash = g_str_hash(word);
	double turn = hash % 16 / 16.0 * 2 * M_PI;
	cairo_pattern_t *p = cairo_pattern_create_linear(side / 2 * (1 + cos(turn)), side / 2 * (1 + sin(turn)), side / 2 * (1 - cos(turn)), side / 2 * (1 - sin(turn)));
	const struct rgb a = s->look->accent, b = s->look->second;

	box = (struct box){ box.x + (box.width - side) / 2, box.y + (box.height - side) / 2, side, side };
	cairo_pattern_add_color_stop_rgb(p, 0, a.r, a.g, a.b);
	cairo_pattern_add_color_stop_rgb(p, 1, b.r, b.g, b.b);
	round_box(cr, side, side, side * 0.09);
	cairo_clip(cr);
	cairo_set_source(cr, p);
	cairo_paint(cr);
	cairo_pattern_destroy(p);
	cairo_set_source_rgba(cr, 1, 1, 1, 0.14);
	cairo_set_line_width(cr, side * 0.05);
	for (int i = 0; i < 4; i++) {
		cairo_arc(cr, side * (hash >> 4 & 1), side * (hash >> 5 & 1), side * (0.22 + 0.17 * i), 0, 2 * M_PI);
		cairo_stroke(cr);
	}
	cairo_destroy(cr);
	stage_add(s, drawing, box.x, box.y, at, ARRIVE_RISE);
	height = text_height(s, word, side - 2 * pad, side - 2 * pad, size, VOICE_GROUND);
	stage_text(s, word, (struct box){ box.x + pad, box.y + (side - height) / 2, side - 2 * pad, side - 2 * pad }, size, VOICE_GROUND, ALIGN_CENTRE, at + 0.15);
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
