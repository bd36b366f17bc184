/* handlers/ops.c - what operators and machines ask: is it alive, is it ready, how is it, what can it do. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fcgi/app.h"
#include "fcgi/metrics.h"
#include "fcgi/openapi.h"
#include "lib/redis.h"
#include "lib/storage.h"
#include "lib/wait.h"

#define LIVE_MS 500
#define LIVE_OLD_S 30 /* each tells every five seconds */

static int
health_show(struct request *rq)
{
	buf_add_literal(reply_data(rq, 200), "{\"status\":\"ok\"}");
	return 0;
}

static bool
check(struct buf *b, const char *name, int err)
{
	if (b->data[b->length - 1] != '{')
		buf_add_char(b, ',');
	buf_json_str(b, name);
	buf_add_char(b, ':');
	buf_json_str(b, err == 0 ? "ok" : "away");
	return err == 0;
}

/* Ready: this child could do real work now. The figure of the queue is told, it does not decide. */
static int
ready_show(struct request *rq)
{
	struct buf *b = reply_data(rq, 200);
	struct db_result *r;
	struct redis_reply *pong;
	bool ok;
	int err = db_query(&rq->db, &r, Q_QUEUE_FIGURES);

	buf_add_char(b, '{');
	ok = check(b, "database", err);
	ok &= check(b, "redis", redis_command(rq->app->redis, rq, &pong, rq->deadline_ms, "PING"));
	ok &= check(b, "storage", storage_check(rq->app->conf));
	if (err == 0)
		buf_printf(b, ",\"queueDepth\":%lld,\"queueOldestSeconds\":%lld", (long long)db_int(r, 0, "depth"),
		    (long long)db_int(r, 0, "oldest_s"));
	buf_add_char(b, '}');
	return ok ? 0 : reply_error(rq, ERR_UNAVAILABLE, "Not ready: the database, Redis or the storage is away.");
}

static void
write_queue(struct request *rq, struct buf *b)
{
	struct db_result *r;

	if (db_query(&rq->db, &r, Q_QUEUE_BY_KIND) != 0)
		return;
	buf_add_literal(b, "# HELP atelier_jobs Jobs by kind and state.\n# TYPE atelier_jobs gauge\n");
	for (int i = 0; i < db_rows(r); i++)
		buf_printf(b, "atelier_jobs{kind=\"%s\",state=\"%s\"} %lld\n", db_text(r, i, "kind"),
		    db_text(r, i, "state"), (long long)db_int(r, i, "jobs"));
	buf_add_literal(b, "# HELP atelier_jobs_oldest_seconds Age of the oldest job that waits.\n"
	                   "# TYPE atelier_jobs_oldest_seconds gauge\n");
	for (int i = 0; i < db_rows(r); i++)
		if (strcmp(db_text(r, i, "state"), "queued") == 0)
			buf_printf(b, "atelier_jobs_oldest_seconds{kind=\"%s\"} %lld\n", db_text(r, i, "kind"),
			    (long long)db_int(r, i, "oldest_s"));
}

/* What each atelier-live has last told of itself (live/figures.c). */
static void
write_live(struct request *rq, struct buf *b)
{
	static const struct { const char *name, *type, *help; } figures[] = {
		{ "live_connections", "gauge", "WebSocket clients that are connected." },
		{ "live_waiting_bytes", "gauge", "Bytes that wait for clients to read them." },
		{ "live_connections_total", "counter", "WebSocket clients that have come." },
		{ "live_frames_in_total", "counter", "Frames from clients." },
		{ "live_frames_out_total", "counter", "Frames to clients." },
		{ "live_slow_readers_total", "counter", "Clients that were dropped because they read too slowly." },
		{ "live_events_total", "counter", "Events that were moved from the database to the channels." },
	};
	struct redis_reply *r;

	if (redis_command(rq->app->redis, rq, &r, now_ms() + LIVE_MS, "HGETALL live:figures") != 0)
		return;
	for (size_t f = 0; f < sizeof(figures) / sizeof(figures[0]); f++) {
		buf_printf(b, "# HELP atelier_%s %s\n# TYPE atelier_%s %s\n", figures[f].name, figures[f].help, figures[f].name, figures[f].type);
		for (size_t i = 0; i + 1 < r->count; i += 2) {
			char *at = (char *)r->items[i + 1].text;
			long long value = strtoll(at, &at, 10);

			if (value < (long long)time(NULL) - LIVE_OLD_S) /* it is no more */
				continue;
			for (size_t k = 0; k <= f; k++)
				value = strtoll(at, &at, 10);
			buf_printf(b, "atelier_%s{daemon=\"%s\"} %lld\n", figures[f].name, r->items[i].text, value);
		}
	}
}

static int
metrics_show(struct request *rq)
{
	struct buf *b = reply_raw(rq, 200, "text/plain; version=0.0.4; charset=utf-8");

	metrics_write(rq->app->metrics, rq->app->router, b);
	write_queue(rq, b);
	write_live(rq, b);
	return 0;
}

static int
openapi_show(struct request *rq)
{
	openapi_write(rq->app->router, reply_raw(rq, 200, "application/json; charset=utf-8"));
	rq->out.cache_control = "public, max-age=300";
	return 0;
}

const struct route ops_routes[] = {
	{ GET, "/health", PUBLIC, .root = true, .any_tenant = true, .rate = RATE_NONE, .run = health_show,
	  .doc = "Alive: the process answers." },
	{ GET, "/ready", PUBLIC, .root = true, .any_tenant = true, .rate = RATE_NONE, .run = ready_show,
	  .doc = "Ready: database, Redis and storage answer." },
	{ GET, "/metrics", PUBLIC, .root = true, .any_tenant = true, .rate = RATE_NONE, .hidden = true, .run = metrics_show,
	  .doc = "Figures for Prometheus. The web server's configuration says who may read them." },
	{ GET, "/openapi.json", PUBLIC, .any_tenant = true, .cache_s = 300, .run = openapi_show,
	  .doc = "This document." },
	ROUTE_END
};
