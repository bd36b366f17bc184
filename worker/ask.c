/* worker/ask.c - see ask.h. */
#include "worker/ask.h"

#include "lib/log.h"
#include "lib/wait.h"

#define CALL_MS 120000

int
ask_for(struct job *job, enum query_id query, const char *event, const char *reason)
{
	struct db_session db;
	struct db_result *r;
	int err;

	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query_row_params(&db, &r, query, NULL, 0);
	if (err == 0 && db_int(r, 0, "asked") > 0)
		log_info(event, LOG_INT("count", db_int(r, 0, "asked")));
	db_session_end(&db);
	return err == 0 ? 0 : job_fail(job, "DATABASE", reason, false);
}
