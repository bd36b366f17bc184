/* db/pipeline.c - operations on one connection: sent at once, answered in order. */
#include "db/internal.h"
#include "lib/counter.h"
#include "lib/log.h"
#include "lib/mem.h"

struct db_op *
op_new(enum query_id q, int variant)
{
	struct db_op *op = mem_checked(calloc(1, sizeof(*op)));

	wait_init(&op->wait);
	op->query = q;
	op->variant = variant;
	return op;
}

static void
op_append(struct db_conn *c, struct db_op *op)
{
	op->sent_us = clock_us();
	if (c->first == NULL)
		c->progress_us = op->sent_us;
	*c->end = op;
	c->end = &op->next;
	c->pending++;
}

static void
op_free(struct db_op *op)
{
	answer_free(&op->answer);
	free(op);
}

void
op_abandon(struct db_op *op)
{
	if (op->wait.done)
		op_free(op);
	else
		op->abandoned = true;
}

void
op_hand_out(struct db_op *op)
{
	share_hand_out(op);
	op->wait.done = true;
	if (op->abandoned)
		op_free(op);
	else
		wait_done(&op->wait);
}

/* Ends what was sent with a Sync of its own, and op with it; libpq sends it all. */
static void
seal(struct db_conn *c, struct db_op *op)
{
	op_append(c, op);
	if (PQpipelineSync(c->pg) != 1) {
		conn_lose(c, NULL);
		return;
	}
	conn_watch(c);
	conn_flush(c);
}

/* --- batches --- */

static void
batch_seal(struct db_conn *c)
{
	struct db_op *sync;

	if (c->batch_count == 0 || c->state != CONN_READY)
		return;
	c->batch_count = 0;
	c->batch_first = NULL;
	sync = op_new(Q_NONE, 0);
	seal(c, sync);
	op_abandon(sync); /* nobody waits for the Sync itself */
}

void
pipeline_end_batch(struct db_conn *c)
{
	if (!c->has_open_batch || c->state != CONN_READY)
		return;
	share_send(c);
	batch_seal(c);
	c->has_open_batch = false;
}

/* What the server has not answered yet; the open batch is not under way. */
static bool
is_busy(const struct db_conn *c)
{
	return c->pending > c->batch_count;
}

/* While the server works on what it has, the batch stays open: more comes to it, and nobody waits longer for that. */
static void
end_batch_before_sleep(struct wait_hook *hook)
{
	struct db_conn *c = (struct db_conn *)((char *)hook - offsetof(struct db_conn, batch_hook));

	if (!is_busy(c))
		pipeline_end_batch(c);
}

static void
open_batch(struct db_conn *c, enum query_id q)
{
	if (c->has_open_batch)
		return;
	c->has_open_batch = true;
	c->batch_query = q;
	c->batch_hook.fn = end_batch_before_sleep;
	wait_before_sleep(&c->batch_hook);
}

static void
batch_add(struct db_conn *c, struct db_op *op)
{
	op->is_in_batch = true;
	op_append(c, op);
	if (c->batch_count++ == 0)
		c->batch_first = op;
	conn_watch(c);
}

/* --- sending --- */

static void
statement_name(char *name, size_t size, const struct db_conn *c, enum query_id q, int variant)
{
	snprintf(name, size, "q%d_%d_%u", (int)q, variant, c->generation);
}

/* To the open batch, or by itself: with a Sync of its own, as what is prepared at the same time. */
void
pipeline_send(struct db_conn *c, struct db_op *op, const struct encoded *e, bool may_batch)
{
	const struct query_info *info = &query_table[op->query];
	uint8_t *prepared = &c->prepared[(int)op->query * VARIANTS + op->variant];
	char name[32];

	op->has_prepare = !*prepared;
	if (!may_batch || op->has_prepare)
		batch_seal(c);
	if (c->state != CONN_READY) {
		op->error = ERR_UNAVAILABLE;
		op_hand_out(op);
		return;
	}
	statement_name(name, sizeof(name), c, op->query, op->variant);
	if ((op->has_prepare && PQsendPrepare(c->pg, name, info->text[op->variant], 0, NULL) != 1) ||
	    PQsendQueryPrepared(c->pg, name, info->param_count, e->values, e->lengths, e->formats, 1) != 1) {
		op_append(c, op);
		conn_lose(c, NULL);
		return;
	}
	*prepared = 1;
	if (may_batch && !op->has_prepare)
		batch_add(c, op);
	else
		seal(c, op);
}

struct db_op *
pipeline_query(struct db_conn *c, enum query_id q, int variant, const struct param *params, int count, void *mem,
    bool may_share)
{
	struct share_key key = { .length = 0 };
	struct encoded e;
	struct db_op *op;

	may_share = may_share && query_table[q].is_read && c->prepared[(int)q * VARIANTS + variant];
	if (!may_share || c->batch_query != q)
		pipeline_end_batch(c);
	if (c->state != CONN_READY)
		return NULL;
	params_encode(&e, params, count, mem);
	if (may_share) {
		open_batch(c, q);
		share_key_make(&key, q, &e);
		op = share_join(c, q, variant, &key);
		if (op != NULL)
			return op;
	}
	op = op_new(q, variant);
	op->key = key;
	pipeline_send(c, op, &e, may_share);
	return op;
}

