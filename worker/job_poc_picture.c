/* worker/job_poc_picture.c - a project's thumbnail or screenshot in two sizes, in a confined child; payload {"source":NAME}. */
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/job.h"
#include "worker/picture.h"

static const struct media_size sizes[] = { { "large.jpg", 1920 }, { "small.jpg", 480 } };

struct picture {
	const char *source, *prefix, *folder; /* path; storage key and path of the new folder */
};

static int
make(void *arg, const char *source, const char *folder, struct media_failure *failure)
{
	(void)arg;
	return media_picture_scaled(source, folder, sizes, sizeof(sizes) / sizeof(sizes[0]), failure);
}

static int
poc_picture_run(struct job *job)
{
	const struct picture *p = job->prepared;

	return picture_run(job, p->source, p->folder, make, NULL);
}

static int
poc_picture_prepare(struct job *job, struct db_session *db)
{
	struct picture *p = mem_new(job->mem, struct picture);
	const char *name = payload_text(job, "source");
	char tenant[UUID_TEXT], id[UUID_TEXT];
	struct db_result *r;
	int err;

	if (name == NULL || strchr(name, '/') != NULL)
		return ERR_NOT_FOUND;
	p->source = storage_path(job->mem, job->conf, STORAGE_INCOMING, name);
	err = db_query_row(db, &r, Q_POC_PICTURE_WORK, uuid_param(job->subject), text_param(name));
	if (err == ERR_NOT_FOUND) /* taken away meanwhile */
		unlink(p->source);
	if (err != 0)
		return err;
	p->prefix = mem_printf(job->mem, "%s/pocs/%s", uuid_text(&job->tenant, tenant), uuid_text(&job->subject, id));
	p->folder = storage_path(job->mem, job->conf, STORAGE_PUBLIC, p->prefix);
	job->prepared = p;
	return storage_make_folder(p->folder) == 0 ? 0 : ERR_UNAVAILABLE;
}

static int
remove_tree(void *path)
{
	return storage_remove(path);
}

static int
poc_picture_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	const struct picture *p = job->prepared;
	int64_t changed = 0;
	int err = 0;

	(void)code;
	(void)reason;
	if (p == NULL)
		return 0;
	if (is_done)
		err = db_exec(db, &changed, Q_POC_PICTURE_DONE, uuid_param(job->subject), text_param(p->prefix));
	if (err != 0)
		return err;
	if (changed == 0)
		wait_offload(remove_tree, (void *)p->folder);
	if (is_done || is_final)
		unlink(p->source);
	return 0;
}

const struct job_kind job_poc_picture = {
	.name = "poc_picture",
	.is_confined = true,
	.stall_s = 60,
	.timeout_s = 60,
	.prepare = poc_picture_prepare,
	.run = poc_picture_run,
	.settle = poc_picture_settle,
};
