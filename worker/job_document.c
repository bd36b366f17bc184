/*
 * worker/job_document.c - a report that somebody asked for; payload {"item":ID}. The file has its name when it is whole, and the row says
 * so in the transaction that ends the job: whatever is killed, there is one file or none.
 *
 * To add a sort of report: its three queries in db/queries/content.sql, its columns and a line in `sorts` here, its words in
 * worker/report/words.def, its name in handlers/content.c.
 */
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "db/cursor.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/uniques.h"
#include "lib/wait.h"
#include "lib/xslt.h"
#include "worker/content.h"
#include "worker/report/report.h"

#define CALL_MS 120000
#define REDIS_MS 5000

/* --- sorts of reports --- */

static const struct report_column poc_columns[REPORT_COLUMNS] = {
	{ "Name", CELL_TEXT, 0.25 }, { "Language", CELL_TEXT, 0.12 }, { "Tags", CELL_TEXT, 0.16 }, { "Frameworks", CELL_TEXT, 0.14 },
	{ "Repository", CELL_LINK, 0.20 }, { "Date", CELL_DATE, 0.13 },
};

static const struct report_column video_columns[REPORT_COLUMNS] = {
	{ "Title", CELL_TEXT, 0.37 }, { "Views", CELL_NUMBER, 0.11 }, { "Minutes watched", CELL_NUMBER, 0.14 }, { "Likes", CELL_NUMBER, 0.11 },
	{ "Comments", CELL_NUMBER, 0.14 }, { "Date", CELL_DATE, 0.13 },
};

static const struct report_column moderation_columns[REPORT_COLUMNS] = {
	{ "Decision", CELL_CODE, 0.20 }, { "Reason", CELL_TEXT, 0.22 }, { "About", CELL_CODE, 0.13 }, { "By", CELL_TEXT, 0.18 },
	{ "Reversed", CELL_TEXT, 0.14 }, { "Date", CELL_DATE, 0.13 },
};

/* Those of GET /pocs/export, behind the name. */
static const struct report_column table_columns[REPORT_COLUMNS] = {
	{ "description", CELL_TEXT, 0 }, { "repositoryUrl", CELL_TEXT, 0 }, { "language", CELL_TEXT, 0 }, { "tags", CELL_TEXT, 0 },
	{ "frameworks", CELL_TEXT, 0 }, { "isPublic", CELL_TEXT, 0 },
};

static const struct sort {
	const char *name, *title;
	enum query_id figures, charts, rows;
	enum query_id viewed; /* videos and days whose viewers are counted; Q_NONE: none */
	bool is_of_person; /* its queries ask whose, with which tags and in which groups */
	const struct report_column *columns;
	const char *group_title; /* a table for programs alone: rows, but no groups, figures and charts */
} sorts[] = {
	{ "pocs", "Projects", Q_REPORT_POCS_FIGURES, Q_REPORT_POCS_CHARTS, Q_REPORT_POCS_ROWS, Q_NONE, true, poc_columns, NULL },
	{ "pocs-table", "Projects", Q_NONE, Q_NONE, Q_POC_TABLE_ROWS, Q_NONE, true, table_columns, "name" },
	{ "videos", "Video analytics", Q_REPORT_VIDEOS_FIGURES, Q_REPORT_VIDEOS_CHARTS, Q_REPORT_VIDEOS_ROWS, Q_REPORT_VIDEOS_VIEWED, true, video_columns,
	    NULL },
	{ "moderation", "Moderation", Q_REPORT_MODERATION_FIGURES, Q_REPORT_MODERATION_CHARTS, Q_REPORT_MODERATION_ROWS, Q_NONE, false,
	    moderation_columns, NULL },
};

