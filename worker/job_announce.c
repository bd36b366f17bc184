/* worker/job_announce.c - tells the followers of a new video's author, a batch a transaction. */
#include "lib/mem.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 60000
#define BATCH 500

static int
announce_run(struct job *job)
{
	int64_t most = job->conf->notifications_followers_max, told = 0;
	int err = 0;

	for (bool more = true; err == 0 && more; told += BATCH) {
		struct db_session db;
		struct db_result *r;

		db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
		err = db_query_row(&db, &r, Q_ANNOUNCE_BATCH, uuid_param(job->subject), int_param(BATCH), int_param(most));
		more = err == 0 && db_bool(r, 0, "more");
		db_session_end(&db);
		job_report_progress(job, (int)(100 * told / (told + most)));
	}
	return err == 0 ? 0 : job_fail(job, "NOT_ANNOUNCED", "The database did not answer.", false);
}

const struct job_kind job_announce = { .name = "announce", .slots = 2, .run = announce_run };
