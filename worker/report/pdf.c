/* worker/report/pdf.c - a report as pages: cover, figures and charts, tables. What stands on which page; see page.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "worker/report/page.h"

/* --- pages --- */

static void
footer(struct pages *p)
{
	text_box(p, MARGIN, HEIGHT - 48, INNER, 0.5, 0, LINE, 1);
	text_line(p, p->r->title, 7.5, REGULAR, QUIET, MARGIN, HEIGHT - 41, INNER - 130, PANGO_ALIGN_LEFT);
	text_line(p, mem_printf(p->mem, "%s %d", report_word(p->r, "Page"), p->number), 7.5, BOLD, QUIET, MARGIN + INNER - 120, HEIGHT - 41, 120, PANGO_ALIGN_RIGHT);
}

void
page_begin(struct pages *p)
{
	p->number++;
	p->y = MARGIN;
	p->mem = talloc_new(p->r->mem);
	cairo_tag_begin(p->cr, "Sect", NULL); /* links need a structure to be in */
}

void
page_end(struct pages *p)
{
	if (p->number > 1)
		footer(p);
	cairo_tag_end(p->cr, "Sect");
	cairo_show_page(p->cr);
	talloc_free(p->mem);
	p->mem = NULL;
}

int
page_bookmark(struct pages *p, int parent, const char *name)
{
	return cairo_pdf_surface_add_outline(p->surface, parent, name, mem_printf(p->mem, "page=%d pos=[%d %d]", p->number, (int)MARGIN, (int)p->y - 10), 0);
}

static void
heading(struct pages *p, const char *text)
{
	cairo_tag_begin(p->cr, "H1", NULL);
	p->y += text_at(p, text, 22, BOLD, INK, MARGIN, p->y, INNER) + 16;
	cairo_tag_end(p->cr, "H1");
}

/* --- the document --- */

static void
cover(struct pages *p)
{
	page_begin(p);
	page_bookmark(p, CAIRO_PDF_OUTLINE_ROOT, p->r->title);
	cover_draw(p);
	page_end(p);
}

static void
overview(struct pages *p)
{
	page_begin(p);
	page_bookmark(p, CAIRO_PDF_OUTLINE_ROOT, report_word(p->r, "Summary"));
	heading(p, report_word(p->r, "Summary"));
	figures_draw(p);
	charts_draw(p);
	page_end(p);
}

static int
details(struct pages *p)
{
	int rc;

	page_begin(p);
	p->outline = page_bookmark(p, CAIRO_PDF_OUTLINE_ROOT, report_word(p->r, "Details"));
	heading(p, report_word(p->r, "Details"));
	rc = table_write(p);
	page_end(p);
	return rc;
}

/* --- the community's colour --- */

static double
linear(double c)
{
	return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* Dark enough to be read on white (4.5 to 1, as WCAG has it). */
static struct rgb
accent_of(const char *colour)
{
	struct rgb c = { 0.11, 0.31, 0.85 };

	if (colour != NULL && strlen(colour) == 7 && colour[0] == '#') {
		unsigned long v = strtoul(colour + 1, NULL, 16);

		c = (struct rgb){ (double)(v >> 16 & 255) / 255, (double)(v >> 8 & 255) / 255, (double)(v & 255) / 255 };
	}
	while (0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b) > 0.17)
		c = (struct rgb){ c.r * 0.95, c.g * 0.95, c.b * 0.95 };
	return c;
}

static void
pages_open(struct pages *p, struct report *r, const char *path)
{
	*p = (struct pages){ .r = r, .accent = accent_of(r->colour) };
	p->pale = (struct rgb){ 1 - (1 - p->accent.r) * 0.08, 1 - (1 - p->accent.g) * 0.08, 1 - (1 - p->accent.b) * 0.08 };
	p->surface = cairo_pdf_surface_create(path, WIDTH, HEIGHT);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, r->title);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_AUTHOR, r->person);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_SUBJECT, r->period);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATOR, "Atelier");
	p->cr = cairo_create(p->surface);
	p->context = pango_cairo_create_context(p->cr);
	p->emoji = emoji_open(r->mem, p->context);
}

static int
pages_close(struct pages *p)
{
	int rc = cairo_status(p->cr) == CAIRO_STATUS_SUCCESS ? 0 : -1;

	talloc_free(p->emoji);
	g_object_unref(p->context);
	cairo_destroy(p->cr);
	cairo_surface_finish(p->surface);
	if (cairo_surface_status(p->surface) != CAIRO_STATUS_SUCCESS)
		rc = -1;
	cairo_surface_destroy(p->surface);
	return rc;
}

int
report_write_pdf(struct report *r, const char *path)
{
	struct pages p;
	int rc;

	pages_open(&p, r, path);
	cover(&p);
	overview(&p);
	rc = details(&p);
	if (pages_close(&p) != 0)
		rc = -1;
	return rc == 0 ? report_complete_pdf(r, path) : rc;
}
