/* lib/csv.h - tables as text (RFC 4180), in and out. */
#ifndef ATELIER_CSV_H
#define ATELIER_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

/* One cell; the last ends the line. What a spreadsheet would take for a formula is marked as text ('). text may be NULL. */
void csv_cell(struct buf *b, const char *text, bool is_last);

/* The text of a cell that was marked so. */
const char *csv_unmarked(const char *text);

#define CSV_COLUMNS_MAX 64

/* Reads bytes, UTF-8 with or without a mark at the beginning, cells between commas (or semicolons or tabs, where the first line has no
 * comma); row is called for each line with its cells, on mem, and ends the
 * reading by returning false. NULL, or why it cannot be read, in words for people. */
const char *csv_read(void *mem, const char *bytes, size_t size, bool (*row)(void *arg, const char **cells, size_t count), void *arg);

#endif
