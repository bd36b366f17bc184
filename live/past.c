/*
 * live/past.c - the past of a channel, which a stream of Redis keeps. A listener misses nothing and hears nothing twice: it begins behind
 * what it heard last, when Redis has confirmed that it hears what comes; after Redis was away it is told what came meanwhile, or
 * that some of it is forgotten.
 */
#include <string.h>

#include "lib/fiber.h"
#include "live/hub.h"

#define CONFIRM_MS 2000 /* until Redis has confirmed a subscription */

/* The id of the last event. Where there is no past it begins now: a past that is not there later was lost. */
static const char end_of_past[] = "local e = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1) if #e > 0 then return e[1][1] end "
				  "local id = redis.call('XADD', KEYS[1], '*', 'b', '') redis.call('EXPIRE', KEYS[1], ARGV[1]) return id";

static const char *
earliest(const struct channel *c)
{
	const char *first = NULL;

	for (const struct listener *l = c->listeners; l != NULL; l = l->next)
		if (*l->last != '\0' && (first == NULL || stream_compare(l->last, first) < 0))
			first = l->last;
	return first != NULL ? first : "+";
}

/* What it has not heard; one that has heard nothing begins at the end. */
static void
catch_up(struct listener *l, const struct redis_reply *oldest, const struct redis_reply *events, const char *end)
{
	l->is_begun = true;
	if (*l->last == '\0') {
		snprintf(l->last, sizeof(l->last), "%s", end);
		return;
	}
	/* the oldest that is kept is younger than what was heard last: there may have been others between them */
	if (oldest->count == 0 || stream_compare(oldest->items[0].items[0].text, l->last) > 0)
		l->is_whole = false;
	for (size_t i = 0; i < events->count; i++) {
		const struct redis_reply *e = &events->items[i];

		if (e->count == 2 && e->items[1].count == 2)
			listener_hear(l, e->items[0].text, e->items[1].items[1].text, e->items[1].items[1].length);
	}
}

/* One reading, for all who listen now. False: Redis is away. */
static bool
read_past(struct hub *h, struct channel *c, void *mem)
{
	const char *stream = channel_stream(mem, c);
	struct redis_batch *b = redis_batch(h->live->redis, mem);
	struct redis_reply *replies;

	redis_batch_add(b, "XRANGE %s - + COUNT 1", stream);
	redis_batch_add(b, "XRANGE %s %s + COUNT %d", stream, earliest(c), KEPT + 1);
	redis_batch_add(b, "EVAL %s 1 %s %d", end_of_past, stream, KEPT_S);
	if (redis_batch_run(b, now_ms() + CALL_MS, &replies) != 0)
		return false;
	for (struct listener *l = c->listeners; l != NULL; l = l->next)
		catch_up(l, &replies[0], &replies[1], replies[2].text);
	return true;
}

/* Waits. What comes meanwhile is read in a further round. False: Redis is away; it will be read when that is back. */
static bool
channel_read(struct hub *h, struct channel *c)
{
	bool is_well = true;

	c->is_reading = true;
	do {
		void *mem = talloc_new(NULL);

		c->has_missed = false;
		is_well = read_past(h, c, mem);
		talloc_free(mem);
	} while (is_well && c->has_missed && c->listeners != NULL);
	c->is_reading = false;
	if (!is_well)
		c->is_behind = true;
	gate_open(&c->gate);
	return is_well;
}

bool
hub_begin(struct hub *h, struct listener *who, const char *after)
{
	struct channel *c = who->channel;
	bool is_whole;

	snprintf(who->last, sizeof(who->last), "%s", after != NULL ? after : "");
	who->is_whole = true;
	who->is_begun = false;
	c->holders++;
	while (!c->is_confirmed && h->ac != NULL)
		if (!gate_wait(&c->gate, CONFIRM_MS)) {
			c->is_behind = true;
			break;
		}
	while (!who->is_begun) {
		c->has_missed = true; /* somebody reads: a further round is for us */
		if (c->is_reading ? !gate_wait(&c->gate, CALL_MS) : !channel_read(h, c))
			break;
	}
	is_whole = after == NULL || (who->is_begun && who->is_whole);
	who->is_begun = true;
	if (c->is_behind)
		past_resume_soon(h);
	c->holders--;
	channel_drop(h, c);
	return is_whole;
}

/* --- Redis was away --- */

static bool
resume(struct hub *h, struct channel *c)
{
	bool is_well;

	c->holders++;
	c->is_behind = false;
	for (struct listener *l = c->listeners; l != NULL; l = l->next) {
		l->is_resuming = l->is_begun;
		l->is_whole = l->is_whole && (!l->is_begun || *l->last != '\0');
	}
	is_well = channel_read(h, c);
	for (struct listener *l = c->listeners; is_well && l != NULL; l = l->next) {
		if (l->is_resuming)
			l->resumed(l, l->is_whole);
		l->is_whole = l->is_whole || l->is_resuming;
		l->is_resuming = false;
	}
	c->holders--;
	channel_drop(h, c);
	return is_well;
}

static struct channel *
next_behind(struct hub *h)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct channel *c = h->buckets[i]; c != NULL; c = c->next)
			if (c->is_behind && c->is_confirmed && !c->is_reading)
				return c;
	return NULL;
}

static void
resume_all(void *arg)
{
	struct hub *h = arg;
	struct channel *c;

	while (h->ac != NULL && !h->live->is_stopping && (c = next_behind(h)) != NULL)
		if (!resume(h, c))
			wait_sleep(AGAIN_MS);
	h->is_resuming = false;
}

/* One fiber, one channel after the other: Redis that has just come back is not asked for all at once. */
void
past_resume_soon(struct hub *h)
{
	if (h->is_resuming || next_behind(h) == NULL)
		return;
	h->is_resuming = true;
	if (fiber_spawn(resume_all, h) == NULL)
		h->is_resuming = false;
}
