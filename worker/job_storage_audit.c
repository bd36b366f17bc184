/* worker/job_storage_audit.c - once a day: do the media folders and the database agree? Says so in the log; nothing is
 * removed (atelierctl storage gc does that, when an operator wants it). */
#include "lib/log.h"
#include "lib/storage_audit.h"
#include "lib/wait.h"
#include "worker/job.h"

static void
show_life(void *job)
{
	job_report_progress(job, 50);
}

static void
found(void *job, enum finding what, const char *path, int64_t bytes)
{
	(void)job;
	if (what != FINDING_UNNEEDED)
		log_error(what == FINDING_MISSING ? "media_missing" : "media_damaged", LOG_STR("path", path), LOG_INT("bytes", bytes));
}

static int
audit_run(struct job *job)
{
	struct db_session db;
	struct storage_audit a = { .conf = job->conf, .db = &db, .found = found, .step = show_life, .arg = job };
	int err;

	db_session_init(&db, job->db, job->mem, (struct uuid){ { 0 } }, 0);
	err = storage_audit_expected(&a);
	if (err == 0)
		err = storage_audit_unneeded(&a);
	db_session_end(&db);
	log_info("storage_audited", LOG_INT("files", a.files), LOG_INT("missing", a.missing), LOG_INT("unneeded", a.unneeded),
	    LOG_INT("unneededBytes", a.unneeded_bytes));
	return err == 0 ? 0 : job_fail(job, "NOT_AUDITED", "The database did not answer.", false);
}

const struct job_kind job_storage_audit = { .name = "storage_audit", .slots = 1, .run = audit_run };
