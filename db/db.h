/*
 * db/db.h - PostgreSQL for everybody else: named queries in, rows out. Nobody outside db/ sees libpq.
 *
 *	static int
 *	user_rename(struct db_session *db, struct uuid id, const char *name)
 *	{
 *		return db_exec(db, NULL, Q_USER_RENAME, uuid_param(id), text_param(name));
 *	}
 *
 * A query is a block in db/queries/NAME.sql; Q_NAME and the number of its parameters are known to the compiler
 * (db/gen-queries.awk). Calls wait as lib/wait.h does: a fiber yields, anything else turns the loop.
 *
 * Functions that return int return 0 or an ERR_ of lib/errors.h: what the database said is mapped by db/sqlstate.def
 * and kept in session->error.
 */
#ifndef ATELIER_DB_H
#define ATELIER_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/param.h"
#include "db/queries.h"
#include "db/result.h"
#include "lib/buf.h"
#include "lib/errors.h"
#include "lib/uuid.h"

struct db;      /* a process's connections */
struct db_conn; /* one of them */

struct db_options {
	const char *url;             /* libpq connection string */
	const char *name;            /* application_name */
	int shared;                  /* pipelined connections for single statements; 0: 1 */
	int own;                     /* most connections for transactions and slow queries; 0: 4 */
	int64_t statement_timeout_ms; /* the server gives up after it; 0: 10 s */
};

/* This process's connections; none is opened before it is needed. To be called after the fork. */
struct db *db_open(void *context, const struct db_options *options);

/* In a forked child: forgets the parent's connections without telling the server. */
void db_abandon(struct db *db);

/* Is there a connection, or can one be had now? Waits until deadline_ms. 0 or ERR_UNAVAILABLE. */
int db_ping(struct db *db, int64_t deadline_ms);

/* What the last failed call of a session met. */
struct db_error {
	char sqlstate[6];     /* "" when it was not the server that failed */
	char constraint[64];  /* "users_email_key": which of the rules was broken */
	char message[256];
};

/*
 * Whose rows a piece of work sees, and how long it may take. Plain struct, one per request or job; the results hang on mem.
 * db_session_init() and then, in the end, db_session_end().
 */
struct db_session {
	struct db *db;
	void *mem;
	struct uuid tenant;       /* all zeros: no tenant's rows are visible */
	int64_t deadline_ms;      /* on now_ms()'s clock; for every call */
	bool may_repeat;          /* what is asked may be asked twice (a GET): it does not stay behind a slow statement */
	int page;                 /* rows wanted of a query with `limit :page`: up to 20, 50 or 100; 0: 20 */
	struct db_error error;
	struct db_conn *pinned;   /* has a transaction open on it */
	bool failed;              /* the transaction can only be rolled back */
};

void db_session_init(struct db_session *s, struct db *db, void *mem, struct uuid tenant, int64_t deadline_ms);
void db_session_end(struct db_session *s); /* rolls back what was not committed */

/* --- asking --- */

/*
 * The parameters as an array; does not compile when their number is not the query's.
 * Parameters stand in the order of the query's header line.
 */
#define DB_PARAM_COUNT(...) (sizeof((const struct param[]){ { 0 }, ##__VA_ARGS__ }) / sizeof(struct param) - 1)
#define DB_PARAMS(q, ...)                                                                                              \
	((void)sizeof(struct {                                                                                         \
		char one;                                                                                              \
		_Static_assert(DB_PARAM_COUNT(__VA_ARGS__) == q##_NPARAMS, "parameters of " #q);                       \
	}),                                                                                                            \
	    (const struct param[]){ { 0 }, ##__VA_ARGS__ } + 1)

/* Runs a query; *out has its rows (hangs on the session's mem). int db_query(session, &result, Q_NAME, ...) */
#define db_query(s, out, q, ...) db_query_params((s), (out), (q), DB_PARAMS(q, ##__VA_ARGS__), q##_NPARAMS)
int db_query_params(struct db_session *s, struct db_result **out, enum query_id q, const struct param *params,
    int count);

/* The same for one row: ERR_NOT_FOUND when there is none. */
#define db_query_row(s, out, q, ...) db_query_row_params((s), (out), (q), DB_PARAMS(q, ##__VA_ARGS__), q##_NPARAMS)
int db_query_row_params(struct db_session *s, struct db_result **out, enum query_id q, const struct param *params,
    int count);

/* Runs a statement; *affected (may be NULL) is the number of rows that it touched or returned. */
#define db_exec(s, affected, q, ...) db_exec_params((s), (affected), (q), DB_PARAMS(q, ##__VA_ARGS__), q##_NPARAMS)
int db_exec_params(struct db_session *s, int64_t *affected, enum query_id q, const struct param *params, int count);

/* One transaction: pins a connection of the session's own until commit or rollback. No nesting. */
int db_begin(struct db_session *s);
int db_begin_snapshot(struct db_session *s); /* what others change meanwhile makes it fail: db_should_retry() */
int db_commit(struct db_session *s); /* an error means: not committed, or (ERR_UNAVAILABLE, ERR_TIMEOUT) not known */
void db_rollback(struct db_session *s); /* does not wait and cannot fail */

/* The last error was a serialization failure or a deadlock: the same transaction may well pass when tried again.
 * Single statements outside transactions are tried again by db_query itself. */
bool db_should_retry(const struct db_session *s);

/* --- queries as data, for the dispatcher --- */

struct query_info {
	const char *name;               /* "VIDEO_FEED" */
	const char *file;               /* "videos.sql" */
	int param_count;
	const char *const *params;      /* names in order */
	bool is_paged;                  /* has `limit :page` */
	bool is_read;                   /* a plain select: in a session that may repeat, it changes nothing */
	int many_by;                    /* the parameter whose values of many are asked for at once; -1: none */
	const char *text[3];            /* paged: for 21, 51 and 101 rows; with many_by: for one and for many; else one */
};

const struct query_info *query_info(enum query_id q); /* Q_NONE has no text */
int query_param_index(enum query_id q, const char *name); /* -1: no such parameter */

/* --- notifications, for the worker --- */

/* Calls fn(arg, payload) from the loop for each NOTIFY on channel, and with payload NULL whenever the connection
 * has been (re)opened and something may have been missed. One connection of its own for all channels of the process;
 * fn must not wait. channel and arg must outlive db. */
void db_listen(struct db *db, const char *channel, void (*fn)(void *arg, const char *payload), void *arg);

#endif
