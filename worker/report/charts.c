/* worker/report/charts.c - the cover, the figures and the charts of a report as pages. */
#include <math.h>
#include <string.h>

#include "worker/report/page.h"

/* --- the cover: its picture is the report's own first chart --- */

static struct rgb
mixed(struct rgb a, struct rgb b, double share)
{
	return (struct rgb){ a.r + (b.r - a.r) * share, a.g + (b.g - a.g) * share, a.b + (b.b - a.b) * share };
}

static void
cover_skyline(struct pages *p, const struct summary_chart *c, double from, double until)
{
	double most = summary_most(c), slot = WIDTH / (double)c->count;

	for (size_t i = 0; i < c->count; i++) {
		double height = (until - from) * (0.06 + 0.94 * c->bars[i].value / most);

		text_box(p, slot * ((double)i + 0.12), until - height, slot * 0.76, height + 20, 6, WHITE, 0.07 + 0.08 * c->bars[i].value / most);
	}
}

static void
cover_rings(struct pages *p)
{
	cairo_set_source_rgba(p->cr, 1, 1, 1, 0.07);
	cairo_set_line_width(p->cr, 22);
	for (int i = 0; i < 6; i++) {
		cairo_arc(p->cr, WIDTH * 0.92, HEIGHT * 0.98, 90 + 62 * i, 0, 2 * M_PI);
		cairo_stroke(p->cr);
	}
}

static void
cover_ground(struct pages *p)
{
	const struct summary_chart *c = p->r->summary.chart_count > 0 ? &p->r->summary.charts[0] : NULL;
	const struct rgb dark = mixed(p->accent, (struct rgb){ 0.02, 0.03, 0.08 }, 0.72), light = mixed(p->accent, (struct rgb){ 0.02, 0.03, 0.08 }, 0.30);
	cairo_pattern_t *slope = cairo_pattern_create_linear(0, 0, WIDTH * 0.35, HEIGHT);

	cairo_pattern_add_color_stop_rgb(slope, 0, dark.r, dark.g, dark.b);
	cairo_pattern_add_color_stop_rgb(slope, 1, light.r, light.g, light.b);
	cairo_rectangle(p->cr, 0, 0, WIDTH, HEIGHT);
	cairo_set_source(p->cr, slope);
	cairo_fill(p->cr);
	cairo_pattern_destroy(slope);
	if (c != NULL && c->count > 2 && summary_most(c) > 0)
		cover_skyline(p, c, HEIGHT * 0.60, HEIGHT);
	else
		cover_rings(p);
}

/* The largest size at which it fits. */
static PangoLayout *
cover_title(struct pages *p)
{
	for (double size = 40;; size -= 2) {
		PangoLayout *layout = text_new(p, p->r->title, size, BOLD, INNER);

		pango_layout_set_line_spacing(layout, 0.98F);
		if (text_measure(layout) <= 230 || size <= 18)
			return layout;
		g_object_unref(layout);
	}
}

void
cover_draw(struct pages *p)
{
	struct report *r = p->r;
	double y = 232;

	cover_ground(p);
	text_box(p, MARGIN, 72, 14, 14, 3, WHITE, 1);
	text_line(p, r->site, 13, BOLD, WHITE, MARGIN + 24, 69, INNER - 24, PANGO_ALIGN_LEFT);
	text_line(p, report_word(r, r->kind), 12, BOLD, mixed(p->accent, WHITE, 0.62), MARGIN, y - 28, INNER, PANGO_ALIGN_LEFT);
	cairo_tag_begin(p->cr, "H1", NULL);
	y += text_draw(p, cover_title(p), MARGIN, y, WHITE) + 14;
	cairo_tag_end(p->cr, "H1");
	text_box(p, MARGIN, y, 56, 4, 2, mixed(p->accent, WHITE, 0.62), 1);
	text_line(p, r->period, 14, REGULAR, WHITE, MARGIN, y + 20, INNER, PANGO_ALIGN_LEFT);
	text_line(p, r->person, 12, BOLD, WHITE, MARGIN, HEIGHT - 92, INNER, PANGO_ALIGN_LEFT);
	text_line(p, r->made_at, 10, REGULAR, mixed(p->accent, WHITE, 0.80), MARGIN, HEIGHT - 72, INNER, PANGO_ALIGN_LEFT);
}

