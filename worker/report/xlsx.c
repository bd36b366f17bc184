/* worker/report/xlsx.c - a report as a workbook: a sheet with figures and charts, a sheet with typed rows. In constant-memory mode a
 * row is on the disk when the next one begins. */
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "lib/mem.h"
#include "worker/report/report.h"

#define CELL_BYTES_MAX 32000 /* a cell takes 32,767 characters */
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

/* Figures, then the numbers of each chart with the chart beside them. */
static void
write_summary(struct report *r, lxw_workbook *book, lxw_worksheet *sheet, const struct formats *f)
{
	const char *name = report_word(r, "Summary");
	lxw_row_t row = 0;

	worksheet_set_column(sheet, 0, 0, 34, NULL);
	worksheet_set_column(sheet, 1, 1, 14, NULL);
	worksheet_write_string(sheet, row++, 0, r->title, f->title);
	worksheet_write_string(sheet, row++, 0, r->period, NULL);
	row++;
	for (size_t i = 0; i < r->summary.figure_count; i++, row++) {
		worksheet_write_string(sheet, row, 0, report_word(r, r->summary.figures[i].label), NULL);
		worksheet_write_number(sheet, row, 1, r->summary.figures[i].value, f->number);
	}
	for (size_t c = 0; c < r->summary.chart_count; c++) {
		const struct summary_chart *chart = &r->summary.charts[c];
		lxw_row_t first = ++row + 1;
		lxw_chart *drawn;
		lxw_chart_series *series;

		if (chart->count == 0)
			continue;
		worksheet_write_string(sheet, row++, 0, report_word(r, chart->title), f->head);
		for (size_t i = 0; i < chart->count; i++, row++) {
			worksheet_write_string(sheet, row, 0, chart->bars[i].label, NULL);
			worksheet_write_number(sheet, row, 1, chart->bars[i].value, f->number);
		}
		drawn = workbook_add_chart(book, c == 0 ? LXW_CHART_COLUMN : LXW_CHART_BAR);
		series = chart_add_series(drawn, NULL, NULL);
		chart_series_set_categories(series, name, first, 0, row - 1, 0);
		chart_series_set_values(series, name, first, 1, row - 1, 1);
		chart_title_set_name(drawn, report_word(r, chart->title));
		chart_legend_set_position(drawn, LXW_CHART_LEGEND_NONE);
		worksheet_insert_chart(sheet, (lxw_row_t)(3 + 16 * c), 3, drawn);
	}
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
	return rc < 0 ? -1 : 0;
}

int
report_write_xlsx(struct report *r, const char *path)
{
	lxw_workbook_options options = { .constant_memory = LXW_TRUE };
	lxw_workbook *book = workbook_new_opt(path, &options);
	lxw_doc_properties about = { .title = (char *)r->title, .author = (char *)r->person, .company = (char *)r->site };
	struct formats f;
	lxw_worksheet *summary, *details;
	int rc;

	if (book == NULL)
		return -1;
	workbook_set_properties(book, &about);
	make_formats(book, &f);
	summary = workbook_add_worksheet(book, report_word(r, "Summary"));
	details = workbook_add_worksheet(book, report_word(r, "Details"));
	if (summary == NULL || details == NULL) {
		workbook_close(book);
		return -1;
	}
	write_summary(r, book, summary, &f);
	rc = write_rows(r, details, &f);
	return workbook_close(book) == LXW_NO_ERROR ? rc : -1;
}
