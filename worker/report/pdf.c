/* worker/report/pdf.c - a report as pages: cover, figures and charts, tables by group whose headings stand on each page again. Pango
 * lays every text out, in any script; cairo embeds the letters that are used. Points, from the top left of an A4 page. */
#include <cairo-pdf.h>
#include <math.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <string.h>

#include "lib/mem.h"
#include "worker/report/report.h"

#define WIDTH 595.28
#define HEIGHT 841.89
#define MARGIN 48.0
#define INNER (WIDTH - 2 * MARGIN)
#define BOTTOM (HEIGHT - 60)
#define PAD 5.0
#define CELL_LINES 10
#define FONT "Noto Sans" /* what it lacks, fontconfig finds elsewhere; naming the emoji font here would take its digits */

struct rgb {
	double r, g, b;
};
static const struct rgb INK = { 0.10, 0.10, 0.12 }, QUIET = { 0.36, 0.36, 0.40 }, ACCENT = { 0.11, 0.31, 0.85 }, PALE = { 0.93, 0.95, 1.0 },
		       LINE = { 0.84, 0.84, 0.86 };

struct pages {
	struct report *r;
	cairo_surface_t *surface;
	cairo_t *cr;
	double y;
	int number;
	const char *group; /* whose table runs; NULL: none */
};

/* Letters in colours are pictures, of which cairo 1.16 writes a page's list wrong: those in outlines are taken, where there are some. */
static void
without_colour_fonts(void)
{
	static const char rule[] = "<?xml version=\"1.0\"?><fontconfig><selectfont><rejectfont><pattern><patelt name=\"color\">"
				   "<bool>true</bool></patelt></pattern></rejectfont></selectfont></fontconfig>";
	FcConfig *config = FcInitLoadConfig();

	if (config != NULL && FcConfigParseAndLoadFromMemory(config, (const FcChar8 *)rule, FcTrue) && FcConfigBuildFonts(config))
		FcConfigSetCurrent(config);
	if (config != NULL)
		FcConfigDestroy(config);
}

/* --- text --- */

