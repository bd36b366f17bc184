/* db/json.c - rows to JSON by the column plan: literals copied, values decoded from the binary format. */
#include "db/internal.h"

static db_media_fn media_writer;

void
db_set_media_writer(db_media_fn fn)
{
	media_writer = fn;
}

static void
write_media(struct buf *b, const char *key, size_t length)
{
	static const char base[] = "/media/";
	size_t at = b->length;

	if (media_writer != NULL) {
		media_writer(b, key, length);
		return;
	}
	buf_json_text(b, key, length);
	buf_grow(b, sizeof(base) - 1);
	memmove(b->data + at + sizeof(base), b->data + at + 1, b->length - at - 1); /* behind the quote */
	memcpy(b->data + at + 1, base, sizeof(base) - 1);
	b->length += sizeof(base) - 1;
}

static void
write_uuid(struct buf *b, const unsigned char *u)
{
	static const char digits[] = "0123456789abcdef";
	char *p;

	if (b->capacity - b->length < 38)
		buf_grow(b, 38);
	p = b->data + b->length;
	*p++ = '"';
	for (int i = 0; i < 16; i++) {
		*p++ = digits[u[i] >> 4];
		*p++ = digits[u[i] & 15];
		if (i == 3 || i == 5 || i == 7 || i == 9)
			*p++ = '-';
	}
	*p = '"';
	b->length += 38;
}

static void
write_bool(struct buf *b, bool v)
{
	if (v)
		buf_add_literal(b, "true");
	else
		buf_add_literal(b, "false");
}

static void
write_time(struct buf *b, const char *v)
{
	int64_t us = (int64_t)wire_64(v);

	if (us == INT64_MAX || us == INT64_MIN)
		buf_add_literal(b, "null"); /* infinity */
	else
		buf_json_time(b, us + PG_EPOCH_US);
}

static void
write_date(struct buf *b, const char *v)
{
	int32_t days = (int32_t)wire_32(v);
	size_t at = b->length;

	if (days == INT32_MAX || days == INT32_MIN) {
		buf_add_literal(b, "null");
		return;
	}
	buf_json_time(b, (int64_t)days * 86400 * 1000000 + PG_EPOCH_US);
	if (b->data[at] == '"') { /* "2026-01-31T…": the day is what we want */
		b->length = at + 11;
		buf_add_char(b, '"');
	}
}

static float
wire_float4(const char *v)
{
	uint32_t bits = wire_32(v);
	float f;

	memcpy(&f, &bits, 4);
	return f;
}

static double
wire_float8(const char *v)
{
	uint64_t bits = wire_64(v);
	double d;

	memcpy(&d, &bits, 8);
	return d;
}

static void
write_float4(struct buf *b, float f)
{
	char text[32];

	snprintf(text, sizeof(text), "%.9g", (double)f);
	for (int digits = 6; digits < 9; digits++) {
		char shorter[32];

		snprintf(shorter, sizeof(shorter), "%.*g", digits, (double)f);
		if (strtof(shorter, NULL) == f) {
			memcpy(text, shorter, sizeof(text));
			break;
		}
	}
	buf_json_double(b, strtod(text, NULL));
}

static void write_value(struct buf *b, enum column_kind kind, bool is_media, const char *v, int length);

/* dimensions, has nulls, type; per dimension: size, lower bound; then length and bytes of each */
static void
write_array(struct buf *b, enum column_kind element, const char *v, int length)
{
	uint32_t dimensions = wire_32(v), count = dimensions > 0 ? 1 : 0;
	const char *p = v + 12, *end = v + length;

	for (uint32_t d = 0; d < dimensions; d++, p += 8)
		count *= wire_32(p);
	buf_add_char(b, '[');
	for (uint32_t i = 0; i < count && p + 4 <= end; i++) {
		int32_t n = (int32_t)wire_32(p);

		p += 4;
		if (i > 0)
			buf_add_char(b, ',');
		if (n < 0) {
			buf_add_literal(b, "null");
			continue;
		}
		write_value(b, element, false, p, n);
		p += n;
	}
	buf_add_char(b, ']');
}

