/*
 * db/internal.h - what the files of db/ share.
 *
 *	session.c   sessions, transactions, db_query: picks a connection, submits, waits, maps errors
 *	cursor.c    many rows of one execution, a page at a time
 *	pool.c      which connection: shared ones by load, own ones by turn
 *	pipeline.c  operations in the order they were sent; their results in the same order
 *	share.c     reads of one turn that are sent as one
 *	conn.c      one connection: opening, losing, reading, the socket in the loop
 *	params.c    parameters to libpq's arrays
 *	plan.c      a query's columns: types, names, the JSON around each
 *	json.c      rows to JSON by that plan
 *	result.c    values by name
 *	error.c     SQLSTATE to ERR_
 *	listen.c    notifications
 *
 * Invariants:
 *  - Results come in the order of the operations, so conn->first is always what the server works on.
 *  - An operation belongs to the driver, not to who waits for it: a fiber that gives up marks it abandoned, and
 *    its result is read and dropped when it comes.
 *  - Each operation ends with its own Sync, so that an error in one never aborts the next; but reads that may be repeated and
 *    come in the same turn of the loop, or while the server is busy, share one (a batch). When one of them fails, those behind it are skipped by
 *    the server and asked again, each alone. All of a batch are the same query: the server holds the answers back until
 *    the Sync, so a slow one holds up those before it, too.
 *  - A read that is the same as one of the open batch, down to its parameters, is not sent at all: it has the other's answer.
 *    Of a query with `-- many: id` those that differ in the id alone are one statement for all ids. Either is as fresh as a
 *    statement of its own would be, for nothing of the batch has left yet.
 *  - A failure of an operation of our own (set-up, tenant, begin) loses the connection, since those behind it rely on it.
 */
#ifndef ATELIER_DB_INTERNAL_H
#define ATELIER_DB_INTERNAL_H

#include <libpq-fe.h>
#include <sys/types.h>
#include <uv.h>

#include "db/db.h"
#include "lib/wait.h"

#define PARAMS_MAX 64
#define VARIANTS 3 /* texts of a paged query: 21, 51, 101 rows */

/* What came back. Of what was sent for several each has a part. */
struct answer {
	PGresult *pg;
	int *holders; /* NULL: it is this one's alone */
	int first, count; /* rows: all of them, or the one of this one's id */
};

/* What a read asks for, as far as it is compared with others: everything but the id that `-- many:` names. */
struct share_key {
	uint8_t params[48];
	uint8_t length; /* 0: they do not fit, it is not shared */
	bool has_id;
	struct uuid id;
};

struct db_op {
	struct wait wait;
	struct db_op *next;
	struct db_op *twins; /* have this one's answer, or the part of it with their id */
	struct share_key key;
	int ids;      /* that came to it */
	bool is_many; /* its text for many ids was sent */
	enum query_id query;
	int variant;
	bool has_prepare;
	bool abandoned;   /* nobody waits: free it when it ends */
	bool is_vital;    /* when it fails the connection is of no use */
	bool has_result;  /* a command of it has ended */
	bool has_failed;
	bool is_in_batch; /* ends with its result, not with a Sync */
	bool was_skipped; /* one before it in its batch had failed */
	int error;        /* an ERR_ when there is no result: the connection was lost */
	struct answer answer; /* of its last command, or the first error */
	int64_t sent_us;
	void (*on_end)(void *arg); /* called when it ended well */
	void *arg;
};

enum conn_state { CONN_AWAY, CONN_CONNECTING, CONN_READY };

/* Somebody who waits until a connection is ready, or for one of the own ones. On the waiter's stack. */
struct db_waiter {
	struct wait wait;
	struct db_waiter *next;
	struct db_conn *given;
};

