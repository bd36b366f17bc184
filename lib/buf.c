/* lib/buf.c - a growing byte buffer, and JSON values written fast: long runs are copied, not looked at byte by byte. */
#include "lib/buf.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>

#include "lib/mem.h"
#include "lib/utf8.h"

#define US_PER_DAY (INT64_C(86400) * 1000000)
#define YEAR_0000_US (INT64_C(-719528) * US_PER_DAY)
#define YEAR_10000_US (INT64_C(2932897) * US_PER_DAY)

static const char two_digits[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243"
				 "4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687"
				 "888990919293949596979899";

void
buf_init(struct buf *b, void *context, size_t capacity)
{
	b->context = context;
	b->length = 0;
	b->capacity = capacity > 0 ? capacity : 64; /* data is never NULL */
	b->data = mem_size(context, b->capacity);
}

void
buf_grow(struct buf *b, size_t more)
{
	size_t need, capacity;

	if (__builtin_add_overflow(b->length, more, &need) || need > SIZE_MAX / 2)
		mem_out_of_memory();
	if (need <= b->capacity)
		return;
	capacity = b->capacity < 64 ? 128 : 2 * b->capacity;
	if (capacity < need)
		capacity = need;
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
	if (b->length == b->capacity)
		buf_grow(b, 1);
	b->data[b->length++] = c;
}

void
buf_add_int(struct buf *b, int64_t n)
{
	char text[20], *p = text + sizeof(text);
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	for (; u >= 100; u /= 100)
		p = memcpy(p - 2, two_digits + 2 * (u % 100), 2);
	if (u >= 10)
		p = memcpy(p - 2, two_digits + 2 * u, 2);
	else
		*--p = (char)('0' + u);
	if (n < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(text + sizeof(text) - p));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	size_t room = b->capacity - b->length;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room > 0 ? b->data + b->length : NULL, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort(); /* a wrong format: ours */
	if ((size_t)n >= room) {
		buf_grow(b, (size_t)n + 1);
		va_start(ap, fmt);
		vsnprintf(b->data + b->length, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	b->length += (size_t)n;
}

void
buf_add_percent(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (isalnum(c) || (c != '\0' && strchr("-._~", c) != NULL))
			buf_add_char(b, s[i]);
		else
			buf_printf(b, "%%%02X", c);
	}
}

const char *
buf_cstr(struct buf *b)
{
	buf_grow(b, 1);
	b->data[b->length] = '\0';
	return b->data;
}

void
buf_url_path(struct buf *b, const char *path, size_t n)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)path[i];

		if (c < 0x80)
			continue;
		buf_add(b, path + done, i - done);
		buf_add(b, (const char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
		done = i + 1;
	}
	buf_add(b, path + done, n - done);
}

/* --- JSON --- */

/* Is one of these eight bytes a control character, a quote, a backslash or beyond ASCII? */
static bool
is_special(const char *s)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t v, quote, backslash;

	memcpy(&v, s, 8);
	quote = v ^ (ones * '"');
	backslash = v ^ (ones * '\\');
	return ((v | (v - ones * 0x20) | (quote - ones) | (backslash - ones)) & high) != 0;
}

static void
add_escaped(struct buf *b, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char letter[256] = { ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
		['\t'] = 't' };
	char text[6] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };

	if (letter[c] == '\0') {
		buf_add(b, text, 6);
		return;
	}
	text[1] = letter[c];
	buf_add(b, text, 2);
}

void
buf_json_text(struct buf *b, const char *s, size_t n)
{
	size_t i = 0, run = 0, length;

	buf_grow(b, n + 2);
	buf_add_char(b, '"');
	while (i < n) {
		unsigned char c = (unsigned char)s[i];

		if (n - i >= 8 && !is_special(s + i)) {
			i += 8;
			continue;
		}
		if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
			i++;
			continue;
		}
		if (c >= 0x80 && (length = utf8_sequence((const unsigned char *)s + i, n - i)) > 0) {
			i += length;
			continue;
		}
		buf_add(b, s + run, i - run);
		if (c >= 0x80)
			buf_add_literal(b, "\xef\xbf\xbd");
		else
			add_escaped(b, c);
		run = ++i;
	}
	buf_add(b, s + run, n - run);
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

/* Most doubles that people see have few decimals: n / 10^k, both exact, is the double nearest to that decimal. */
static bool
add_short_decimal(struct buf *b, double d)
{
	static const double scale = 1e6;
	double scaled = d * scale;
	int64_t n;

	if (!(fabs(scaled) < 9e15))
		return false;
	n = llround(scaled);
	if ((double)n / scale != d || (n == 0 && signbit(d)))
		return false;
	if (n < 0) {
		buf_add_char(b, '-');
		n = -n;
	}
	buf_add_int(b, n / 1000000);
	n %= 1000000;
	if (n == 0)
		return true;
	buf_add_char(b, '.');
	for (int64_t digit = 100000; n > 0; digit /= 10) {
		buf_add_char(b, (char)('0' + n / digit));
		n %= digit;
	}
	return true;
}

void
buf_json_double(struct buf *b, double d)
{
	char text[32];

	if (!isfinite(d)) {
		buf_add_literal(b, "null");
		return;
	}
	if (add_short_decimal(b, d))
		return;
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, d);
		if (strtod(text, NULL) == d)
			break;
	}
	buf_add_str(b, text);
}

static char *
put_two(char *p, unsigned n)
{
	memcpy(p, two_digits + 2 * n, 2);
	return p + 2;
}

/* Days since 1970 to a date: Howard Hinnant's civil_from_days, in eras of 400 years that begin on 1 March. */
static char *
put_date(char *p, int64_t days)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9;
	unsigned year = (unsigned)((int64_t)yoe + era * 400 + (month <= 2));

	p = put_two(put_two(p, year / 100), year % 100);
	*p++ = '-';
	p = put_two(p, month);
	*p++ = '-';
	return put_two(p, doy - (153 * mp + 2) / 5 + 1);
}

void
buf_json_time(struct buf *b, int64_t unix_us)
{
	char text[26], *p = text;
	int64_t days, us;
	unsigned s, ms;

	if (unix_us < YEAR_0000_US || unix_us >= YEAR_10000_US) {
		buf_add_literal(b, "null"); /* RFC 3339 cannot say it */
		return;
	}
	days = unix_us / US_PER_DAY - (unix_us % US_PER_DAY < 0);
	us = unix_us - days * US_PER_DAY;
	s = (unsigned)(us / 1000000);
	ms = (unsigned)(us / 1000 % 1000);
	*p++ = '"';
	p = put_date(p, days);
	*p++ = 'T';
	p = put_two(p, s / 3600);
	*p++ = ':';
	p = put_two(p, s / 60 % 60);
	*p++ = ':';
	p = put_two(p, s % 60);
	*p++ = '.';
	*p++ = (char)('0' + ms / 100);
	p = put_two(p, ms % 100);
	*p++ = 'Z';
	*p++ = '"';
	buf_add(b, text, (size_t)(p - text));
}

void
buf_json_key(struct buf *b, const char *key)
{
	char before = b->length > 0 ? b->data[b->length - 1] : '{';

	if (before != '{' && before != ',')
		buf_add_char(b, ',');
	buf_json_text(b, key, strlen(key));
	buf_add_char(b, ':');
}
