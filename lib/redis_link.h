/* lib/redis_link.h - the connection beneath lib/redis.c: hiredis's asynchronous client in our loop. */
#ifndef ATELIER_REDIS_LINK_H
#define ATELIER_REDIS_LINK_H

#include <hiredis/async.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct redis_link;

struct redis {
	pid_t pid;
	const char *path; /* unix socket, or */
	const char *host;
	int port;
	const char *password;
	int database;
	redisAsyncContext *ac; /* NULL: away */
	struct redis_link *link;
	bool is_connected;
	int pending; /* commands whose reply somebody waits for */
	int64_t started_ms, retry_at_ms, backoff_ms;
};

/* Begins to connect when there is no connection and it is time for another attempt. False: away. */
bool redis_link_open(struct redis *r);

/* A command was added: see that it goes out with the others of this turn (outside of fibers: now). */
void redis_link_push(struct redis *r);

/* Keeps the process in its loop while somebody waits for a reply. */
void redis_link_watch(struct redis *r);

void redis_link_close(struct redis *r);  /* pending commands fail */
void redis_link_forget(struct redis *r); /* after a fork */

#endif
