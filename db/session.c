/* db/session.c - asking: a statement from its parameters to its rows, and transactions. */
#include <errno.h>
#include <unistd.h>

#include "db/internal.h"
#include "lib/counter.h"
#include "lib/log.h"
#include "lib/mem.h"

#define TRIES 3            /* of a single statement that met a deadlock */
#define PATIENCE_MS 25     /* behind another statement, when it may be asked twice */
#define STUCK (-1)         /* this statement is behind a slow or a failed one: ask again */
#define SLOW_QUERY_US 20000 /* queries that take so long on the average do not go where others wait behind them */

/* --- opening --- */

static int
db_destroy(struct db *db)
{
	bool is_ours = db->pid == getpid();

	for (int i = 0; i < db->shared_count; i++)
		is_ours ? conn_close(&db->shared[i]) : conn_forget(&db->shared[i]);
	for (int i = 0; i < db->own_count; i++)
		is_ours ? conn_close(&db->own[i]) : conn_forget(&db->own[i]);
	return 0;
}

struct db *
db_open(void *context, const struct db_options *o)
{
	struct db *db = mem_new(context, struct db);

	db->pid = getpid();
	db->url = mem_strdup(db, o->url);
	db->name = mem_strdup(db, o->name);
	db->statement_timeout_ms = o->statement_timeout_ms > 0 ? o->statement_timeout_ms : 10000;
	db->shared_count = o->shared > 0 ? o->shared : 1;
	db->own_count = o->own > 0 ? o->own : 4;
	db->shared = mem_array(db, struct db_conn, (unsigned)db->shared_count);
	db->own = mem_array(db, struct db_conn, (unsigned)db->own_count);
	db->queue_end = &db->queue;
	db->slow_queue_end = &db->slow_queue;
	for (int i = 0; i < db->shared_count; i++)
		conn_init(&db->shared[i], db);
	for (int i = 0; i < db->own_count; i++)
		conn_init(&db->own[i], db);
	talloc_set_destructor(db, db_destroy);
	return db;
}

void
db_abandon(struct db *db)
{
	db->pid = 0;
	listener_forget(db);
	talloc_free(db);
}

static int
ping(struct db_conn *c, int64_t deadline_ms)
{
	struct db_op *op = pipeline_control(c, "select 1", 0, NULL);
	int err;

	if (op == NULL)
		return ERR_UNAVAILABLE;
	err = wait_for(&op->wait, deadline_ms) != 0 || op->has_failed ? ERR_UNAVAILABLE : op->error;
	op_abandon(op);
	return err;
}

int
db_ping(struct db *db, int64_t deadline_ms)
{
	int err = conn_ready(&db->shared[0], deadline_ms);

	return err != 0 ? err : ping(&db->shared[0], deadline_ms);
}

void
db_session_init(struct db_session *s, struct db *db, void *mem, struct uuid tenant, int64_t deadline_ms)
{
	*s = (struct db_session){ .db = db, .mem = mem, .tenant = tenant, .deadline_ms = deadline_ms };
}

void
db_session_end(struct db_session *s)
{
	if (s->pinned != NULL)
		db_rollback(s);
}

/* --- one statement --- */

static int
variant_of(const struct db_session *s, enum query_id q)
{
	if (!query_table[q].is_paged || s->page <= 20)
		return 0;
	return s->page <= 50 ? 1 : 2;
}

/* The connection for a statement. *borrowed: it is to be given back afterwards. */
static int
pick(struct db_session *s, enum query_id q, struct db_conn **out, bool *borrowed)
{
	bool is_stalled;

	*out = NULL;
	*borrowed = false;
	if (s->pinned != NULL) {
		*out = s->pinned;
		return s->pinned->state == CONN_READY ? 0 : ERR_UNAVAILABLE;
	}
	if (s->db->mean_us[q] > SLOW_QUERY_US ||
	    (s->db->slow_until_ms[q] > now_ms() && pool_has_room_for_slow(s->db))) {
		*borrowed = true;
		return pool_take_slow(s->db, s->deadline_ms, out);
	}
	*out = pool_shared(s->db, &s->tenant, s->may_repeat ? q : Q_NONE, &is_stalled);
	if (is_stalled && !pool_is_suspect(s->db, q)) {
		*borrowed = true;
		return pool_take(s->db, s->deadline_ms, out);
	}
	return conn_ready(*out, s->deadline_ms);
}

/* What an operation that has ended came to. Its answer goes to *out when it went well. */
static int
outcome(struct db_session *s, struct db_op *op, struct answer *out)
{
	int err = op->error;

	if (err == 0 && op->has_failed)
		err = error_of(&s->error, op->answer.pg);
	if (err != 0) {
		counter_add(COUNTER_db_errors_total, 1);
		return err;
	}
	*out = op->answer;
	op->answer = (struct answer){ 0 };
	return 0;
}

