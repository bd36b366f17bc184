/* worker/job_purge_video.c - removes all files of a deleted video, and stops what works on it. */
#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 30000

static int
remove_original(struct job *job, const char *key)
{
	return key != NULL ? storage_remove(storage_path(job->mem, job->conf, STORAGE_ORIGINALS, key)) : 0;
}

static int
purge_run(struct job *job)
{
	struct db_session db;
	struct db_result *r;
	char tenant[UUID_TEXT], video[UUID_TEXT];
	int err, rc = 0;

	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query(&db, &r, Q_PURGE_VIDEO, uuid_param(job->subject));
	if (err == 0 && db_rows(r) == 1) {
		rc = storage_remove(storage_path(job->mem, job->conf, STORAGE_PUBLIC, mem_printf(job->mem, "%s/%s",
		    uuid_text(&job->tenant, tenant), uuid_text(&job->subject, video))));
		if (rc == 0)
			rc = remove_original(job, db_text(r, 0, "original_key"));
		if (rc == 0)
			rc = remove_original(job, db_text(r, 0, "replaced_key"));
		if (rc == 0)
			err = db_exec(&db, NULL, Q_PURGED_VIDEO, uuid_param(job->subject));
	}
	db_session_end(&db);
	if (err != 0 || rc != 0)
		return job_fail(job, "NOT_PURGED", "The files could not be removed.", false);
	return 0;
}

const struct job_kind job_purge_video = { .name = "purge_video", .run = purge_run };
