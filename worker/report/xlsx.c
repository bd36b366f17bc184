/* worker/report/xlsx.c - a report as a workbook: a sheet with figures, one with charts and their numbers, one with typed rows. In
 * constant-memory mode a row is on the disk when the next one begins. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "lib/mem.h"
#include "worker/report/report.h"

#define CELL_BYTES_MAX 32000 /* a cell takes 32,767 characters */
#define NOTHING "Nothing was found in this time."
#define CHART_ROWS 17       /* that a chart covers */
#define LINKS_MAX 5000 /* rows whose addresses can be clicked: each is kept in memory to the end */

struct formats {
	lxw_format *title, *head, *number, *date, *link;
};

static lxw_datetime
date_of(const char *text)
{
	lxw_datetime d = { 0 };

	d.year = (int)strtol(text, NULL, 10);
	d.month = strlen(text) > 6 ? (int)strtol(text + 5, NULL, 10) : 1;
	d.day = strlen(text) > 9 ? (int)strtol(text + 8, NULL, 10) : 1;
	return d;
}

static void
make_formats(lxw_workbook *book, struct formats *f)
{
	f->title = workbook_add_format(book);
	format_set_bold(f->title);
	format_set_font_size(f->title, 16);
	f->head = workbook_add_format(book);
	format_set_bold(f->head);
	format_set_bottom(f->head, LXW_BORDER_THIN);
	f->number = workbook_add_format(book);
	format_set_num_format(f->number, "#,##0");
	f->date = workbook_add_format(book);
	format_set_num_format(f->date, "yyyy-mm-dd");
	f->link = workbook_get_default_url_format(book);
}

static void
write_summary(struct report *r, lxw_worksheet *sheet, const struct formats *f)
{
	lxw_row_t row = 0;

	worksheet_set_column(sheet, 0, 0, 34, NULL);
	worksheet_set_column(sheet, 1, 1, 24, NULL);
	worksheet_write_string(sheet, row++, 0, r->title, f->title);
	worksheet_write_string(sheet, row++, 0, r->period, NULL);
	worksheet_write_string(sheet, row++, 0, mem_printf(r->mem, "%s, %s", r->person, r->site), NULL);
	row++;
	for (size_t i = 0; i < r->summary.figure_count; i++, row++) {
		worksheet_write_string(sheet, row, 0, report_word(r, r->summary.figures[i].label), NULL);
		if (isnan(r->summary.figures[i].value))
			worksheet_write_string(sheet, row, 1, report_word(r, "unknown"), NULL);
		else
			worksheet_write_number(sheet, row, 1, r->summary.figures[i].value, f->number);
	}
}

/* Its numbers are in the rows from first to last. */
static void
draw_chart(struct report *r, const struct summary_chart *c, lxw_workbook *book, lxw_worksheet *sheet, const char *sheet_name, lxw_row_t first, lxw_row_t last)
{
	lxw_chart *chart = workbook_add_chart(book, c->is_by_time ? LXW_CHART_COLUMN : LXW_CHART_BAR);
	lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
	lxw_chart_fill fill = { .color = 0x1d4ed8 };
	lxw_chart_line faint = { .color = 0xdfe1e6, .width = 0.5 };
	lxw_chart_options size = { .x_scale = 1.3 };

	chart_series_set_categories(series, sheet_name, first, 0, last, 0);
	chart_series_set_values(series, sheet_name, first, 1, last, 1);
	chart_series_set_fill(series, &fill);
	chart_set_series_gap(chart, 60);
	chart_title_set_name(chart, report_word(r, c->title));
	chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
	chart_axis_major_gridlines_set_line(c->is_by_time ? chart->y_axis : chart->x_axis, &faint);
	if (!c->is_by_time)
		chart_axis_set_reverse(chart->y_axis); /* the greatest on top, as in the rows */
	worksheet_insert_chart_opt(sheet, first - 1, 3, chart, &size);
}

