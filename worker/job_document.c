/*
 * worker/job_document.c - a report that somebody asked for; payload {"item":ID}. The file has its name when it is whole, and the row says
 * so in the transaction that ends the job: whatever is killed, there is one file or none.
 *
 * To add a sort of report: its three queries in db/queries/content.sql, its columns and a line in `sorts` here, its words in
 * worker/report/words.def, its name in handlers/content.c.
 */
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/field.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/mail.h"
#include "lib/mem.h"
#include "lib/sign.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "lib/xslt.h"
#include "worker/job.h"
#include "worker/report/report.h"

#define CALL_MS 120000
#define KEEP_S (30 * 86400)

/* --- sorts of reports --- */

static const struct report_column poc_columns[REPORT_COLUMNS] = {
	{ "Name", CELL_TEXT, 0.25 }, { "Language", CELL_TEXT, 0.12 }, { "Tags", CELL_TEXT, 0.16 }, { "Frameworks", CELL_TEXT, 0.14 },
	{ "Repository", CELL_LINK, 0.20 }, { "Date", CELL_DATE, 0.13 },
};

static const struct report_column video_columns[REPORT_COLUMNS] = {
	{ "Title", CELL_TEXT, 0.39 }, { "Views", CELL_NUMBER, 0.12 }, { "Likes", CELL_NUMBER, 0.12 }, { "Comments", CELL_NUMBER, 0.13 },
	{ "Seconds", CELL_NUMBER, 0.11 }, { "Date", CELL_DATE, 0.13 },
};

static const struct report_column moderation_columns[REPORT_COLUMNS] = {
	{ "Decision", CELL_TEXT, 0.20 }, { "Reason", CELL_TEXT, 0.22 }, { "About", CELL_TEXT, 0.13 }, { "By", CELL_TEXT, 0.18 },
	{ "Reversed", CELL_TEXT, 0.14 }, { "Date", CELL_DATE, 0.13 },
};

static const struct sort {
	const char *name;
	enum query_id figures, charts, rows;
	bool is_of_person; /* its queries ask whose, with which tags and in which groups */
	const struct report_column *columns;
} sorts[] = {
	{ "pocs", Q_REPORT_POCS_FIGURES, Q_REPORT_POCS_CHARTS, Q_REPORT_POCS_ROWS, true, poc_columns },
	{ "videos", Q_REPORT_VIDEOS_FIGURES, Q_REPORT_VIDEOS_CHARTS, Q_REPORT_VIDEOS_ROWS, true, video_columns },
	{ "moderation", Q_REPORT_MODERATION_FIGURES, Q_REPORT_MODERATION_CHARTS, Q_REPORT_MODERATION_ROWS, false, moderation_columns },
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
	struct uuid item;
	const char *title, *person, *email, *site, *locale, *base_url, *language;
	const struct sort *sort;
	const struct format *format;
	const char *from, *until, *group_by;
	struct text_list include, exclude;
	const char *folder, *key; /* storage keys */
	bool tells_by_mail;
};

const char *
report_word(const struct report *r, const char *word)
{
	return xslt_word(r->language, word);
}

/* --- rows, a thousand at a time --- */

struct reading {
	struct job *job;
	struct db_session *db;
	const struct making *m;
	void *page; /* the rows that are read now hang here, and what was told of them */
	struct db_result *r;
	int at, done;
	const char *group, *time, *id; /* of the last one, for the next page */
};

static struct param
tags_param(const struct text_list *list)
{
	return list->count > 0 ? text_array_param(list->items, list->count) : null_param();
}

/* Whose, from, until, with, without; or from and until alone. Returns how many. */
static int
bind_common(const struct making *m, struct job *job, struct param params[9])
{
	int n = 0;

	if (m->sort->is_of_person)
		params[n++] = uuid_param(job->user);
	params[n++] = text_param(m->from);
	params[n++] = text_param(m->until);
	if (m->sort->is_of_person) {
		params[n++] = tags_param(&m->include);
		params[n++] = tags_param(&m->exclude);
	}
	return n;
}

static bool
read_page(struct reading *in)
{
	struct param params[9];
	int n = bind_common(in->m, in->job, params), err;
	void *page = talloc_new(in->job->mem);

	if (in->m->sort->is_of_person)
		params[n++] = text_param(in->m->group_by);
	params[n++] = text_param(in->group);
	params[n++] = text_param(in->time);
	params[n++] = text_param(in->id);
	in->db->mem = page;
	in->db->deadline_ms = now_ms() + CALL_MS;
	err = db_query_params(in->db, &in->r, in->m->sort->rows, params, n);
	in->at = 0;
	if (err == 0 && db_rows(in->r) > 0) {
		int last = db_rows(in->r) - 1;

		in->group = mem_strdup(page, db_text(in->r, last, "_group"));
		in->time = mem_strdup(page, db_text(in->r, last, "_at"));
		in->id = mem_strdup(page, db_text(in->r, last, "_id"));
	}
	talloc_free(in->page);
	in->page = page;
	return err == 0;
}

