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
	bool has_answered;  /* on this connection: before that, to be let in means little */
	int pending;        /* commands whose reply has not come, also those that nobody waits for any more */
	int64_t heard_ms;   /* when the last reply came, or the first of the pending ones was sent; now_ms()'s clock, as all here */
	int64_t started_ms, retry_at_ms, backoff_ms;
};

/* Begins to connect when there is no connection and it is time for another attempt; gives one up on which a server is silent
 * that owes replies. False: away. */
bool redis_link_open(struct redis *r);

/* A command was added: sees that it goes out with the others of this turn (outside of fibers: now), and keeps the process in
 * its loop until the reply. */
void redis_link_sent(struct redis *r);

/* A command has its reply, or never will (is_answer false: the connection is lost, or the server refused). */
void redis_link_heard(struct redis *r, bool is_answer);

void redis_link_close(struct redis *r);  /* pending commands fail */
void redis_link_forget(struct redis *r); /* after a fork */

#endif
