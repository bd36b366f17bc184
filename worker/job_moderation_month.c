/* worker/job_moderation_month.c - asks for the report of the month that ended for each community that wants it. Asking every day, it is
 * made on the first, or when a worker is there again; asking again asks for nothing twice. */
#include "lib/log.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 120000

static int
moderation_month_run(struct job *job)
{
	struct db_session db;
	struct db_result *r;
	int err;

	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_MODERATION_MONTH);
	if (err == 0 && db_int(r, 0, "asked") > 0)
		log_info("moderation_reports_asked", LOG_INT("count", db_int(r, 0, "asked")));
	db_session_end(&db);
	return err == 0 ? 0 : job_fail(job, "DATABASE", "The month's reports could not be asked for.", false);
}

const struct job_kind job_moderation_month = { .name = "moderation_month", .run = moderation_month_run };
