/*
 * fcgi/cache.c - see cache.h. A kept answer is a line (fresh until, where `data` begins and ends) and the body. When it is
 * no longer fresh, one request of each child asks the database anew, and the others still get the old one: a popular
 * page never meets the database with everybody at once.
 */
#include "fcgi/cache.h"

#include <string.h>

#include "fcgi/app.h"
#include "lib/wait.h"

#define LINE 48 /* "00000190a1b2c3d4 00001f40 00001f80" and spaces */
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

static int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
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

bool
cache_serve(struct request *rq)
{
	unsigned long long fresh_until;
	struct redis_reply *reply;
	unsigned at, end;
	const char *key;

	if (!is_cacheable(rq))
		return false;
	key = key_of(rq);
	if (redis_command(rq->app->redis, rq, &reply, now_ms() + REDIS_MS, "GET %s", key) != 0 ||
	    reply->type != REDIS_TEXT || reply->length < LINE ||
	    sscanf(reply->text, "%llx %x %x", &fresh_until, &at, &end) != 3 || at > end || end > reply->length - LINE)
		return false;
	if ((int64_t)fresh_until < clock_ms() && may_renew(key))
		return false;
	buf_init(&rq->out.body, rq, reply->length - LINE);
	buf_add(&rq->out.body, reply->text + LINE, reply->length - LINE);
	rq->out.data_at = at;
	rq->out.data_end = end;
	rq->out.status = 200;
	rq->is_from_cache = true;
	return true;
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
	snprintf(line, sizeof(line), "%016llx %08x %08x%*s", (unsigned long long)(clock_ms() + fresh_ms),
	    (unsigned)out->data_at, (unsigned)out->data_end, LINE - 34, "");
	value = mem_size(rq, LINE + out->body.length);
	memcpy(value, line, LINE);
	memcpy(value + LINE, out->body.data, out->body.length);
	redis_send(rq->app->redis, "SET %s %b PX %lld", key_of(rq), value, LINE + out->body.length,
	    (long long)(2 * fresh_ms));
}
