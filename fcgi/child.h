/* fcgi/child.h - one pre-forked child of a pool. */
#ifndef ATELIER_CHILD_H
#define ATELIER_CHILD_H

#include "fcgi/engine.h"

/* The engine of a name; NULL when there is none. */
const struct engine *engine_by_name(const char *name);

/* What a child has from its master. */
struct child {
	const struct conf *conf;
	const struct conf_pool *pool;
	const struct router *router;
	struct metrics *metrics;
	struct revoked *revoked;
	struct seen *seen;
	struct drops *drops;
	struct balance *balance;
	size_t slot; /* its place in the pool */
	int listen_fd;
};

/* Opens what the child needs (database, Redis, keys), serves until told to stop, and returns the exit status.
 * Runs in the child, right after the fork. */
int child_run(const struct child *child);

#endif
