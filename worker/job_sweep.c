/* worker/job_sweep.c - what nobody finished: expired uploads, bodies that a request left in the spool, old rows; and
 * videos whose time to appear has come. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 60000
#define SPOOL_AGE_S 3600   /* longer than a request may take */
#define ORPHAN_AGE_S 90000 /* longer than an upload may live (upload.expires is a day) */
#define JOBS_DONE_DAYS 7
#define JOBS_DEAD_DAYS 90

static int
expire_uploads(struct job *job, struct db_session *db)
{
	struct db_result *r;
	int err = db_query(db, &r, Q_SWEEP_UPLOADS);

	for (int i = 0; err == 0 && i < db_rows(r); i++) {
		struct uuid tenant = db_uuid(r, i, "tenant_id"), video = db_uuid(r, i, "video_id");
		char folder[UUID_TEXT], name[UUID_TEXT];

		unlink(storage_path(job->mem, job->conf, STORAGE_INCOMING, db_text(r, i, "path")));
		/* a crash between the move and its record leaves the file at its last place */
		unlink(storage_path(job->mem, job->conf, STORAGE_ORIGINALS,
		    mem_printf(job->mem, "%s/%s", uuid_text(&tenant, folder), uuid_text(&video, name))));
	}
	return err;
}

static int
remove_old(struct job *job, enum storage_root root, int64_t age_s)
{
	const char *folder = storage_path(job->mem, job->conf, root, "");
	DIR *dir = opendir(folder);
	struct dirent *e;
	int removed = 0;

	if (dir == NULL)
		return 0;
	while ((e = readdir(dir)) != NULL) {
		struct stat st;

		if (e->d_name[0] == '.' || fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode) || st.st_mtime > time(NULL) - age_s)
			continue;
		removed += unlinkat(dirfd(dir), e->d_name, 0) == 0;
	}
	closedir(dir);
	return removed;
}

static int
sweep_run(struct job *job)
{
	struct db_session db;
	struct db_result *r;
	int64_t orphan_age_s = job->conf->upload_expires + SPOOL_AGE_S, removed;
	int err;

	db_session_init(&db, job->db, job->mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
	err = expire_uploads(job, &db);
	if (err == 0)
		err = db_query(&db, &r, Q_SWEEP_PUBLISH_DUE);
	if (err == 0)
		err = db_query(&db, &r, Q_SWEEP_IDEMPOTENCY);
	if (err == 0)
		err = db_query(&db, &r, Q_CONTENT_EXPIRE);
	if (err == 0)
		err = db_query(&db, &r, Q_LIVE_SWEEP);
	if (err == 0)
		err = db_query(&db, &r, Q_MODERATION_SWEEP);
	if (err == 0)
		err = db_query(&db, &r, Q_JOB_PRUNE, int_param(JOBS_DONE_DAYS), int_param(JOBS_DEAD_DAYS));
	db_session_end(&db);
	removed = remove_old(job, STORAGE_SPOOL, SPOOL_AGE_S);
	removed += remove_old(job, STORAGE_INCOMING, orphan_age_s > ORPHAN_AGE_S ? orphan_age_s : ORPHAN_AGE_S);
	if (removed > 0)
		log_info("swept", LOG_INT("files", removed));
	return err == 0 ? 0 : job_fail(job, "NOT_SWEPT", "The database did not answer.", false);
}

const struct job_kind job_sweep = { .name = "sweep", .slots = 1, .run = sweep_run };
