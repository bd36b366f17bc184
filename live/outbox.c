/* live/outbox.c - what the database has to tell: rows of live_events go to their channels, each at least once. */
#include <string.h>

#include "lib/fiber.h"
#include "lib/log.h"
#include "live/live.h"

#define BATCH 500
#define POLL_MS 1000 /* when no notification came */

static struct wait *idle; /* one daemon, one outbox */
static bool is_woken;

static void
on_notify(void *arg, const char *payload)
{
	struct wait *w = idle;

	(void)arg;
	(void)payload;
	is_woken = true;
	idle = NULL;
	if (w != NULL)
		wait_done(w);
}

static const char *
body_of(void *mem, const char *type, const char *data)
{
	struct buf b;

	buf_init(&b, mem, strlen(data) + 64);
	buf_add_literal(&b, "{\"event\":");
	buf_json_str(&b, type);
	buf_add_literal(&b, ",\"data\":");
	buf_add_str(&b, data);
	buf_add_char(&b, '}');
	return buf_cstr(&b);
}

static int
tell_all(struct live *l, void *mem, const struct db_result *r)
{
	struct redis_batch *b = redis_batch(l->redis, mem);
	struct redis_reply *replies;

	for (int i = 0; i < db_rows(r); i++)
		hub_batch_tell(b, mem, db_uuid(r, i, "tenant_id"), db_text(r, i, "channel"), body_of(mem, db_text(r, i, "type"), db_text(r, i, "data")));
	l->figures.events += (uint64_t)db_rows(r);
	return redis_batch_run(b, now_ms() + CALL_MS, &replies);
}

/* Returns how many were moved; -1: the database or Redis is away. */
static int
move(struct live *l)
{
	void *mem = talloc_new(NULL);
	struct db_session db;
	struct db_result *r;
	struct buf ids;
	int count = -1, err;

	db_session_init(&db, l->db, mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
	err = db_query(&db, &r, Q_LIVE_TAKE, int_param(BATCH));
	if (err == 0 && db_rows(r) > 0)
		err = tell_all(l, mem, r);
	if (err == 0 && db_rows(r) > 0) {
		buf_init(&ids, mem, 4096);
		for (int i = 0; i < db_rows(r); i++)
			buf_printf(&ids, "%s%lld", i > 0 ? "," : "{", (long long)db_int(r, i, "id"));
		buf_add_char(&ids, '}');
		err = db_exec(&db, NULL, Q_LIVE_TAKEN, text_param(buf_cstr(&ids)));
	}
	if (err == 0)
		count = db_rows(r);
	db_session_end(&db);
	talloc_free(mem);
	return count;
}

static void
outbox_run(void *arg)
{
	struct live *l = arg;

	while (!l->is_stopping) {
		struct wait w;
		int moved;

		is_woken = false;
		moved = move(l);
		if (moved == BATCH || is_woken)
			continue;
		wait_init(&w);
		idle = &w;
		wait_for(&w, now_ms() + POLL_MS);
		idle = NULL;
	}
}

void
outbox_start(struct live *l)
{
	db_listen(l->db, "atelier_live", on_notify, l);
	fiber_spawn(outbox_run, l);
}
