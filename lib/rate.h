/* lib/rate.h - token buckets in Redis: how often somebody may do something, counted for all processes together. */
#ifndef ATELIER_RATE_CLASS_H
#define ATELIER_RATE_CLASS_H

#include <stdint.h>

struct redis;

/* Classes (lib/rate.def). RATE_DEFAULT: by address when anonymous, by user when signed in. */
enum rate_class {
	RATE_DEFAULT,
	RATE_NONE,
#define X(name, by, limit, window_s, burst) RATE_##name,
#include "lib/rate.def"
#undef X
	RATE_COUNT
};

/* Whose requests a class counts together. SUBJECT: the handler names it (an account that someone tries to enter). */
enum rate_by { BY_ADDRESS, BY_USER, BY_SUBJECT };

struct rate_row {
	const char *name;
	enum rate_by by;
	int64_t limit, window_s, burst;
};
extern const struct rate_row rate_rows[RATE_COUNT];

struct rate_grant {
	int64_t granted, left, retry_ms, full_ms; /* until there is one more, and until all are there again */
};

/* The bucket of a subject; tenant: as text, "": of all communities together. On mem. */
const char *rate_key(void *mem, enum rate_class class, const char *tenant, const char *subject);

/* As many of the wanted tokens as there are. scale: of the configuration. 0, or an ERR_ when Redis is away. */
int rate_take(struct redis *redis, void *mem, enum rate_class class, const char *key, int64_t scale, int64_t want, struct rate_grant *out);

#endif
