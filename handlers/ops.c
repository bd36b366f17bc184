/* handlers/ops.c - what operators and machines ask: is it alive, is it ready, how is it, what can it do. */
#include <string.h>

#include "fcgi/app.h"
#include "fcgi/metrics.h"
#include "fcgi/openapi.h"
#include "lib/storage.h"

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

static int
metrics_show(struct request *rq)
{
	struct buf *b = reply_raw(rq, 200, "text/plain; version=0.0.4; charset=utf-8");

	metrics_write(rq->app->metrics, rq->app->router, b);
	write_queue(rq, b);
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
