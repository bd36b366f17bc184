/* fcgi/child.c - what a child opens after the fork, and which engine it runs. */
#include "fcgi/child.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fcgi/media_url.h"
#include "fcgi/rate.h"
#include "lib/geo.h"
#include "lib/redis_spool.h"
#include "lib/sign.h"
#include "handlers/oauth_provider.h"
#include "lib/token.h"
#include "lib/wait.h"

#define ENGAGEMENT_MAX 50000 /* elements of events that the worker has not taken */
#define FINISH_MS 3000 /* for what has still to be sent */

const struct engine *
engine_by_name(const char *name)
{
	static const struct engine *const engines[] = { &engine_libfcgi, &engine_event };

	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (strcmp(engines[i]->name, name) == 0)
			return engines[i];
	return NULL;
}

/* The AUTHORIZER role has one row; its path does not matter. */
static void
find_authorizer(struct app *app)
{
	for (size_t i = 0; i < router_count(app->router); i++)
		if (router_at(app->router, i)->authorizer)
			app->authorizer = (struct route_match){ .route = router_at(app->router, i), .index = i };
}

int
child_run(const struct child *child)
{
	const struct conf *conf = child->conf;
	const struct engine *engine = engine_by_name(child->pool->engine);
	struct db_options db = { .url = conf->main_database_url, .name = "atelier-fcgi",
		.shared = (int)child->pool->connections };
	struct app *app = mem_new(NULL, struct app);
	const char *why;
	int status;

	log_open("atelier-fcgi", log_level_parse(conf->main_log_level));
	if (child->pool->nice > 0)
		setpriority(PRIO_PROCESS, 0, (int)child->pool->nice);
	app->conf = conf;
	app->pool = child->pool;
	app->router = child->router;
	app->metrics = child->metrics;
	app->revoked = child->revoked;
	app->seen = child->seen;
	app->drops = child->drops;
	app->balance = child->balance;
	app->slot = child->slot;
	app->engine_is_evented = engine->is_evented;
	app->signer = signer_open(app, conf->main_secret);
	app->keys = keyring_open(app, conf, &why);
	app->redis = redis_open(app, conf->main_redis_url);
	if (app->keys == NULL || app->redis == NULL) {
		log_error("child_unfit", LOG_STR("why", app->keys == NULL ? why : "main.redis_url is no address"));
		return 1;
	}
	app->views = redis_spool_open(app, app->redis, "views:pending", 0);
	app->engagement = redis_spool_open(app, app->redis, "engagement:pending", ENGAGEMENT_MAX);
	app->db = db_open(app, &db);
	app->tenants = tenant_cache_new(app);
	app->rates = rate_limiter_new(app);
	media_url_open(app->signer, conf);
	app->oauth = oauth_open(app, conf);
	if (*conf->analytics_geoip_file != '\0')
		app->geo = geo_open(app, conf->analytics_geoip_file);
	find_authorizer(app);
	status = engine->serve(app, child->listen_fd);
	redis_spool_finish(app->views, now_ms() + FINISH_MS);
	redis_spool_finish(app->engagement, now_ms() + FINISH_MS);
	talloc_free(app);
	return status;
}
