/* worker/job_account_purge.c - anonymises a deleted account when the time to change one's mind is over. */
#include <string.h>

#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 120000

/* In one transaction; the files of videos go by jobs of their own. */
static int
purge(struct job *job, struct db_session *db)
{
	struct db_result *r;
	const char *avatar;
	int err = db_query(db, &r, Q_LEAVING_DUE, uuid_param(job->user));

	if (err != 0 || db_rows(r) == 0) /* came back, or was done before */
		return err;
	avatar = db_text(r, 0, "avatar_key");
	err = db_exec(db, NULL, Q_USER_VIDEOS_HIDE, uuid_param(job->user));
	if (err == 0)
		err = db_exec(db, NULL, Q_LEAVING_PURGE_VIDEOS, uuid_param(job->user));
	if (err == 0)
		err = db_exec(db, NULL, Q_LEAVING_PURGE_COMMENTS, uuid_param(job->user));
	if (err == 0)
		err = db_query(db, &r, Q_LEAVING_FORGET, uuid_param(job->user));
	if (err == 0)
		err = db_exec(db, NULL, Q_LEAVING_PURGE, uuid_param(job->user));
	if (err == 0)
		err = db_exec(db, NULL, Q_AUDIT_INSERT, null_param(), null_param(), text_param("user.purged"), text_param("user"),
		    uuid_param(job->user), null_param(), null_param(), null_param(), null_param());
	if (err == 0 && avatar != NULL && strrchr(avatar, '/') != NULL) /* the folder of all its sizes */
		avatar = mem_strndup(job->mem, avatar, (size_t)(strrchr(avatar, '/') - avatar));
	if (err == 0 && avatar != NULL && storage_remove(storage_path(job->mem, job->conf, STORAGE_PUBLIC, avatar)) != 0)
		return ERR_UNAVAILABLE;
	return err;
}

static int
purge_run(struct job *job)
{
	struct db_session db;
	int err;

	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_begin(&db);
	if (err == 0)
		err = purge(job, &db);
	if (err == 0)
		err = db_commit(&db);
	db_session_end(&db);
	return err == 0 ? 0 : job_fail(job, "NOT_PURGED", "The account could not be anonymised.", false);
}

const struct job_kind job_account_purge = { .name = "account_purge", .run = purge_run };
