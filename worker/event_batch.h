/*
 * worker/event_batch.h - events that the web processes put into lists of Redis, taken out in batches: set aside under a name first, so that
 * a batch of a worker that died is found again, whole and under the same name.
 */
#ifndef ATELIER_EVENT_BATCH_H
#define ATELIER_EVENT_BATCH_H

#include <stddef.h>

#include "lib/redis.h"

#define EVENT_BATCH_MS 30000 /* the patience of each of these calls with Redis */

/* An event, as JSON; a part of what Redis answered. */
struct event_line {
	const char *text;
	size_t length;
};

struct event_batch {
	const char *flow; /* "views": its lists are views:pending, views:batches, views:batch:NAME */
	const char *name; /* NULL: there is nothing to do */
	int64_t oldest_s; /* since when the first waits that was not taken; Unix time, 0 when nobody knows */
	struct event_line *lines;
	unsigned count, room;
};

/* A batch of this flow: one that was left over, or up to about `most` events of those that wait, without views of those who
 * were counted within the half hour. All of it hangs on mem. 0, ERR_UNAVAILABLE, ERR_TIMEOUT, ERR_INTERNAL. */
int event_batch_take(struct event_batch *b, struct redis *redis, void *mem, const char *flow, int64_t most);

/* It is done with, and forgotten. */
int event_batch_forget(const struct event_batch *b, struct redis *redis, void *mem);

/* It must not stand before all others: it is kept as FLOW:refused:NAME, for somebody to look at. */
int event_batch_put_away(const struct event_batch *b, struct redis *redis, void *mem);

#endif
