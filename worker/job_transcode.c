/* worker/job_transcode.c - an uploaded file becomes a stream. The child (confined) runs worker/media; what it reports
 * is written down here, by the supervisor, rung by rung, so that the video plays as soon as the first one is there. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/random.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/confine.h"
#include "worker/job.h"
#include "worker/media/media.h"

struct edition {
	const char *source;      /* the original's path */
	const char *prefix;      /* storage key of this attempt's folder */
	const char *folder;      /* its path */
	const char *summary;     /* what the child said at its end */
	bool has_rung;
};

/* --- in the child --- */

static void
write_info(struct buf *b, const struct media_info *i)
{
	buf_add_char(b, '{');
	buf_json_key(b, "container");
	buf_json_str(b, i->container);
	buf_json_key(b, "videoCodec");
	buf_json_str(b, i->video_codec);
	buf_json_key(b, "audioCodec");
	buf_json_str(b, i->audio_codec);
	if (i->duration_us > 0) {
		buf_json_key(b, "duration");
		buf_json_double(b, (double)i->duration_us / 1e6);
	}
	buf_printf(b, ",\"width\":%d,\"height\":%d,\"rotation\":%d,\"bitrate\":%lld,\"hasAudio\":%s,\"hdr\":%s", i->width,
	    i->height, i->rotation, (long long)i->bitrate_bps, i->audio_stream >= 0 ? "true" : "false",
	    i->hdr != MEDIA_SDR ? "true" : "false");
	buf_json_key(b, "fps");
	buf_json_double(b, i->fps);
	buf_add_char(b, '}');
}

static void
on_probed(void *user, const struct media_info *info)
{
	struct job *job = user;
	struct buf b;

	buf_init(&b, job->mem, 512);
	write_info(&b, info);
	job_report(job, "probed", buf_cstr(&b));
}

static void
on_progress(void *user, int percent)
{
	job_report_progress(user, percent);
}

static void
on_rung_ready(void *user, const struct media_rung *r)
{
	struct job *job = user;
	struct buf b;

	buf_init(&b, job->mem, 512);
	buf_add_literal(&b, "{\"name\":");
	buf_json_str(&b, r->name);
	buf_json_key(&b, "file");
	buf_json_str(&b, r->file);
	buf_json_key(&b, "playlist");
	buf_json_str(&b, r->playlist);
	buf_json_key(&b, "codecs");
	buf_json_str(&b, r->codecs);
	buf_json_key(&b, "fps");
	buf_json_double(&b, r->fps);
	buf_printf(&b, ",\"width\":%d,\"height\":%d,\"bandwidth\":%lld,\"averageBandwidth\":%lld,\"sizeBytes\":%lld,\"copied\":%s}",
	    r->width, r->height, (long long)r->bandwidth_bps, (long long)r->average_bandwidth_bps, (long long)r->size_bytes,
	    r->copied ? "true" : "false");
	job_report(job, "rung", buf_cstr(&b));
}

static void
on_rung_failed(void *user, const struct media_rung *r, const struct media_failure *failure)
{
	struct job *job = user;
	struct buf b;

	buf_init(&b, job->mem, 256);
	buf_add_literal(&b, "{\"name\":");
	buf_json_str(&b, r->name);
	buf_json_key(&b, "reason");
	buf_json_str(&b, failure->message);
	buf_add_char(&b, '}');
	job_report(job, "rungFailed", buf_cstr(&b));
}

static void
on_stills(void *user, const struct media_stills *s)
{
	struct job *job = user;
	struct buf b;

	buf_init(&b, job->mem, 512);
	buf_add_literal(&b, "{\"poster\":");
	buf_json_str(&b, s->poster);
	buf_json_key(&b, "storyboard");
	buf_json_str(&b, s->storyboard);
	buf_json_key(&b, "storyboardVtt");
	buf_json_str(&b, s->storyboard_vtt);
	buf_add_literal(&b, ",\"thumbnails\":[");
	for (int i = 0; i < 3; i++) {
		if (i > 0)
			buf_add_char(&b, ',');
		buf_json_str(&b, s->thumbnails[i]);
	}
	buf_add_literal(&b, "]}");
	job_report(job, "stills", buf_cstr(&b));
}

