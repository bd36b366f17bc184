/* tests/db/redis_server.h - a Redis of a test's own, to be stopped and started again. */
#ifndef TESTS_DB_REDIS_SERVER_H
#define TESTS_DB_REDIS_SERVER_H

#include <stdbool.h>
#include <stdint.h>
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

/* What tests beside a Redis begin with: a server, a connection to it, and memory that is gone in the end. */
struct redis_fixture {
	struct redis_server server;
	struct redis *redis;
	void *mem;
};

/* 0, or -1: there can be none. */
int redis_fixture_make(struct redis_fixture *f);
void redis_fixture_remove(struct redis_fixture *f);

/* A deadline that only something broken misses. */
int64_t soon(void);

#endif
