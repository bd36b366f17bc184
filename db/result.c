/* db/result.c - single values of a row, by the name of their column. */
#include <stdlib.h>

#include "db/internal.h"
#include "lib/log.h"
#include "lib/mem.h"

int
db_rows(const struct db_result *r)
{
	return r->rows;
}

static int
find(const struct db_result *r, const char *column)
{
	for (int i = 0; i < r->plan->count; i++) {
		if (strcmp(r->plan->columns[i].name, column) == 0)
			return i;
	}
	return -1;
}

bool
db_has_column(const struct db_result *r, const char *column)
{
	return find(r, column) >= 0;
}

static void __attribute__((noreturn))
misused(const struct db_result *r, const char *column, const char *why)
{
	log_error("column_misused", LOG_STR("query", query_table[r->query].name), LOG_STR("column", column),
	    LOG_STR("why", why));
	abort();
}

/* The value, NULL when it is null or the row is not there. */
static const char *
value(const struct db_result *r, int row, const char *column, int *index)
{
	*index = find(r, column);
	if (*index < 0)
		misused(r, column, "no such column");
	if (row < 0 || row >= r->rows || PQgetisnull(r->pg, r->first + row, *index))
		return NULL;
	return PQgetvalue(r->pg, r->first + row, *index);
}

static enum column_kind
kind_at(const struct db_result *r, int index)
{
	return r->plan->columns[index].kind;
}

bool
db_is_null(const struct db_result *r, int row, const char *column)
{
	int i;

	return value(r, row, column, &i) == NULL;
}

struct uuid
db_uuid(const struct db_result *r, int row, const char *column)
{
	struct uuid u = { { 0 } };
	int i;
	const char *v = value(r, row, column, &i);

	if (kind_at(r, i) != COL_UUID)
		misused(r, column, "not a uuid");
	if (v != NULL)
		memcpy(u.b, v, sizeof(u.b));
	return u;
}

static bool
int_of(enum column_kind kind, const char *v, int64_t *out)
{
	switch (kind) {
	case COL_INT8:
		*out = (int64_t)wire_64(v);
		return true;
	case COL_INT4:
		*out = (int32_t)wire_32(v);
		return true;
	case COL_INT2:
		*out = (int16_t)wire_16(v);
		return true;
	default:
		return false;
	}
}

int64_t
db_int(const struct db_result *r, int row, const char *column)
{
	static const char zero[8];
	int64_t n = 0;
	int i;
	const char *v = value(r, row, column, &i);

	if (!int_of(kind_at(r, i), v != NULL ? v : zero, &n))
		misused(r, column, "not an integer");
	return n;
}

bool
db_bool(const struct db_result *r, int row, const char *column)
{
	int i;
	const char *v = value(r, row, column, &i);

	if (kind_at(r, i) != COL_BOOL)
		misused(r, column, "not a boolean");
	return v != NULL && *v != 0;
}

static bool
double_of(enum column_kind kind, const char *v, double *out)
{
	uint64_t wide;
	uint32_t narrow;
	float f;

	if (kind == COL_FLOAT8) {
		wide = wire_64(v);
		memcpy(out, &wide, 8);
		return true;
	}
	if (kind == COL_FLOAT4) {
		narrow = wire_32(v);
		memcpy(&f, &narrow, 4);
		*out = (double)f;
		return true;
	}
	return false;
}

double
db_double(const struct db_result *r, int row, const char *column)
{
	static const char zero[8];
	double d = 0;
	int i;
	const char *v = value(r, row, column, &i);

	if (!double_of(kind_at(r, i), v != NULL ? v : zero, &d))
		misused(r, column, "not a floating-point number");
	return d;
}

int64_t
db_time_us(const struct db_result *r, int row, const char *column)
{
	int i;
	const char *v = value(r, row, column, &i);
	int64_t us;

	if (kind_at(r, i) != COL_TIME)
		misused(r, column, "not a timestamptz");
	if (v == NULL)
		return 0;
	us = (int64_t)wire_64(v);
	return us == INT64_MAX || us == INT64_MIN ? us : us + PG_EPOCH_US;
}

const void *
db_bytes(const struct db_result *r, int row, const char *column, size_t *length)
{
	int i;
	const char *v = value(r, row, column, &i);

	if (kind_at(r, i) != COL_BYTES)
		misused(r, column, "not bytea");
	*length = v != NULL ? (size_t)PQgetlength(r->pg, r->first + row, i) : 0;
	return v;
}

static const char *
time_text(const struct db_result *r, int64_t us)
{
	int64_t fraction = us % 1000000;
	time_t s;
	struct tm tm;

	if (us == INT64_MAX || us == INT64_MIN)
		return us > 0 ? "infinity" : "-infinity";
	us += PG_EPOCH_US;
	if (fraction < 0)
		fraction += 1000000;
	s = (time_t)((us - fraction) / 1000000);
	gmtime_r(&s, &tm);
	return mem_printf(r, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, (int)fraction);
}

const char *
db_text(const struct db_result *r, int row, const char *column)
{
	int i;
	const char *v = value(r, row, column, &i);
	enum column_kind kind = kind_at(r, i);
	struct uuid u;
	int64_t n;
	double d;

	if (v == NULL)
		return NULL;
	if (kind == COL_TEXT || kind == COL_JSON)
		return v;
	if (kind == COL_JSONB)
		return v + 1;
	if (kind == COL_BOOL)
		return *v != 0 ? "true" : "false";
	if (kind == COL_TIME)
		return time_text(r, (int64_t)wire_64(v));
	if (kind == COL_UUID) {
		memcpy(u.b, v, sizeof(u.b));
		return uuid_text(&u, mem_size(r, UUID_TEXT));
	}
	if (int_of(kind, v, &n))
		return mem_printf(r, "%lld", (long long)n);
	if (double_of(kind, v, &d))
		return mem_printf(r, "%.17g", d);
	misused(r, column, "not to be had as text");
}

const char **
db_text_array(const struct db_result *r, int row, const char *column, size_t *count)
{
	int i;
	const char *v = value(r, row, column, &i), *p, **items;

	if (kind_at(r, i) != COL_TEXT_ARRAY)
		misused(r, column, "not text[]");
	*count = v != NULL && wire_32(v) == 1 ? wire_32(v + 12) : 0;
	items = mem_array(r, const char *, (unsigned)*count + 1);
	if (*count == 0)
		return items;
	p = v + 20;
	for (size_t n = 0; n < *count; n++) {
		int32_t length = (int32_t)wire_32(p);

		p += 4;
		if (length < 0)
			continue;
		items[n] = mem_strndup(items, p, (size_t)length);
		p += length;
	}
	return items;
}
