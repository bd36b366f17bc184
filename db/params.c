/* db/params.c - parameters as libpq wants them: text, but for uuid and bytea. */
#include "db/internal.h"
#include "lib/buf.h"
#include "lib/mem.h"

static const char *
encode_time(char *out, size_t size, int64_t unix_us)
{
	int64_t us = unix_us % 1000000;
	time_t s;
	struct tm tm;

	if (us < 0)
		us += 1000000;
	s = (time_t)((unix_us - us) / 1000000);
	if (gmtime_r(&s, &tm) == NULL || tm.tm_year > 8099)
		return "infinity";
	if (tm.tm_year < -1899)
		return "-infinity";
	snprintf(out, size, "%04d-%02d-%02d %02d:%02d:%02d.%06d+00", (tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100,
	    tm.tm_mday % 100, tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100, (int)us % 1000000);
	return out;
}

/* {"a","b\"c",NULL} */
static const char *
encode_text_array(const char *const *items, int count, void *mem)
{
	struct buf b;

	buf_init(&b, mem, 64);
	buf_add_char(&b, '{');
	for (int i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(&b, ',');
		if (items[i] == NULL) {
			buf_add_literal(&b, "NULL");
			continue;
		}
		buf_add_char(&b, '"');
		for (const char *p = items[i]; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				buf_add_char(&b, '\\');
			buf_add_char(&b, *p);
		}
		buf_add_char(&b, '"');
	}
	buf_add_char(&b, '}');
	return buf_cstr(&b);
}

static const char *
encode_uuid_array(const struct uuid *items, int count, void *mem)
{
	char text[UUID_TEXT];
	struct buf b;

	buf_init(&b, mem, (size_t)count * UUID_TEXT + 3);
	buf_add_char(&b, '{');
	for (int i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(&b, ',');
		buf_add(&b, uuid_text(&items[i], text), UUID_TEXT - 1);
	}
	buf_add_char(&b, '}');
	return buf_cstr(&b);
}

void
params_encode(struct encoded *e, const struct param *params, int count, void *mem)
{
	for (int i = 0; i < count; i++) {
		const struct param *p = &params[i];

		e->lengths[i] = 0;
		e->formats[i] = 0;
		switch (p->kind) {
		case PARAM_NULL:
			e->values[i] = NULL;
			break;
		case PARAM_TEXT:
			e->values[i] = p->value;
			break;
		case PARAM_BYTES:
			e->values[i] = p->value;
			e->lengths[i] = p->length;
			e->formats[i] = 1;
			break;
		case PARAM_SCRATCH:
			e->values[i] = p->scratch;
			break;
		case PARAM_UUID:
			e->values[i] = p->scratch;
			e->lengths[i] = 16;
			e->formats[i] = 1;
			break;
		case PARAM_TIME:
			e->values[i] = encode_time(e->scratch[i], sizeof(e->scratch[i]), p->number);
			break;
		case PARAM_TEXT_ARRAY:
			e->values[i] = encode_text_array(p->value, p->length, mem);
			break;
		case PARAM_UUID_ARRAY:
			e->values[i] = encode_uuid_array(p->value, p->length, mem);
			break;
		}
	}
}
