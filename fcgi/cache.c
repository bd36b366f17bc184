/*
 * fcgi/cache.c - see cache.h. A kept answer is a line (fresh until, when the database was asked, where `data` begins and
 * ends, its ETag) and the body. Each child keeps the last bodies that it read near: then Redis is asked for the line alone, and
 * that not again for a moment (TRUST_MS), unless a child of this machine drops something. When an answer is no longer fresh, one
 * request of each child asks the database anew, and the others still get the old one: a popular page never meets the database
 * with everybody at once. Dropping is a mark per community with the time after its commit: what was asked before counts for
 * nothing, also when it is kept only later. The clocks of the machines that serve one Redis must agree.
 */
#include "fcgi/cache.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fcgi/app.h"
#include "fcgi/metrics.h"
#include "lib/answers.h"
#include "lib/counter.h"
#include "lib/sign.h"
#include "lib/wait.h"

#define LINE 96 /* "00000190a1b2c3d4 00000190a1b2c3d0 00001f40 00001f80 "etag"" and spaces */
#define NEAR 64
#define NEAR_BYTES (64 << 10) /* larger answers are not kept near */
#define KEY_BYTES 256
#define TRUST_MS 50 /* what Redis said of a near answer holds so long: hidden things are gone within a second, fcgi/dispatch.c */
#define REDIS_MS 100
#define RENEW_MS 2000 /* a request that renews an answer has so long before another one tries */
#define RENEWERS 64
#define DROPS 256

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

/* FNV-1a */
static uint32_t
hash_of(const char *key)
{
	uint32_t hash = 2166136261u;

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619u;
	return hash;
}

/* Is it on this request to ask anew? By hash: two answers in one place cost a late renewal. */
static bool
may_renew(const char *key)
{
	static int64_t until_ms[RENEWERS];
	int64_t *until = &until_ms[hash_of(key) % RENEWERS], now = now_ms();

	if (*until > now)
		return false;
	*until = now + RENEW_MS;
	return true;
}

/* How often something was dropped on this machine, by community: by hash, two in one place cost a question to Redis. */
struct drops {
	_Atomic uint32_t count[DROPS];
};

