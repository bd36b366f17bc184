/* db/pipeline.c - operations on one connection: sent at once, answered in order. */
#include "db/internal.h"
#include "lib/counter.h"
#include "lib/log.h"
#include "lib/mem.h"

static struct db_op *
op_append(struct db_conn *c)
{
	struct db_op *op = mem_checked(calloc(1, sizeof(*op)));

	wait_init(&op->wait);
	op->sent_us = clock_us();
	if (c->first == NULL)
		c->progress_us = op->sent_us;
	*c->end = op;
	c->end = &op->next;
	c->pending++;
	return op;
}

static void
op_free(struct db_op *op)
{
	PQclear(op->result);
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

/* Ends what was sent with a Sync of its own; libpq sends it all. */
static struct db_op *
seal(struct db_conn *c)
{
	struct db_op *op;

	c->has_open_batch = false;
	if (PQpipelineSync(c->pg) != 1) {
		conn_lose(c, NULL);
		return NULL;
	}
	op = op_append(c);
	conn_watch(c);
	conn_flush(c);
	return c->state == CONN_READY ? op : NULL;
}

void
pipeline_end_batch(struct db_conn *c)
{
	struct db_op *op;

	if (!c->has_open_batch || c->state != CONN_READY)
		return;
	op = seal(c);
	if (op != NULL)
		op_abandon(op); /* nobody waits for the Sync itself */
}

static void
end_batch_before_sleep(struct wait_hook *hook)
{
	struct db_conn *c = (struct db_conn *)((char *)hook - offsetof(struct db_conn, batch_hook));

	pipeline_end_batch(c);
}

/* The operation goes out with others of this turn. */
static struct db_op *
join_batch(struct db_conn *c, enum query_id q)
{
	struct db_op *op = op_append(c);

	op->is_in_batch = true;
	if (!c->has_open_batch) {
		c->has_open_batch = true;
		c->batch_query = q;
		c->batch_hook.fn = end_batch_before_sleep;
		wait_before_sleep(&c->batch_hook);
	}
	conn_watch(c);
	return op;
}

static void
statement_name(char *name, size_t size, const struct db_conn *c, enum query_id q, int variant)
{
	snprintf(name, size, "q%d_%d_%u", (int)q, variant, c->generation);
}

struct db_op *
pipeline_query(struct db_conn *c, enum query_id q, int variant, const struct param *params, int count, void *mem,
    bool may_share)
{
	const struct query_info *info = &query_table[q];
	uint8_t *prepared = &c->prepared[(int)q * VARIANTS + variant];
	bool has_prepare = !*prepared;
	struct encoded e;
	struct db_op *op;
	char name[32];

	may_share = may_share && info->is_read && !has_prepare;
	if (!may_share || c->batch_query != q)
		pipeline_end_batch(c);
	if (c->state != CONN_READY)
		return NULL;
	statement_name(name, sizeof(name), c, q, variant);
	params_encode(&e, params, count, mem);
	if ((has_prepare && PQsendPrepare(c->pg, name, info->text[variant], 0, NULL) != 1) ||
	    PQsendQueryPrepared(c->pg, name, count, e.values, e.lengths, e.formats, 1) != 1) {
		conn_lose(c, NULL);
		return NULL;
	}
	*prepared = 1;
	op = may_share ? join_batch(c, q) : seal(c);
	if (op == NULL)
		return NULL;
	op->query = q;
	op->variant = variant;
	op->has_prepare = has_prepare;
	return op;
}

struct db_op *
pipeline_control(struct db_conn *c, const char *sql, int count, const char *const *values)
{
	pipeline_end_batch(c);
	if (c->state != CONN_READY)
		return NULL;
	if (PQsendQueryParams(c->pg, sql, count, NULL, values, NULL, NULL, 1) != 1) {
		conn_lose(c, NULL);
		return NULL;
	}
	return seal(c);
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
	c->pending--;
	if (op->has_failed && op->has_prepare && !op->has_result)
		c->prepared[(int)op->query * VARIANTS + op->variant] = 0;
	if (op->is_vital && op->has_failed)
		conn_lose(c, PQresultErrorMessage(op->result));
	else if (op->on_end != NULL && !op->has_failed)
		op->on_end(op->arg);
	op->wait.done = true;
	if (op->abandoned)
		op_free(op);
	else
		wait_done(&op->wait);
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
		PQclear(op->result);
		op->result = result;
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
	if (c->pending == 0 && c->is_returning)
		pool_drained(c);
}

/* The connection is gone: nobody knows what became of these. */
void
pipeline_fail_all(struct db_conn *c)
{
	struct db_op *op = c->first, *next;

	c->first = NULL;
	c->end = &c->first;
	c->pending = 0;
	c->has_open_batch = false;
	wait_hook_withdraw(&c->batch_hook);
	for (; op != NULL; op = next) {
		next = op->next;
		op->error = ERR_UNAVAILABLE;
		if (op->abandoned)
			op_free(op);
		else
			wait_done(&op->wait);
	}
}
