/* worker/report/csv.c - a report as a table in text: its rows, each with its group. */
#include <stdio.h>

#include "lib/csv.h"
#include "lib/mem.h"
#include "worker/report/report.h"

#define PIECE 65536

static bool
flush(struct buf *b, FILE *f)
{
	bool is_written = fwrite(b->data, 1, b->length, f) == b->length;

	b->length = 0;
	return is_written;
}

static const char *
heading(const struct report *r, const char *title)
{
	return r->group_title != NULL ? title : report_word(r, title);
}

int
report_write_csv(struct report *r, const char *path)
{
	FILE *f = fopen(path, "we");
	struct report_row row;
	struct buf b;
	int rc = f != NULL ? 1 : -1;

	buf_init(&b, r->mem, PIECE + 4096);
	csv_cell(&b, r->group_title != NULL ? r->group_title : report_word(r, "Group"), false);
	for (size_t i = 0; i < REPORT_COLUMNS; i++)
		csv_cell(&b, heading(r, r->columns[i].title), i + 1 == REPORT_COLUMNS);
	while (rc > 0 && (rc = r->next(r, &row)) > 0) {
		csv_cell(&b, row.group, false);
		for (size_t i = 0; i < REPORT_COLUMNS; i++)
			csv_cell(&b, row.cells[i], i + 1 == REPORT_COLUMNS);
		if (b.length > PIECE && !flush(&b, f))
			rc = -1;
	}
	if (rc == 0 && !flush(&b, f))
		rc = -1;
	if (f != NULL && fclose(f) != 0)
		rc = -1;
	return rc;
}
