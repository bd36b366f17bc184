/* worker/job_thumbnail.c - a video's own poster and thumbnail, in a confined child; payload {"source":NAME} for a picture below
 * incoming/, {"source":NAME,"time":SECONDS} for what the video shows then. */
#include <json-c/json.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "lib/json.h"
#include "lib/mem.h"
#include "lib/random.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/job.h"
#include "worker/picture.h"
#include "worker/recipe.h"

static const struct media_size sizes[] = { { MEDIA_STILL_POSTER, MEDIA_STILL_POSTER_SIDE }, { MEDIA_STILL_THUMB, MEDIA_STILL_THUMB_SIDE } };

struct thumbnail {
	const char *name;     /* as the payload says */
	const char *incoming; /* path of the picture; NULL: what the video shows */
	const char *source;   /* path of what is read */
	const char *prefix;   /* storage key of the new folder */
	const char *folder;
	int64_t time_us;
	struct media_edit edit;
	bool is_edited;
};

/* --- in the child --- */

static int
make(void *arg, const char *source, const char *folder, struct media_failure *failure)
{
	struct job *job = arg;
	const struct thumbnail *t = job->prepared;
	struct media_limits limits = { .max_duration_us = job->conf->media_max_duration * INT64_C(1000000) };

	if (t->incoming != NULL)
		return media_picture_scaled(source, folder, sizes, sizeof(sizes) / sizeof(sizes[0]), failure);
	return media_still(source, t->time_us, t->is_edited ? &t->edit : NULL, &limits, folder, failure);
}

static int
thumbnail_run(struct job *job)
{
	const struct thumbnail *t = job->prepared;

	return picture_run(job, t->source, t->folder, make, job);
}

/* --- in the supervisor --- */

static int
read_payload(struct job *job, struct thumbnail *t)
{
	struct json_object *payload, *v;
	const char *why;

	if (json_parse(job->mem, job->payload, strlen(job->payload), &payload, &why) != 0 ||
	    !json_object_object_get_ex(payload, "source", &v))
		return ERR_NOT_FOUND;
	t->name = mem_strdup(job->mem, json_object_get_string(v));
	if (strchr(t->name, '/') != NULL)
		return ERR_NOT_FOUND;
	if (json_object_object_get_ex(payload, "time", &v))
		t->time_us = llround(json_object_get_double(v) * 1e6);
	else
		t->source = t->incoming = storage_path(job->mem, job->conf, STORAGE_INCOMING, t->name);
	return 0;
}

/* The original shows most; what was made of it shows the same without any edit. */
static int
choose_source(struct job *job, struct thumbnail *t, const struct db_result *r)
{
	if (!db_is_null(r, 0, "original_key")) {
		t->source = storage_path(job->mem, job->conf, STORAGE_ORIGINALS, db_text(r, 0, "original_key"));
		t->is_edited = !db_is_null(r, 0, "recipe");
		return t->is_edited && recipe_read(job->mem, db_text(r, 0, "recipe"), &t->edit) != 0 ? ERR_INTERNAL : 0;
	}
	if (db_is_null(r, 0, "media_key"))
		return ERR_NOT_FOUND;
	t->source = storage_path(job->mem, job->conf, STORAGE_PUBLIC, db_text(r, 0, "media_key"));
	return 0;
}

static int
thumbnail_prepare(struct job *job, struct db_session *db)
{
	struct thumbnail *t = mem_new(job->mem, struct thumbnail);
	char tenant[UUID_TEXT], video[UUID_TEXT];
	struct db_result *r;
	uint32_t tail;
	int err = read_payload(job, t);

	if (err != 0)
		return err;
	err = db_query_row(db, &r, Q_THUMBNAIL_WORK, uuid_param(job->subject), text_param(t->name));
	if (err == ERR_NOT_FOUND && t->incoming != NULL) /* a newer one came */
		unlink(t->incoming);
	if (err == 0 && t->incoming == NULL)
		err = choose_source(job, t, r);
	if (err != 0)
		return err;
	random_bytes(&tail, sizeof(tail));
	t->prefix = mem_printf(job->mem, "%s/%s/%s%08x", uuid_text(&job->tenant, tenant), uuid_text(&job->subject, video), STILL_FOLDER, tail);
	t->folder = storage_path(job->mem, job->conf, STORAGE_PUBLIC, t->prefix);
	job->prepared = t;
	return storage_make_folder(t->folder) == 0 ? 0 : ERR_UNAVAILABLE;
}

static int
remove_tree(void *path)
{
	return storage_remove(path);
}

/* What a refusal says is written by thumbnail_follow (db/migrations/0100_thumbnails.sql). */
static int
thumbnail_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	const struct thumbnail *t = job->prepared;
	int64_t changed = 0;
	int err = 0;

	(void)code;
	(void)reason;
	if (t == NULL)
		return 0;
	if (is_done)
		err = db_exec(db, &changed, Q_THUMBNAIL_DONE, uuid_param(job->subject), text_param(t->name), text_param(t->prefix),
		    text_param(mem_printf(job->mem, "%s/%s", t->prefix, MEDIA_STILL_POSTER)),
		    text_param(mem_printf(job->mem, "%s/%s", t->prefix, MEDIA_STILL_THUMB)), int_param(job->conf->media_url_ttl));
	if (err != 0)
		return err;
	if (changed == 0)
		wait_offload(remove_tree, (void *)t->folder);
	if ((is_done || is_final) && t->incoming != NULL)
		unlink(t->incoming);
	return 0;
}

const struct job_kind job_thumbnail = {
	.name = "thumbnail",
	.is_confined = true,
	.stall_s = 120,
	.timeout_s = 120,
	.prepare = thumbnail_prepare,
	.run = thumbnail_run,
	.settle = thumbnail_settle,
};
