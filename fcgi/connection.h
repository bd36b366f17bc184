/*
 * fcgi/connection.h - the event engine's half of a web server's connection: bytes in, one request after
 * the other, each in a fiber, bytes out. Owned by the loop; frees itself when both ends are done.
 */
#ifndef ATELIER_CONNECTION_H
#define ATELIER_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "fcgi/app.h"
#include "fcgi/record.h"

#define CONNECTIONS_MAX 4096 /* of a child; more wait in the socket's queue */

struct connection;

/* The event engine of this child; fcgi/engine_event.c. */
struct server {
	struct app *app;
	uv_poll_t listener;
	uv_timer_t sweeper, patience;
	uv_signal_t term;
	int listen_fd;
	bool is_listening, stood_back;
	bool is_patient; /* scheduled as a batch */
	int64_t swept_ms;
	struct connection *connections;
	size_t connection_count;
	int64_t served; /* requests begun */
	int64_t drain_by_ms;
	unsigned open_handles; /* the loop may stop when all are closed */
};

struct connection {
	struct server *server;
	struct connection *next, **at; /* in server->connections */
	uv_poll_t poll;
	int fd;
	int polled;       /* UV_READABLE, UV_WRITABLE as the loop has them */
	int64_t since_ms; /* when the present state began: idle, reading, lingering */
	struct record_parser parser;
	/* the request at hand */
	struct request *request; /* NULL: idle */
	struct fiber *fiber;     /* runs it */
	uint16_t id;             /* its number, or the last one's */
	bool is_keep, params_ended, is_aborted;
	struct buf body; /* what has come of the body and was not read yet: from body_at on */
	size_t body_at;
	bool body_ended, is_paused;
	struct wait *reader, *writer; /* the fiber waits for bytes, for room */
	/* the end */
	bool is_gone;      /* the other side closed */
	bool is_retiring;  /* the web server was told not to use it again */
	bool is_lingering; /* answered and shut down; reads until the other side has closed too */
	bool is_closing;
	bool was_used;
};

/* Takes over an accepted, non-blocking fd. */
void connection_open(struct server *server, int fd);

/* Asks the web server to close an idle connection, in a way that loses no request which is on its way. */
void connection_retire(struct connection *c);

/* Closes what has had its time: stalled requests, those that did not go when retired. */
void connection_sweep(struct connection *c, int64_t now);

/* The drain's time is over: ends the request at hand, also one that is not whole yet. */
void connection_cancel(struct connection *c);

/* --- between connection.c and connection_send.c --- */

/* Has the loop watch what the connection's state asks for. */
void connection_poll(struct connection *c);
/* Sends the reply of the request at hand, waiting for room. False: the other side is gone. */
bool connection_send_reply(struct connection *c, struct request *rq);
/* An answer to the connection and not to a request. When it does not fit at once, the other side is not reading. */
void connection_send_small(struct connection *c, const char *data, size_t length);
/* Is the reply of now the last one on a connection that the web server would keep? Notes it. */
bool connection_is_to_retire(struct connection *c);
/* "Not again", to be sent in front of, behind or instead of a reply. Returns its length. */
size_t connection_retire_record(const struct connection *c, char out[8]);

/* --- of engine_event.c, for connections --- */

/* A request begins; recycles the child when it was the last it may have. */
void server_request_begins(struct server *s);
/* The loop has let go of one of s->open_handles: a connection's, or one of the engine's own. */
void server_handle_closed(struct server *s);

#endif
