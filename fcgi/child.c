/* fcgi/child.c - what a child opens after the fork, and which engine it runs. */
#include "fcgi/child.h"

#include <string.h>
#include <unistd.h>

#include "fcgi/rate.h"
#include "lib/token.h"

const struct engine *
engine_by_name(const char *name)
{
	static const struct engine *const engines[] = { &engine_libfcgi, &engine_event };

	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (strcmp(engines[i]->name, name) == 0)
			return engines[i];
	return NULL;
}

int
child_run(const struct conf *conf, const struct conf_pool *pool, const struct router *router, struct metrics *metrics,
    int listen_fd)
{
	struct app *app = mem_new(NULL, struct app);
	int status;

	log_open("atelier-fcgi", log_level_parse(conf->main_log_level));
	app->conf = conf;
	app->pool = pool;
	app->router = router;
	app->metrics = metrics;
	app->keys = keyring_open(app, conf, &why);
	app->db = db_open(app, conf, (int)pool->connections);
	app->redis = redis_open(app, conf->main_redis_url);
	app->tenants = tenant_cache_new(app);
	app->rates = rate_limiter_new(app);
	status = engine_by_name(pool->engine)->serve(app, listen_fd);
	redis_close(app->redis);
	db_close(app->db);
	talloc_free(app);
	return status;
}
