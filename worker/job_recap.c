/*
 * worker/job_recap.c - a year as a film (worker/recap); payload {"item":ID}. What it shows is read before the fork: the child, which
 * decodes pictures and clips, is confined to those files, the music, the fonts and its own folder.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "lib/xslt.h"
#include "worker/confine.h"
#include "worker/content.h"
#include "worker/recap/recap.h"

#define EXCERPT 220 /* bytes of a description */
#define MONTHS_MAX 240
#define PART ".part.mp4"

struct making {
	struct content content;
	struct recap recap;
	const char **readable; /* ends with NULL */
	size_t readable_count;
	const char *folder, *path;
};

static const struct sort {
	const char *name;
	enum query_id figures, charts, items;
} sorts[] = {
	{ "pocs", Q_REPORT_POCS_FIGURES, Q_REPORT_POCS_CHARTS, Q_RECAP_POCS },
	{ "videos", Q_REPORT_VIDEOS_FIGURES, Q_REPORT_VIDEOS_CHARTS, Q_RECAP_VIDEOS },
};

/* --- in the child --- */

static void
on_progress(void *job, int percent)
{
	job_report_progress(job, percent);
}

static int
recap_run(struct job *job)
{
	const struct making *m = job->prepared;
	struct media_failure failure = { 0 };
	struct recap_times times = { 0 };
	struct recap recap = m->recap;
	const char *part = mem_printf(job->mem, "%s/%s", m->folder, PART);
	int rc;

	recap_warm_up();
	rc = confine(m->readable, m->folder);
	if (rc != 0) {
		log_error("confine_failed", LOG_INT("errno", -rc));
		return job_fail(job, "NOT_CONFINED", "The work on this could not begin.", false);
	}
	recap.mem = job->mem;
	if (recap_render(&recap, m->folder, PART, on_progress, job, &times, &failure) != MEDIA_OK || rename(part, m->path) != 0) {
		log_error("recap_failed", LOG_STR("detail", failure.detail));
		unlink(part);
		return job_fail(job, "NOT_WRITTEN", "The film could not be made.", false);
	}
	log_info("recap_made", LOG_INT("film_ms", (int64_t)(times.film_s * 1000)), LOG_INT("encode_ms", (int64_t)(times.cpu_s[RECAP_ENCODE] * 1000)),
	    LOG_INT("clips_ms", (int64_t)(times.cpu_s[RECAP_CLIPS] * 1000)), LOG_INT("compose_ms", (int64_t)(times.cpu_s[RECAP_COMPOSE] * 1000)));
	return 0;
}

/* --- in the supervisor --- */

/* A file of ours that is there: its path, which the child may read then. */
static const char *
readable(struct job *job, struct making *m, const char *key)
{
	const char *path = key != NULL ? storage_path(job->mem, job->conf, STORAGE_PUBLIC, key) : NULL;

	if (path == NULL || access(path, R_OK) != 0)
		return NULL;
	m->readable[m->readable_count++] = path;
	return path;
}

/* The beginning of a text, up to the end of a word. */
static const char *
excerpt(struct job *job, const char *text)
{
	size_t end = EXCERPT;

	if (text == NULL || *text == '\0')
		return NULL;
	if (strlen(text) <= EXCERPT)
		return mem_strdup(job->mem, text);
	while (end > EXCERPT / 2 && text[end] != ' ' && text[end] != '\n')
		end--;
	if (end == EXCERPT / 2) /* no words: not inside a letter, at least */
		for (end = EXCERPT; end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80; end--)
			;
	return mem_printf(job->mem, "%.*s …", (int)end, text);
}

static void
take_items(struct job *job, struct making *m, const struct db_result *r)
{
	int count = db_rows(r);
	struct recap_item *items = mem_array(job->mem, struct recap_item, (size_t)count + 1);
	struct recap_month *months = mem_array(job->mem, struct recap_month, MONTHS_MAX);
	const char *now = "";
	size_t month = 0;

	m->readable = mem_array(job->mem, const char *, 2 * (size_t)count + 2);
	for (int i = 0; i < count; i++) {
		const char *of = db_text(r, i, "month");

		if (strcmp(of, now) != 0 && (*now == '\0' || month + 1 < MONTHS_MAX)) {
			month += *now != '\0';
			months[month].name = summary_month(job->mem, m->content.language, of);
			now = mem_strdup(job->mem, of);
		}
		months[month].count++;
		items[i] = (struct recap_item){ .title = mem_strdup(job->mem, db_text(r, i, "title")), .about = mem_strdup(job->mem, db_text(r, i, "about")),
			.text = excerpt(job, db_text(r, i, "text")), .badge = mem_strdup(job->mem, db_text(r, i, "badge")), .month = (int)month,
			.picture = readable(job, m, db_text(r, i, "picture")), .clip = readable(job, m, db_text(r, i, "clip")),
			.clip_from_us = (int64_t)(db_double(r, i, "clip_from") * 1e6) };
	}
	m->recap.items = items;
	m->recap.item_count = (size_t)count;
	m->recap.months = months;
	m->recap.month_count = count > 0 ? month + 1 : 0;
}

static const char *
music(struct job *job, struct making *m)
{
	const char *name = content_option(&m->content, "music"), *path;

	if (*name == '\0' || strchr(name, '/') != NULL || *job->conf->recap_music_dir == '\0')
		return NULL;
	path = mem_printf(job->mem, "%s/%s", job->conf->recap_music_dir, name);
	if (access(path, R_OK) != 0)
		return NULL;
	m->readable[m->readable_count++] = path;
	return path;
}

static int
recap_prepare(struct job *job, struct db_session *db)
{
	struct making *m = mem_new(job->mem, struct making);
	struct content *c = &m->content;
	const struct sort *sort = NULL;
	struct param params[CONTENT_PARAMS_MAX];
	struct db_result *r;
	int n, err = content_read(job, db, c);

	if (err != 0)
		return err;
	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++)
		if (strcmp(sorts[i].name, content_option(c, "kind")) == 0)
			sort = &sorts[i];
	n = content_bind(c, job, true, params);
	err = sort != NULL ? content_summary(job, db, c->language, sort->figures, sort->charts, params, n, &m->recap.summary) : ERR_INTERNAL;
	if (err == 0)
		err = db_query_params(db, &r, sort->items, params, n);
	if (err != 0)
		return err;
	take_items(job, m, r);
	m->recap.title = c->title;
	m->recap.description = content_option(c, "description");
	m->recap.person = c->person;
	m->recap.site = c->site;
	m->recap.period = c->period;
	m->recap.language = c->language;
	m->recap.style = content_option(c, "style");
	m->recap.music = music(job, m);
	m->recap.threads = 1;
	m->recap.word = xslt_word;
	job->prepared = m;
	err = content_place(job, c, "films", "mp4");
	m->folder = storage_path(job->mem, job->conf, STORAGE_PUBLIC, c->folder);
	m->path = storage_path(job->mem, job->conf, STORAGE_PUBLIC, c->key);
	return err;
}

static int
recap_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	const struct making *m = job->prepared;

	(void)is_final;
	(void)code;
	(void)reason;
	return m != NULL && is_done ? content_done(job, db, &m->content, "video/mp4", "recap-ready") : 0;
}

const struct job_kind job_recap = {
	.name = "recap",
	.is_confined = true,
	.slots = 1, /* a year's run of a whole community leaves room for what people upload meanwhile */
	.stall_s = 300,
	.timeout_s = 3600,
	.prepare = recap_prepare,
	.run = recap_run,
	.settle = recap_settle,
};
