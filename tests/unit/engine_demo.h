/*
 * tests/unit/engine_demo.h - the smallest application an engine can carry, in a child process: what the path says is
 * what happens. And the other end of the wire: a FastCGI client.
 */
#ifndef ATELIER_ENGINE_DEMO_H
#define ATELIER_ENGINE_DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the children tell, in shared memory. */
struct demo_facts {
	int started; /* children */
	int begun, ended, cancelled, unsent;
	int64_t body_bytes, peak_kb;
	int open; /* requests */
};

/* A unix socket in a fresh folder; path is remembered for client_open(). */
int demo_listen(void);
void demo_unlisten(int fd);
const char *demo_path(void);
struct demo_facts *demo_facts(void);

/* Forks a child that serves with the event engine; its stderr goes to log_fd when that is not -1. */
pid_t demo_start(int listen_fd, int max_requests, int log_fd);
/* Waits for the end of a child; returns its wait status. */
int demo_wait(pid_t pid);

/* --- client --- */

struct reply_text {
	char *bytes; /* headers and body as they came through STDOUT; malloc */
	size_t length;
	bool is_ended;   /* END_REQUEST came */
	bool is_retired; /* ... and an empty STDERR record behind or before it */
	int protocol_status;
};

int client_open(void);
/* Everything of a request without a body, in one write. */
void client_get(int fd, const char *path, bool keep);
/* BEGIN and parameters (role as in fastcgi.h), then as much of the body as wanted, and its end. */
void client_begin(int fd, int role, const char *path, bool keep);
void client_body(int fd, const void *data, size_t n);
void client_body_end(int fd);
void client_record(int fd, int type, int id, const void *content, size_t n);
/* Reads until END_REQUEST or the connection's end, plus a retire record when one is there. */
struct reply_text client_reply(int fd);
/* The body of a reply to a GET on a connection of its own: for short answers. */
char *client_ask(const char *path, char *out, size_t size);

#endif
