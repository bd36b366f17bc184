/* worker/job_upkeep.c - once a day: what the database needs ahead of time, and no longer. */
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 300000
#define NOTIFICATIONS_READ_DAYS 60
#define NOTIFICATIONS_DAYS 180
#define COMMENTS_REMOVED_DAYS 30
#define DELIVERIES_DAYS 30
#define DAYS_KEPT 31 /* of figures that the pages show */

static int
upkeep_run(struct job *job)
{
	struct db_session db;
	struct db_result *r;
	int err;

	db_session_init(&db, job->db, job->mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
	err = db_query(&db, &r, Q_VIEWS_UPKEEP);
	if (err == 0)
		err = db_query(&db, &r, Q_NOTIFICATIONS_PRUNE, int_param(NOTIFICATIONS_READ_DAYS), int_param(NOTIFICATIONS_DAYS));
	if (err == 0)
		err = db_query(&db, &r, Q_COMMENTS_PRUNE, int_param(COMMENTS_REMOVED_DAYS));
	if (err == 0)
		err = db_query(&db, &r, Q_WEBHOOKS_PRUNE, int_param(DELIVERIES_DAYS));
	if (err == 0)
		err = db_query(&db, &r, Q_DESK_DAYS_KEEP, int_param(DAYS_KEPT));
	if (err == 0)
		err = db_query(&db, &r, Q_SEARCH_WORDS_COUNT);
	if (err == 0)
		err = db_query(&db, &r, Q_EVENTS_PRUNE, int_param(job->conf->analytics_retention / 86400));
	db_session_end(&db);
	return err == 0 ? 0 : job_fail(job, "NOT_KEPT_UP", "The database did not answer.", false);
}

const struct job_kind job_upkeep = { .name = "upkeep", .slots = 1, .run = upkeep_run };
