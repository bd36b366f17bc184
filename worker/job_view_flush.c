/*
 * worker/job_view_flush.c - views and players' events in Redis become rows, in batches, and viewers are added to the sketches of
 * unique ones. A batch has a name, is applied under it, then forgotten: after a crash at any point it is applied once (view_batches
 * knows it).
 */
#include <string.h>
#include <time.h>

#include "lib/buf.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/uniques.h"
#include "lib/wait.h"
#include "worker/event_batch.h"
#include "worker/job.h"

#define BATCH 5000
#define TURNS 1000
#define CALL_MS 30000
#define REST 15 /* we sleep so many times as long as we work */
#define LATE_S 30 /* but no longer than that, nor when events have waited so long */

/* A batch at work; its memory goes with it. */
struct turn {
	struct job *job;
	const struct flow *flow;
	struct event_batch batch;
	void *mem;
};

/* --- unique viewers --- */

#define SKETCHED_AT_ONCE 200

/* Triples: sketch, viewer, seconds to keep it. Adding somebody again changes nothing, so a batch may come twice. */
static struct redis_script sketch_script = { .text = "for i = 1, #ARGV, 3 do\n"
						     "  if redis.call('pfadd', ARGV[i], ARGV[i + 1]) == 1 then\n"
						     "    redis.call('expire', ARGV[i], ARGV[i + 2], 'NX')\n"
						     "  end\n"
						     "end\n"
						     "return 1\n" };

static const char *
text_of(struct json_object *event, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(event, name, &v) ? json_object_get_string(v) : NULL;
}

/* The day of an event's time, as uniques_key() wants it. */
static const char *
day_of(void *mem, const char *at)
{
	return strlen(at) < 10 ? NULL : mem_printf(mem, "%.4s%.2s%.2s", at, at + 5, at + 8);
}

/* An event's triple; false for what is none of ours. */
static bool
sketch_words(void *mem, const struct event_line *line, const char *words[3])
{
	struct json_object *event;
	const char *why, *video, *at, *who;

	if (json_parse(mem, line->text, line->length, &event, &why) != 0)
		return false;
	video = text_of(event, "video");
	at = text_of(event, "at");
	who = text_of(event, "user");
	if (who == NULL)
		who = text_of(event, "session");
	if (video == NULL || at == NULL || who == NULL || day_of(mem, at) == NULL)
		return false;
	words[0] = uniques_key(mem, video, day_of(mem, at));
	words[1] = who;
	words[2] = mem_printf(mem, "%d", UNIQUES_KEPT_DAYS * 86400);
	return true;
}

static int
add_to_sketches(struct turn *t)
{
	const struct event_batch *b = &t->batch;
	int err = 0;

	for (unsigned at = 0; at < b->count && err == 0; at += SKETCHED_AT_ONCE) {
		const char *words[3 * SKETCHED_AT_ONCE];
		void *mem = talloc_new(t->mem);
		int count = 0;

		for (unsigned i = at; i < b->count && i < at + SKETCHED_AT_ONCE; i++)
			count += sketch_words(mem, &b->lines[i], words + count) ? 3 : 0;
		if (count > 0)
			err = redis_eval(t->job->redis, mem, NULL, now_ms() + CALL_MS, &sketch_script, 0, count, words);
		talloc_free(mem);
	}
	return err;
}

/* --- rows --- */

/* One kind of event: the list that the web processes add to, and what takes a batch of it. */
static const struct flow {
	const char *name; /* of its lists */
	enum query_id apply;
	int (*count)(struct turn *t); /* NULL: rows are all there is */
} flows[] = {
	{ "views", Q_VIEWS_APPLY, add_to_sketches },
	{ "engagement", Q_ENGAGEMENT_APPLY, NULL },
};

static const char *
json_of(struct turn *t)
{
	struct buf all;

	buf_init(&all, t->mem, t->batch.count * 256 + 16);
	buf_add_char(&all, '[');
	for (unsigned i = 0; i < t->batch.count; i++) {
		if (i > 0)
			buf_add_char(&all, ',');
		buf_add(&all, t->batch.lines[i].text, t->batch.lines[i].length);
	}
	buf_add_char(&all, ']');
	return buf_cstr(&all);
}

static int
apply(struct turn *t)
{
	struct db_session db;
	struct db_result *r;
	int err;

	db_session_init(&db, t->job->db, t->mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
	err = db_query_params(&db, &r, t->flow->apply, (const struct param[]){ text_param(t->batch.name), json_param(json_of(t)) }, 2);
	db_session_end(&db);
	return err != 0 ? err : event_batch_forget(&t->batch, t->job->redis, t->mem);
}

/* A batch that the database will never take is put away, and told. */
static int
flush(struct turn *t)
{
	int err = t->flow->count != NULL ? t->flow->count(t) : 0;

	if (err == 0)
		err = apply(t);
	if (err == 0 || err == ERR_UNAVAILABLE || err == ERR_TIMEOUT)
		return err;
	log_error("events_refused", LOG_STR("flow", t->flow->name), LOG_STR("batch", t->batch.name));
	return event_batch_put_away(&t->batch, t->job->redis, t->mem);
}

/* A peak waits in Redis and goes to the database at a part of its speed, so that readers hardly notice; but not for long: a job that
 * only sleeps would be ended as one that hangs. */
static void
let_others_work(const struct turn *t, int64_t took_ms)
{
	int64_t rest_ms = REST * took_ms, most_ms = LATE_S * INT64_C(1000);

	if (time(NULL) - t->batch.oldest_s < LATE_S)
		wait_sleep(rest_ms < most_ms ? rest_ms : most_ms);
}

/* One batch of this flow. *more: there was one. */
static int
flush_some(struct job *job, const struct flow *flow, bool *more)
{
	struct turn t = { .job = job, .flow = flow, .mem = talloc_new(job->mem) };
	int64_t began_ms = now_ms();
	int err = event_batch_take(&t.batch, job->redis, t.mem, flow->name, BATCH);

	if (err == 0 && t.batch.name != NULL) {
		*more = true;
		err = flush(&t);
		job_report_progress(job, 50);
	}
	if (err == 0 && t.batch.name != NULL)
		let_others_work(&t, now_ms() - began_ms);
	talloc_free(t.mem);
	return err;
}

/* In turns: while one flow never ends the others go on. */
static int
view_flush_run(struct job *job)
{
	bool more = true;

	for (int turn = 0; turn < TURNS && more; turn++) {
		more = false;
		for (size_t i = 0; i < sizeof(flows) / sizeof(*flows); i++)
			if (flush_some(job, &flows[i], &more) != 0)
				return job_fail(job, "NOT_FLUSHED", "Redis or the database did not answer.", false);
	}
	return 0;
}

const struct job_kind job_view_flush = { .name = "view_flush", .slots = 1, .run = view_flush_run };
