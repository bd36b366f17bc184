/* fcgi/tenant.h - which community a request is for, found by its Host header and remembered for some seconds. */
#ifndef ATELIER_TENANT_H
#define ATELIER_TENANT_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "lib/uuid.h"

struct app;

struct tenant {
	struct uuid id;
	char id_text[UUID_TEXT];
	const char *name;
	const char *locale;
	const char *base_url; /* for links: https://host */
	unsigned modules;     /* bit per enum module */
	const char *cors_origins; /* separated by spaces */
	int64_t max_video_bytes;
	bool is_registration_closed;
	bool require_verified; /* sign-in only with a confirmed address */
};

struct tenant_cache;

struct tenant_cache *tenant_cache_new(void *context);

/* The tenant of a host name (lower case, no port). 0, ERR_TENANT_UNKNOWN or ERR_UNAVAILABLE.
 * *out stays valid until the caller's context mem is freed. */
int tenant_by_host(struct app *app, void *mem, const char *host, int64_t deadline_ms, const struct tenant **out);

/* What this process remembers is asked anew: one was changed. */
void tenant_forget(struct app *app);

#endif