static int
next_row(struct report *r, struct report_row *row)
{
	static const char *const names[REPORT_COLUMNS] = { "c1", "c2", "c3", "c4", "c5", "c6" };
	struct reading *in = r->rows;

	if (in->r == NULL || (in->at == db_rows(in->r) && db_rows(in->r) > 0)) {
		if (!read_page(in))
			return -1;
		job_report_progress(in->job, 20 + (in->done / 1000 < 75 ? in->done / 1000 : 75));
	}
	if (in->at == db_rows(in->r))
		return 0;
	row->group = db_text(in->r, in->at, "_group");
	for (size_t i = 0; i < REPORT_COLUMNS; i++)
		row->cells[i] = db_text(in->r, in->at, names[i]);
	in->at++;
	in->done++;
	return 1;
}

/* --- in the child --- */

static int
read_figures(struct job *job, struct db_session *db, const struct making *m, struct report *r)
{
	struct param params[9];
	struct db_result *rows;
	int n = bind_common(m, job, params), err = db_query_params(db, &rows, m->sort->figures, params, n);

	for (int i = 0; err == 0 && i < db_rows(rows) && i < REPORT_FIGURES_MAX; i++)
		r->figures[r->figure_count++] = (struct report_figure){ mem_strdup(job->mem, db_text(rows, i, "label")), db_double(rows, i, "value") };
	if (err == 0)
		err = db_query_params(db, &rows, m->sort->charts, params, n);
	for (int i = 0; err == 0 && i < db_rows(rows); i++) {
		const char *name = db_text(rows, i, "chart");
		struct report_chart *c = r->chart_count > 0 ? &r->charts[r->chart_count - 1] : NULL;

		if (c == NULL || strcmp(c->title, name) != 0) {
			if (r->chart_count == REPORT_CHARTS_MAX)
				break;
			c = &r->charts[r->chart_count++];
			c->title = mem_strdup(job->mem, name);
		}
		if (c->count < REPORT_BARS_MAX)
			c->bars[c->count++] = (struct report_figure){ mem_strdup(job->mem, db_text(rows, i, "label")), db_double(rows, i, "value") };
	}
	return err;
}

static int
make(struct job *job, const struct making *m, const char *path)
{
	struct report *r = mem_new(job->mem, struct report);
	struct reading in = { .job = job, .m = m };
	struct db_session db;
	char made[32];
	time_t now = time(NULL);
	struct tm tm;
	int err, rc = -1;

	strftime(made, sizeof(made), "%Y-%m-%d", gmtime_r(&now, &tm));
	*r = (struct report){ .mem = job->mem, .title = m->title, .site = m->site, .person = m->person, .language = m->language,
		.period = mem_printf(job->mem, "%.10s – %.10s", m->from, m->until), .made_at = mem_strdup(job->mem, made),
		.columns = m->sort->columns, .next = next_row, .rows = &in };
	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	in.db = &db;
	job_report_progress(job, 5);
	err = read_figures(job, &db, m, r);
	if (err == 0)
		rc = m->format->write(r, path);
	db_session_end(&db);
	return rc;
}

static int
document_run(struct job *job)
{
	const struct making *m = job->prepared;
	const char *path = storage_path(job->mem, job->conf, STORAGE_PUBLIC, m->key), *part = mem_printf(job->mem, "%s.part", path);

	if (make(job, m, part) != 0 || rename(part, path) != 0) {
		unlink(part);
		return job_fail(job, "NOT_WRITTEN", "The report could not be written.", false);
	}
	return 0;
}

/* --- in the supervisor --- */

/* "Çok güzel!" becomes "ok-g-zel": letters and digits that every system takes for a name. */
static const char *
file_name(struct job *job, const char *title, const char *ending)
{
	struct buf b;

	buf_init(&b, job->mem, 80);
	for (const char *p = title; *p != '\0' && b.length < 60; p++) {
		bool is_plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');

		if (is_plain)
			buf_add_char(&b, *p);
		else if (b.length > 0 && b.data[b.length - 1] != '-')
			buf_add_char(&b, '-');
	}
	while (b.length > 0 && b.data[b.length - 1] == '-')
		b.length--;
	if (b.length == 0)
		buf_add_literal(&b, "report");
	buf_printf(&b, ".%s", ending);
	return buf_cstr(&b);
}

static const char *
option(struct job *job, struct json_object *o, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) ? mem_strdup(job->mem, json_object_get_string(v)) : "";
}

