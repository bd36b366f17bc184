/*
 * db/conn.c - one connection: opening it without blocking, its socket in the loop, losing it.
 *
 * Connections are opened when somebody needs them, and after a loss not before the back-off is over: until
 * then the answer is ERR_UNAVAILABLE at once. No timer is needed for that.
 */
#include <poll.h>
#include <unistd.h>

#include "db/internal.h"
#include "lib/counter.h"
#include "lib/fiber.h"
#include "lib/log.h"
#include "lib/mem.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS 2000
#define CONNECT_TIMEOUT_MS 5000

static void on_poll(uv_poll_t *poll, int status, int events);

void
conn_init(struct db_conn *c, struct db *db)
{
	memset(c, 0, sizeof(*c));
	c->db = db;
	c->end = &c->first;
}

/* --- the socket in the loop --- */

static void
poll_closed(uv_handle_t *handle)
{
	free(handle);
}

static void
poll_drop(struct db_conn *c)
{
	if (c->poll == NULL)
		return;
	uv_poll_stop(c->poll);
	c->poll->data = NULL;
	uv_close((uv_handle_t *)c->poll, poll_closed);
	c->poll = NULL;
	c->events = 0;
}

static void
poll_set(struct db_conn *c, int events)
{
	if (c->poll == NULL) {
		c->poll = mem_checked(calloc(1, sizeof(*c->poll)));
		if (uv_poll_init(wait_loop(), c->poll, PQsocket(c->pg)) != 0) {
			free(c->poll);
			c->poll = NULL;
			return;
		}
		c->poll->data = c;
		uv_unref((uv_handle_t *)c->poll);
	}
	if (c->events == events)
		return;
	c->events = events;
	uv_poll_start(c->poll, events, on_poll);
}

/* An idle connection does not keep the process in its loop; one with something under way does. */
void
conn_watch(struct db_conn *c)
{
	if (c->poll == NULL)
		return;
	if (c->pending > 0)
		uv_ref((uv_handle_t *)c->poll);
	else
		uv_unref((uv_handle_t *)c->poll);
}

/* --- coming and going --- */

static void
waiters_wake(struct db_conn *c)
{
	struct db_waiter *w = c->waiters;

	c->waiters = NULL;
	for (; w != NULL; w = w->next)
		wait_done(&w->wait);
}

void
conn_lose(struct db_conn *c, const char *why)
{
	bool was_ready = c->state == CONN_READY;
	char message[200];

	if (c->state == CONN_AWAY)
		return;
	snprintf(message, sizeof(message), "%s", why != NULL ? why : PQerrorMessage(c->pg));
	message[strcspn(message, "\n")] = '\0';
	log_warn(was_ready ? "db_lost" : "db_unreachable", LOG_STR("message", message), LOG_INT("pending", c->pending));
	c->state = CONN_AWAY;
	c->backoff_ms = was_ready ? 0 : c->backoff_ms == 0 ? BACKOFF_FIRST_MS : 2 * c->backoff_ms;
	if (c->backoff_ms > BACKOFF_MOST_MS)
		c->backoff_ms = BACKOFF_MOST_MS;
	c->retry_at_ms = now_ms() + c->backoff_ms;
	poll_drop(c);
	PQfinish(c->pg);
	c->pg = NULL;
	memset(c->prepared, 0, sizeof(c->prepared));
	memset(&c->tenant, 0, sizeof(c->tenant));
	pipeline_fail_all(c);
	waiters_wake(c);
	if (c->is_returning)
		pool_drained(c);
	if (c->on_lost != NULL)
		c->on_lost(c);
}

/* Plans are made once for each prepared query. Left to itself PostgreSQL plans a query anew at every execution when
 * that looks cheaper to it, as it does for the feed of somebody who is not signed in (a null parameter takes a
 * sub-select away): 130 us of its processor time instead of 53. What needs a plan for its very parameters lives in a
 * function with `set plan_cache_mode = force_custom_plan`. What is compiled is never run long enough here to pay for it. */
static void
setup(struct db_conn *c)
{
	static const char sql[] = "select set_config('statement_timeout', $1, false),"
				  " set_config('plan_cache_mode', 'force_generic_plan', false),"
				  " set_config('jit', 'off', false),"
				  " set_config('idle_in_transaction_session_timeout', $1, false),"
				  " set_config('timezone', 'UTC', false)";
	char ms[24];
	const char *values[] = { ms };
	struct db_op *op;

	snprintf(ms, sizeof(ms), "%lld", (long long)c->db->statement_timeout_ms);
	if (PQsetnonblocking(c->pg, 1) != 0 || PQenterPipelineMode(c->pg) != 1) {
		conn_lose(c, NULL);
		return;
	}
	c->state = CONN_READY;
	counter_add(COUNTER_db_connects_total, 1);
	op = pipeline_control(c, sql, 1, values);
	if (op == NULL)
		return;
	op->is_vital = true;
	op_abandon(op);
	c->backoff_ms = 0;
	if (c->on_ready != NULL)
		c->on_ready(c);
	waiters_wake(c);
}

static void
connect_step(struct db_conn *c)
{
	/* libpq may go on with another socket under the same number: watch it anew after each step. */
	switch (PQconnectPoll(c->pg)) {
	case PGRES_POLLING_OK:
		poll_drop(c);
		poll_set(c, UV_READABLE);
		setup(c);
		return;
	case PGRES_POLLING_READING:
		poll_drop(c);
		poll_set(c, UV_READABLE);
		break;
	case PGRES_POLLING_WRITING:
		poll_drop(c);
		poll_set(c, UV_WRITABLE);
		break;
	default:
		conn_lose(c, NULL);
		return;
	}
	if (c->poll != NULL)
		uv_ref((uv_handle_t *)c->poll);
}

