/*
 * fcgi/metrics.h - figures of all children in one shared page, written with relaxed atomics and read by whoever
 * answers /metrics. Opened by the master before the first fork.
 */
#ifndef ATELIER_METRICS_H
#define ATELIER_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

struct metrics;
struct router;

struct metrics *metrics_open(size_t routes); /* ends the program when there is no memory */

/* One answered request. route: router index, -1 for none. */
void metrics_request(struct metrics *m, int route, int status, int64_t took_us);

/* The cache was asked for an answer of a route. */
void metrics_cache(struct metrics *m, int route, bool is_hit);

/* A child came or went. */
void metrics_child(struct metrics *m, int started, int crashed);

/* Everything as Prometheus text. */
void metrics_write(const struct metrics *m, const struct router *router, struct buf *out);

#endif
