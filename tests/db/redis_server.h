/* tests/db/redis_server.h - a Redis of a test's own, to be stopped and started again. */
#ifndef TESTS_DB_REDIS_SERVER_H
#define TESTS_DB_REDIS_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct redis_server {
	char folder[64], socket[80], url[96];
	pid_t pid;
};

/* Makes its folder and starts it; false when there can be none. */
bool redis_server_make(struct redis_server *s);
void redis_server_start(struct redis_server *s);
/* Kills it; nothing of its data stays. */
void redis_server_stop(struct redis_server *s);
void redis_server_remove(struct redis_server *s);

#endif
