/*
 * worker/report/page.h - what the files that write a report as pages share. pdf.c says what stands on which page, charts.c draws figures,
 * charts and the cover, table.c the rows; text.c lays text out, emoji.c puts letters in colours into it. Points, from the top left
 * of an A4 page.
 */
#ifndef ATELIER_REPORT_PAGE_H
#define ATELIER_REPORT_PAGE_H

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "lib/mem.h"
#include "worker/report/report.h"

#define WIDTH 595.28
#define HEIGHT 841.89
#define MARGIN 48.0
#define INNER (WIDTH - 2 * MARGIN)
#define BOTTOM (HEIGHT - 64)

struct rgb {
	double r, g, b;
};
extern const struct rgb INK, SOFT, QUIET, LINE, WHITE;

struct emoji;

struct pages {
	struct report *r;
	void *mem; /* of the page */
	cairo_surface_t *surface;
	cairo_t *cr;
	PangoContext *context; /* of texts */
	struct emoji *emoji;
	struct rgb accent, pale; /* pale: what lies under things */
	double y;
	int number;
	int outline;       /* that bookmarks of groups are below; 0: none */
	const char *group; /* whose table runs; NULL: none */
};

/* --- pdf.c --- */
void page_begin(struct pages *p);
void page_end(struct pages *p);
/* Returns its number, for those below it (CAIRO_PDF_OUTLINE_ROOT: below none). */
int page_bookmark(struct pages *p, int parent, const char *name);

/* --- text.c --- */
enum weight { REGULAR, BOLD };
PangoLayout *text_new(struct pages *p, const char *text, double size, enum weight weight, double width);
/* What has no room in so many lines ends in an ellipsis. */
void text_limit(PangoLayout *layout, int lines);
double text_measure(PangoLayout *layout);
/* Where it begins is where it stands, also of what is written from the right. */
void text_from_left(PangoLayout *layout);
/* At x, y; returns its height. Frees the layout. */
double text_draw(struct pages *p, PangoLayout *layout, double x, double y, struct rgb c);
double text_at(struct pages *p, const char *text, double size, enum weight weight, struct rgb c, double x, double y, double width);
/* The same in one line, at its end (ALIGN_RIGHT), its beginning or its middle. */
double text_line(struct pages *p, const char *text, double size, enum weight weight, struct rgb c, double x, double y, double width, PangoAlignment align);
void text_box(struct pages *p, double x, double y, double width, double height, double radius, struct rgb c, double opacity);

/* --- emoji.c --- */
struct emoji *emoji_open(void *mem, PangoContext *context);
/* Marks those of a layout, among its other attributes. */
void emoji_mark(struct emoji *e, PangoLayout *layout, PangoAttrList *attributes);

/* --- charts.c --- */
void cover_draw(struct pages *p);
void figures_draw(struct pages *p);
void charts_draw(struct pages *p);

/* --- table.c --- */
/* All rows. 0, or -1 when they cannot be read. */
int table_write(struct pages *p);

#endif