struct db_conn {
	struct db *db;
	enum conn_state state;
	PGconn *pg;
	uv_poll_t *poll;
	int events;
	struct db_op *first, **end;
	int pending;
	bool has_open_batch;       /* reads without their Sync yet: it goes out before the loop sleeps */
	struct db_op *batch_first; /* of those in the batch */
	int batch_count;           /* of them */
	struct db_op *gathering;   /* those of the open batch that are not sent yet, as ids still come to them: one for each key */
	int gathered;              /* ids, of all of them */
	enum query_id batch_query; /* all of them the same query */
	struct wait_hook batch_hook;
	struct db_waiter *waiters; /* for the state to leave CONN_CONNECTING */
	struct uuid tenant;        /* as of the last operation sent */
	bool is_taken;             /* own connections: pinned or about to be free */
	bool is_slow;              /* has one of the places for slow queries */
	bool is_returning;         /* given back, but operations are still under way */
	int64_t started_ms;        /* of the present attempt to connect */
	int64_t retry_at_ms;       /* not before */
	int64_t backoff_ms;
	int64_t progress_us;       /* when the first operation became the first */
	unsigned generation;       /* of statement names */
	uint8_t prepared[QUERY_COUNT * VARIANTS];
	void (*on_ready)(struct db_conn *c); /* listen.c */
	void (*on_lost)(struct db_conn *c);
	void (*on_notify)(struct db_conn *c, const char *channel, const char *payload);
};

struct db {
	pid_t pid;
	char *url, *name;
	int64_t statement_timeout_ms;
	struct db_conn *shared, *own;
	int shared_count, own_count;
	struct db_waiter *queue, **queue_end; /* for an own connection */
	int64_t mean_us[QUERY_COUNT];         /* how long queries take lately */
	int64_t slow_until_ms[QUERY_COUNT];   /* one took very long: rather not where others wait behind it */
	int slow_count;                       /* slow queries on own connections; the others are for transactions */
	struct db_waiter *slow_queue, **slow_queue_end;
	struct listener *listener;
};

extern const struct query_info query_table[];

static inline int64_t
clock_us(void)
{
	return (int64_t)(uv_hrtime() / 1000);
}

/* conn.c */
void conn_init(struct db_conn *c, struct db *db);
int conn_ready(struct db_conn *c, int64_t deadline_ms); /* connects and waits if need be; 0 or ERR_UNAVAILABLE */
void conn_check(struct db_conn *c);                     /* loses one whose server does not answer any more */
void conn_connect(struct db_conn *c);                   /* begins to; ends in on_ready or on_lost */
void conn_lose(struct db_conn *c, const char *why);
void conn_flush(struct db_conn *c);
void conn_watch(struct db_conn *c);
void conn_close(struct db_conn *c);
void conn_forget(struct db_conn *c);

/* params.c */
struct encoded {
	const char *values[PARAMS_MAX];
	int lengths[PARAMS_MAX], formats[PARAMS_MAX];
	char scratch[PARAMS_MAX][40];
};
void params_encode(struct encoded *e, const struct param *params, int count, void *mem);

/* pipeline.c: NULL when the connection was lost in the attempt */
struct db_op *pipeline_query(struct db_conn *c, enum query_id q, int variant, const struct param *params, int count,
    void *mem, bool may_share);
struct db_op *pipeline_command(struct db_conn *c, const char *sql, int count, const struct encoded *e);
struct db_op *pipeline_control(struct db_conn *c, const char *sql, int count, const char *const *values);
void pipeline_tenant(struct db_conn *c, const struct uuid *tenant);
void pipeline_read(struct db_conn *c);
void pipeline_fail_all(struct db_conn *c);
void pipeline_end_batch(struct db_conn *c); /* sends the Sync of an open batch */
void pipeline_forget_statements(struct db_conn *c);
void batch_forget(struct db_conn *c);
void op_abandon(struct db_op *op); /* also one that has ended: frees it */
struct db_op *op_new(enum query_id q, int variant);
void op_hand_out(struct db_op *op); /* it is over: it and its twins get what it came to */
void pipeline_send(struct db_conn *c, struct db_op *op, const struct encoded *e, bool may_batch); /* or loses c, and op with it */

