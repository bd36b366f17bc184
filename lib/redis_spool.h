/*
 * lib/redis_spool.h - lines on their way to a list in Redis, for which nobody waits: they gather in this process and leave a
 * few times a second, many of them in one element of the list. While Redis is away they wait for it.
 *
 * An element is "@SECONDS", the Unix time at which it was begun, and behind it a line feed before each of its lines. An element that
 * Redis may have got, or not, goes again: whoever reads the list must bear a line twice. A process that is killed loses what it
 * gathered in the last SPOOL_MS.
 */
#ifndef ATELIER_REDIS_SPOOL_H
#define ATELIER_REDIS_SPOOL_H

#include "lib/redis.h"

#define SPOOL_MS 20

struct redis_spool;

/* Lives on context; r must outlive it. most: elements that the list may have, then the oldest go; 0 for no bound. */
struct redis_spool *redis_spool_open(void *context, struct redis *r, const char *list, int64_t most);

/* Adds so many lines (copied; a line feed between two). Never waits, but outside of a fiber, where nobody would send later: there they go at once.
 * 0, or ERR_UNAVAILABLE: Redis has been away for so long that no more is gathered. Outside of a fiber also ERR_TIMEOUT, ERR_INTERNAL. */
int redis_spool_add(struct redis_spool *s, const char *text, size_t length, unsigned lines, int64_t deadline_ms);

/* Sends what is there, before the process ends. Outside of fibers. */
void redis_spool_finish(struct redis_spool *s, int64_t deadline_ms);

#endif