struct db_op *
pipeline_command(struct db_conn *c, const char *sql, int count, const struct encoded *e)
{
	struct db_op *op;

	pipeline_end_batch(c);
	if (c->state != CONN_READY)
		return NULL;
	op = op_new(Q_NONE, 0);
	if (PQsendQueryParams(c->pg, sql, count, NULL, e->values, e->lengths, e->formats, 1) != 1) {
		op_append(c, op);
		conn_lose(c, NULL);
	} else {
		seal(c, op);
	}
	if (c->state == CONN_READY)
		return op;
	op_abandon(op); /* it has ended with the connection */
	return NULL;
}

struct db_op *
pipeline_control(struct db_conn *c, const char *sql, int count, const char *const *values)
{
	struct encoded e = { 0 };

	for (int i = 0; i < count; i++)
		e.values[i] = values[i];
	return pipeline_command(c, sql, count, &e);
}

/* With a Sync of its own: inside the next operation's an error there would take the setting back. */
void
pipeline_tenant(struct db_conn *c, const struct uuid *tenant)
{
	char text[UUID_TEXT] = "";
	const char *values[] = { text };
	struct db_op *op;

	if (uuid_equal(&c->tenant, tenant))
		return;
	if (!uuid_is_null(tenant))
		uuid_text(tenant, text);
	op = pipeline_control(c, "select set_config('atelier.tenant', $1, false)", 1, values);
	if (op == NULL)
		return;
	op->is_vital = true;
	op_abandon(op);
	c->tenant = *tenant;
}

#define VERY_LONG_US 200000
#define REMEMBERED_MS 10000

static void
time_add(struct db_conn *c, const struct db_op *op, int64_t now_us)
{
	int64_t took_us = now_us - c->progress_us, *mean = &c->db->mean_us[op->query];

	*mean += (took_us - *mean) / 32;
	if (took_us > VERY_LONG_US)
		c->db->slow_until_ms[op->query] = now_ms() + REMEMBERED_MS;
}

/* They are prepared anew, under other names. */
void
pipeline_forget_statements(struct db_conn *c)
{
	memset(c->prepared, 0, sizeof(c->prepared));
	c->generation++;
}

static void
op_end(struct db_conn *c)
{
	struct db_op *op = c->first;
	int64_t now_us = clock_us();

	if (op->query != Q_NONE)
		time_add(c, op, now_us);
	c->progress_us = now_us;
	c->first = op->next;
	if (c->first == NULL)
		c->end = &c->first;
	if (c->batch_first == op)
		c->batch_first = op->next;
	c->pending--;
	if (op->has_failed && op->has_prepare && !op->has_result)
		c->prepared[(int)op->query * VARIANTS + op->variant] = 0;
	if (op->is_vital && op->has_failed)
		conn_lose(c, PQresultErrorMessage(op->answer.pg));
	else if (op->on_end != NULL && !op->has_failed)
		op->on_end(op->arg);
	if (op->is_many && op->has_failed && error_is_stale(op->answer.pg))
		pipeline_forget_statements(c);
	op_hand_out(op);
}

/* Keeps what an operation came to: the result of its last command, or its first error. */
static void
take_result(struct db_conn *c, PGresult *result)
{
	struct db_op *op = c->first;
	ExecStatusType status = PQresultStatus(result);
	bool is_failure = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR;

	if (status == PGRES_PIPELINE_SYNC) {
		PQclear(result);
		op_end(c);
		return;
	}
	if (status == PGRES_PIPELINE_ABORTED)
		op->was_skipped = op->is_in_batch;
	if (status == PGRES_PIPELINE_ABORTED || op->has_failed) {
		PQclear(result);
	} else {
		PQclear(op->answer.pg);
		op->answer = (struct answer){ .pg = result, .count = PQntuples(result) };
		op->has_failed = is_failure;
		op->has_result |= !is_failure;
	}
	if (op->is_in_batch)
		op_end(c);
}

void
pipeline_read(struct db_conn *c)
{
	int nothing = 0;

	while (c->state == CONN_READY && c->first != NULL && !PQisBusy(c->pg)) {
		PGresult *result = PQgetResult(c->pg);

		if (result != NULL) {
			nothing = 0;
			take_result(c, result);
		} else if (++nothing > 2) {
			break; /* one stands between two commands; more are an end */
		}
		if (c->state == CONN_READY && PQstatus(c->pg) == CONNECTION_BAD)
			conn_lose(c, NULL);
	}
	if (c->state != CONN_READY)
		return;
	if (c->first == NULL && PQisBusy(c->pg) == 0 && PQstatus(c->pg) == CONNECTION_BAD) {
		conn_lose(c, NULL);
		return;
	}
	conn_watch(c);
	if (c->has_open_batch && !is_busy(c))
		wait_before_sleep(&c->batch_hook);
	if (c->pending == 0 && c->is_returning)
		pool_drained(c);
}

void
batch_forget(struct db_conn *c)
{
	c->has_open_batch = false;
	c->batch_first = c->gathering = NULL;
	c->batch_count = c->gathered = 0;
}

static void
fail_list(struct db_op *op)
{
	struct db_op *next;

	for (; op != NULL; op = next) {
		next = op->next;
		op->error = ERR_UNAVAILABLE;
		op_hand_out(op);
	}
}

/* The connection is gone: nobody knows what became of these. */
void
pipeline_fail_all(struct db_conn *c)
{
	struct db_op *op = c->first, *gathering = c->gathering;

	c->first = NULL;
	c->end = &c->first;
	c->pending = 0;
	batch_forget(c);
	wait_hook_withdraw(&c->batch_hook);
	fail_list(op);
	fail_list(gathering);
}
