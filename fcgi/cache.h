/*
 * fcgi/cache.h - answers that are the same for everybody without an account, kept in Redis for some seconds: routes with
 * .shared_cache_s. Without Redis the routes answer as if there were no cache.
 */
#ifndef ATELIER_CACHE_H
#define ATELIER_CACHE_H

#include "fcgi/request.h"

/* What the children of all pools share of it. Opened by the master. */
struct drops;
struct drops *cache_drops_open(void);

/* Answers from the cache, after all gates. False: the handler is to answer, and cache_keep() to be called then. May wait for Redis,
 * a tenth of a second at most. */
bool cache_serve(struct request *rq);

/* Keeps an answer that is whole, where its route says so. Does not wait. */
void cache_keep(struct request *rq);

/* After the commit of a route with .drops_answers: nothing that was asked of the database before is given again. May wait, as
 * cache_serve(). */
void cache_drop(struct request *rq);

#endif
