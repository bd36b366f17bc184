/*
 * fcgi/engine.h - how requests come in. An engine accepts on the pool's socket, fills a struct request
 * (request_new, request_set_param), calls request_dispatch, sends request_head + rq->out.body, request_end.
 * Nothing else knows FastCGI.
 */
#ifndef ATELIER_ENGINE_H
#define ATELIER_ENGINE_H

#include "fcgi/app.h"

struct engine {
	const char *name;
	bool is_evented; /* many requests at once: routes that block are refused */
	/* Serves on listen_fd until SIGTERM comes or the pool's max_requests have begun, and what has begun is answered. SIGTERM is
	 * caught from here to the end of the process. Returns the child's exit status. */
	int (*serve)(struct app *app, int listen_fd);
};

extern const struct engine engine_libfcgi;
extern const struct engine engine_event;

#endif
