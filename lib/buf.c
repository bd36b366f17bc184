/* lib/buf.c - growing buffers and JSON text. */
#include "lib/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib/mem.h"
#include "lib/utf8.h"

void
buf_init(struct buf *b, void *context, size_t capacity)
{
	b->data = mem_size(context, capacity > 0 ? capacity : 1);
	b->length = 0;
	b->capacity = capacity;
	b->context = context;
}

void
buf_grow(struct buf *b, size_t more)
{
	size_t capacity = b->capacity * 2 > b->length + more ? b->capacity * 2 : b->length + more;

	b->data = mem_checked(talloc_realloc_size(b->context, b->data, capacity));
	b->capacity = capacity;
}

void
buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_add_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_add_int(struct buf *b, int64_t n)
{
	char text[20], *p = text + sizeof(text);
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) > 0);
	if (n < 0)
		buf_add_char(b, '-');
	buf_add(b, p, (size_t)(text + sizeof(text) - p));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	size_t room = b->capacity - b->length;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(b->data + b->length, room, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n >= room) {
		buf_grow(b, (size_t)n + 1);
		va_start(ap, fmt);
		n = vsnprintf(b->data + b->length, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	if (n > 0)
		b->length += (size_t)n;
}

const char *
buf_cstr(struct buf *b)
{
	if (b->length == b->capacity)
		buf_grow(b, 1);
	b->data[b->length] = '\0';
	return b->data;
}

/* What each byte needs inside a JSON string: 0 nothing, 1 a \u escape, 2 a look at the UTF-8 sequence,
 * anything else the letter behind the backslash. */
static const unsigned char escapes[256] = {
	[0 ... 7] = 1,
	['\b'] = 'b',
	['\t'] = 't',
	['\n'] = 'n',
	[11] = 1,
	['\f'] = 'f',
	['\r'] = 'r',
	[14 ... 31] = 1,
	['"'] = '"',
	['\\'] = '\\',
	[127] = 1,
	[128 ... 255] = 2,
};

static size_t
add_special(struct buf *b, const unsigned char *s, size_t n)
{
	size_t length;

	switch (escapes[*s]) {
	case 1:
		buf_printf(b, "\\u%04x", *s);
		return 1;
	case 2:
		length = utf8_sequence(s, n);
		if (length > 0)
			buf_add(b, s, length);
		else
			buf_add_literal(b, "\xef\xbf\xbd");
		return length > 0 ? length : 1;
	default:
		buf_add_char(b, '\\');
		buf_add_char(b, (char)escapes[*s]);
		return 1;
	}
}

void
buf_json_text(struct buf *b, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + n, *run;

	buf_add_char(b, '"');
	while (s < end) {
		for (run = s; s < end && escapes[*s] == 0; s++)
			;
		if (s > run)
			buf_add(b, run, (size_t)(s - run));
		if (s < end)
			s += add_special(b, s, (size_t)(end - s));
	}
	buf_add_char(b, '"');
}

void
buf_json_str(struct buf *b, const char *s)
{
	if (s == NULL)
		buf_add_literal(b, "null");
	else
		buf_json_text(b, s, strlen(s));
}

void
buf_json_double(struct buf *b, double d)
{
	if (!isfinite(d))
		buf_add_literal(b, "null");
	else if (d == floor(d) && fabs(d) < 1e15)
		buf_add_int(b, (int64_t)d);
	else
		buf_printf(b, "%.15g", d);
}

static void
put_digits(char *out, int64_t n, int width)
{
	while (width-- > 0) {
		out[width] = (char)('0' + n % 10);
		n /= 10;
	}
}

void
buf_json_time(struct buf *b, int64_t unix_us)
{
	char text[] = "\"0000-00-00T00:00:00.000Z\"";
	int64_t day_us = INT64_C(86400000000);
	int64_t day = unix_us / day_us - (unix_us % day_us < 0), ms = (unix_us - day * day_us) / 1000;
	/* days to civil date, counted from 1 March 0000 in eras of 400 years */
	int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9;
	int64_t year = yoe + era * 400 + (month <= 2);

	put_digits(text + 1, year, 4);
	put_digits(text + 6, month, 2);
	put_digits(text + 9, doy - (153 * mp + 2) / 5 + 1, 2);
	put_digits(text + 12, ms / 3600000, 2);
	put_digits(text + 15, ms / 60000 % 60, 2);
	put_digits(text + 18, ms / 1000 % 60, 2);
	put_digits(text + 21, ms % 1000, 3);
	buf_add(b, text, sizeof(text) - 1);
}

void
buf_json_key(struct buf *b, const char *key)
{
	char last = b->length > 0 ? b->data[b->length - 1] : '{';

	if (last != '{' && last != ',')
		buf_add_char(b, ',');
	buf_json_str(b, key);
	buf_add_char(b, ':');
}
