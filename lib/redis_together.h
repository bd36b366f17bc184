/*
 * lib/redis_together.h - a script that the fibers of one turn of the loop call together: each brings its words, Redis runs
 * the script once for all of them, and each gets its own answer. What Redis spends on a call is spent once a turn.
 */
#ifndef ATELIER_REDIS_TOGETHER_H
#define ATELIER_REDIS_TOGETHER_H

#include "lib/redis.h"

struct redis_round;

/* Static, zero but for script and words. The script finds the words of all calls one behind the other in ARGV (there are no
 * KEYS), and answers a list with one number for each call. */
struct redis_together {
	struct redis_script script;
	unsigned words; /* of one call */
	struct redis_round *open; /* the calls of this turn so far */
};

/* One call. 0 and its number; ERR_UNAVAILABLE, ERR_TIMEOUT (also when the fiber was cancelled: it may have happened
 * or not), ERR_INTERNAL. Outside of a fiber it goes alone. */
int redis_call_together(struct redis *r, struct redis_together *t, int64_t deadline_ms, const char *const *words, int64_t *number);

#endif
