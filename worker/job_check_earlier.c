/* worker/job_check_earlier.c - compares what was uploaded earlier with an entry that a blocklist has got, by the prints that are kept;
 * payload {"blockedMediaId":…,"before":…}. It works for some seconds, then a job of its own goes on where it stopped. What has no
 * prints is put behind all uploads to be looked at, some at a time. */
#include <string.h>

#include "lib/mem.h"
#include "lib/wait.h"
#include "worker/job.h"
#include "worker/picture.h"
#include "worker/print_set.h"

#define CALL_MS 60000
#define SLICE_MS 20000
#define BATCH 100
#define ASKED_MOST 100 /* checks of earlier videos that wait at once in a community */
#define ASKED_WAIT_S 60

/* How far it has come. */
struct walk {
	struct print_set entry;
	struct uuid before;    /* the last video that was looked at */
	int64_t begun_ms;
	int room;              /* for further checks */
	bool is_full, is_over; /* there is no room for this video's check; there is no further video */
};

/* Where the next job goes on, and after how long. */
struct go_on {
	struct uuid before;
	int wait_s;
};

/* --- in the child --- */

static int
look_at(struct walk *w, struct job *job, struct db_session *db, const struct db_result *videos, int row)
{
	struct uuid video = db_uuid(videos, row, "id");
	struct print_set seen;
	struct likeness how;
	struct db_result *r;
	int err = 0;

	if (db_bool(videos, row, "lacks_prints")) {
		w->is_full = w->room == 0;
		if (w->is_full)
			return 0;
		w->room--;
		err = db_query(db, &r, Q_EARLIER_ASK, uuid_param(video));
	} else if (db_bool(videos, row, "has_prints")) {
		seen = print_set_read(db->mem, videos, row);
		if (prints_alike(&w->entry, &seen, &how))
			err = db_query(db, &r, Q_EARLIER_FOUND, uuid_param(video), uuid_param(job->subject), double_param(how.frames),
			    double_param(how.sound));
	}
	w->before = video;
	return err;
}

/* The time that a slice takes is looked at after each video: two of ten minutes take fifty milliseconds. */
static bool
is_over(const struct walk *w)
{
	return w->is_over || w->is_full || now_ms() - w->begun_ms > SLICE_MS;
}

static int
walk_batch(struct walk *w, struct job *job)
{
	void *mem = talloc_new(job->mem);
	struct db_session db;
	struct db_result *videos;
	int err, rows;

	db_session_init(&db, job->db, mem, job->tenant, now_ms() + CALL_MS);
	err = db_query(&db, &videos, Q_EARLIER_PRINTS, uuid_param(w->before), int_param(BATCH));
	rows = err == 0 ? db_rows(videos) : 0;
	for (int i = 0; err == 0 && i < rows && !is_over(w); i++) {
		err = look_at(w, job, &db, videos, i);
		if (!is_over(w))
			job_report_progress(job, (int)(100 * (now_ms() - w->begun_ms) / SLICE_MS));
	}
	w->is_over = err == 0 && rows == 0;
	db_session_end(&db);
	talloc_free(mem);
	return err;
}

static int
walk_begin(struct walk *w, struct job *job)
{
	const char *before = payload_text(job, "before");
	struct db_session db;
	struct db_result *r;
	int err;

	w->begun_ms = now_ms();
	memset(&w->before, 0xff, sizeof(w->before));
	if (before != NULL && !uuid_parse(before, strlen(before), &w->before))
		return ERR_BAD_REQUEST;
	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_BLOCKED_PRINT, uuid_param(job->subject));
	if (err == 0) {
		w->entry = print_set_read(job->mem, r, 0);
		err = db_query_row(&db, &r, Q_EARLIER_ASKED, int_param(ASKED_MOST));
	}
	if (err == 0)
		w->room = ASKED_MOST - (int)db_int(r, 0, "waiting");
	db_session_end(&db);
	return err;
}

static int
check_earlier_run(struct job *job)
{
	struct walk *w = mem_new(job->mem, struct walk);
	char before[UUID_TEXT];
	int err = walk_begin(w, job);

	if (err == ERR_NOT_FOUND)
		return 0; /* the entry is gone again */
	while (err == 0 && !is_over(w))
		err = walk_batch(w, job);
	if (err != 0)
		return job_fail(job, "NOT_COMPARED", "The database did not answer.", false);
	if (!w->is_over)
		job_report(job, "goOn", mem_printf(job->mem, "{\"before\":\"%s\",\"wait\":%d}", uuid_text(&w->before, before),
		    w->is_full ? ASKED_WAIT_S : 0));
	return 0;
}

/* --- in the supervisor --- */

static int
check_earlier_report(struct job *job, struct db_session *db, const char *type, struct json_object *v)
{
	struct go_on *g = mem_new(job->mem, struct go_on);
	struct json_object *before, *wait;

	(void)db;
	if (strcmp(type, "goOn") != 0)
		return 0;
	if (!json_object_object_get_ex(v, "before", &before) || !json_object_object_get_ex(v, "wait", &wait) ||
	    !uuid_parse(json_object_get_string(before), strlen(json_object_get_string(before)), &g->before))
		return ERR_VALIDATION_ERROR;
	g->wait_s = json_object_get_int(wait);
	job->prepared = g;
	return 0;
}

static int
check_earlier_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	const struct go_on *g = job->prepared;
	struct db_result *r;

	(void)is_final;
	(void)code;
	(void)reason;
	if (!is_done || g == NULL)
		return 0;
	return db_query(db, &r, Q_EARLIER_GO_ON, uuid_param(job->subject), uuid_param(g->before), int_param(g->wait_s));
}

const struct job_kind job_check_earlier = {
	.name = "check_earlier",
	.slots = 1,
	.run = check_earlier_run,
	.report = check_earlier_report,
	.settle = check_earlier_settle,
};
