/*
 * fcgi/route.h - a route is a row: what is asked, who may ask, how often, what the body must be, and which
 * query or function answers. The dispatcher (fcgi/dispatch.c) enforces every column; handlers check none.
 *
 * To add a route: a row in its resource's table (handlers/NAME.c). To add a resource: a file with a table, and a
 * line in handlers/tables.def.
 */
#ifndef ATELIER_ROUTE_H
#define ATELIER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "db/db.h"
#include "lib/field.h"
#include "lib/permission.h"
#include "lib/rate.h"

struct page;
struct request;

enum method { METHOD_UNKNOWN, GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, METHOD_COUNT };

/* The module that a tenant must have switched on; without it the route is not there (404). */
enum module { MODULE_CORE, MODULE_SKILLS, MODULE_COACHING, MODULE_POCS, MODULE_MOVES, MODULE_COUNT };

/* How the rows of .query become the answer. */
enum answer {
	ANSWER_OBJECT, /* one row is `data`; no row is a 404 */
	ANSWER_LIST,   /* all rows, an array */
	ANSWER_CURSOR, /* keyset page: `meta` has cursor and hasMore; see doc/lists.md */
	ANSWER_PAGE,   /* numbered page: `meta` has page, limit, total, totalPages */
	ANSWER_NONE,   /* nothing to say: 204; no row is a 404 */
};

enum body_kind {
	BODY_NONE,   /* a body is ignored */
	BODY_JSON,   /* parsed and checked against .body before the handler runs */
	BODY_STREAM, /* the handler reads it (uploads): request_read() */
};

/* Where the path of a row begins: below /api/v1 unless .root is set. */
struct route {
	enum method method;
	const char *path; /* "/videos/{id:uuid}"; kinds: uuid, text, user (uuid or @username) */
	enum permission may;

	enum module module;
	enum rate_class rate;
	bool root;         /* .path is absolute: /health, /_authorize, /embed/... */
	bool any_tenant;   /* needs no tenant: /health, /metrics */
	bool transaction;  /* one transaction around the handler, committed when it answers without an error */
	bool idempotent;   /* honours Idempotency-Key; needs .transaction, which keeps the answer with what was done */
	bool blocks;       /* would hold up an event loop (argon2, XSLT, HTTP): the event engine refuses it */
	bool authorizer;   /* answers the FastCGI AUTHORIZER role */
	bool hidden;       /* not in the OpenAPI document */
	int shared_cache_s; /* anonymous answers are kept in Redis this long (fcgi/cache.c) */
	bool confirmed;     /* privileged: the session's person gave their password within auth.confirm_ttl (POST /auth/confirm) */
	bool drops_answers; /* a change that no kept answer of the community may hide */
	int cache_s;       /* anonymous answers may be cached this long by the web server (Cache-Control: public) */

	const struct page *page; /* of the admin pages, handlers/admin/page.h */
	int (*refuse)(struct request *rq, int err); /* how an error is said; NULL: the JSON envelope */

	enum body_kind body_kind; /* .body implies BODY_JSON */
	size_t body_limit;        /* bytes; 0: 64 KiB for JSON */
	const struct schema *body;
	const struct schema *query_string; /* limit, cursor are known to every ANSWER_CURSOR list */

	int status; /* of a .query answer; 0: 200 */
	enum query_id query; /* answers by itself: parameters are bound by name from path, query string and caller */
	enum answer answer;
	int (*run)(struct request *rq); /* 0 or an ERR_; NULL when .query answers */
	const struct schema *reply;     /* what `data` looks like, for OpenAPI and tests; optional for .query rows */
	const char *doc;
};

#define ROUTE_END { METHOD_UNKNOWN, NULL, MAY_UNSET }

/* A table of routes and the name it has in handlers/tables.def. */
struct route_table {
	const char *name;
	const struct route *routes;
};

extern const struct route_table route_tables[]; /* ends with a NULL name; made from handlers/tables.def */

const char *method_name(enum method m);
enum method method_parse(const char *name);
const char *module_name(enum module m);

#define ROUTE_PARAMS_MAX 4

struct route_match {
	const struct route *route; /* NULL: no such path, or not with this method */
	size_t index;              /* of route, as in router_at */
	unsigned allowed;          /* bit (1 << method) for each method that the path has; 0: no such path */
	size_t param_count;
	struct {
		const char *name;  /* as in the row, without kind */
		const char *kind;  /* "uuid", "text", "user" */
		const char *value; /* into the path that was matched, not terminated */
		size_t length;
	} params[ROUTE_PARAMS_MAX];
};

struct router;

/* Compiles all tables; ends the program with a message when a row is wrong (no permission, two rows alike, a query
 * whose parameters nobody binds). Memory hangs on context. */
struct router *router_new(void *context, const struct route_table *tables);

/* Finds the row of a path (no query string, still percent-encoded). Touches no memory but *out. */
void router_match(const struct router *router, enum method method, const char *path, size_t length,
    struct route_match *out);

/* Each row of all tables in order; index is stable within a build and used by metrics. */
size_t router_count(const struct router *router);
const struct route *router_at(const struct router *router, size_t index);

#endif
