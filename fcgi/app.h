/* fcgi/app.h - what a handler file includes, and what a child of a pool has. */
#ifndef ATELIER_APP_H
#define ATELIER_APP_H

#include "db/db.h"
#include "db/queries.h"
#include "fcgi/reply.h"
#include "fcgi/request.h"
#include "fcgi/route.h"
#include "fcgi/tenant.h"
#include "lib/conf.h"
#include "lib/field.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/redis.h"

struct balance;
struct drops;
struct geo;     /* lib/geo.h */
struct metrics;
struct oauth; /* handlers/oauth_provider.h */
struct redis_spool;
struct revoked;
struct keyring; /* lib/token.h */
struct signer;  /* lib/sign.h */

struct app {
	const struct conf *conf;
	const struct conf_pool *pool; /* the pool this child belongs to */
	const struct router *router;
	struct metrics *metrics; /* shared between all children */
	struct keyring *keys;
	struct signer *signer;
	struct db *db;
	struct redis *redis;
	struct redis_spool *views, *engagement; /* on their way to Redis, lib/redis_spool.h */
	struct tenant_cache *tenants;
	struct rate_limiter *rates;
	struct oauth *oauth;     /* NULL: nobody signs in through others */
	struct revoked *revoked; /* sessions that ended; shared between all children */
	struct balance *balance; /* of the pool's children, fcgi/balance.h */
	size_t slot;             /* this child's place in the pool */
	struct seen *seen;
	struct drops *drops; /* fcgi/cache.h; shared between all children */
	struct geo *geo; /* NULL: nobody's country is known */
	struct route_match authorizer; /* the row that answers the AUTHORIZER role */
	bool engine_is_evented;
	bool draining; /* finish what is in flight, take nothing new */
};

#endif
