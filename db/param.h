/*
 * db/param.h - values for the parameters of a named query. Small ones travel inside the struct; text, arrays and
 * bytes are only pointed at and must stay until the call returns.
 */
#ifndef ATELIER_DB_PARAM_H
#define ATELIER_DB_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/uuid.h"

enum param_kind {
	PARAM_NULL,
	PARAM_TEXT,       /* value: terminated text */
	PARAM_BYTES,      /* value, length: bytea */
	PARAM_SCRATCH,    /* scratch: terminated text */
	PARAM_UUID,       /* scratch: 16 bytes */
	PARAM_TIME,       /* number: microseconds since 1970 */
	PARAM_TEXT_ARRAY, /* value: const char *const *, length items */
	PARAM_UUID_ARRAY, /* value: const struct uuid *, length items */
};

struct param {
	enum param_kind kind;
	int length;
	const void *value;
	union {
		char scratch[24];
		int64_t number;
	};
};

static inline struct param
null_param(void)
{
	return (struct param){ .kind = PARAM_NULL };
}

static inline struct param
uuid_param(struct uuid u)
{
	struct param p = { .kind = PARAM_UUID };

	memcpy(p.scratch, u.b, sizeof(u.b));
	return p;
}

/* NULL where the pointer is NULL or the uuid is all zeros. */
static inline struct param
uuid_or_null_param(const struct uuid *u)
{
	return u == NULL || uuid_is_null(u) ? null_param() : uuid_param(*u);
}

/* NULL is SQL's null. */
static inline struct param
text_param(const char *s)
{
	return (struct param){ .kind = s ? PARAM_TEXT : PARAM_NULL, .value = s };
}

/* JSON text, for json and jsonb. NULL is SQL's null. */
static inline struct param
json_param(const char *s)
{
	return text_param(s);
}

static inline struct param
int_param(int64_t n)
{
	struct param p = { .kind = PARAM_SCRATCH };

	snprintf(p.scratch, sizeof(p.scratch), "%lld", (long long)n);
	return p;
}

static inline struct param
bool_param(bool b)
{
	return (struct param){ .kind = PARAM_TEXT, .value = b ? "t" : "f" };
}

static inline struct param
double_param(double d)
{
	struct param p = { .kind = PARAM_SCRATCH };

	snprintf(p.scratch, sizeof(p.scratch), "%.17g", d);
	return p;
}

/* Microseconds since 1970, for timestamptz. */
static inline struct param
time_param(int64_t unix_us)
{
	return (struct param){ .kind = PARAM_TIME, .number = unix_us };
}

/* For bytea (hashes of tokens). */
static inline struct param
bytes_param(const void *data, size_t length)
{
	return (struct param){ .kind = data ? PARAM_BYTES : PARAM_NULL, .value = data, .length = (int)length };
}

/* For text[]. NULL items become null elements; items NULL is SQL's null. */
static inline struct param
text_array_param(const char *const *items, size_t count)
{
	return (struct param){ .kind = items ? PARAM_TEXT_ARRAY : PARAM_NULL, .value = items, .length = (int)count };
}

static inline struct param
uuid_array_param(const struct uuid *items, size_t count)
{
	return (struct param){ .kind = items ? PARAM_UUID_ARRAY : PARAM_NULL, .value = items, .length = (int)count };
}

#endif