/* --- figures --- */

/* A number as large as its tile allows. */
static void
number_draw(struct pages *p, const char *number, double x, double y, double width)
{
	double size = 22;
	PangoLayout *layout = NULL;

	for (bool fits = false; !fits; size -= 1) {
		layout = text_new(p, number, size, BOLD, width);
		fits = pango_layout_get_line_count(layout) == 1 || size <= 8;
		if (!fits)
			g_object_unref(layout);
	}
	text_draw(p, layout, x, y + 30 - text_measure(layout), p->accent);
}

void
figures_draw(struct pages *p)
{
	const struct summary *s = &p->r->summary;
	size_t columns = s->figure_count <= 5 ? s->figure_count : s->figure_count == 6 ? 3 : 4;
	double gap = 10, height = 74, width;

	if (columns == 0)
		return;
	width = (INNER - gap * (double)(columns - 1)) / (double)columns;
	for (size_t i = 0; i < s->figure_count; i++) {
		double x = MARGIN + (double)(i % columns) * (width + gap), y = p->y + (double)(i / columns) * (height + gap);
		PangoLayout *label = text_new(p, report_word(p->r, s->figures[i].label), 8.5, REGULAR, width - 20);

		text_box(p, x, y, width, height, 6, p->pale, 1);
		number_draw(p, summary_number(p->mem, p->r->language, s->figures[i].value), x + 10, y + 8, width - 20);
		text_limit(label, 2);
		text_draw(p, label, x + 10, y + 43, SOFT);
	}
	p->y += ceil((double)s->figure_count / (double)columns) * (height + gap) + 14;
}

/* --- charts --- */

/* The least of 1, 2, 5, 10, … that is not below x. */
static double
round_step(double x)
{
	double unit = pow(10, floor(log10(fmax(x, 1))));

	for (int i = 0; i < 3; i++)
		if (x <= unit * (const double[]){ 1, 2, 5 }[i])
			return unit * (const double[]){ 1, 2, 5 }[i];
	return unit * 10;
}

/* Lines behind the columns, each with what it stands for. Returns the value of the highest. */
static double
grid_draw(struct pages *p, double most, double top, double height)
{
	double step = round_step(most / 4), highest = fmax(step, ceil(most / step) * step);

	for (double value = 0; value <= highest + step / 2; value += step) {
		double y = top + height * (1 - value / highest);

		text_box(p, MARGIN + 34, y, INNER - 34, 0.5, 0, value > 0 ? LINE : QUIET, 1);
		text_line(p, summary_number(p->mem, p->r->language, value), 7.5, REGULAR, QUIET, MARGIN, y - 5.5, 28, PANGO_ALIGN_RIGHT);
	}
	return highest;
}

static void
column_draw(struct pages *p, const struct summary_chart *c, size_t i, double x, double slot, double top, double height, double highest)
{
	double bar = height * c->bars[i].value / highest, width = fmin(slot * 0.66, 40);
	size_t every = (c->count + 12) / 13;
	const char *time = c->bars[i].label, *era = summary_era(p->mem, p->r->language, time);

	if (c->bars[i].value > 0) {
		text_box(p, x + (slot - width) / 2, top + height - bar, width, bar, 2, p->accent, 1);
		if (every == 1)
			text_line(p, summary_number(p->mem, p->r->language, c->bars[i].value), 7.5, BOLD, INK, x - 6, top + height - bar - 12, slot + 12, PANGO_ALIGN_CENTER);
	}
	if (i % every != 0)
		return;
	text_line(p, summary_time(p->mem, p->r->language, time), 8, REGULAR, SOFT, x - 6, top + height + 5, slot + 12, PANGO_ALIGN_CENTER);
	if (i == 0 || strcmp(era, summary_era(p->mem, p->r->language, c->bars[i - every].label)) != 0)
		text_line(p, era, 7.5, BOLD, QUIET, x - 14, top + height + 16, slot + 28, PANGO_ALIGN_CENTER);
}

