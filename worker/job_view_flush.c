/*
 * worker/job_view_flush.c - views and players' events in Redis become rows, in batches, and viewers are added to the sketches of
 * unique ones. A batch is first set aside under a name,
 * then applied under that name, then forgotten: after a crash at any point it is applied once (view_batches knows it).
 */
#include <string.h>

#include "lib/buf.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/uniques.h"
#include "lib/uuid.h"
#include "lib/wait.h"
#include "worker/job.h"

#define BATCH 5000
#define CALL_MS 30000
#define PEAK 500000 /* events that wait: from here on nothing else counts */

/* --- unique viewers --- */

#define SKETCHED_AT_ONCE 200 /* other commands wait while a script runs */

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
sketch_words(void *mem, const struct redis_reply *text, const char *words[3])
{
	struct json_object *event;
	const char *why, *video, *at, *who;

	if (json_parse(mem, text->text, text->length, &event, &why) != 0)
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
add_to_sketches(struct job *job, const struct redis_reply *events)
{
	int err = 0;

	for (size_t at = 0; at < events->count && err == 0; at += SKETCHED_AT_ONCE) {
		const char *words[3 * SKETCHED_AT_ONCE];
		void *mem = talloc_new(job->mem);
		int count = 0;

		for (size_t i = at; i < events->count && i < at + SKETCHED_AT_ONCE; i++)
			count += sketch_words(mem, &events->items[i], words + count) ? 3 : 0;
		if (count > 0)
			err = redis_eval(job->redis, mem, NULL, now_ms() + CALL_MS, &sketch_script, 0, count, words);
		talloc_free(mem);
	}
	return err;
}

/* --- rows --- */

/* One kind of event: the list that the web processes add to, and what takes a batch of it. */
static const struct flow {
	const char *name; /* of its keys: NAME:pending, NAME:batches, NAME:batch:ID */
	enum query_id apply;
	int (*count)(struct job *job, const struct redis_reply *events); /* NULL: rows are all there is */
} flows[] = {
	{ "views", Q_VIEWS_APPLY, add_to_sketches },
	{ "engagement", Q_ENGAGEMENT_APPLY, NULL },
};

/* Moves up to BATCH events aside. Leftovers of a flush that died come first. Returns the batch's name, or nothing. */
static struct redis_script set_aside = {
	.text = "local left = redis.call('lrange', KEYS[2], 0, 0)\n"
		"if #left > 0 then return left[1] end\n"
		"local views = redis.call('lrange', KEYS[1], 0, ARGV[2] - 1)\n"
		"if #views == 0 then return false end\n"
		"redis.call('ltrim', KEYS[1], #views, -1)\n"
		"for i = 1, #views, 1000 do redis.call('rpush', ARGV[3] .. ARGV[1], unpack(views, i, math.min(i + 999, #views))) end\n"
		"redis.call('rpush', KEYS[2], ARGV[1])\n"
		"return ARGV[1]\n"
};

static int
read_batch(struct job *job, const struct flow *flow, const char *name, struct buf *views)
{
	struct redis_reply *list;
	int err = redis_command(job->redis, job->mem, &list, now_ms() + CALL_MS, "LRANGE %s:batch:%s 0 -1", flow->name,
	    name);

	if (err == 0 && flow->count != NULL)
		err = flow->count(job, list);
	if (err != 0)
		return err;
	buf_init(views, job->mem, list->count * 256 + 16);
	buf_add_char(views, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			buf_add_char(views, ',');
		buf_add(views, list->items[i].text, list->items[i].length);
	}
	buf_add_char(views, ']');
	return 0;
}

static int
apply(struct job *job, const struct flow *flow, const char *name)
{
	struct db_session db;
	struct db_result *r;
	struct buf views;
	int err = read_batch(job, flow, name, &views);

	if (err != 0)
		return err;
	db_session_init(&db, job->db, job->mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
	err = db_query_params(&db, &r, flow->apply, (const struct param[]){ text_param(name), json_param(buf_cstr(&views)) }, 2);
	db_session_end(&db);
	if (err == 0)
		err = redis_command(job->redis, job->mem, NULL, now_ms() + CALL_MS, "DEL %s:batch:%s", flow->name, name);
	if (err == 0)
		err = redis_command(job->redis, job->mem, NULL, now_ms() + CALL_MS, "LREM %s:batches 1 %s", flow->name, name);
	return err;
}

/* A batch that the database will never take must not stand before all others: it is kept under another name, and told. */
static int
put_away(struct job *job, const struct flow *flow, const char *name)
{
	int err = redis_command(job->redis, job->mem, NULL, now_ms() + CALL_MS, "RENAME %s:batch:%s %s:refused:%s", flow->name,
	    name, flow->name, name);

	if (err == 0)
		err = redis_command(job->redis, job->mem, NULL, now_ms() + CALL_MS, "LREM %s:batches 1 %s", flow->name, name);
	log_error("views_refused", LOG_STR("key", mem_printf(job->mem, "%s:refused:%s", flow->name, name)));
	return err;
}

static int
flush(struct job *job, const struct flow *flow, const char *name)
{
	int err = apply(job, flow, name);

	return err == 0 || err == ERR_UNAVAILABLE || err == ERR_TIMEOUT ? err : put_away(job, flow, name);
}

/* A peak waits in Redis and goes to the database at half of its speed, so that readers hardly notice; unless it grows too high. */
static void
let_others_work(struct job *job, const struct flow *flow, int64_t took_ms)
{
	struct redis_reply *left;

	if (redis_command(job->redis, job->mem, &left, now_ms() + CALL_MS, "LLEN %s:pending", flow->name) == 0 && left->integer < PEAK)
		wait_sleep(took_ms);
}

static int
flush_all(struct job *job, const struct flow *flow)
{
	const char *pending = mem_printf(job->mem, "%s:pending", flow->name), *batches = mem_printf(job->mem, "%s:batches", flow->name);
	const char *prefix = mem_printf(job->mem, "%s:batch:", flow->name);

	for (int turn = 0; turn < 1000; turn++) {
		struct uuid id = uuid_new();
		char name[UUID_TEXT], limit[16];
		struct redis_reply *batch;
		int64_t began_ms = now_ms();
		int err;

		snprintf(limit, sizeof(limit), "%d", BATCH);
		err = redis_eval(job->redis, job->mem, &batch, now_ms() + CALL_MS, &set_aside, 2, 5,
		    (const char *[]){ pending, batches, uuid_text(&id, name), limit, prefix });
		if (err == 0 && batch->type != REDIS_TEXT)
			return 0;
		if (err == 0)
			err = flush(job, flow, batch->text);
		if (err != 0)
			return err;
		job_report_progress(job, 50);
		let_others_work(job, flow, now_ms() - began_ms);
	}
	return 0;
}

static int
view_flush_run(struct job *job)
{
	for (size_t i = 0; i < sizeof(flows) / sizeof(*flows); i++)
		if (flush_all(job, &flows[i]) != 0)
			return job_fail(job, "NOT_FLUSHED", "Redis or the database did not answer.", false);
	return 0;
}

const struct job_kind job_view_flush = { .name = "view_flush", .slots = 1, .run = view_flush_run };