/* Waits for the end of an operation, but not behind another one that takes long if it can be had elsewhere. */
static int
wait_for_op(struct db_session *s, struct db_conn *c, struct db_op *op)
{
	while (s->may_repeat && s->pinned == NULL && s->deadline_ms > now_ms() + PATIENCE_MS) {
		int rc = wait_for(&op->wait, now_ms() + PATIENCE_MS);

		if (rc != -ETIMEDOUT)
			return rc == 0 ? 0 : ERR_TIMEOUT;
		if (c->first == op || pool_is_suspect(s->db, op->query))
			break; /* it is this one that takes long, or another of its kind: elsewhere it would, too */
		if (pool_is_stalled(c, clock_us()))
			return STUCK;
	}
	return wait_for(&op->wait, s->deadline_ms) != 0 ? ERR_TIMEOUT : 0;
}

static int
submit_and_wait(struct db_session *s, struct db_conn *c, enum query_id q, const struct param *params, int count,
    bool may_share, struct answer *out)
{
	struct db_op *op;
	int err;

	if (s->pinned == NULL)
		pipeline_tenant(c, &s->tenant);
	if (c->state != CONN_READY)
		return ERR_UNAVAILABLE;
	counter_add(COUNTER_db_queries_total, 1);
	op = pipeline_query(c, q, variant_of(s, q), params, count, s->mem, may_share);
	if (op == NULL)
		return ERR_UNAVAILABLE;
	err = wait_for_op(s, c, op);
	if (err == 0)
		err = op->was_skipped ? STUCK : outcome(s, op, out);
	if (op->has_failed && !op->was_skipped && error_is_stale(op->answer.pg))
		pipeline_forget_statements(c);
	op_abandon(op);
	return err;
}

static bool
is_worth_another_try(const struct db_session *s)
{
	return db_should_retry(s) || strcmp(s->error.sqlstate, "0A000") == 0 || strcmp(s->error.sqlstate, "26000") == 0;
}

static void
log_surprise(const struct db_session *s, enum query_id q, int err)
{
	if (err == ERR_INTERNAL)
		log_error("query_failed", LOG_STR("query", query_table[q].name), LOG_STR("sqlstate", s->error.sqlstate),
		    LOG_STR("message", s->error.message));
}

static int
run(struct db_session *s, enum query_id q, const struct param *params, int count, struct answer *out)
{
	struct db_conn *c;
	bool borrowed, may_repeat = s->may_repeat;
	int err = 0;

	if (q <= Q_NONE || q >= QUERY_COUNT || count != query_table[q].param_count || count > PARAMS_MAX) {
		log_error("query_misused", LOG_INT("query", q), LOG_INT("params", count));
		return ERR_INTERNAL;
	}
	if (s->failed)
		return ERR_INTERNAL; /* the transaction ended with the first error */
	for (int i = 0; i < TRIES; i++) {
		error_clear(&s->error);
		s->may_repeat = may_repeat && i < TRIES - 1;
		err = pick(s, q, &c, &borrowed);
		if (err == 0)
			err = submit_and_wait(s, c, q, params, count, may_repeat && i == 0 && !borrowed && s->pinned == NULL, out);
		if (borrowed && c != NULL)
			pool_give(c);
		if (err != STUCK && (err == 0 || s->pinned != NULL || !is_worth_another_try(s)))
			break;
	}
	s->may_repeat = may_repeat;
	if (err != 0 && s->pinned != NULL)
		s->failed = true;
	log_surprise(s, q, err);
	return err;
}

static int
result_free(struct db_result *r)
{
	answer_free(&r->answer);
	return 0;
}

int
result_new(const void *mem, struct db_result **out, enum query_id q, struct answer *a)
{
	struct db_result *r = mem_new(mem, struct db_result);
	const char *why;

	*r = (struct db_result){ .answer = *a, .pg = a->pg, .first = a->first, .rows = a->count, .query = q, .plan = plan_of(q, a->pg, &why) };
	talloc_set_destructor(r, result_free);
	if (r->plan == NULL) {
		log_error("query_shape", LOG_STR("query", query_table[q].name), LOG_STR("message", why));
		talloc_free(r);
		return ERR_INTERNAL;
	}
	*out = r;
	return 0;
}

int
db_query_params(struct db_session *s, struct db_result **out, enum query_id q, const struct param *params, int count)
{
	struct answer a;
	int err = run(s, q, params, count, &a);

	return err != 0 ? err : result_new(s->mem, out, q, &a);
}

int
db_query_row_params(struct db_session *s, struct db_result **out, enum query_id q, const struct param *params, int count)
{
	int err = db_query_params(s, out, q, params, count);

	return err == 0 && (*out)->rows == 0 ? ERR_NOT_FOUND : err;
}

