/*
 * fcgi/master.h - the process that owns the sockets and keeps the children alive. It serves nothing and opens no
 * connection, so there is little that could end it.
 *
 * SIGTERM, SIGINT  drain: children answer what they have and go.
 * SIGHUP           read the configuration again; new children serve with it before the old ones drain.
 */
#ifndef ATELIER_MASTER_H
#define ATELIER_MASTER_H

#include "fcgi/metrics.h"
#include "fcgi/route.h"

struct revoked;

/* Runs until drained; returns the exit status. conf_path may be NULL (the default place). */
int master_run(const char *conf_path, const struct router *router, struct metrics *metrics,
    struct revoked *revoked);

#endif
