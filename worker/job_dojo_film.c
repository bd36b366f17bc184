/* worker/job_dojo_film.c - the recording of a dojo that has ended becomes a film (worker/recap/dojo.c); its subject is the dojo. */
#include <string.h>
#include <unistd.h>

#include "lib/json.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "worker/confine.h"
#include "worker/job.h"
#include "worker/recap/dojo.h"
#include "worker/recap/recap.h"

#define EDITS_MAX 20000
#define PART ".part.mp4"
#define NAME "recording.mp4"

struct making {
	struct dojo_film film;
	const char *folder, *key, *path;
};

static void
on_progress(void *job, int percent)
{
	job_report_progress(job, percent);
}

static int
dojo_film_run(struct job *job)
{
	const struct making *m = job->prepared;
	struct media_failure failure = { 0 };
	const char *part = mem_printf(job->mem, "%s/%s", m->folder, PART);
	int rc;

	recap_warm_up();
	rc = confine((const char *const[]){ NULL }, m->folder);
	if (rc != 0) {
		log_error("confine_failed", LOG_INT("errno", -rc));
		return job_fail(job, "NOT_CONFINED", "The work on this could not begin.", false);
	}
	if (dojo_film_render(&m->film, m->folder, PART, on_progress, job, &failure) != MEDIA_OK || rename(part, m->path) != 0) {
		log_error("dojo_film_failed", LOG_STR("detail", failure.detail));
		unlink(part);
		return job_fail(job, "NOT_WRITTEN", "The film could not be made.", false);
	}
	return 0;
}

/* --- in the supervisor --- */

static int
read_edits(struct job *job, struct db_session *db, struct making *m, int64_t began_us)
{
	struct dojo_edit *edits = mem_array(job->mem, struct dojo_edit, EDITS_MAX);
	struct db_result *r;
	int64_t after = 0;
	int err;

	m->film.edits = edits;
	do {
		err = db_query(db, &r, Q_LIVE_DOJO_OPERATIONS, uuid_param(job->subject), int_param(after));
		for (int i = 0; err == 0 && i < db_rows(r) && m->film.edit_count < EDITS_MAX; i++) {
			const char *text = db_text(r, i, "ops"), *why, *name = db_text(r, i, "name");
			struct dojo_edit *e = &edits[m->film.edit_count];
			struct json_object *json;

			after = db_int(r, i, "revision");
			e->at_s = (double)(db_time_us(r, i, "at") - began_us) / 1e6;
			e->who = mem_strdup(job->mem, name != NULL ? name : "");
			if (json_parse(job->mem, text, strlen(text), &json, &why) != 0 || ot_read(job->mem, json, &e->op) != OT_OK)
				return ERR_INTERNAL;
			m->film.edit_count++;
		}
	} while (err == 0 && db_rows(r) > 0 && m->film.edit_count < EDITS_MAX);
	return err;
}

static int
read_words(struct job *job, struct db_session *db, struct making *m, int64_t began_us)
{
	struct db_result *r;
	struct dojo_word *words;
	int err = db_query(db, &r, Q_DOJO_FILM_CHAT, uuid_param(job->subject));

	if (err != 0)
		return err;
	words = mem_array(job->mem, struct dojo_word, (size_t)db_rows(r) + 1);
	for (int i = 0; i < db_rows(r); i++)
		words[i] = (struct dojo_word){ (double)(db_time_us(r, i, "at") - began_us) / 1e6, mem_strdup(job->mem, db_text(r, i, "name")),
			mem_strdup(job->mem, db_text(r, i, "text")) };
	m->film.words = words;
	m->film.word_count = (size_t)db_rows(r);
	return 0;
}

static int
dojo_film_prepare(struct job *job, struct db_session *db)
{
	struct making *m = mem_new(job->mem, struct making);
	char tenant[UUID_TEXT], dojo[UUID_TEXT];
	struct db_result *r;
	int64_t began_us;
	int err = db_query_row(db, &r, Q_DOJO_FILM_WORK, uuid_param(job->subject));

	if (err != 0)
		return err;
	began_us = db_time_us(r, 0, "began");
	m->film = (struct dojo_film){ .mem = job->mem, .name = mem_strdup(job->mem, db_text(r, 0, "name")), .owner = mem_strdup(job->mem, db_text(r, 0, "owner")),
		.site = mem_strdup(job->mem, db_text(r, 0, "site")), .initial = mem_strdup(job->mem, db_text(r, 0, "initial_code")), .threads = 1 };
	m->folder = mem_printf(job->mem, "%s/films/%s", uuid_text(&job->tenant, tenant), uuid_text(&job->subject, dojo));
	m->key = mem_printf(job->mem, "%s/%s", m->folder, NAME);
	m->path = storage_path(job->mem, job->conf, STORAGE_PUBLIC, m->key);
	m->folder = storage_path(job->mem, job->conf, STORAGE_PUBLIC, m->folder);
	err = storage_room(job->conf) < 0 ? ERR_STORAGE_FULL : read_edits(job, db, m, began_us);
	if (err == 0)
		err = read_words(job, db, m, began_us);
	if (err == 0 && storage_make_folder(m->folder) != 0)
		err = ERR_UNAVAILABLE;
	job->prepared = m;
	return err;
}

static int
dojo_film_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	const struct making *m = job->prepared;

	(void)is_final;
	(void)code;
	(void)reason;
	return m != NULL && is_done ? db_exec(db, NULL, Q_DOJO_FILM_DONE, uuid_param(job->subject), text_param(m->key)) : 0;
}

const struct job_kind job_dojo_film = {
	.name = "dojo_film",
	.is_confined = true,
	.slots = 1,
	.stall_s = 300,
	.timeout_s = 3600,
	.prepare = dojo_film_prepare,
	.run = dojo_film_run,
	.settle = dojo_film_settle,
};
