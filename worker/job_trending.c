/*
 * worker/job_trending.c - every minute: what is watched in each community by hour, day and week, as sorted sets in Redis
 * (lib/trending.h). They are made from the database alone: when Redis was emptied, the next run has them all again.
 */
#include "lib/mem.h"
#include "lib/trending.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 60000

/* One community's rows, from `at` on; returns the row behind its last. The set is made beside the old one and takes its place. */
static int
store(struct job *job, const char *window, const struct db_result *rows, int at, int *end)
{
	struct redis_batch *b = redis_batch(job->redis, job->mem);
	struct uuid tenant = db_uuid(rows, at, "tenant_id");
	char id[UUID_TEXT], video[UUID_TEXT];
	const char *key = trending_key(job->mem, uuid_text(&tenant, id), window);
	const char *fresh = mem_printf(job->mem, "%s:new", key);
	struct redis_reply *replies;

	redis_batch_add(b, "DEL %s", fresh);
	for (; at < db_rows(rows); at++) {
		struct uuid t = db_uuid(rows, at, "tenant_id"), v = db_uuid(rows, at, "video_id");

		if (!uuid_equal(&t, &tenant))
			break;
		redis_batch_add(b, "ZADD %s %s %s", fresh, db_text(rows, at, "score"), uuid_text(&v, video));
	}
	redis_batch_add(b, "EXPIRE %s %d", fresh, TRENDING_KEPT_S);
	redis_batch_add(b, "RENAME %s %s", fresh, key);
	*end = at;
	return redis_batch_run(b, now_ms() + CALL_MS, &replies);
}

static int
renew(struct job *job, const char *window)
{
	struct db_session db;
	struct db_result *rows;
	int err;

	db_session_init(&db, job->db, job->mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
	err = db_query(&db, &rows, Q_TRENDING_SCORES, text_param(window), int_param(TRENDING_MOST));
	for (int at = 0; err == 0 && at < db_rows(rows);)
		err = store(job, window, rows, at, &at);
	db_session_end(&db);
	return err;
}

static int
trending_run(struct job *job)
{
	static const char *const windows[] = { "hour", "day", "week" };

	for (int i = 0; i < 3; i++) {
		if (renew(job, windows[i]) != 0)
			return job_fail(job, "NOT_RENEWED", "Redis or the database did not answer.", false);
		job_report_progress(job, 30 * (i + 1));
	}
	return 0;
}

const struct job_kind job_trending = { .name = "trending", .slots = 1, .run = trending_run };