static void
on_warning(void *user, enum media_warning_code code, const char *word, const char *message)
{
	struct job *job = user;
	struct buf b;

	(void)code;
	buf_init(&b, job->mem, 256);
	buf_add_literal(&b, "{\"code\":");
	buf_json_str(&b, word);
	buf_json_key(&b, "message");
	buf_json_str(&b, message);
	buf_add_char(&b, '}');
	job_report(job, "warning", buf_cstr(&b));
}

/* The machine's fault, not the file's: another attempt may end better. */
static bool
may_pass(enum media_failure_code code)
{
	return code == MEDIA_DISK_FULL || code == MEDIA_OUTPUT || code == MEDIA_ENCODER || code == MEDIA_TOO_SLOW ||
	    code == MEDIA_CANCELLED;
}

static int
transcode_run(struct job *job)
{
	const struct edition *e = job->prepared;
	const struct media_events events = { .user = job, .probed = on_probed, .progress = on_progress,
		.rung_ready = on_rung_ready, .rung_failed = on_rung_failed, .stills_ready = on_stills, .warning = on_warning };
	struct media_request request = { .source = e->source, .output_folder = e->folder, .policy = media_policy_default() };
	struct media_summary summary = { 0 };
	struct media_failure failure = { 0 };
	struct buf b;
	int rc = confine(job->conf, e->folder);

	if (rc != 0) {
		log_error("confine_failed", LOG_INT("errno", -rc));
		return job_fail(job, "NOT_CONFINED", "The work on this could not begin.", false);
	}
	request.policy.limits.max_duration_us = job->conf->media_max_duration * INT64_C(1000000);
	rc = media_transcode(&request, &events, &summary, &failure);
	if (rc != MEDIA_OK) {
		log_info("transcode_refused", LOG_STR("reason", failure.reason), LOG_STR("detail", failure.detail));
		return job_fail(job, failure.reason, failure.message, !may_pass((enum media_failure_code)rc));
	}
	buf_init(&b, job->mem, 64);
	buf_add_literal(&b, "{\"duration\":");
	buf_json_double(&b, (double)summary.duration_us / 1e6);
	buf_add_char(&b, '}');
	job_report(job, "summary", buf_cstr(&b));
	return 0;
}

/* --- in the supervisor --- */

static int
transcode_prepare(struct job *job, struct db_session *db)
{
	struct edition *e = mem_new(job->mem, struct edition);
	struct db_result *r;
	char video[UUID_TEXT], tenant[UUID_TEXT];
	uint32_t tail;
	int err = db_query_row(db, &r, Q_TRANSCODE_SOURCE, uuid_param(job->subject));

	if (err == 0)
		err = db_exec(db, NULL, Q_TRANSCODE_BEGIN, uuid_param(job->subject), uuid_param(job->id),
		    text_param(job->worker), int_param(job->attempt));
	if (err != 0)
		return err;
	random_bytes(&tail, sizeof(tail));
	e->source = storage_path(job->mem, job->conf, STORAGE_ORIGINALS, db_text(r, 0, "original_key"));
	e->prefix = mem_printf(job->mem, "%s/%s/%08x", uuid_text(&job->tenant, tenant), uuid_text(&job->subject, video), tail);
	e->folder = storage_path(job->mem, job->conf, STORAGE_PUBLIC, e->prefix);
	job->prepared = e;
	return storage_make_folder(e->folder) == 0 ? 0 : ERR_UNAVAILABLE;
}

static const char *
text_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) && v != NULL ? json_object_get_string(v) : NULL;
}

/* A file name of this edition as a storage key; a name that is more than a name is none. */
static const char *
key_of(const struct job *job, const struct edition *e, const char *name)
{
	if (name == NULL || strchr(name, '/') != NULL || name[0] == '.')
		return NULL;
	return mem_printf(job->mem, "%s/%s", e->prefix, name);
}

#define FENCE(job) uuid_param((job)->subject), uuid_param((job)->id), text_param((job)->worker), int_param((job)->attempt)

static int
fenced(int err, const struct db_result *r)
{
	return err == 0 && db_rows(r) == 0 ? ERR_CONFLICT : err;
}

