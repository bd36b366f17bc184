/* db/listen.c - NOTIFY reaches callbacks: one connection that comes back by itself. */
#include "db/internal.h"
#include "lib/mem.h"

#define RETRY_MS 500

struct channel {
	struct channel *next;
	const char *name;
	void (*fn)(void *arg, const char *payload);
	void *arg;
};

struct listener {
	struct db_conn conn;
	uv_timer_t *timer; /* to connect again, or to look whether an attempt hangs */
	struct channel *channels;
};

static void
timer_closed(uv_handle_t *handle)
{
	free(handle);
}

static void
on_timer(uv_timer_t *timer)
{
	struct listener *l = timer->data;

	if (l->conn.state == CONN_CONNECTING && now_ms() - l->conn.started_ms > 10 * RETRY_MS)
		conn_lose(&l->conn, "no answer to the attempt to connect");
	if (l->conn.state == CONN_AWAY)
		conn_connect(&l->conn);
}

static void
on_listening(void *arg)
{
	struct channel *ch = arg;

	ch->fn(ch->arg, NULL);
}

static void
listen_to(struct db_conn *c, struct channel *ch)
{
	char *name, *sql;
	struct db_op *op;

	if (c->state != CONN_READY)
		return;
	name = mem_checked(PQescapeIdentifier(c->pg, ch->name, strlen(ch->name)));
	sql = mem_printf(NULL, "listen %s", name);
	op = pipeline_control(c, sql, 0, NULL);
	PQfreemem(name);
	talloc_free(sql);
	if (op == NULL)
		return;
	op->is_vital = true;
	op->on_end = on_listening;
	op->arg = ch;
	op_abandon(op);
}

static void
on_ready(struct db_conn *c)
{
	struct listener *l = c->db->listener;

	for (struct channel *ch = l->channels; ch != NULL; ch = ch->next)
		listen_to(c, ch);
}

static void
on_notify(struct db_conn *c, const char *channel, const char *payload)
{
	struct listener *l = c->db->listener;

	for (struct channel *ch = l->channels; ch != NULL; ch = ch->next) {
		if (strcmp(ch->name, channel) == 0)
			ch->fn(ch->arg, payload);
	}
}

static int
listener_destroy(struct listener *l)
{
	if (l->timer == NULL)
		return 0;
	uv_timer_stop(l->timer);
	uv_close((uv_handle_t *)l->timer, timer_closed);
	conn_close(&l->conn);
	return 0;
}

static struct listener *
listener_new(struct db *db)
{
	struct listener *l = mem_new(db, struct listener);

	db->listener = l;
	conn_init(&l->conn, db);
	l->conn.on_ready = on_ready;
	l->conn.on_notify = on_notify;
	l->timer = mem_checked(calloc(1, sizeof(*l->timer)));
	l->timer->data = l;
	uv_timer_init(wait_loop(), l->timer);
	uv_timer_start(l->timer, on_timer, 0, RETRY_MS);
	uv_unref((uv_handle_t *)l->timer);
	talloc_set_destructor(l, listener_destroy);
	return l;
}

void
db_listen(struct db *db, const char *channel, void (*fn)(void *arg, const char *payload), void *arg)
{
	struct listener *l = db->listener != NULL ? db->listener : listener_new(db);
	struct channel *ch = mem_new(l, struct channel);

	*ch = (struct channel){ .name = channel, .fn = fn, .arg = arg, .next = l->channels };
	l->channels = ch;
	if (l->conn.state == CONN_READY)
		listen_to(&l->conn, ch);
	else
		conn_connect(&l->conn);
}

/* In a forked child: the loop that the timer belongs to is not ours any more. */
void
listener_forget(struct db *db)
{
	if (db->listener == NULL)
		return;
	conn_forget(&db->listener->conn);
	db->listener->timer = NULL;
}
