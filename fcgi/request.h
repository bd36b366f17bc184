/*
 * fcgi/request.h - a request as a handler sees it. Who serves it (libfcgi, the event engine) does not show.
 * Everything in it lives on the request (a talloc context) and goes with it.
 */
#ifndef ATELIER_REQUEST_H
#define ATELIER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "db/db.h"
#include "fcgi/route.h"
#include "lib/buf.h"
#include "lib/errors.h"
#include "lib/redis.h"
#include "lib/uuid.h"

struct app;    /* what a child has: configuration, database, Redis, router; fcgi/app.h */
struct tenant; /* fcgi/tenant.h */
struct request;

/* What an engine does for a request it carries. */
struct transport {
	/* Reads the next bytes of the body, waiting for them. Returns 0 at the end, -1 when the client is gone. */
	ssize_t (*read_body)(struct request *rq, void *data, size_t size);
};

struct header {
	const char *name; /* as the web server sends it: CONTENT_TYPE, HTTP_IF_MATCH */
	const char *value;
};

/* Who asks. */
struct caller {
	struct uuid id;
	struct uuid session_id;
	enum role role; /* ROLE_NONE: nobody signed in */
	const char *address;
	const char **scopes; /* of an API key, ends with NULL; NULL: a person */
};

struct reply {
	int status;
	const char *content_type; /* NULL: JSON */
	struct buf head;          /* header lines of ours, each ended by \r\n */
	struct buf body;
	size_t data_at, data_end; /* where `data` lies in body: what an ETag speaks of; end 0: still open */
	char etag[24];            /* of the data (reply_tag()); "": not known yet */
	uint64_t version;         /* the state of what its author can change, of 40 bits; 0: it is the data */
	bool is_enveloped, meta_open;
	const char *cache_control; /* NULL: private, no-store */
};

struct request {
	struct app *app;
	const struct transport *transport;
	void *connection; /* the engine's own */

	const struct route *route;
	struct route_match match;
	enum method method;
	bool is_head;
	bool is_authorizer;
	int64_t cache_asked_ms; /* wall clock, before the database was asked for what a cache may keep */
	int64_t cache_looked_s; /* wall clock, when Redis was last asked about the answer that was kept; 0: it was made now */
	bool is_from_cache; /* fcgi/cache.c has answered */
	const char *path;         /* as sent, percent-encoded, without the query string */
	const char *query_text;   /* behind the '?', "" when there is none */
	const char *host;         /* lower case, without port */
	const char *id;           /* X-Request-Id */
	const char *trace_parent; /* traceparent as sent, when it is well formed, or NULL */
	const char *content_type; /* or NULL */
	int64_t content_length;   /* bytes; -1 when not told */
	const char *spool_file;   /* where the web server put the body, or NULL */
	int spool_fd;             /* of spool_file; 0: not open */
	const char *trace_id;     /* the trace of traceparent, or NULL */
	struct header *headers;
	size_t header_count, header_room;
	char *param_room;         /* for the next parameters, param_left bytes */
	size_t param_left;

	const struct tenant *tenant;
	struct caller user;
	const char *body_text; /* of a JSON body, as it came */
	size_t body_length;
	const void *body;  /* the struct of route->body */
	const void *query; /* the struct of route->query_string */
	struct db_session db;
	int64_t deadline_ms; /* on now_ms()'s clock */
	int64_t started_us;

	struct reply out;
	struct buf details; /* the error's details array, as it grows */
	enum error_code error;
	const char *error_message;
	const char *cursor; /* given by the caller of a list, or NULL */
	int limit, page;    /* of a list */
};

/* --- for engines --- */

struct request *request_new(struct app *app, const struct transport *transport, void *connection);
void request_set_param(struct request *rq, const char *name, size_t name_length, const char *value, size_t length);
/* Runs the gates and the handler; afterwards rq->out is whole. May wait. */
void request_dispatch(struct request *rq);
/* Writes status line and headers ("Status: 200 OK\r\n...\r\n\r\n") behind what is in head. */
void request_head(struct request *rq, struct buf *head);
/* Log line, metrics, memory. sent: the reply reached the web server. */
void request_end(struct request *rq, bool sent);

/* --- for handlers --- */

/* A header by its CGI name ("HTTP_IF_MATCH"); NULL when it was not sent. */
const char *request_header(const struct request *rq, const char *name);

/* Path parameters. The kinds are checked before the handler runs. */
struct uuid path_uuid(const struct request *rq, const char *name);
const char *path_text(struct request *rq, const char *name); /* percent-decoded, on the request */

/* Undoes %XX (and + in query strings) from in to out, which may be the same; returns the new length. */
size_t percent_decode(char *out, const char *in, size_t length, bool plus_is_space);

/* The body of a BODY_STREAM route: bytes in order (from memory, the engine, or the spooled file).
 * Returns 0 at the end, -1 when the client left. */
ssize_t request_read(struct request *rq, void *data, size_t size);

/* The request's time begins anew: something long that was no one's fault (a body, a large file's sync) is over. */
void request_renew(struct request *rq);

static inline bool
is_signed_in(const struct request *rq)
{
	return rq->user.role != ROLE_NONE;
}

#endif
