/* worker/job_avatar.c - a person's picture becomes two squares, in a confined child; payload {"source":NAME}. The folder
 * of one that is no longer used goes by {"remove":KEY}. */
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/random.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/job.h"
#include "worker/picture.h"

#define OLD_KEPT_S 600 /* pages that were sent still name it */

static const struct media_square squares[] = { { "large.jpg", 512 }, { "small.jpg", 128 } };

struct avatar {
	const char *name;   /* as the payload says */
	const char *source; /* its path */
	const char *prefix; /* storage key of the new folder */
	const char *folder;
};

/* --- in the child --- */

static int
remove_folder(struct job *job, const char *key)
{
	char tenant[UUID_TEXT];
	const char *mine = mem_printf(job->mem, "%s/avatars/", uuid_text(&job->tenant, tenant));

	if (strncmp(key, mine, strlen(mine)) != 0 || strstr(key, "..") != NULL || key[strlen(mine)] == '\0')
		return job_fail(job, "MALFORMED", "This is no folder of a picture.", true);
	return storage_remove(storage_path(job->mem, job->conf, STORAGE_PUBLIC, key)) == 0 ? 0 :
	    job_fail(job, "NOT_PURGED", "The old picture could not be removed.", false);
}

static int
make_squares(void *arg, const char *source, const char *folder, struct media_failure *failure)
{
	(void)arg;
	return media_picture_squares(source, folder, squares, sizeof(squares) / sizeof(squares[0]), failure);
}

static int
avatar_run(struct job *job)
{
	const struct avatar *a = job->prepared;

	if (a == NULL)
		return remove_folder(job, payload_text(job, "remove"));
	return picture_run(job, a->source, a->folder, make_squares, NULL);
}

/* --- in the supervisor --- */

static int
avatar_prepare(struct job *job, struct db_session *db)
{
	struct avatar *a = mem_new(job->mem, struct avatar);
	char tenant[UUID_TEXT];
	struct db_result *r;
	uint64_t tail;
	int err;

	if (payload_text(job, "remove") != NULL)
		return 0;
	a->name = payload_text(job, "source");
	if (a->name == NULL || strchr(a->name, '/') != NULL)
		return ERR_NOT_FOUND;
	a->source = storage_path(job->mem, job->conf, STORAGE_INCOMING, a->name);
	err = db_query_row(db, &r, Q_AVATAR_WANTED, uuid_param(job->user), text_param(a->name));
	if (err == ERR_NOT_FOUND) /* a newer one came */
		unlink(a->source);
	if (err != 0)
		return err;
	random_bytes(&tail, sizeof(tail));
	a->prefix = mem_printf(job->mem, "%s/avatars/%016llx", uuid_text(&job->tenant, tenant), (unsigned long long)tail);
	a->folder = storage_path(job->mem, job->conf, STORAGE_PUBLIC, a->prefix);
	job->prepared = a;
	return storage_make_folder(a->folder) == 0 ? 0 : ERR_UNAVAILABLE;
}

static int
remove_tree(void *path)
{
	return storage_remove(path);
}

/* What a refusal says is written by avatar_follow (db/migrations/0057_avatars.sql). */
static int
avatar_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	const struct avatar *a = job->prepared;
	int64_t changed = 0;
	int err = 0;

	(void)code;
	(void)reason;
	if (a == NULL)
		return 0;
	if (is_done)
		err = db_exec(db, &changed, Q_AVATAR_DONE, uuid_param(job->user), text_param(a->name),
		    text_param(mem_printf(job->mem, "%s/%s", a->prefix, squares[0].name)), int_param(OLD_KEPT_S));
	if (err != 0)
		return err;
	if (changed == 0)
		wait_offload(remove_tree, (void *)a->folder);
	if (is_done || is_final)
		unlink(a->source);
	return 0;
}

const struct job_kind job_avatar = {
	.name = "avatar",
	.is_confined = true,
	.stall_s = 60,
	.timeout_s = 60,
	.prepare = avatar_prepare,
	.run = avatar_run,
	.settle = avatar_settle,
};