static int
report_stills(struct job *job, struct db_session *db, struct json_object *v)
{
	struct edition *e = job->prepared;
	struct json_object *list;
	const char *thumbnails[3];
	struct db_result *r;
	size_t count = 0;
	int err;

	if (json_object_object_get_ex(v, "thumbnails", &list) && json_object_is_type(list, json_type_array))
		for (size_t i = 0; i < json_object_array_length(list) && count < 3; i++) {
			const char *key = key_of(job, e, json_object_get_string(json_object_array_get_idx(list, i)));

			if (key != NULL)
				thumbnails[count++] = key;
		}
	err = db_query(db, &r, Q_TRANSCODE_STILLS, FENCE(job), text_param(e->prefix),
	    text_param(key_of(job, e, text_of(v, "poster"))), text_array_param(thumbnails, count),
	    text_param(key_of(job, e, text_of(v, "storyboard"))), text_param(key_of(job, e, text_of(v, "storyboardVtt"))));
	return fenced(err, r);
}

static int
report_rung(struct job *job, struct db_session *db, struct json_object *v)
{
	struct edition *e = job->prepared;
	struct db_result *r;
	int err = db_query(db, &r, Q_TRANSCODE_RUNG, FENCE(job), text_param(e->prefix),
	    json_param(json_object_to_json_string(v)));

	if (err == 0)
		e->has_rung = true;
	return fenced(err, r);
}

static int
transcode_report(struct job *job, struct db_session *db, const char *type, struct json_object *v)
{
	struct edition *e = job->prepared;
	struct db_result *r;
	int err;

	if (strcmp(type, "rung") == 0)
		return report_rung(job, db, v);
	if (strcmp(type, "stills") == 0)
		return report_stills(job, db, v);
	if (strcmp(type, "summary") == 0) {
		e->summary = mem_strdup(job->mem, json_object_to_json_string(v));
		return 0;
	}
	if (strcmp(type, "probed") == 0)
		err = db_query(db, &r, Q_TRANSCODE_PROBED, FENCE(job), json_param(json_object_to_json_string(v)));
	else if (strcmp(type, "warning") == 0)
		err = db_query(db, &r, Q_TRANSCODE_WARNING, FENCE(job), json_param(json_object_to_json_string(v)));
	else if (strcmp(type, "rungFailed") == 0)
		err = db_query(db, &r, Q_TRANSCODE_RUNG_FAILED, FENCE(job), text_param(text_of(v, "name")),
		    text_param(text_of(v, "reason")));
	else
		return 0;
	return fenced(err, r);
}

static int
remove_tree(void *path)
{
	return storage_remove(path);
}

static void
drop(struct job *job, enum storage_root root, const char *key)
{
	if (key != NULL)
		wait_offload(remove_tree, storage_path(job->mem, job->conf, root, key));
}

/* Editions of this video that are not the one given: what played before, and what broken attempts left. */
struct others {
	const char *folder, *keep;
};

static int
remove_others(void *arg)
{
	const struct others *o = arg;
	DIR *dir = opendir(o->folder);
	struct dirent *e;
	char path[4096];

	if (dir == NULL)
		return -errno;
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, o->keep) == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", o->folder, e->d_name);
		storage_remove(path);
	}
	return closedir(dir);
}

static void
drop_others(struct job *job, const struct edition *e)
{
	const char *slash = strrchr(e->folder, '/');
	struct others o = { .folder = mem_strndup(job->mem, e->folder, (size_t)(slash - e->folder)), .keep = slash + 1 };

	wait_offload(remove_others, &o);
}

static int
settle_done(struct job *job, struct db_session *db)
{
	struct edition *e = job->prepared;
	bool keep = job->conf->media_keep_originals;
	int err = db_exec(db, NULL, Q_TRANSCODE_DONE, uuid_param(job->subject), text_param(e->prefix),
	    json_param(e->summary != NULL ? e->summary : "{}"), int_param(storage_size(e->folder)), bool_param(keep));

	if (err == 0)
		drop_others(job, e);
	if (err == 0 && !keep)
		storage_remove(e->source);
	return err;
}

/* A rung that already plays stays, also when the attempt ended badly. */
static int
transcode_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	struct edition *e = job->prepared;

	if (is_done)
		return settle_done(job, db);
	if (e != NULL && !e->has_rung)
		drop(job, STORAGE_PUBLIC, e->prefix);
	return is_final ? db_exec(db, NULL, Q_TRANSCODE_FAILED, uuid_param(job->subject), text_param(code), text_param(reason)) : 0;
}

const struct job_kind job_transcode = {
	.name = "transcode",
	.is_confined = true,
	.prepare = transcode_prepare,
	.run = transcode_run,
	.report = transcode_report,
	.settle = transcode_settle,
};
