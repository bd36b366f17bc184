/* look.c - the styles. To add one: a line in looks, a function that paints its ground. */
#include <math.h>
#include <string.h>

#include "worker/recap/internal.h"

static void
source(cairo_t *cr, struct rgb c, double opacity)
{
	cairo_set_source_rgba(cr, c.r, c.g, c.b, opacity);
}

static void
slope(cairo_t *cr, const struct look *l, struct rgb from, struct rgb to)
{
	cairo_pattern_t *p = cairo_pattern_create_linear(0, 0, l->width, l->height);

	cairo_pattern_add_color_stop_rgb(p, 0, from.r, from.g, from.b);
	cairo_pattern_add_color_stop_rgb(p, 1, to.r, to.g, to.b);
	cairo_set_source(cr, p);
	cairo_paint(cr);
	cairo_pattern_destroy(p);
}

static void
spot(cairo_t *cr, double x, double y, double radius, struct rgb c, double opacity)
{
	cairo_pattern_t *p = cairo_pattern_create_radial(x, y, 0, x, y, radius);

	cairo_pattern_add_color_stop_rgba(p, 0, c.r, c.g, c.b, opacity);
	cairo_pattern_add_color_stop_rgba(p, 1, c.r, c.g, c.b, 0);
	cairo_set_source(cr, p);
	cairo_paint(cr);
	cairo_pattern_destroy(p);
}

static void
paint_classic(cairo_t *cr, const struct look *l)
{
	slope(cr, l, l->ground, l->shade);
	spot(cr, l->width * 0.9, 0, l->width * 0.55, l->accent, 0.16);
	source(cr, l->ink, 0.035);
	for (int i = 0; i < 5; i++) {
		cairo_arc(cr, l->width * 0.93, l->height * 1.02, l->height * (0.25 + 0.14 * i), 0, 2 * M_PI);
		cairo_set_line_width(cr, 26);
		cairo_stroke(cr);
	}
}

static void
paint_neon(cairo_t *cr, const struct look *l)
{
	double horizon = l->height * 0.74;

	slope(cr, l, l->ground, l->shade);
	spot(cr, l->width * 0.5, horizon, l->width * 0.6, l->accent, 0.20);
	spot(cr, l->width * 0.08, 0, l->width * 0.45, l->second, 0.16);
	cairo_set_line_width(cr, 2);
	source(cr, l->accent, 0.30);
	for (int i = -16; i <= 16; i++) {
		cairo_move_to(cr, l->width * 0.5 + i * 36, horizon);
		cairo_line_to(cr, l->width * 0.5 + i * 260, l->height);
		cairo_stroke(cr);
	}
	for (int i = 0; i < 9; i++) {
		double y = horizon + (l->height - horizon) * pow(i / 8.0, 2);

		cairo_move_to(cr, 0, y);
		cairo_line_to(cr, l->width, y);
		cairo_stroke(cr);
	}
}

static void
paint_paper(cairo_t *cr, const struct look *l)
{
	uint32_t seed = 1;

	slope(cr, l, l->ground, l->shade);
	cairo_set_line_width(cr, 1.2);
	for (int i = 0; i < 1400; i++) { /* fibres */
		double x, y, a;

		seed = seed * 1664525 + 1013904223;
		x = (seed >> 8) % (unsigned)l->width;
		seed = seed * 1664525 + 1013904223;
		y = (seed >> 8) % (unsigned)l->height;
		a = (seed >> 4) % 628 / 100.0;
		source(cr, l->ink, 0.045);
		cairo_move_to(cr, x, y);
		cairo_line_to(cr, x + 22 * cos(a), y + 22 * sin(a));
		cairo_stroke(cr);
	}
	source(cr, l->accent, 0.75);
	cairo_rectangle(cr, 0, 0, 22, l->height);
	cairo_fill(cr);
}

static void
paint_vertical(cairo_t *cr, const struct look *l)
{
	slope(cr, l, l->ground, l->shade);
	spot(cr, l->width, l->height * 0.2, l->width, l->second, 0.40);
	spot(cr, 0, l->height * 0.9, l->width * 0.9, l->accent, 0.25);
}

static const struct look looks[] = {
	{ "classic", 1920, 1080, "Noto Sans Display", "Noto Sans", { 1, 1, 1 }, { 0.75, 0.80, 0.90 }, { 1.0, 0.70, 0.28 }, { 0.40, 0.75, 1.0 },
	  { 0.05, 0.10, 0.24 }, { 0.10, 0.22, 0.45 }, 0.09, false, PASS_FADE, paint_classic },
	{ "neon", 1920, 1080, "Noto Sans Display", "Noto Sans", { 1, 1, 1 }, { 0.76, 0.74, 0.92 }, { 1.0, 0.22, 0.68 }, { 0.16, 0.90, 1.0 },
	  { 0.03, 0.01, 0.09 }, { 0.10, 0.02, 0.20 }, 0.12, true, PASS_SLIDE, paint_neon },
	{ "paper", 1920, 1080, "Noto Serif Display", "Noto Serif", { 0.13, 0.11, 0.10 }, { 0.36, 0.31, 0.27 }, { 0.72, 0.16, 0.12 }, { 0.12, 0.36, 0.42 },
	  { 0.97, 0.945, 0.89 }, { 0.925, 0.885, 0.80 }, 0.07, false, PASS_WIPE, paint_paper },
	{ "vertical", 1080, 1920, "Noto Sans Display", "Noto Sans", { 1, 1, 1 }, { 0.90, 0.84, 0.95 }, { 1.0, 0.78, 0.25 }, { 1.0, 0.36, 0.45 },
	  { 0.24, 0.08, 0.42 }, { 0.52, 0.10, 0.36 }, 0.12, false, PASS_RISE, paint_vertical },
};

const char *const recap_styles[] = { "classic", "neon", "paper", "vertical", NULL };

const struct look *
look_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (name != NULL && strcmp(looks[i].name, name) == 0)
			return &looks[i];
	return &looks[0];
}