/* share.c */
void share_key_make(struct share_key *key, enum query_id q, const struct encoded *e);
struct db_op *share_join(struct db_conn *c, enum query_id q, int variant, const struct share_key *key); /* NULL: send it */
void share_send(struct db_conn *c);                    /* what was gathered */
void share_hand_out(struct db_op *op);                 /* its answer to its twins */
bool share_is_place(const struct db_conn *c, enum query_id q); /* a batch of such a query is open here, or had better be */
void answer_free(struct answer *a);

/* pool.c */
struct db_conn *pool_shared(struct db *db, const struct uuid *tenant, enum query_id q, bool *is_stalled);
int pool_take(struct db *db, int64_t deadline_ms, struct db_conn **out);
struct db_conn *pool_try(struct db *db);
bool pool_is_stalled(const struct db_conn *c, int64_t now_us);
bool pool_is_suspect(const struct db *db, enum query_id q); /* takes long these days, or on some connection right now */
bool pool_has_room_for_slow(const struct db *db);
int pool_take_slow(struct db *db, int64_t deadline_ms, struct db_conn **out); /* for a slow query */
void pool_give(struct db_conn *c);
void pool_drained(struct db_conn *c); /* a returning connection has nothing under way any more */

/* plan.c */
enum column_kind {
	COL_UNKNOWN, COL_BOOL, COL_INT2, COL_INT4, COL_INT8, COL_FLOAT4, COL_FLOAT8, COL_TEXT, COL_UUID, COL_TIME,
	COL_DATE, COL_JSON, COL_JSONB, COL_TEXT_ARRAY, COL_UUID_ARRAY, COL_INT4_ARRAY, COL_INT8_ARRAY, COL_BYTES,
};

struct plan_column {
	const char *name; /* the alias without ":media", with dots and without "?" */
	enum column_kind kind;
	Oid type;
	bool is_hidden, is_media;
	int shared;         /* objects that this column and the one before it are both in */
	int depth;          /* objects that it is in */
	const char *prefix; /* what comes before the value once the objects of before are closed: ,"stats":{"views": */
	size_t prefix_length;
	/* The first column of an object that is null when it is null: what is written instead (NULL otherwise), in how many
	 * objects that leaves us, and the column to go on with. */
	const char *null_text;
	size_t null_length;
	int null_depth, null_next;
};

struct plan {
	int count;
	struct plan_column columns[];
};

/* The plan of a query's columns, made once per process. NULL when it cannot be: *why says so. */
const struct plan *plan_of(enum query_id q, const PGresult *result, const char **why);
struct plan *plan_make(void *context, const PGresult *result, const char **why);
enum column_kind column_kind(Oid type);

struct db_result {
	struct answer answer;
	PGresult *pg; /* the answer's */
	int first;    /* row of it */
	const struct plan *plan;
	enum query_id query;
	int rows;
};

/* session.c. What the answer holds is the result's from then on. */
int result_new(const void *mem, struct db_result **out, enum query_id q, struct answer *a);
int session_command(struct db_session *s, enum query_id q, const char *sql, const struct param *params, int count, struct answer *out);

/* listen.c */
void listener_forget(struct db *db);

/* error.c */
int error_of(struct db_error *e, const PGresult *result);
bool error_is_stale(const PGresult *result); /* a plan that no longer fits the schema, a statement that is not there */
void error_clear(struct db_error *e);

/* wire format: big-endian */
static inline uint16_t
wire_16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, 2);
	return __builtin_bswap16(v);
}

static inline uint32_t
wire_32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return __builtin_bswap32(v);
}

static inline uint64_t
wire_64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return __builtin_bswap64(v);
}

#define PG_EPOCH_US INT64_C(946684800000000) /* 2000-01-01 after 1970-01-01 */

#endif
