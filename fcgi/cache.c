/*
 * fcgi/cache.c - see cache.h. A kept answer is a line (fresh until, when the database was asked, where `data` begins and
 * ends) and the body. When it is no longer fresh, one request of each child asks the database anew, and the others still
 * get the old one: a popular page never meets the database with everybody at once. Dropping is a mark per community with
 * the time after its commit: what was asked before counts for nothing, also when it is kept only later. The clocks of the
 * machines that serve one Redis must agree.
 */
#include "fcgi/cache.h"

#include <stdlib.h>
#include <string.h>

#include "fcgi/app.h"
#include "fcgi/metrics.h"
#include "lib/answers.h"
#include "lib/counter.h"
#include "lib/wait.h"

#define LINE 64 /* "00000190a1b2c3d4 00000190a1b2c3d0 00001f40 00001f80" and spaces */
#define REDIS_MS 100
#define RENEW_MS 2000 /* a request that renews an answer has so long before another one tries */
#define RENEWERS 64

static bool
is_cacheable(const struct request *rq)
{
	return rq->route->shared_cache_s > 0 && rq->method == GET && !is_signed_in(rq) && rq->tenant != NULL &&
	    rq->app->conf->main_shared_cache && strlen(rq->path) + strlen(rq->query_text) < 1024;
}

static const char *
key_of(struct request *rq)
{
	return mem_printf(rq, "answer:%s:%s?%s", rq->tenant->id_text, rq->path, rq->query_text);
}

static const char *
mark_of(struct request *rq)
{
	return mem_printf(rq, ANSWERS_DROPPED_KEY, rq->tenant->id_text);
}

/* Is it on this request to ask anew? By hash: two answers in one place cost a late renewal. */
static bool
may_renew(const char *key)
{
	static int64_t until_ms[RENEWERS];
	uint32_t hash = 2166136261u;
	int64_t now = now_ms();

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619u;
	if (until_ms[hash % RENEWERS] > now)
		return false;
	until_ms[hash % RENEWERS] = now + RENEW_MS;
	return true;
}

/* What Redis has for the key, unless it was dropped since. */
static const struct redis_reply *
find(struct request *rq, const char *key)
{
	unsigned long long fresh_until, asked;
	const struct redis_reply *kept, *mark;
	struct redis_reply *both;

	if (redis_command(rq->app->redis, rq, &both, now_ms() + REDIS_MS, "MGET %s %s", key, mark_of(rq)) != 0 ||
	    both->type != REDIS_LIST || both->count != 2)
		return NULL;
	kept = &both->items[0];
	mark = &both->items[1];
	if (kept->type != REDIS_TEXT || kept->length < LINE || sscanf(kept->text, "%llx %llx", &fresh_until, &asked) != 2)
		return NULL;
	return mark->type == REDIS_TEXT && asked <= strtoull(mark->text, NULL, 10) ? NULL : kept;
}

static bool
take(struct request *rq, const char *key, const struct redis_reply *kept)
{
	unsigned long long fresh_until;
	unsigned at, end;

	if (sscanf(kept->text, "%llx %*x %x %x", &fresh_until, &at, &end) != 3 || at > end || end > kept->length - LINE)
		return false;
	if ((int64_t)fresh_until < rq->cache_asked_ms && may_renew(key))
		return false;
	rq->out.data_at = at;
	rq->out.data_end = end;
	return true;
}

bool
cache_serve(struct request *rq)
{
	const struct redis_reply *kept;
	const char *key;

	if (!is_cacheable(rq))
		return false;
	rq->cache_asked_ms = answers_clock_ms();
	key = key_of(rq);
	kept = find(rq, key);
	if (kept == NULL || !take(rq, key, kept)) {
		counter_add(COUNTER_cache_misses_total, 1);
		metrics_cache(rq->app->metrics, (int)rq->match.index, false);
		return false;
	}
	counter_add(COUNTER_cache_hits_total, 1);
	metrics_cache(rq->app->metrics, (int)rq->match.index, true);
	buf_init(&rq->out.body, rq, kept->length - LINE);
	buf_add(&rq->out.body, kept->text + LINE, kept->length - LINE);
	rq->out.status = 200;
	rq->is_from_cache = true;
	return true;
}

void
cache_drop(struct request *rq)
{
	if (rq->route != NULL && rq->route->drops_answers && rq->tenant != NULL && rq->app->conf->main_shared_cache &&
	    redis_command(rq->app->redis, rq, NULL, now_ms() + REDIS_MS, "SET %s %lld PX %d", mark_of(rq),
	        (long long)answers_clock_ms(), ANSWERS_DROPPED_MS) != 0)
		log_warn("answers_not_dropped", LOG_STR("tenant", rq->tenant->id_text));
}

void
cache_keep(struct request *rq)
{
	const struct reply *out = &rq->out;
	char line[LINE + 1];
	int64_t fresh_ms;
	char *value;

	if (rq->route == NULL || rq->is_from_cache || out->status != 200 || out->content_type != NULL ||
	    out->data_end == 0 || !is_cacheable(rq))
		return;
	fresh_ms = rq->route->shared_cache_s * INT64_C(1000);
	snprintf(line, sizeof(line), "%016llx %016llx %08x %08x%*s", (unsigned long long)(answers_clock_ms() + fresh_ms),
	    (unsigned long long)rq->cache_asked_ms, (unsigned)out->data_at, (unsigned)out->data_end, LINE - 51, "");
	value = mem_size(rq, LINE + out->body.length);
	memcpy(value, line, LINE);
	memcpy(value + LINE, out->body.data, out->body.length);
	redis_send(rq->app->redis, "SET %s %b PX %lld", key_of(rq), value, LINE + out->body.length,
	    (long long)(2 * fresh_ms));
}