static const struct format {
	const char *name, *ending, *mime;
	int (*write)(struct report *r, const char *path);
} formats[] = {
	{ "PDF", "pdf", "application/pdf", report_write_pdf },
	{ "EXCEL", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", report_write_xlsx },
	{ "CSV", "csv", "text/csv", report_write_csv },
};

/* What is made, told from prepare() to run() and settle(). */
struct making {
	struct content content;
	const struct sort *sort;
	const struct format *format;
};

const char *
report_word(const struct report *r, const char *word)
{
	return xslt_word(r->language, word);
}

/* --- rows, a thousand at a time --- */

#define PAGE_ROWS 1000

struct reading {
	struct job *job;
	struct db_session *db;
	struct db_cursor *cursor;
	struct db_result *page;
	int at, done;
};

static int
open_rows(struct job *job, struct db_session *db, const struct making *m, struct reading *in)
{
	struct param params[CONTENT_PARAMS_MAX];
	int n = content_bind(&m->content, job, m->sort->is_of_person, params);

	if (m->sort->is_of_person && m->sort->group_title == NULL)
		params[n++] = text_param(content_option(&m->content, "groupBy"));
	*in = (struct reading){ .job = job, .db = db };
	return db_cursor_open_params(db, &in->cursor, PAGE_ROWS, m->sort->rows, params, n);
}

static bool
read_page(struct reading *in)
{
	in->at = 0;
	in->db->deadline_ms = now_ms() + CALL_MS;
	if (db_cursor_next(in->cursor, &in->page) != 0)
		return false;
	job_report_progress(in->job, 20 + (in->done / PAGE_ROWS < 75 ? in->done / PAGE_ROWS : 75));
	return true;
}

static int
next_row(struct report *r, struct report_row *row)
{
	static const char *const names[REPORT_COLUMNS] = { "c1", "c2", "c3", "c4", "c5", "c6" };
	struct reading *in = r->rows;

	if ((in->page == NULL || in->at == db_rows(in->page)) && !read_page(in))
		return -1;
	if (in->at == db_rows(in->page))
		return 0;
	row->group = db_text(in->page, in->at, "_group");
	for (size_t i = 0; i < REPORT_COLUMNS; i++) {
		row->cells[i] = db_text(in->page, in->at, names[i]);
		if (r->columns[i].kind == CELL_CODE && row->cells[i] != NULL)
			row->cells[i] = summary_code(in->page, r->language, row->cells[i]);
	}
	in->at++;
	in->done++;
	return 1;
}

/* --- viewers --- */

/* Adds all videos and days to the sum. Are its sketches all still there? */
static int
add_viewed(struct job *job, struct db_session *db, struct db_cursor *viewed, struct uniques *sum, bool *is_known)
{
	struct db_result *page;
	int err;

	while ((err = db_cursor_next(viewed, &page)) == 0 && db_rows(page) > 0) {
		for (int i = 0; i < db_rows(page); i++) {
			*is_known &= !db_bool(page, i, "is_gone");
			if (*is_known)
				uniques_add(sum, db_text(page, i, "video"), db_text(page, i, "day"), now_ms() + REDIS_MS);
		}
		db->deadline_ms = now_ms() + CALL_MS;
		job_report_progress(job, 10);
	}
	return err;
}

/* How many different people watched; unknown without Redis. */
static int
count_viewers(struct job *job, struct db_session *db, enum query_id q, struct param params[CONTENT_PARAMS_MAX], int n, struct summary *out)
{
	struct uniques *sum = uniques_open(job->mem, job->redis);
	struct db_cursor *viewed;
	bool is_known = true;
	int64_t count = 0;
	int err;

	params[n++] = int_param(UNIQUES_KEPT_DAYS);
	err = db_cursor_open_params(db, &viewed, PAGE_ROWS, q, params, n);
	if (err == 0)
		err = add_viewed(job, db, viewed, sum, &is_known);
	if (err != 0)
		return err;
	db_cursor_close(viewed);
	is_known = is_known && uniques_count(sum, now_ms() + REDIS_MS, &count) == 0;
	summary_add_figure(out, "Views", "Unique viewers", is_known ? (double)count : NAN);
	return 0;
}

/* --- in the child --- */

static int
make(struct job *job, const struct making *m, const char *path)
{
	struct report *r = mem_new(job->mem, struct report);
	struct reading in;
	const struct content *c = &m->content;
	struct param params[CONTENT_PARAMS_MAX];
	struct db_session db;
	char today[32];
	time_t now = time(NULL);
	struct tm tm;
	int err, rc = -1, n = content_bind(c, job, m->sort->is_of_person, params);

	strftime(today, sizeof(today), "%Y-%m-%d", gmtime_r(&now, &tm));
	*r = (struct report){ .mem = job->mem, .title = c->title, .kind = m->sort->title, .site = c->site, .person = c->person, .language = c->language,
		.period = c->period, .made_at = summary_day(job->mem, c->language, today), .colour = c->colour, .columns = m->sort->columns,
		.group_title = m->sort->group_title,
		.next = next_row, .rows = &in };
	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	job_report_progress(job, 5);
	err = db_begin_snapshot(&db); /* figures, charts and rows are of one moment */
	if (err == 0 && m->sort->figures != Q_NONE)
		err = content_summary(job, &db, c->language, m->sort->figures, m->sort->charts, params, n, &r->summary);
	if (err == 0 && m->sort->viewed != Q_NONE)
		err = count_viewers(job, &db, m->sort->viewed, params, n, &r->summary);
	if (err == 0)
		err = open_rows(job, &db, m, &in);
	if (err == 0)
		rc = m->format->write(r, path);
	db_session_end(&db);
	return rc;
}

static int
document_run(struct job *job)
{
	const struct making *m = job->prepared;
	const char *path = storage_path(job->mem, job->conf, STORAGE_PUBLIC, m->content.key), *part = mem_printf(job->mem, "%s.part", path);

	if (make(job, m, part) != 0 || rename(part, path) != 0) {
		unlink(part);
		return job_fail(job, "NOT_WRITTEN", "The report could not be written.", false);
	}
	return 0;
}

/* --- in the supervisor --- */

static int
document_prepare(struct job *job, struct db_session *db)
{
	struct making *m = mem_new(job->mem, struct making);
	int err = content_read(job, db, &m->content);

	if (err != 0)
		return err;
	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++)
		if (strcmp(sorts[i].name, content_option(&m->content, "kind")) == 0)
			m->sort = &sorts[i];
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, content_option(&m->content, "format")) == 0)
			m->format = &formats[i];
	if (m->sort == NULL || m->format == NULL)
		return ERR_INTERNAL;
	job->prepared = m;
	return content_place(job, &m->content, "reports", m->format->ending);
}

static int
document_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	const struct making *m = job->prepared;

	(void)is_final;
	(void)code;
	(void)reason;
	return m != NULL && is_done ? content_done(job, db, &m->content, m->format->mime, "report-ready") : 0;
}

const struct job_kind job_document = {
	.name = "document",
	.stall_s = 300,
	.timeout_s = 1800,
	.prepare = document_prepare,
	.run = document_run,
	.settle = document_settle,
};
