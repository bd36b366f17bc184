/* worker/job_check_video.c - makes the prints of a video in a confined child and compares them with the blocklist there;
 * payload {"videoId":…} or, for an entry of the blocklist that is made of a video, {"blockedMediaId":…} as well. */
#include <json-c/json.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "worker/confine.h"
#include "worker/job.h"
#include "worker/print_set.h"

struct check {
	const char *source;
	const char *result; /* what the child said */
	struct uuid *blocked; /* the entries, and their prints */
	struct print_set *prints;
	size_t blocked_count;
};

/* --- in the child --- */

static void
on_progress(void *user, int percent)
{
	job_report_progress(user, percent);
}

static void
write_matches(struct buf *b, const struct check *c, const struct media_prints *p)
{
	const struct print_set seen = { p->frames, p->sound, p->frame_count, p->sound_count };
	const char *comma = "";

	for (size_t i = 0; i < c->blocked_count; i++) {
		char id[UUID_TEXT];
		struct likeness how;

		if (!prints_alike(&c->prints[i], &seen, &how))
			continue;
		buf_printf(b, "%s{\"id\":\"%s\",\"frames\":", comma, uuid_text(&c->blocked[i], id));
		buf_json_double(b, how.frames);
		buf_add_literal(b, ",\"sound\":");
		buf_json_double(b, how.sound);
		buf_add_char(b, '}');
		comma = ",";
	}
}

static void
report_prints(struct job *job, const struct media_prints *p)
{
	struct buf b;

	buf_init(&b, job->mem, 64 * 1024);
	buf_add_literal(&b, "{\"frames\":[");
	for (size_t i = 0; i < p->frame_count; i++)
		buf_printf(&b, "%s%lld", i > 0 ? "," : "", (long long)p->frames[i]);
	buf_add_literal(&b, "],\"at\":[");
	for (size_t i = 0; i < p->frame_count; i++)
		buf_printf(&b, "%s%.1f", i > 0 ? "," : "", p->at_s[i]);
	buf_add_literal(&b, "],\"sound\":[");
	for (size_t i = 0; i < p->sound_count; i++)
		buf_printf(&b, "%s%d", i > 0 ? "," : "", (int)p->sound[i]);
	buf_add_literal(&b, "],\"matches\":[");
	write_matches(&b, job->prepared, p);
	buf_add_literal(&b, "]}");
	job_report(job, "prints", buf_cstr(&b));
}

static int
check_video_run(struct job *job)
{
	const struct check *c = job->prepared;
	struct media_failure failure = { 0 };
	struct media_prints *prints = mem_new(job->mem, struct media_prints);
	int rc = confine((const char *const[]){ c->source, NULL }, NULL);

	if (rc != 0) {
		log_error("confine_failed", LOG_INT("errno", -rc));
		return job_fail(job, "NOT_CONFINED", "The work on this could not begin.", false);
	}
	if (media_prints_make(c->source, prints, on_progress, job, &failure) != MEDIA_OK)
		return job_fail(job, failure.reason, failure.message, true);
	report_prints(job, prints);
	return 0;
}

/* --- in the supervisor --- */

static int
check_video_prepare(struct job *job, struct db_session *db)
{
	struct check *c = mem_new(job->mem, struct check);
	struct db_result *r;
	int err = db_query_row(db, &r, Q_CHECK_VIDEO_SOURCE, uuid_param(job->subject));

	if (err != 0)
		return err;
	c->source = storage_path(job->mem, job->conf, STORAGE_ORIGINALS, db_text(r, 0, "original_key"));
	err = db_query(db, &r, Q_BLOCKED_PRINTS);
	if (err != 0)
		return err;
	c->blocked_count = (size_t)db_rows(r);
	c->blocked = mem_size(job->mem, (c->blocked_count + 1) * sizeof(*c->blocked));
	c->prints = mem_size(job->mem, (c->blocked_count + 1) * sizeof(*c->prints));
	for (size_t i = 0; i < c->blocked_count; i++) {
		c->blocked[i] = db_uuid(r, (int)i, "id");
		c->prints[i] = print_set_read(job->mem, r, (int)i);
	}
	job->prepared = c;
	return 0;
}

static int
check_video_report(struct job *job, struct db_session *db, const char *type, struct json_object *v)
{
	struct check *c = job->prepared;

	(void)db;
	if (strcmp(type, "prints") == 0)
		c->result = mem_strdup(job->mem, json_object_to_json_string(v));
	return 0;
}

static int
check_video_settle(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code, const char *reason)
{
	const struct check *c = job->prepared;
	struct db_result *r;

	(void)is_final;
	(void)code;
	(void)reason;
	if (!is_done || c == NULL || c->result == NULL)
		return 0;
	return db_query(db, &r, Q_VIDEO_CHECKED, uuid_param(job->subject), json_param(c->result), json_param(job->payload),
	    uuid_array_param(c->blocked, c->blocked_count));
}

const struct job_kind job_check_video = {
	.name = "check_video",
	.is_confined = true,
	.slots = 1,
	.prepare = check_video_prepare,
	.run = check_video_run,
	.report = check_video_report,
	.settle = check_video_settle,
};
