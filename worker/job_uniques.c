/*
 * worker/job_uniques.c - every hour: the sketches of unique viewers (lib/uniques.h) are written to the database, and put back into Redis
 * when it has lost them. What was counted is never counted less: a sketch put back is merged with what is there.
 */
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/uniques.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 60000
#define DAYS "2" /* of which views still come in */
#define MARK "uniques:kept"

/* One day of one video, out of Redis and into the database. */
static int
keep(struct job *job, struct db_session *db, const struct db_result *due, int row)
{
	struct uuid video = db_uuid(due, row, "video_id");
	char id[UUID_TEXT];
	const char *key = uniques_key(job->mem, uuid_text(&video, id), db_text(due, row, "key"));
	struct redis_batch *b = redis_batch(job->redis, job->mem);
	struct redis_reply *replies;
	struct db_result *r;
	int err;

	redis_batch_add(b, "PFCOUNT %s", key);
	redis_batch_add(b, "GET %s", key);
	err = redis_batch_run(b, now_ms() + CALL_MS, &replies);
	if (err != 0 || replies[1].type != REDIS_TEXT)
		return err;
	return db_query(db, &r, Q_UNIQUES_KEEP, uuid_param(db_uuid(due, row, "tenant_id")), uuid_param(video),
	    text_param(db_text(due, row, "day")), int_param(replies[0].integer), bytes_param(replies[1].text, replies[1].length));
}

static int
keep_all(struct job *job, struct db_session *db)
{
	struct db_result *due;
	int err = db_query(db, &due, Q_UNIQUES_DUE, text_param(DAYS));

	for (int i = 0; err == 0 && i < db_rows(due); i++) {
		err = keep(job, db, due, i);
		job_report_progress(job, 50);
	}
	return err;
}

/* Puts one page of kept sketches back; *day and *video are where it ended, NULL at the end. */
static int
put_back(struct job *job, struct db_session *db, const char **day, const char **video)
{
	struct db_result *kept;
	struct redis_batch *b = redis_batch(job->redis, job->mem);
	struct redis_reply *replies;
	int err = db_query(db, &kept, Q_UNIQUES_KEPT, int_param(UNIQUES_KEPT_DAYS), text_param(*day), text_param(*video)), n;

	n = err == 0 ? db_rows(kept) : 0;
	*day = n > 0 ? db_text(kept, n - 1, "day") : NULL;
	*video = n > 0 ? db_text(kept, n - 1, "video_id") : NULL;
	for (int i = 0; i < n; i++) {
		size_t length;
		const void *sketch = db_bytes(kept, i, "sketch", &length);
		const char *key = uniques_key(job->mem, db_text(kept, i, "video_id"), db_text(kept, i, "key"));

		redis_batch_add(b, "SET %s:kept %b EX 600", key, sketch, length);
		redis_batch_add(b, "PFMERGE %s %s:kept", key, key);
		redis_batch_add(b, "DEL %s:kept", key);
		redis_batch_add(b, "EXPIRE %s %d", key, UNIQUES_KEPT_DAYS * 86400);
	}
	return err != 0 || n == 0 ? err : redis_batch_run(b, now_ms() + CALL_MS, &replies);
}

/* The mark is in Redis as long as Redis has not lost everything. */
static int
restore(struct job *job, struct db_session *db)
{
	const char *day = NULL, *video = NULL;
	struct redis_reply *mark;
	int err = redis_command(job->redis, job->mem, &mark, now_ms() + CALL_MS, "GET %s", MARK);

	if (err != 0 || mark->type == REDIS_TEXT)
		return err;
	do {
		err = put_back(job, db, &day, &video);
		job_report_progress(job, 20);
	} while (err == 0 && day != NULL);
	if (err == 0)
		err = redis_command(job->redis, job->mem, NULL, now_ms() + CALL_MS, "SET %s 1", MARK);
	log_info("uniques_restored");
	return err;
}

static int
uniques_run(struct job *job)
{
	struct db_session db;
	int err;

	db_session_init(&db, job->db, job->mem, (struct uuid){ { 0 } }, now_ms() + 15 * CALL_MS);
	err = restore(job, &db);
	if (err == 0)
		err = keep_all(job, &db);
	db_session_end(&db);
	return err == 0 ? 0 : job_fail(job, "NOT_KEPT", "Redis or the database did not answer.", false);
}

const struct job_kind job_uniques = { .name = "uniques", .slots = 1, .run = uniques_run };
