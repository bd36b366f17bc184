/* lib/csv.c - libcsv behind lib/csv.h. */
#include "lib/csv.h"

#include <csv.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/utf8.h"

/* Or one that is marked as none, or that mark itself marked: so that what goes out comes in again as it was. */
static bool
is_formula(const char *text)
{
	text += strspn(text, "'");
	return *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
}

void
csv_cell(struct buf *b, const char *text, bool is_last)
{
	buf_add_char(b, '"');
	if (text != NULL && is_formula(text))
		buf_add_char(b, '\'');
	for (const char *p = text; p != NULL && *p != '\0'; p++) {
		if (*p == '"')
			buf_add_char(b, '"');
		buf_add_char(b, *p);
	}
	buf_add_str(b, is_last ? "\"\r\n" : "\",");
}

const char *
csv_unmarked(const char *text)
{
	return text[0] == '\'' && is_formula(text) ? text + 1 : text;
}

struct reader {
	void *mem;
	bool (*row)(void *arg, const char **cells, size_t count);
	void *arg;
	const char *cells[CSV_COLUMNS_MAX];
	size_t count;
	bool is_done, is_wide;
};

static void
on_cell(void *text, size_t length, void *arg)
{
	struct reader *r = arg;

	if (r->count == CSV_COLUMNS_MAX)
		r->is_wide = true;
	else
		r->cells[r->count++] = mem_strndup(r->mem, text != NULL ? text : "", length);
}

static void
on_line(int end, void *arg)
{
	struct reader *r = arg;

	(void)end;
	if (!r->is_done && !r->is_wide && !r->row(r->arg, r->cells, r->count))
		r->is_done = true;
	r->count = 0;
}

/* Spreadsheets write what their country has: the one of these that is in the first line. */
static unsigned char
delimiter(const char *bytes, size_t size)
{
	const char *end = memchr(bytes, '\n', size);
	size_t line = end != NULL ? (size_t)(end - bytes) : size;

	if (memchr(bytes, ',', line) != NULL)
		return ',';
	return memchr(bytes, ';', line) != NULL ? ';' : memchr(bytes, '\t', line) != NULL ? '\t' : ',';
}

const char *
csv_read(void *mem, const char *bytes, size_t size, bool (*row)(void *arg, const char **cells, size_t count), void *arg)
{
	struct reader r = { .mem = mem, .row = row, .arg = arg };
	struct csv_parser parser;
	const char *problem = NULL;

	if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		size -= 3;
	}
	if (size >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
		return "The table is UTF-16 text: save it as CSV in UTF-8.";
	if (!utf8_is_valid(bytes, size) || memchr(bytes, 0, size) != NULL)
		return "The table is not UTF-8 text.";
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return "The table cannot be read.";
	csv_set_delim(&parser, delimiter(bytes, size));
	if (csv_parse(&parser, bytes, size, on_cell, on_line, &r) != size || csv_fini(&parser, on_cell, on_line, &r) != 0)
		problem = "The table has a quotation mark in a wrong place.";
	if (r.is_wide)
		problem = "The table has too many columns.";
	csv_free(&parser);
	return problem;
}