/* What has an order of time: columns. */
static void
columns_draw(struct pages *p, const struct summary_chart *c)
{
	double top = p->y + 36, height = 130, slot = (INNER - 40) / (double)c->count, highest;

	text_at(p, report_word(p->r, c->title), 12, BOLD, INK, MARGIN, p->y, INNER);
	highest = grid_draw(p, summary_most(c), top, height);
	for (size_t i = 0; i < c->count; i++)
		column_draw(p, c, i, MARGIN + 37 + slot * (double)i, slot, top, height, highest);
	p->y = top + height + 48;
}

#define BARS_HEAD 24.0
#define BAR_ROW 22.0

/* The others: bars, each below its name, so that long ones have room. */
static void
bars_draw(struct pages *p, const struct summary_chart *c, double x, double width)
{
	double y = p->y + BARS_HEAD, most = fmax(summary_most(c), 1);

	text_line(p, report_word(p->r, c->title), 12, BOLD, INK, x, p->y, width, PANGO_ALIGN_LEFT);
	for (size_t i = 0; i < c->count; i++, y += BAR_ROW) {
		text_line(p, c->bars[i].label, 8.5, REGULAR, SOFT, x, y, width - 62, PANGO_ALIGN_LEFT);
		text_line(p, summary_number(p->mem, p->r->language, c->bars[i].value), 8.5, BOLD, INK, x + width - 58, y, 58, PANGO_ALIGN_RIGHT);
		text_box(p, x, y + 12.5, width, 5, 2.5, p->pale, 1);
		if (c->bars[i].value > 0)
			text_box(p, x, y + 12.5, fmax(width * c->bars[i].value / most, 5), 5, 2.5, p->accent, 1);
	}
}

static void
make_room(struct pages *p, double height)
{
	if (p->y + height <= BOTTOM || p->y <= MARGIN)
		return;
	page_end(p);
	page_begin(p);
}

/* In two columns, each where more room is left. */
static void
bars_place(struct pages *p, const struct summary_chart *c, double ends[2])
{
	double width = (INNER - 28) / 2, height = BARS_HEAD + (double)c->count * BAR_ROW;
	int column = ends[1] < ends[0];

	p->y = ends[column];
	if (p->y + height > BOTTOM && p->y > MARGIN) {
		page_end(p);
		page_begin(p);
		ends[0] = ends[1] = p->y;
		column = 0;
	}
	bars_draw(p, c, MARGIN + column * (width + 28), width);
	ends[column] += height + 20;
}

void
charts_draw(struct pages *p)
{
	const struct summary *s = &p->r->summary;
	size_t drawn = 0;
	double ends[2];

	for (size_t i = 0; i < s->chart_count; i++) {
		if (!s->charts[i].is_by_time || !summary_has_values(&s->charts[i]))
			continue;
		make_room(p, 210);
		columns_draw(p, &s->charts[i]);
		drawn++;
	}
	ends[0] = ends[1] = p->y;
	for (size_t i = 0; i < s->chart_count; i++) {
		if (s->charts[i].is_by_time || !summary_has_values(&s->charts[i]))
			continue;
		bars_place(p, &s->charts[i], ends);
		drawn++;
	}
	if (drawn == 0)
		text_at(p, report_word(p->r, "Nothing was found in this time."), 12, REGULAR, QUIET, MARGIN, p->y, INNER);
}