struct drops *
cache_drops_open(void)
{
	struct drops *d = mmap(NULL, sizeof(*d), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (d == MAP_FAILED)
		mem_out_of_memory();
	return d;
}

static _Atomic uint32_t *
drops_of(const struct request *rq)
{
	return &rq->app->drops->count[rq->tenant->id.b[15] % DROPS];
}

struct line {
	int64_t fresh_until_ms;
	unsigned at, end; /* of `data` in the body */
	char etag[24];
};

/* When Redis was asked, on now_ms()'s clock and on the wall's, and how often had been dropped then. */
struct look {
	int64_t ms;
	time_t s;
	uint32_t drops;
};

/* An answer that this child read before; what Redis has counts, this is only its bytes. */
struct near {
	char key[KEY_BYTES], text[LINE];
	struct line line; /* what the text says */
	char *body; /* talloc; requests that send it hold references */
	size_t length;
	struct look look; /* the last one that found it */
};
static struct near table[NEAR];
static void *near_context;

static struct near *
near_of(const char *key)
{
	return &table[hash_of(key) % NEAR];
}

/* False: dropped since, or not one of ours. */
static bool
may_be_given(const struct redis_reply *line, const struct redis_reply *mark)
{
	unsigned long long asked;

	return line->type == REDIS_TEXT && line->length >= LINE && sscanf(line->text, "%*x %llx", &asked) == 1 &&
	    !(mark->type == REDIS_TEXT && asked <= strtoull(mark->text, NULL, 10));
}

/* False: it is not one of ours, or what it says of the body cannot be. */
static bool
read_line(const char text[LINE], size_t body_length, struct line *out)
{
	unsigned long long fresh_until;
	char line[LINE + 1];

	memcpy(line, text, LINE);
	line[LINE] = '\0';
	if (sscanf(line, "%llx %*x %x %x %23s", &fresh_until, &out->at, &out->end, out->etag) != 4)
		return false;
	out->fresh_until_ms = (int64_t)fresh_until;
	return out->at <= out->end && out->end <= body_length && out->etag[0] == '"';
}

/* False: it is on this request to ask anew. */
static bool
take_line(struct request *rq, const char *key, const struct line *line)
{
	if (line->fresh_until_ms < rq->cache_asked_ms && may_renew(key))
		return false;
	rq->out.data_at = line->at;
	rq->out.data_end = line->end;
	memcpy(rq->out.etag, line->etag, sizeof(line->etag));
	return true;
}

static struct look
look_now(const struct request *rq)
{
	return (struct look){ now_ms(), time(NULL), atomic_load(drops_of(rq)) };
}

/* 1: Redis has what is near; 0: it has another one; -1: there is nothing to be given. */
static int
ask_for_line(struct request *rq, const char *key, const char text[LINE])
{
	struct redis_batch *b = redis_batch(rq->app->redis, rq);
	struct redis_reply *both;

	redis_batch_add(b, "GETRANGE %s 0 %d", key, LINE - 1);
	redis_batch_add(b, "GET %s", mark_of(rq));
	if (redis_batch_run(b, now_ms() + REDIS_MS, &both) != 0 || !may_be_given(&both[0], &both[1]))
		return -1;
	return memcmp(both[0].text, text, LINE) == 0;
}

/* 1: answered; 0: what is near is not what Redis has; -1: there is nothing to be given. */
static int
serve_near(struct request *rq, const char *key)
{
	struct near *n = near_of(key);
	struct look look = look_now(rq);
	struct near own;
	int found;

	if (n->body == NULL || strcmp(n->key, key) != 0)
		return 0;
	own = *n; /* it may be replaced while we wait */
	talloc_reference(rq, own.body);
	if (look.ms - own.look.ms > TRUST_MS || look.drops != own.look.drops) {
		found = ask_for_line(rq, key, own.text);
		if (found <= 0)
			return found;
		if (n->body == own.body)
			n->look = look;
		own.look = look;
	}
	if (!take_line(rq, key, &own.line))
		return -1;
	rq->cache_looked_s = own.look.s;
	rq->out.body = (struct buf){ .data = own.body, .length = own.length, .capacity = own.length, .context = rq };
	return 1;
}

static void
keep_near(const char *key, const struct redis_reply *kept, const struct line *line, const struct look *look)
{
	struct near *n = near_of(key);

	if (kept->length - LINE > NEAR_BYTES || strlen(key) >= KEY_BYTES)
		return;
	if (near_context == NULL)
		near_context = talloc_named_const(NULL, 0, "answers kept near");
	if (n->body != NULL)
		talloc_unlink(near_context, n->body);
	n->length = kept->length - LINE;
	n->body = mem_size(near_context, n->length + 1);
	memcpy(n->body, kept->text + LINE, n->length);
	memcpy(n->text, kept->text, LINE);
	n->line = *line;
	snprintf(n->key, sizeof(n->key), "%s", key);
	n->look = *look;
}

static bool
serve_far(struct request *rq, const char *key)
{
	struct look look = look_now(rq);
	const struct redis_reply *kept;
	struct redis_reply *both;
	struct line line;

	if (redis_command(rq->app->redis, rq, &both, now_ms() + REDIS_MS, "MGET %s %s", key, mark_of(rq)) != 0 || both->type != REDIS_LIST ||
	    both->count != 2 || !may_be_given(&both->items[0], &both->items[1]))
		return false;
	kept = &both->items[0];
	if (!read_line(kept->text, kept->length - LINE, &line) || !take_line(rq, key, &line))
		return false;
	keep_near(key, kept, &line, &look);
	rq->cache_looked_s = look.s;
	buf_init(&rq->out.body, rq, kept->length - LINE);
	buf_add(&rq->out.body, kept->text + LINE, kept->length - LINE);
	return true;
}

bool
cache_serve(struct request *rq)
{
	const char *key;
	int near;
	bool is_served;

	if (!is_cacheable(rq))
		return false;
	rq->cache_asked_ms = answers_clock_ms();
	key = key_of(rq);
	near = serve_near(rq, key);
	is_served = near > 0 || (near == 0 && serve_far(rq, key));
	counter_add(is_served ? COUNTER_cache_hits_total : COUNTER_cache_misses_total, 1);
	metrics_cache(rq->app->metrics, (int)rq->match.index, is_served);
	if (!is_served) {
		rq->out.etag[0] = '\0';
		return false;
	}
	rq->out.status = 200;
	rq->is_from_cache = true;
	return true;
}

void
cache_drop(struct request *rq)
{
	if (rq->route == NULL || !rq->route->drops_answers || rq->tenant == NULL || !rq->app->conf->main_shared_cache)
		return;
	if (redis_command(rq->app->redis, rq, NULL, now_ms() + REDIS_MS, "SET %s %lld PX %d", mark_of(rq),
	        (long long)answers_clock_ms(), ANSWERS_DROPPED_MS) != 0)
		log_warn("answers_not_dropped", LOG_STR("tenant", rq->tenant->id_text));
	atomic_fetch_add(drops_of(rq), 1); /* who looks at Redis from now on finds the mark */
}

void
cache_keep(struct request *rq)
{
	struct reply *out = &rq->out;
	char line[LINE + 1];
	int64_t fresh_ms;
	char *value;

	if (rq->route == NULL || rq->is_from_cache || out->status != 200 || out->content_type != NULL ||
	    out->data_end == 0 || !is_cacheable(rq))
		return;
	reply_tag(out);
	fresh_ms = rq->route->shared_cache_s * INT64_C(1000);
	snprintf(line, sizeof(line), "%016llx %016llx %08x %08x %-44s", (unsigned long long)(answers_clock_ms() + fresh_ms),
	    (unsigned long long)rq->cache_asked_ms, (unsigned)out->data_at, (unsigned)out->data_end, out->etag);
	value = mem_size(rq, LINE + out->body.length);
	memcpy(value, line, LINE);
	memcpy(value + LINE, out->body.data, out->body.length);
	redis_send(rq->app->redis, "SET %s %b PX %lld", key_of(rq), value, LINE + out->body.length,
	    (long long)(2 * fresh_ms));
}
