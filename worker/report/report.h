/*
 * worker/report/report.h - a report as data, and what it can be written as. A sort of report (worker/job_document.c) names three queries and
 * the columns of its rows; everything else is the same for all. Rows come as they are read from the database: none is kept, so
 * that memory is the same for ten rows and a hundred thousand.
 */
#ifndef ATELIER_WORKER_REPORT_H
#define ATELIER_WORKER_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/summary.h"

#define REPORT_COLUMNS 6

enum cell_kind { CELL_TEXT, CELL_NUMBER, CELL_DATE, CELL_LINK, CELL_CODE }; /* CELL_CODE: a text; words stand there when a row is given */

struct report_column {
	const char *title; /* English, translated when it is written */
	enum cell_kind kind;
	double share; /* of the page's width; all of them are 1 */
};

struct report_row {
	const char *group;
	const char *cells[REPORT_COLUMNS]; /* NULL: empty */
};

struct report {
	void *mem;
	const char *title, *kind, *site, *person, *language, *period, *made_at;
	const char *colour; /* the community's, "#1a2b3c"; NULL: it has none */
	struct summary summary;
	const struct report_column *columns; /* REPORT_COLUMNS */
	const char *group_title; /* of a table for programs: its headings are not translated. NULL: of one for people */
	/* The next row, which stays until the one after it: 1, 0 at the end, -1 when it cannot be read. */
	int (*next)(struct report *report, struct report_row *row);
	void *rows; /* of next() */
};

/* A word of ours in the report's language. */
const char *report_word(const struct report *r, const char *word);

/* Write to path. 0, or -1. */
int report_write_csv(struct report *r, const char *path);
int report_write_xlsx(struct report *r, const char *path);
int report_write_pdf(struct report *r, const char *path);

/* Adds to a document of ours what says its language (catalog.c). 0, or -1. */
int report_complete_pdf(const struct report *r, const char *path);

#endif