static int64_t
affected_rows(const struct answer *a)
{
	const char *text = PQcmdTuples(a->pg);

	return PQresultStatus(a->pg) == PGRES_TUPLES_OK || *text == '\0' ? a->count : strtoll(text, NULL, 10);
}

int
db_exec_params(struct db_session *s, int64_t *affected, enum query_id q, const struct param *params, int count)
{
	struct answer a;
	int err = run(s, q, params, count, &a);

	if (err != 0)
		return err;
	if (affected != NULL)
		*affected = affected_rows(&a);
	answer_free(&a);
	return 0;
}

/* --- transactions --- */

/* No query of the table, but about one: what it came to goes to *out, or nowhere. */
int
session_command(struct db_session *s, enum query_id q, const char *sql, const struct param *params, int count, struct answer *out)
{
	struct db_conn *c = s->pinned;
	struct answer a = { 0 };
	struct encoded e;
	struct db_op *op;
	int err;

	if (c == NULL || s->failed || count > PARAMS_MAX)
		return ERR_INTERNAL;
	error_clear(&s->error);
	counter_add(COUNTER_db_queries_total, 1);
	params_encode(&e, params, count, s->mem);
	op = c->state == CONN_READY ? pipeline_command(c, sql, count, &e) : NULL;
	if (op == NULL)
		err = ERR_UNAVAILABLE;
	else
		err = wait_for(&op->wait, s->deadline_ms) != 0 ? ERR_TIMEOUT : outcome(s, op, &a);
	if (op != NULL)
		op_abandon(op);
	if (err == 0 && out != NULL)
		*out = a;
	else
		answer_free(&a);
	s->failed = err != 0;
	log_surprise(s, q, err);
	return err;
}

static int
begin(struct db_session *s, const char *sql)
{
	struct db_conn *c;
	struct db_op *op;
	int err;

	if (s->pinned != NULL) {
		log_error("transaction_nested");
		return ERR_INTERNAL;
	}
	err = pool_take(s->db, s->deadline_ms, &c);
	if (err != 0)
		return err;
	pipeline_tenant(c, &s->tenant);
	op = c->state == CONN_READY ? pipeline_control(c, sql, 0, NULL) : NULL;
	if (op == NULL) {
		pool_give(c);
		return ERR_UNAVAILABLE;
	}
	/* Not waited for: the first statement comes behind it. */
	op->is_vital = true;
	op_abandon(op);
	s->pinned = c;
	s->failed = false;
	return 0;
}

int
db_begin(struct db_session *s)
{
	return begin(s, "begin");
}

int
db_begin_snapshot(struct db_session *s)
{
	return begin(s, "begin isolation level repeatable read");
}

int
db_commit(struct db_session *s)
{
	struct db_conn *c = s->pinned;
	struct db_op *op;
	struct answer a = { 0 };
	int err;

	if (c == NULL)
		return ERR_INTERNAL;
	if (s->failed) {
		db_rollback(s);
		return ERR_INTERNAL;
	}
	error_clear(&s->error);
	s->pinned = NULL;
	op = c->state == CONN_READY ? pipeline_control(c, "commit", 0, NULL) : NULL;
	if (op == NULL) {
		pool_give(c);
		return ERR_UNAVAILABLE;
	}
	err = wait_for_surely(&op->wait, s->deadline_ms) != 0 ? ERR_TIMEOUT : outcome(s, op, &a);
	if (err == 0 && strcmp(PQcmdStatus(a.pg), "COMMIT") != 0)
		err = ERR_INTERNAL; /* ROLLBACK: a statement had failed unseen */
	answer_free(&a);
	op_abandon(op);
	pool_give(c);
	return err;
}

void
db_rollback(struct db_session *s)
{
	struct db_conn *c = s->pinned;
	struct db_op *op;

	if (c == NULL)
		return;
	s->pinned = NULL;
	s->failed = false;
	op = c->state == CONN_READY ? pipeline_control(c, "rollback", 0, NULL) : NULL;
	if (op != NULL) {
		op->is_vital = true;
		op_abandon(op);
	}
	pool_give(c);
}

bool
db_should_retry(const struct db_session *s)
{
	return strcmp(s->error.sqlstate, "40001") == 0 || strcmp(s->error.sqlstate, "40P01") == 0;
}

/* --- queries as data --- */

const struct query_info *
query_info(enum query_id q)
{
	return &query_table[q > Q_NONE && q < QUERY_COUNT ? q : Q_NONE];
}

int
query_param_index(enum query_id q, const char *name)
{
	const struct query_info *info = query_info(q);

	for (int i = 0; i < info->param_count; i++) {
		if (strcmp(info->params[i], name) == 0)
			return i;
	}
	return -1;
}