static PangoLayout *
layout_new(struct pages *p, const char *text, double size, bool is_bold, double width)
{
	PangoLayout *layout = pango_cairo_create_layout(p->cr);
	PangoFontDescription *font = pango_font_description_from_string(FONT);

	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_font_description_set_weight(font, is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_text(layout, text != NULL ? text : "", -1);
	return layout;
}

static double
layout_height(PangoLayout *layout)
{
	int height;

	pango_layout_get_size(layout, NULL, &height);
	return (double)height / PANGO_SCALE;
}

static void
colour(struct pages *p, struct rgb c)
{
	cairo_set_source_rgb(p->cr, c.r, c.g, c.b);
}

/* At x, y; returns its height. Frees the layout. */
static double
draw(struct pages *p, PangoLayout *layout, double x, double y, struct rgb c)
{
	double height = layout_height(layout);

	colour(p, c);
	cairo_move_to(p->cr, x, y);
	pango_cairo_show_layout(p->cr, layout);
	g_object_unref(layout);
	return height;
}

static double
text_at(struct pages *p, const char *text, double size, bool is_bold, struct rgb c, double x, double y, double width)
{
	return draw(p, layout_new(p, text, size, is_bold, width), x, y, c);
}

static void
box(struct pages *p, double x, double y, double width, double height, struct rgb c)
{
	colour(p, c);
	cairo_rectangle(p->cr, x, y, width, height);
	cairo_fill(p->cr);
}

/* --- pages --- */

static void
footer(struct pages *p)
{
	PangoLayout *number = layout_new(p, mem_printf(p->r->mem, "%s %d", report_word(p->r, "Page"), p->number), 8, false, 100),
		    *title = layout_new(p, p->r->title, 8, false, INNER - 120);

	pango_layout_set_alignment(number, PANGO_ALIGN_RIGHT);
	pango_layout_set_height(title, -1);
	pango_layout_set_ellipsize(title, PANGO_ELLIPSIZE_END);
	box(p, MARGIN, HEIGHT - 46, INNER, 0.5, LINE);
	draw(p, title, MARGIN, HEIGHT - 40, QUIET);
	draw(p, number, MARGIN + INNER - 100, HEIGHT - 40, QUIET);
}

static void
page_end(struct pages *p)
{
	if (p->number > 1)
		footer(p);
	cairo_tag_end(p->cr, "Sect");
	cairo_show_page(p->cr);
}

static void
page_begin(struct pages *p)
{
	p->number++;
	p->y = MARGIN;
	cairo_tag_begin(p->cr, "Sect", NULL); /* links need a structure to be in */
}

static void
bookmark(struct pages *p, const char *name)
{
	cairo_pdf_surface_add_outline(p->surface, CAIRO_PDF_OUTLINE_ROOT, name,
	    mem_printf(p->r->mem, "page=%d pos=[%d %d]", p->number, (int)MARGIN, (int)p->y), 0);
}

static void
cover(struct pages *p)
{
	struct report *r = p->r;
	double y = 250;

	page_begin(p);
	bookmark(p, r->title);
	box(p, 0, 0, WIDTH, 190, ACCENT);
	text_at(p, r->site, 14, true, (struct rgb){ 1, 1, 1 }, MARGIN, 80, INNER);
	y += text_at(p, r->title, 30, true, INK, MARGIN, y, INNER) + 14;
	y += text_at(p, r->period, 14, false, QUIET, MARGIN, y, INNER) + 40;
	y += text_at(p, r->person, 13, true, INK, MARGIN, y, INNER) + 4;
	text_at(p, r->made_at, 11, false, QUIET, MARGIN, y, INNER);
	page_end(p);
}

/* --- figures and charts --- */

static void
tiles(struct pages *p)
{
	struct report *r = p->r;
	double width = (INNER - 2 * 12) / 3;

	for (size_t i = 0; i < r->summary.figure_count; i++) {
		double x = MARGIN + (double)(i % 3) * (width + 12), y = p->y + (double)(i / 3) * 76;
		PangoLayout *label = layout_new(p, report_word(r, r->summary.figures[i].label), 10, false, width - 24);

		pango_layout_set_height(label, -1);
		pango_layout_set_ellipsize(label, PANGO_ELLIPSIZE_END);
		box(p, x, y, width, 64, PALE);
		text_at(p, summary_number(r->mem, r->language, r->summary.figures[i].value), 20, true, ACCENT, x + 12, y + 9, width - 24);
		draw(p, label, x + 12, y + 40, QUIET);
	}
	p->y += ceil((double)r->summary.figure_count / 3) * 76 + 10;
}

static void
chart(struct pages *p, const struct summary_chart *c)
{
	double most = 1, label_width = 150, row = 17, height = 30 + (double)c->count * row;

	if (c->count == 0)
		return;
	if (p->y + height > BOTTOM) {
		page_end(p);
		page_begin(p);
	}
	for (size_t i = 0; i < c->count; i++)
		most = fmax(most, c->bars[i].value);
	text_at(p, report_word(p->r, c->title), 13, true, INK, MARGIN, p->y, INNER);
	p->y += 24;
	for (size_t i = 0; i < c->count; i++, p->y += row) {
		double width = (INNER - label_width - 70) * c->bars[i].value / most;
		PangoLayout *label = layout_new(p, c->bars[i].label, 9, false, label_width - 10);

		pango_layout_set_height(label, -1);
		pango_layout_set_ellipsize(label, PANGO_ELLIPSIZE_END);
		pango_layout_set_alignment(label, PANGO_ALIGN_RIGHT);
		pango_layout_set_auto_dir(label, FALSE);
		draw(p, label, MARGIN, p->y, QUIET);
		box(p, MARGIN + label_width, p->y + 1.5, fmax(width, 0.5), row - 6, ACCENT);
		text_at(p, summary_number(p->r->mem, p->r->language, c->bars[i].value), 9, false, INK, MARGIN + label_width + width + 6, p->y, 64);
	}
	p->y += 18;
}

static void
overview(struct pages *p)
{
	page_begin(p);
	bookmark(p, report_word(p->r, "Summary"));
	p->y += text_at(p, report_word(p->r, "Summary"), 20, true, INK, MARGIN, p->y, INNER) + 14;
	tiles(p);
	for (size_t i = 0; i < p->r->summary.chart_count; i++)
		chart(p, &p->r->summary.charts[i]);
	page_end(p);
}

/* --- tables --- */

static double
column_width(const struct pages *p, size_t i)
{
	return INNER * p->r->columns[i].share;
}

static void
table_head(struct pages *p)
{
	double x = MARGIN, height = 0;
	PangoLayout *cells[REPORT_COLUMNS];

	for (size_t i = 0; i < REPORT_COLUMNS; i++) {
		cells[i] = layout_new(p, report_word(p->r, p->r->columns[i].title), 8.5, true, column_width(p, i) - 2 * PAD);
		height = fmax(height, layout_height(cells[i]));
	}
	box(p, MARGIN, p->y, INNER, height + 2 * PAD, PALE);
	for (size_t i = 0; i < REPORT_COLUMNS; i++) {
		if (p->r->columns[i].kind == CELL_NUMBER)
			pango_layout_set_alignment(cells[i], PANGO_ALIGN_RIGHT);
		draw(p, cells[i], x + PAD, p->y + PAD, INK);
		x += column_width(p, i);
	}
	p->y += height + 2 * PAD;
}

/* A group's heading and the table's, on a new page when no row would fit below. */
static void
group_begin(struct pages *p, const char *group, bool goes_on)
{
	const char *name = goes_on ? mem_printf(p->r->mem, "%s …", group) : group;
	PangoLayout *heading = layout_new(p, name, 13, true, INNER);

	pango_layout_set_height(heading, -2);
	pango_layout_set_ellipsize(heading, PANGO_ELLIPSIZE_END);
	if (p->y > MARGIN)
		p->y += 16;
	if (!goes_on)
		bookmark(p, group);
	p->y += draw(p, heading, MARGIN, p->y, INK) + 6;
	table_head(p);
}

static void
page_break(struct pages *p)
{
	page_end(p);
	page_begin(p);
	if (p->group != NULL)
		group_begin(p, p->group, true);
}

static bool
is_address(const char *text)
{
	return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static void
row_draw(struct pages *p, const struct report_row *row, PangoLayout *cells[REPORT_COLUMNS], double height)
{
	double x = MARGIN;

	for (size_t i = 0; i < REPORT_COLUMNS; i++) {
		const char *text = row->cells[i];
		bool is_link = text != NULL && p->r->columns[i].kind == CELL_LINK && is_address(text) && strpbrk(text, "'\\") == NULL;

		if (is_link)
			cairo_tag_begin(p->cr, CAIRO_TAG_LINK, mem_printf(p->r->mem, "uri='%s'", text));
		draw(p, cells[i], x + PAD, p->y + PAD, is_link ? ACCENT : INK);
		if (is_link)
			cairo_tag_end(p->cr, CAIRO_TAG_LINK);
		x += column_width(p, i);
	}
	box(p, MARGIN, p->y + height, INNER, 0.5, LINE);
	p->y += height;
}

static void
row_write(struct pages *p, const struct report_row *row)
{
	PangoLayout *cells[REPORT_COLUMNS];
	double height = 0;

	for (size_t i = 0; i < REPORT_COLUMNS; i++) {
		cells[i] = layout_new(p, row->cells[i], 8.5, false, column_width(p, i) - 2 * PAD);
		pango_layout_set_height(cells[i], -CELL_LINES);
		pango_layout_set_ellipsize(cells[i], PANGO_ELLIPSIZE_END);
		if (p->r->columns[i].kind == CELL_NUMBER)
			pango_layout_set_alignment(cells[i], PANGO_ALIGN_RIGHT);
		height = fmax(height, layout_height(cells[i]));
	}
	height += 2 * PAD;
	if (p->group == NULL || strcmp(p->group, row->group) != 0) {
		bool is_low = p->y + height + 80 > BOTTOM;

		p->group = NULL;
		if (is_low)
			page_break(p);
		p->group = mem_strdup(p->r->mem, row->group);
		group_begin(p, p->group, false);
	} else if (p->y + height > BOTTOM) {
		page_break(p);
	}
	row_draw(p, row, cells, height);
}

static int
details(struct pages *p)
{
	struct report_row row;
	bool is_empty = true;
	int rc;

	page_begin(p);
	while ((rc = p->r->next(p->r, &row)) > 0) {
		is_empty = false;
		row_write(p, &row);
	}
	if (is_empty)
		text_at(p, report_word(p->r, "Nothing was found in this time."), 12, false, QUIET, MARGIN, p->y, INNER);
	page_end(p);
	return rc;
}

int
report_write_pdf(struct report *r, const char *path)
{
	struct pages p = { .r = r };
	int rc;

	without_colour_fonts();
	p.surface = cairo_pdf_surface_create(path, WIDTH, HEIGHT);
	cairo_pdf_surface_set_metadata(p.surface, CAIRO_PDF_METADATA_TITLE, r->title);
	cairo_pdf_surface_set_metadata(p.surface, CAIRO_PDF_METADATA_AUTHOR, r->person);
	cairo_pdf_surface_set_metadata(p.surface, CAIRO_PDF_METADATA_SUBJECT, r->period);
	cairo_pdf_surface_set_metadata(p.surface, CAIRO_PDF_METADATA_CREATOR, "Atelier");
	p.cr = cairo_create(p.surface);
	cover(&p);
	overview(&p);
	rc = details(&p);
	if (cairo_status(p.cr) != CAIRO_STATUS_SUCCESS)
		rc = -1;
	cairo_destroy(p.cr);
	cairo_surface_finish(p.surface);
	if (cairo_surface_status(p.surface) != CAIRO_STATUS_SUCCESS)
		rc = -1;
	cairo_surface_destroy(p.surface);
	return rc == 0 ? report_complete_pdf(r, path) : rc;
}