static void
ignore_notice(void *arg, const PGresult *result)
{
	(void)arg, (void)result;
}

void
conn_connect(struct db_conn *c)
{
	const char *const keys[] = { "dbname", "fallback_application_name", "client_encoding", NULL };
	const char *const values[] = { c->db->url, c->db->name, "UTF8", NULL };

	if (c->state != CONN_AWAY)
		return;
	c->state = CONN_CONNECTING;
	c->started_ms = now_ms();
	c->generation++;
	c->pg = mem_checked(PQconnectStartParams(keys, values, 1));
	PQsetNoticeReceiver(c->pg, ignore_notice, NULL);
	if (PQstatus(c->pg) == CONNECTION_BAD) {
		conn_lose(c, NULL);
		return;
	}
	poll_set(c, UV_WRITABLE);
	if (c->poll == NULL)
		conn_lose(c, "cannot watch the socket");
	else
		uv_ref((uv_handle_t *)c->poll);
}

static void
on_readable(struct db_conn *c)
{
	PGnotify *n;

	if (PQconsumeInput(c->pg) != 1) {
		conn_lose(c, NULL);
		return;
	}
	pipeline_read(c);
	while (c->state == CONN_READY && c->on_notify != NULL && (n = PQnotifies(c->pg)) != NULL) {
		c->on_notify(c, n->relname, n->extra);
		PQfreemem(n);
	}
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct db_conn *c = poll->data;

	if (c == NULL)
		return;
	if (c->state == CONN_CONNECTING) {
		connect_step(c);
		return;
	}
	if (status < 0)
		c->events = 0; /* libuv watches no more; the error stands behind the server's last words */
	if (status < 0 || (events & UV_READABLE))
		on_readable(c);
	if ((status < 0 || (events & UV_WRITABLE)) && c->state == CONN_READY)
		conn_flush(c);
}

void
conn_flush(struct db_conn *c)
{
	int left = PQflush(c->pg);

	if (left < 0)
		conn_lose(c, NULL);
	else
		poll_set(c, left > 0 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

static void
read_what_is_there(struct db_conn *c)
{
	struct pollfd p = { .fd = PQsocket(c->pg), .events = POLLIN };

	for (int i = 0; i < 4 && c->state == CONN_READY && poll(&p, 1, 0) > 0; i++) /* its last words, then the end */
		on_readable(c);
}

/* A process that turns its loop only while it waits has not seen what happened meanwhile: a server that went away. */
static void
look(struct db_conn *c)
{
	if (fiber_current() != NULL)
		return;
	read_what_is_there(c);
	if (c->state == CONN_AWAY)
		c->retry_at_ms = 0; /* nobody has waited for it since: a first attempt, not a next one */
}

/* The server gives a statement up after its timeout; this one has had twice that, and nobody waits for it any more. */
static bool
is_silent(const struct db_conn *c)
{
	return c->state == CONN_READY && c->pending > 0 && c->first->abandoned &&
	    clock_us() - c->progress_us > 2 * 1000 * c->db->statement_timeout_ms;
}

void
conn_check(struct db_conn *c)
{
	if (!is_silent(c))
		return;
	read_what_is_there(c); /* it may be us who stood still */
	if (is_silent(c))
		conn_lose(c, "no answer for too long");
}

static void
waiter_remove(struct db_conn *c, struct db_waiter *w)
{
	for (struct db_waiter **p = &c->waiters; *p != NULL; p = &(*p)->next) {
		if (*p == w) {
			*p = w->next;
			return;
		}
	}
}

int
conn_ready(struct db_conn *c, int64_t deadline_ms)
{
	struct db_waiter w = { 0 };

	if (c->state == CONN_READY && c->pending == 0)
		look(c);
	if (c->state == CONN_CONNECTING && now_ms() - c->started_ms > CONNECT_TIMEOUT_MS)
		conn_lose(c, "no answer to the attempt to connect");
	if (c->state == CONN_AWAY) {
		if (now_ms() < c->retry_at_ms)
			return ERR_UNAVAILABLE;
		conn_connect(c);
	}
	if (c->state == CONN_CONNECTING) {
		wait_init(&w.wait);
		w.next = c->waiters;
		c->waiters = &w;
		if (wait_for(&w.wait, deadline_ms) != 0)
			waiter_remove(c, &w);
	}
	return c->state == CONN_READY ? 0 : ERR_UNAVAILABLE;
}

void
conn_close(struct db_conn *c)
{
	c->on_lost = NULL;
	if (c->state == CONN_AWAY)
		return;
	c->state = CONN_AWAY;
	poll_drop(c);
	PQfinish(c->pg);
	c->pg = NULL;
	pipeline_fail_all(c);
	waiters_wake(c);
}

/* In a child of the process that opened it: the server must not hear of it. libpq's memory is given up. */
void
conn_forget(struct db_conn *c)
{
	if (c->pg != NULL && PQsocket(c->pg) >= 0)
		close(PQsocket(c->pg));
	c->pg = NULL;
	c->poll = NULL;
	c->state = CONN_AWAY;
	c->first = NULL;
	c->end = &c->first;
	c->pending = 0;
	batch_forget(c);
	c->batch_hook.is_set = false;
	c->on_lost = NULL;
}
