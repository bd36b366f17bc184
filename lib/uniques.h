/*
 * lib/uniques.h - unique viewers: a HyperLogLog in Redis for each video and day (UTC). Any range of days is counted from them at once;
 * of many videos they are merged, some at a time, so that no command holds Redis up.
 */
#ifndef ATELIER_UNIQUES_H
#define ATELIER_UNIQUES_H

#include "lib/mem.h"
#include "lib/redis.h"

#define UNIQUES_KEPT_DAYS 400

/* day: YYYYMMDD. Hangs on context. */
static inline const char *
uniques_key(void *context, const char *video, const char *day)
{
	return mem_printf(context, "uniques:%s:%s", video, day);
}

/*
 * Counts who watched any of several videos on any of several days: who watched two of them is one.
 * uniques_add() for each video and day, then uniques_count() once; it hangs on mem and needs a few kilobytes, however many there are.
 * What an add met is told by the count: 0 or an ERR_ of lib/redis.h. Both wait until deadline_ms of now_ms()'s clock.
 */
struct uniques;
struct uniques *uniques_open(void *mem, struct redis *redis);
void uniques_add(struct uniques *u, const char *video, const char *day, int64_t deadline_ms);
int uniques_count(struct uniques *u, int64_t deadline_ms, int64_t *count);

#endif
