/* worker/job_recap_year.c - in January: asks for a film of the year that ended for everybody who made something in it, in communities
 * that want that. Asking again asks for nothing twice. */
#include "lib/log.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 120000

static int
recap_year_run(struct job *job)
{
	struct db_session db;
	struct db_result *r;
	int err;

	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_RECAP_YEAR);
	if (err == 0 && db_int(r, 0, "asked") > 0)
		log_info("recaps_asked", LOG_INT("count", db_int(r, 0, "asked")));
	db_session_end(&db);
	return err == 0 ? 0 : job_fail(job, "DATABASE", "The year's films could not be asked for.", false);
}

const struct job_kind job_recap_year = { .name = "recap_year", .run = recap_year_run };