static void
write_value(struct buf *b, enum column_kind kind, bool is_media, const char *v, int length)
{
	switch (kind) {
	case COL_TEXT:
		if (is_media)
			write_media(b, v, (size_t)length);
		else
			buf_json_text(b, v, (size_t)length);
		break;
	case COL_INT8:
		buf_add_int(b, (int64_t)wire_64(v));
		break;
	case COL_INT4:
		buf_add_int(b, (int32_t)wire_32(v));
		break;
	case COL_INT2:
		buf_add_int(b, (int16_t)wire_16(v));
		break;
	case COL_UUID:
		write_uuid(b, (const unsigned char *)v);
		break;
	case COL_BOOL:
		write_bool(b, *v != 0);
		break;
	case COL_TIME:
		write_time(b, v);
		break;
	case COL_DATE:
		write_date(b, v);
		break;
	case COL_FLOAT4:
		write_float4(b, wire_float4(v));
		break;
	case COL_FLOAT8:
		buf_json_double(b, wire_float8(v));
		break;
	case COL_JSON:
		buf_add(b, v, (size_t)length);
		break;
	case COL_JSONB: /* a version byte comes first */
		buf_add(b, v + 1, (size_t)length - 1);
		break;
	case COL_TEXT_ARRAY:
		write_array(b, COL_TEXT, v, length);
		break;
	case COL_UUID_ARRAY:
		write_array(b, COL_UUID, v, length);
		break;
	case COL_INT4_ARRAY:
		write_array(b, COL_INT4, v, length);
		break;
	case COL_INT8_ARRAY:
		write_array(b, COL_INT8, v, length);
		break;
	case COL_UNKNOWN:
	case COL_BYTES:
		buf_add_literal(b, "null"); /* bytea is for C: it holds hashes and secrets */
		break;
	}
}

/* The row's members and the braces of all objects in it but its own; without its own first brace when is_bare. */
static void
write_row(struct buf *b, const struct db_result *r, int row, bool is_bare)
{
	static const char closing[] = "}}}}}}}}}}";
	int depth = 0;
	bool is_empty = true;

	row += r->first;
	for (int i = 0; i < r->plan->count; i++) {
		const struct plan_column *c = &r->plan->columns[i];
		bool is_null, skips;

		if (c->is_hidden)
			continue;
		is_null = PQgetisnull(r->pg, row, i);
		skips = is_null && c->null_text != NULL;
		if (depth > c->shared)
			buf_add(b, closing, (size_t)(depth - c->shared));
		if (skips)
			buf_add(b, c->null_text + (is_empty && is_bare), c->null_length - (is_empty && is_bare));
		else
			buf_add(b, c->prefix + (is_empty && is_bare), c->prefix_length - (is_empty && is_bare));
		is_empty = false;
		depth = skips ? c->null_depth : c->depth;
		if (skips)
			i = c->null_next - 1;
		else if (is_null)
			buf_add_literal(b, "null");
		else
			write_value(b, c->kind, c->is_media, PQgetvalue(r->pg, row, i), PQgetlength(r->pg, row, i));
	}
	if (is_empty && !is_bare)
		buf_add_char(b, '{');
	buf_add(b, closing, (size_t)depth);
}

void
db_write_object(struct buf *b, const struct db_result *r, int row)
{
	if (row < 0 || row >= r->rows) {
		buf_add_literal(b, "null");
		return;
	}
	write_row(b, r, row, false);
	buf_add_char(b, '}');
}

void
db_write_members(struct buf *b, const struct db_result *r, int row)
{
	if (row >= 0 && row < r->rows)
		write_row(b, r, row, true);
}

int
db_write_array(struct buf *b, const struct db_result *r, int max_rows)
{
	int rows = r->rows < max_rows ? r->rows : max_rows;

	buf_add_char(b, '[');
	for (int i = 0; i < rows; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		write_row(b, r, i, false);
		buf_add_char(b, '}');
	}
	buf_add_char(b, ']');
	return rows;
}
