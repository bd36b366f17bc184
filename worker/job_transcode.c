/* worker/job_transcode.c - an uploaded file becomes a stream. The child (confined) runs worker/media; what it reports
 * is written down here, by the supervisor, rung by rung, so that the video plays as soon as the first one is there. */
#include <dirent.h>
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
#include "worker/recipe.h"

struct edition {
	const char *original;    /* storage key of the file as it came */
	const char *source;      /* its path */
	const char *prefix;      /* storage key of this attempt's folder */
	const char *folder;      /* its path */
	const char *summary;     /* what the child said at its end */
	bool has_rung;           /* of this edition, and it plays */
	const char *recipe;      /* JSON of the edit that it shows, or NULL */
	struct media_edit edit;  /* the same */
	bool is_replacing;       /* a whole edition plays already: this one appears when it is whole, too */
	struct held *held;       /* then: its reports until that moment, newest first */
};

struct held {
	struct held *next;
	const char *type, *value;
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
	int rc = confine((const char *const[]){ e->source, NULL }, e->folder);

	if (rc != 0) {
		log_error("confine_failed", LOG_INT("errno", -rc));
		return job_fail(job, "NOT_CONFINED", "The work on this could not begin.", false);
	}
	if (e->recipe != NULL)
		request.edit = &e->edit;
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
	struct db_result *r, *begun;
	char video[UUID_TEXT], tenant[UUID_TEXT];
	uint32_t tail;
	int err = db_query_row(db, &r, Q_TRANSCODE_SOURCE, uuid_param(job->subject));

	if (err == 0)
		err = db_query_row(db, &begun, Q_TRANSCODE_BEGIN, uuid_param(job->subject), uuid_param(job->id),
		    text_param(job->worker), int_param(job->attempt));
	if (err == 0 && storage_room(job->conf) < 0)
		err = ERR_STORAGE_FULL;
	if (err != 0)
		return err;
	random_bytes(&tail, sizeof(tail));
	e->is_replacing = db_bool(r, 0, "is_whole");
	e->recipe = db_is_null(r, 0, "recipe") ? NULL : mem_strdup(job->mem, db_text(r, 0, "recipe"));
	if (e->recipe != NULL && recipe_read(job->mem, e->recipe, &e->edit) != 0)
		return ERR_INTERNAL;
	e->original = mem_strdup(job->mem, db_text(r, 0, "original_key"));
	e->source = storage_path(job->mem, job->conf, STORAGE_ORIGINALS, e->original);
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
	int err;

	if (key_of(job, e, text_of(v, "file")) == NULL || key_of(job, e, text_of(v, "playlist")) == NULL)
		return ERR_VALIDATION_ERROR;
	err = db_query(db, &r, Q_TRANSCODE_RUNG, FENCE(job), text_param(e->prefix), json_param(json_object_to_json_string(v)));
	if (err == 0)
		e->has_rung = true;
	return fenced(err, r);
}

static int
report(struct job *job, struct db_session *db, const char *type, struct json_object *v)
{
	const struct edition *e = job->prepared;
	struct db_result *r;
	int err;

	if (strcmp(type, "rung") == 0)
		return report_rung(job, db, v);
	if (strcmp(type, "stills") == 0)
		return report_stills(job, db, v);
	if (strcmp(type, "progress") == 0)
		err = db_query(db, &r, Q_TRANSCODE_PROGRESS, FENCE(job), int_param(json_object_get_int(v)));
	else if (strcmp(type, "probed") == 0)
		err = db_query(db, &r, Q_TRANSCODE_PROBED, FENCE(job), json_param(json_object_to_json_string(v)), bool_param(e->recipe != NULL));
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
transcode_report(struct job *job, struct db_session *db, const char *type, struct json_object *v)
{
	struct edition *e = job->prepared;
	struct held *h;

	if (strcmp(type, "summary") == 0) {
		e->summary = mem_strdup(job->mem, json_object_to_json_string(v));
		return 0;
	}
	if (!e->is_replacing || strcmp(type, "progress") == 0)
		return report(job, db, type, v);
	h = mem_new(job->mem, struct held);
	h->next = e->held;
	h->type = mem_strdup(h, type);
	h->value = mem_strdup(h, json_object_to_json_string(v));
	e->held = h;
	return 0;
}

/* The oldest first. */
static int
report_held(struct job *job, struct db_session *db, const struct held *h)
{
	struct json_object *v;
	int err;

	if (h == NULL)
		return db_exec(db, NULL, Q_TRANSCODE_REPLACE, uuid_param(job->subject));
	err = report_held(job, db, h->next);
	if (err != 0)
		return err;
	v = json_tokener_parse(h->value);
	err = report(job, db, h->type, v);
	json_object_put(v);
	return err;
}

static int
remove_tree(void *path)
{
	return storage_remove(path);
}

/* The video's other editions: what played before, and what broken attempts left; not its own stills. False: there are none. */
static bool
list_others(struct job *job, const struct edition *e, struct buf *b)
{
	const char *keep = strrchr(e->folder, '/') + 1;
	DIR *dir = opendir(mem_strndup(job->mem, e->folder, (size_t)(keep - e->folder)));
	struct dirent *d;
	bool found = false;

	buf_add_literal(b, "{\"public\":[");
	while (dir != NULL && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.' || strcmp(d->d_name, keep) == 0 || strncmp(d->d_name, STILL_FOLDER, strlen(STILL_FOLDER)) == 0)
			continue;
		if (found)
			buf_add_char(b, ',');
		buf_json_str(b, mem_printf(job->mem, "%.*s/%s", (int)(strrchr(e->prefix, '/') - e->prefix), e->prefix, d->d_name));
		found = true;
	}
	if (dir != NULL)
		closedir(dir);
	buf_add_literal(b, "]}");
	return found;
}

static int
settle_done(struct job *job, struct db_session *db)
{
	struct edition *e = job->prepared;
	bool keep = job->conf->media_keep_originals;
	struct buf others;
	int err = e->is_replacing ? report_held(job, db, e->held) : 0;

	if (err == 0)
		err = db_exec(db, NULL, Q_TRANSCODE_DONE, uuid_param(job->subject), text_param(e->prefix),
		    json_param(e->summary != NULL ? e->summary : "{}"), int_param(storage_size(e->folder)), bool_param(keep),
		    json_param(e->recipe));
	buf_init(&others, job->mem, 256);
	if (err == 0 && list_others(job, e, &others))
		err = db_exec(db, NULL, Q_TRANSCODE_PURGE, uuid_param(job->subject), json_param(buf_cstr(&others)),
		    int_param(job->conf->media_url_ttl));
	if (err == 0 && !keep)
		err = db_exec(db, NULL, Q_TRANSCODE_PURGE, uuid_param(job->subject),
		    json_param(mem_printf(job->mem, "{\"originals\":[\"%s\"]}", e->original)), int_param(0));
	return err;
}

/* A rung that already plays stays, also when the attempt ended badly. What the video says then follows in the database
 * (transcode_follow in db/migrations/0040_job_endings.sql). */
static int
transcode_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	struct edition *e = job->prepared;

	(void)is_final;
	(void)code;
	(void)reason;
	if (is_done)
		return settle_done(job, db);
	if (e != NULL && !e->has_rung)
		wait_offload(remove_tree, (void *)e->folder);
	return 0;
}

const struct job_kind job_transcode = {
	.name = "transcode",
	.is_confined = true,
	.prepare = transcode_prepare,
	.run = transcode_run,
	.report = transcode_report,
	.settle = transcode_settle,
};
