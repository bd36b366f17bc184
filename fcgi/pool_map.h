/*
 * fcgi/pool_map.h - the web server's table of which pool answers what (etc/nginx/atelier_pools), read when pools are opened: a route
 * that blocks (.blocks) must not be led to a pool that runs the event engine, where it would hold up everybody.
 */
#ifndef ATELIER_POOL_MAP_H
#define ATELIER_POOL_MAP_H

#include "fcgi/route.h"
#include "lib/conf.h"

/* NULL: all is well, also when no file was named and there is none where ours is installed. Else what is wrong, on mem. */
const char *pool_map_problem(void *mem, const struct conf *conf, const struct router *router);

#endif
