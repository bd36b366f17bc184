/*
 * db/pool.c - which connection a piece of work gets.
 *
 * Single statements share few connections, each a pipeline: the one where others ask for the same kind of thing, else
 * the one with the least under way, and rather not one whose first operation already takes long, for everything behind it
 * waits. Transactions, and queries that are known to be slow, take a connection of their own for as long as they last; when
 * all are taken they queue.
 */
#include "db/internal.h"

#define STALL_US 20000
#define TENANT_CHANGE_COST 2 /* in operations */

/* What the server works on for this connection takes long, and everything behind it waits. */
bool
pool_is_stalled(const struct db_conn *c, int64_t now_us)
{
	return c->pending > 0 && now_us - c->progress_us > STALL_US;
}

/* What is held up (by a lock, say) must not be asked again on one connection after the other until all are. */
bool
pool_is_suspect(const struct db *db, enum query_id q)
{
	int64_t now_us = clock_us();

	if (db->slow_until_ms[q] > now_ms())
		return true;
	for (int i = 0; i < db->shared_count + db->own_count; i++) {
		const struct db_conn *c = i < db->shared_count ? &db->shared[i] : &db->own[i - db->shared_count];

		if (pool_is_stalled(c, now_us) && c->first->query == q)
			return true;
	}
	return false;
}

struct db_conn *
pool_shared(struct db *db, const struct uuid *tenant, enum query_id q, bool *is_stalled)
{
	struct db_conn *best = NULL;
	int64_t now_us = clock_us(), now = now_ms();
	int cost, least = INT32_MAX;

	for (int i = 0; i < db->shared_count; i++) {
		struct db_conn *c = &db->shared[i];
		bool is_theirs;

		conn_check(c);
		is_theirs = c->state == CONN_READY && uuid_equal(&c->tenant, tenant);
		cost = is_theirs && share_is_place(c, q) ? 0 : c->pending + (is_theirs ? 0 : TENANT_CHANGE_COST);
		if (pool_is_stalled(c, now_us))
			cost += 100000;
		if (c->state == CONN_AWAY && now < c->retry_at_ms)
			cost += 1000000;
		if (cost < least) {
			least = cost;
			best = c;
		}
	}
	*is_stalled = least >= 100000 && least < 1000000;
	return best;
}

/* Own connections that would not come back, for their server is silent. */
static void
check_returning(struct db *db)
{
	for (int i = 0; i < db->own_count; i++)
		if (db->own[i].is_returning)
			conn_check(&db->own[i]);
}

/* A connection that is free right now, or NULL. */
struct db_conn *
pool_try(struct db *db)
{
	struct db_conn *away = NULL;

	check_returning(db);
	for (int i = 0; i < db->own_count; i++) {
		struct db_conn *c = &db->own[i];

		if (c->is_taken)
			continue;
		if (c->state == CONN_READY) {
			c->is_taken = true;
			return c;
		}
		away = c;
	}
	if (away != NULL)
		away->is_taken = true;
	return away;
}

static void
queue_add(struct db_waiter ***end, struct db_waiter *w)
{
	wait_init(&w->wait);
	**end = w;
	*end = &w->next;
}

static struct db_waiter *
queue_shift(struct db_waiter **first, struct db_waiter ***end)
{
	struct db_waiter *w = *first;

	if (w == NULL)
		return NULL;
	*first = w->next;
	if (*first == NULL)
		*end = first;
	return w;
}

static void
queue_remove(struct db_waiter **first, struct db_waiter ***end, struct db_waiter *w)
{
	for (struct db_waiter **p = first; *p != NULL; p = &(*p)->next) {
		if (*p != w)
			continue;
		*p = w->next;
		if (*end == &w->next)
			*end = p;
		return;
	}
}

static int
queue_wait(struct db *db, int64_t deadline_ms, struct db_conn **out)
{
	struct db_waiter w = { 0 };

	queue_add(&db->queue_end, &w);
	if (wait_for(&w.wait, deadline_ms) != 0 && w.given == NULL) {
		queue_remove(&db->queue, &db->queue_end, &w);
		return ERR_TIMEOUT;
	}
	*out = w.given; /* also when the deadline came in the same turn: whoever asked finds out soon enough */
	return 0;
}

int
pool_take(struct db *db, int64_t deadline_ms, struct db_conn **out)
{
	struct db_conn *c = pool_try(db);
	int err = 0;

	if (c == NULL)
		err = queue_wait(db, deadline_ms, &c);
	if (err == 0)
		err = conn_ready(c, deadline_ms);
	if (err != 0) {
		if (c != NULL)
			pool_give(c);
		return err;
	}
	*out = c;
	return 0;
}

/* A slow query's place is free once the server is done with it, which may be long after nobody waits any more. */
static void
place_free(struct db *db)
{
	struct db_waiter *w = queue_shift(&db->slow_queue, &db->slow_queue_end);

	if (w != NULL)
		wait_done(&w->wait); /* our place is theirs */
	else
		db->slow_count--;
}

static void
slow_leave(struct db_conn *c)
{
	c->is_slow = false;
	place_free(c->db);
}

/* Hands the connection to whoever waits longest. */
void
pool_drained(struct db_conn *c)
{
	struct db *db = c->db;
	struct db_waiter *w;

	c->is_returning = false;
	if (c->is_slow)
		slow_leave(c);
	if (c->state == CONN_READY &&
	    (PQtransactionStatus(c->pg) == PQTRANS_INTRANS || PQtransactionStatus(c->pg) == PQTRANS_INERROR))
		conn_lose(c, "given back in the middle of a transaction");
	w = queue_shift(&db->queue, &db->queue_end);
	if (w == NULL) {
		c->is_taken = false;
		return;
	}
	w->given = c;
	wait_done(&w->wait);
}

/* Gives a connection back; it is free once nothing is under way on it any more. */
void
pool_give(struct db_conn *c)
{
	c->is_returning = true;
	if (c->pending == 0 || c->state != CONN_READY)
		pool_drained(c);
}

/* --- slow queries: half of the own connections at most, so that transactions have the others --- */

bool
pool_has_room_for_slow(const struct db *db)
{
	return 2 * db->slow_count < db->own_count;
}

static int
slow_enter(struct db *db, int64_t deadline_ms)
{
	struct db_waiter w = { 0 };

	check_returning(db);
	if (pool_has_room_for_slow(db)) {
		db->slow_count++;
		return 0;
	}
	queue_add(&db->slow_queue_end, &w);
	if (wait_for(&w.wait, deadline_ms) == 0)
		return 0;
	if (w.wait.done)
		place_free(db);
	else
		queue_remove(&db->slow_queue, &db->slow_queue_end, &w);
	return ERR_TIMEOUT;
}

int
pool_take_slow(struct db *db, int64_t deadline_ms, struct db_conn **out)
{
	int err = slow_enter(db, deadline_ms);

	if (err != 0)
		return err;
	err = pool_take(db, deadline_ms, out);
	if (err != 0)
		place_free(db);
	else
		(*out)->is_slow = true;
	return err;
}
