/* worker/report/table.c - rows as tables by group, whose headings stand on each page again. */
#include <math.h>
#include <string.h>

#include "worker/report/page.h"

#define PAD 5.0
#define SIZE 8.5
#define CELL_LINES 10

struct table {
	struct pages *pages;
	bool is_open;  /* its tag */
	bool is_begun; /* a group stands on these pages already */
	void *row_mem; /* of one row */
};

static double
column_width(const struct pages *p, size_t i)
{
	return INNER * p->r->columns[i].share;
}

static void
table_end(struct table *t)
{
	if (t->is_open)
		cairo_tag_end(t->pages->cr, "Table");
	t->is_open = false;
}

static void
table_head(struct table *t)
{
	struct pages *p = t->pages;
	double x = MARGIN, height = 0;
	PangoLayout *cells[REPORT_COLUMNS];

	cairo_tag_begin(p->cr, "Table", NULL);
	cairo_tag_begin(p->cr, "TR", NULL);
	t->is_open = true;
	for (size_t i = 0; i < REPORT_COLUMNS; i++) {
		cells[i] = text_new(p, report_word(p->r, p->r->columns[i].title), SIZE, BOLD, column_width(p, i) - 2 * PAD);
		height = fmax(height, text_measure(cells[i]));
	}
	text_box(p, MARGIN, p->y, INNER, height + 2 * PAD, 3, p->pale, 1);
	for (size_t i = 0; i < REPORT_COLUMNS; i++) {
		cairo_tag_begin(p->cr, "TH", NULL);
		if (p->r->columns[i].kind == CELL_NUMBER)
			pango_layout_set_alignment(cells[i], PANGO_ALIGN_RIGHT);
		text_draw(p, cells[i], x + PAD, p->y + PAD, p->accent);
		x += column_width(p, i);
		cairo_tag_end(p->cr, "TH");
	}
	cairo_tag_end(p->cr, "TR");
	p->y += height + 2 * PAD;
}

/* A month by its name; others are what they are. */
static const char *
group_name(const struct pages *p, const char *group)
{
	return summary_is_month(group) ? summary_month(p->mem, p->r->language, group) : group;
}

static void
group_begin(struct table *t, bool goes_on)
{
	struct pages *p = t->pages;
	const char *name = group_name(p, p->group);
	PangoLayout *heading = text_new(p, goes_on ? mem_printf(p->mem, "%s (%s)", name, report_word(p->r, "continued")) : name, goes_on ? 10 : 15, BOLD, INNER);

	text_limit(heading, 2);
	text_from_left(heading);
	if (t->is_begun && p->y > MARGIN)
		p->y += 22;
	t->is_begun = true;
	if (!goes_on)
		page_bookmark(p, p->outline, name);
	cairo_tag_begin(p->cr, "H2", NULL);
	p->y += text_draw(p, heading, MARGIN, p->y, goes_on ? QUIET : INK) + 8;
	cairo_tag_end(p->cr, "H2");
	table_head(t);
}

static void
page_break(struct table *t)
{
	table_end(t);
	page_end(t->pages);
	page_begin(t->pages);
	if (t->pages->group != NULL)
		group_begin(t, true);
}

/* Where a link leads, as an attribute of a tag; NULL: nowhere. */
static const char *
link_of(const struct table *t, const struct report_column *column, const char *text)
{
	if (text == NULL || column->kind != CELL_LINK || (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0) || strpbrk(text, "'\\") != NULL)
		return NULL;
	return mem_printf(t->row_mem, "uri='%s'", text);
}

/* An address without its beginning, which all have, and as people would write it. */
static const char *
shown(const struct table *t, const struct report_column *column, const char *text)
{
	const char *rest = text != NULL && column->kind == CELL_LINK ? strstr(text, "://") : NULL;
	char *plain;

	if (rest == NULL)
		return text;
	rest += 3;
	plain = g_uri_unescape_string(rest, NULL);
	if (plain != NULL && g_utf8_validate(plain, -1, NULL))
		rest = mem_strdup(t->row_mem, plain);
	g_free(plain);
	return rest;
}

static void
row_draw(struct table *t, const struct report_row *row, PangoLayout *cells[REPORT_COLUMNS], double height)
{
	struct pages *p = t->pages;
	double x = MARGIN;

	cairo_tag_begin(p->cr, "TR", NULL);
	for (size_t i = 0; i < REPORT_COLUMNS; i++) {
		const char *link = link_of(t, &p->r->columns[i], row->cells[i]);

		cairo_tag_begin(p->cr, "TD", NULL);
		if (link != NULL)
			cairo_tag_begin(p->cr, CAIRO_TAG_LINK, link);
		text_draw(p, cells[i], x + PAD, p->y + PAD, link != NULL ? p->accent : i == 0 ? INK : SOFT);
		if (link != NULL)
			cairo_tag_end(p->cr, CAIRO_TAG_LINK);
		cairo_tag_end(p->cr, "TD");
		x += column_width(p, i);
	}
	cairo_tag_end(p->cr, "TR");
	text_box(p, MARGIN, p->y + height, INNER, 0.5, 0, LINE, 1);
	p->y += height;
}

static void
row_write(struct table *t, const struct report_row *row)
{
	struct pages *p = t->pages;
	PangoLayout *cells[REPORT_COLUMNS];
	double height = 0;

	for (size_t i = 0; i < REPORT_COLUMNS; i++) {
		cells[i] = text_new(p, shown(t, &p->r->columns[i], row->cells[i]), SIZE, i == 0 ? BOLD : REGULAR, column_width(p, i) - 2 * PAD);
		text_limit(cells[i], p->r->columns[i].kind == CELL_LINK ? 2 : CELL_LINES);
		if (p->r->columns[i].kind == CELL_NUMBER)
			pango_layout_set_alignment(cells[i], PANGO_ALIGN_RIGHT);
		height = fmax(height, text_measure(cells[i]));
	}
	height += 2 * PAD;
	if (p->group == NULL || strcmp(p->group, row->group) != 0) {
		bool is_low = p->y + height + 110 > BOTTOM;

		table_end(t);
		talloc_free((void *)p->group);
		p->group = NULL;
		if (is_low)
			page_break(t);
		p->group = mem_strdup(t, row->group);
		group_begin(t, false);
	} else if (p->y + height > BOTTOM) {
		page_break(t);
	}
	row_draw(t, row, cells, height);
}

int
table_write(struct pages *p)
{
	struct table *t = mem_new(p->r->mem, struct table);
	struct report_row row;
	bool is_empty = true;
	int rc;

	t->pages = p;
	t->row_mem = talloc_new(t);
	while ((rc = p->r->next(p->r, &row)) > 0) {
		is_empty = false;
		row_write(t, &row);
		talloc_free_children(t->row_mem);
	}
	if (is_empty)
		text_at(p, report_word(p->r, "Nothing was found in this time."), 12, REGULAR, QUIET, MARGIN, p->y, INNER);
	table_end(t);
	p->group = NULL;
	talloc_free(t);
	return rc;
}