static void
option_list(struct job *job, struct json_object *o, const char *name, struct text_list *out)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, name, &v) || !json_object_is_type(v, json_type_array))
		return;
	out->items = mem_array(job->mem, const char *, json_object_array_length(v) + 1);
	for (size_t i = 0; i < json_object_array_length(v); i++)
		out->items[out->count++] = mem_strdup(job->mem, json_object_get_string(json_object_array_get_idx(v, i)));
}

static bool
read_options(struct job *job, struct making *m, const char *text)
{
	struct json_object *o;
	const char *why, *sort, *format;

	if (json_parse(job->mem, text, strlen(text), &o, &why) != 0)
		return false;
	sort = option(job, o, "kind");
	format = option(job, o, "format");
	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++)
		if (strcmp(sorts[i].name, sort) == 0)
			m->sort = &sorts[i];
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, format) == 0)
			m->format = &formats[i];
	m->from = option(job, o, "from");
	m->until = option(job, o, "until");
	m->group_by = option(job, o, "groupBy");
	option_list(job, o, "includeTags", &m->include);
	option_list(job, o, "excludeTags", &m->exclude);
	return m->sort != NULL && m->format != NULL;
}

static int
document_prepare(struct job *job, struct db_session *db)
{
	struct making *m = mem_new(job->mem, struct making);
	char tenant[UUID_TEXT], item[UUID_TEXT];
	struct db_result *r;
	int err = db_query_row(db, &r, Q_CONTENT_WORK, uuid_param(job->subject));

	if (err == 0 && storage_room(job->conf) < 0)
		err = ERR_STORAGE_FULL;
	if (err == 0 && !read_options(job, m, db_text(r, 0, "options")))
		err = ERR_INTERNAL;
	if (err != 0)
		return err;
	m->item = job->subject;
	m->title = mem_strdup(job->mem, db_text(r, 0, "title"));
	m->person = mem_strdup(job->mem, db_text(r, 0, "person"));
	m->email = mem_strdup(job->mem, db_text(r, 0, "email"));
	m->site = mem_strdup(job->mem, db_text(r, 0, "site"));
	m->locale = mem_strdup(job->mem, db_text(r, 0, "locale"));
	m->base_url = mem_strdup(job->mem, db_text(r, 0, "base_url"));
	m->language = strncmp(m->locale, "pt", 2) == 0 ? "pt" : "en";
	m->tells_by_mail = db_bool(r, 0, "tells_by_mail");
	m->folder = mem_printf(job->mem, "%s/reports/%s", uuid_text(&job->tenant, tenant), uuid_text(&job->subject, item));
	m->key = mem_printf(job->mem, "%s/%s", m->folder, file_name(job, m->title, m->format->ending));
	job->prepared = m;
	return storage_make_folder(storage_path(job->mem, job->conf, STORAGE_PUBLIC, m->folder)) == 0 ? 0 : ERR_UNAVAILABLE;
}

static int
tell(struct job *job, struct db_session *db, const struct making *m)
{
	struct signer *signer = signer_open(job->mem, job->conf->main_secret);
	char token[MEDIA_TOKEN_SIZE];

	media_token(signer, m->folder, strlen(m->folder), time(NULL) + 86400, token);
	struct mail_order order = { .name = "report-ready", .to = m->email, .person = m->person, .site = m->site, .locale = m->locale,
		.detail = m->title, .link = mem_printf(job->mem, "%s%s/%s/%s", m->base_url, job->conf->media_base_path, token, m->key) };
	return db_exec(db, NULL, Q_ACCOUNT_JOB, text_param("mail"), json_param(mail_job(job->mem, job->conf, &order)), null_param(), null_param(),
	    int_param(0));
}

static int
remove_tree(void *path)
{
	return storage_remove(path);
}

static int
document_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	const struct making *m = job->prepared;
	int64_t changed = 0;
	struct stat st;
	int err;

	(void)is_final;
	(void)code;
	(void)reason;
	if (m == NULL || !is_done)
		return 0;
	if (stat(storage_path(job->mem, job->conf, STORAGE_PUBLIC, m->key), &st) != 0)
		return ERR_INTERNAL;
	err = db_exec(db, &changed, Q_CONTENT_DONE, uuid_param(m->item), text_param(m->key), text_param(m->format->mime), int_param((int64_t)st.st_size),
	    int_param(KEEP_S));
	if (err == 0 && changed == 0) /* deleted meanwhile */
		wait_offload(remove_tree, (void *)storage_path(job->mem, job->conf, STORAGE_PUBLIC, m->folder));
	return err == 0 && changed > 0 && m->tells_by_mail ? tell(job, db, m) : err;
}

const struct job_kind job_document = {
	.name = "document",
	.stall_s = 300,
	.timeout_s = 1800,
	.prepare = document_prepare,
	.run = document_run,
	.settle = document_settle,
};
