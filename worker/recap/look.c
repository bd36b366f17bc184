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
	double horizon = l->height * l->horizon;

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
	cairo_move_to(cr, 0, horizon);
	cairo_line_to(cr, l->width, horizon);
	cairo_stroke(cr);
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

#define WHITE { 1, 1, 1 }
#define AMBER { 1.0, 0.70, 0.28 }
#define SKY { 0.40, 0.75, 1.0 }
#define PINK { 1.0, 0.22, 0.68 }
#define CYAN { 0.16, 0.90, 1.0 }
#define GOLD { 1.0, 0.78, 0.25 }
#define CORAL { 1.0, 0.36, 0.45 }

static const struct look looks[] = {
	{ .name = "classic", .width = 1920, .height = 1080, .heading = "Noto Sans Display", .body = "Noto Sans", .ink = WHITE, .quiet = { 0.75, 0.80, 0.90 },
	  .accent = AMBER, .second = SKY, .ground = { 0.05, 0.10, 0.24 }, .shade = { 0.10, 0.22, 0.45 }, .sheet = WHITE, .card = 0.09, .passing = PASS_FADE,
	  .lights = { { SKY, 0.20, 0.22, 0.30, 0.62, 0.10, 26 }, { AMBER, 0.14, 0.84, 0.22, 0.52, 0.08, 34 } }, .paint = paint_classic },
	{ .name = "neon", .width = 1920, .height = 1080, .heading = "Noto Sans Display", .body = "Noto Sans", .ink = WHITE, .quiet = { 0.76, 0.74, 0.92 },
	  .accent = PINK, .second = CYAN, .ground = { 0.03, 0.01, 0.09 }, .shade = { 0.10, 0.02, 0.20 }, .sheet = WHITE, .card = 0.12, .glows = true,
	  .passing = PASS_SLIDE, .horizon = 0.80, .lights = { { CYAN, 0.16, 0.15, 0.25, 0.60, 0.12, 22 }, { PINK, 0.20, 0.80, 0.40, 0.60, 0.10, 30 } },
	  .paint = paint_neon },
	{ .name = "paper", .width = 1920, .height = 1080, .heading = "Noto Serif Display", .body = "Noto Serif", .ink = { 0.13, 0.11, 0.10 },
	  .quiet = { 0.36, 0.31, 0.27 }, .accent = { 0.72, 0.16, 0.12 }, .second = { 0.12, 0.36, 0.42 }, .ground = { 0.97, 0.945, 0.89 },
	  .shade = { 0.925, 0.885, 0.80 }, .sheet = WHITE, .card = 0.62, .passing = PASS_WIPE, .paint = paint_paper },
	{ .name = "vertical", .width = 1080, .height = 1920, .heading = "Noto Sans Display", .body = "Noto Sans", .ink = WHITE, .quiet = { 0.90, 0.84, 0.95 },
	  .accent = GOLD, .second = CORAL, .ground = { 0.24, 0.08, 0.42 }, .shade = { 0.52, 0.10, 0.36 }, .sheet = WHITE, .card = 0.12, .passing = PASS_RISE,
	  .lights = { { CORAL, 0.26, 0.80, 0.22, 0.75, 0.12, 24 }, { { 0.45, 0.30, 1.0 }, 0.26, 0.15, 0.72, 0.75, 0.12, 31 } }, .paint = paint_vertical },
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
