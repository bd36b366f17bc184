/*
 * lib/conf.h - the configuration: read once at start-up, then constant.
 * Pools and other repeated sections ([pool:api]) are kept as struct conf_section.
 */
#ifndef ATELIER_CONF_H
#define ATELIER_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_C_STR const char *
#define CONF_C_SECRET const char *
#define CONF_C_INT int64_t
#define CONF_C_BOOL bool
#define CONF_C_SIZE int64_t /* bytes */
#define CONF_C_TIME int64_t /* seconds */

/* One member per line of settings.def: conf->auth_issuer, conf->main_secret, ... */
struct conf {
#define X(section, key, kind, dflt, doc) CONF_C_##kind section##_##key;
#include "lib/settings.def"
#undef X
	struct conf_pool *pools; /* [pool:NAME] sections, in file order */
	size_t pool_count;
	const char *path; /* the file that was read */
};

/* [pool:NAME]: a group of children with a socket of its own. */
struct conf_pool {
	const char *name;
	const char *engine;  /* "event" or "libfcgi" */
	const char *listen;  /* unix:/path, host:port or systemd:NAME */
	int64_t children;
	int64_t backlog;      /* connections that may wait; more are turned away (503). 0: the usual 1024 */
	int64_t nice;         /* of its children: costly work gives way to the other pools */
	int64_t max_requests; /* a child is replaced after so many; 0: never */
	int64_t connections;  /* database connections per child */
};

/* Reads path (NULL: $ATELIER_CONF, else the installed default), then the environment. Unknown keys, bad values and
 * missing secrets are errors: 0 or -1, with every problem found in *problems, one a line. Memory hangs on context. */
int conf_read(void *context, const char *path, struct conf **out, char **problems);

#endif