static void
write_charts(struct report *r, lxw_workbook *book, lxw_worksheet *sheet, const char *name, const struct formats *f)
{
	lxw_row_t row = 0;

	worksheet_set_column(sheet, 0, 0, 34, NULL);
	worksheet_set_column(sheet, 1, 1, 14, NULL);
	for (size_t n = 0; n < r->summary.chart_count; n++) {
		const struct summary_chart *c = &r->summary.charts[n];
		lxw_row_t first = row + 1;

		if (!summary_has_values(c))
			continue;
		worksheet_write_string(sheet, row++, 0, report_word(r, c->title), f->head);
		for (size_t i = 0; i < c->count; i++, row++) {
			const char *label = c->bars[i].label;

			worksheet_write_string(sheet, row, 0, summary_is_month(label) ? summary_month(r->mem, r->language, label) : label, NULL);
			worksheet_write_number(sheet, row, 1, c->bars[i].value, f->number);
		}
		draw_chart(r, c, book, sheet, name, first, row - 1);
		row = (row > first + CHART_ROWS ? row : first + CHART_ROWS) + 1;
	}
	if (row == 0)
		worksheet_write_string(sheet, 0, 0, report_word(r, NOTHING), NULL);
}

static void
write_cell(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t col, enum cell_kind kind, const char *text, const struct formats *f, char *cut)
{
	lxw_datetime d;
	char *end;
	double n;

	if (text == NULL || *text == '\0')
		return;
	if (strlen(text) > CELL_BYTES_MAX) {
		size_t length = CELL_BYTES_MAX;

		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
		memcpy(cut, text, length);
		cut[length] = '\0';
		text = cut;
	}
	n = strtod(text, &end);
	if (kind == CELL_NUMBER && *end == '\0') {
		worksheet_write_number(sheet, row, col, n, f->number);
	} else if (kind == CELL_DATE) {
		d = date_of(text);
		worksheet_write_datetime(sheet, row, col, &d, f->date);
	} else if (kind == CELL_LINK && row <= LINKS_MAX && (strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0)) {
		worksheet_write_url(sheet, row, col, text, f->link);
	} else {
		worksheet_write_string(sheet, row, col, text, NULL);
	}
}

static int
write_rows(struct report *r, lxw_worksheet *sheet, const struct formats *f)
{
	char *cut = mem_size(r->mem, CELL_BYTES_MAX + 1);
	struct report_row row;
	lxw_row_t n = 0;
	int rc;

	worksheet_set_column(sheet, 0, 0, 16, NULL);
	worksheet_write_string(sheet, 0, 0, report_word(r, "Group"), f->head);
	for (size_t i = 0; i < REPORT_COLUMNS; i++) {
		worksheet_set_column(sheet, (lxw_col_t)(i + 1), (lxw_col_t)(i + 1), 10 + 100 * r->columns[i].share, NULL);
		worksheet_write_string(sheet, 0, (lxw_col_t)(i + 1), report_word(r, r->columns[i].title), f->head);
	}
	worksheet_freeze_panes(sheet, 1, 0);
	while ((rc = r->next(r, &row)) > 0 && n < LXW_ROW_MAX - 2) {
		n++;
		write_cell(sheet, n, 0, CELL_TEXT, row.group, f, cut);
		for (size_t i = 0; i < REPORT_COLUMNS; i++)
			write_cell(sheet, n, (lxw_col_t)(i + 1), r->columns[i].kind, row.cells[i], f, cut);
	}
	if (n > 0)
		worksheet_autofilter(sheet, 0, 0, n, REPORT_COLUMNS);
	else if (rc == 0)
		worksheet_write_string(sheet, 1, 0, report_word(r, NOTHING), NULL);
	return rc < 0 ? -1 : 0;
}

int
report_write_xlsx(struct report *r, const char *path)
{
	lxw_workbook_options options = { .constant_memory = LXW_TRUE };
	lxw_workbook *book = workbook_new_opt(path, &options);
	lxw_doc_properties about = { .title = (char *)r->title, .author = (char *)r->person, .company = (char *)r->site };
	struct formats f;
	lxw_worksheet *summary, *charts, *details;
	int rc;

	if (book == NULL)
		return -1;
	workbook_set_properties(book, &about);
	make_formats(book, &f);
	summary = workbook_add_worksheet(book, report_word(r, "Summary"));
	charts = workbook_add_worksheet(book, report_word(r, "Charts"));
	details = workbook_add_worksheet(book, report_word(r, "Details"));
	if (summary == NULL || charts == NULL || details == NULL) {
		workbook_close(book);
		return -1;
	}
	write_summary(r, summary, &f);
	write_charts(r, book, charts, report_word(r, "Charts"), &f);
	rc = write_rows(r, details, &f);
	return workbook_close(book) == LXW_NO_ERROR ? rc : -1;
}
