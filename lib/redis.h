/*
 * lib/redis.h - Redis for everybody: one connection per process, used by all fibers at once (their commands share a
 * write). It comes back by itself; while it is away every call returns ERR_UNAVAILABLE at once, so callers can go on
 * without it. A server that owes replies and is silent for some seconds is away. Replies are copied onto the caller's memory.
 *
 * Formats are hiredis's: %s text, %b pointer and size_t, %lld, ... each argument is one word, never split or quoted.
 */
#ifndef ATELIER_REDIS_H
#define ATELIER_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/errors.h"

struct redis;

enum redis_type { REDIS_NIL, REDIS_TEXT, REDIS_INT, REDIS_LIST, REDIS_STATUS, REDIS_REFUSED };

struct redis_reply {
	enum redis_type type;
	int64_t integer;            /* REDIS_INT */
	const char *text;           /* REDIS_TEXT, REDIS_STATUS (OK), REDIS_REFUSED (message); terminated */
	size_t length;
	struct redis_reply *items;  /* REDIS_LIST */
	size_t count;
};

/* url: unix:///path[?db=N], redis://[:password@]host[:port][/db]. Connects when first needed, after the fork.
 * NULL when the URL makes no sense. */
struct redis *redis_open(void *context, const char *url);

/* In a forked child: forgets the parent's connection. */
void redis_abandon(struct redis *r);

/* One command and its reply. 0, ERR_UNAVAILABLE, ERR_TIMEOUT, or ERR_INTERNAL when Redis refused the command (then
 * *out is REDIS_REFUSED with its words). out may be NULL. */
int redis_command(struct redis *r, void *mem, struct redis_reply **out, int64_t deadline_ms, const char *fmt, ...);
int redis_command_argv(struct redis *r, void *mem, struct redis_reply **out, int64_t deadline_ms, int argc,
    const char **argv, const size_t *lengths); /* lengths NULL: terminated words */

/* Several commands in one go:
 *	struct redis_batch *b = redis_batch(r, mem);
 *	redis_batch_add(b, "INCR %s", key); redis_batch_add(b, "EXPIRE %s 60", key);
 *	rc = redis_batch_run(b, deadline_ms, &replies);    replies[i] for the i-th command
 * The first error of any of them is returned. */
struct redis_batch;
struct redis_batch *redis_batch(struct redis *r, void *mem);
void redis_batch_add(struct redis_batch *b, const char *fmt, ...);
int redis_batch_run(struct redis_batch *b, int64_t deadline_ms, struct redis_reply **replies);

/* A Lua script, sent once and called by its hash afterwards. Static, zero but for text. words: keys, then arguments. */
struct redis_script {
	const char *text;
	char sha1[41];
};
int redis_eval(struct redis *r, void *mem, struct redis_reply **out, int64_t deadline_ms, struct redis_script *script,
    int key_count, int word_count, const char **words);

/* A command whose reply nobody waits for. False when Redis is away. */
bool redis_send(struct redis *r, const char *fmt, ...);

#endif
