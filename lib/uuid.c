/*
 * lib/uuid.c - UUIDs. Version 7 as RFC 9562, method 3: the 12 bits behind the milliseconds are a fraction of the
 * millisecond, counted on by one when the clock has not moved, so that a process's ids are strictly ascending.
 */
#include "lib/uuid.h"

#include "lib/random.h"

static const int8_t hex_value[256] = {
	['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ['A'] = 11, 12, 13, 14, 15, 16, ['a'] = 11, 12, 13, 14, 15, 16,
};

/* Milliseconds << 12 | fraction, never twice the same in a thread. */
static uint64_t
next_stamp(void)
{
	static _Thread_local uint64_t last;
	struct timespec ts;
	uint64_t stamp, ns;

	clock_gettime(CLOCK_REALTIME, &ts);
	ns = (uint64_t)ts.tv_nsec;
	stamp = ((uint64_t)ts.tv_sec * 1000 + ns / 1000000) << 12 | (ns % 1000000) * 4096 / 1000000;
	if (stamp <= last)
		stamp = last + 1;
	return last = stamp;
}

struct uuid
uuid_new(void)
{
	uint64_t stamp = next_stamp(), ms = stamp >> 12;
	struct uuid u;

	for (int i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(ms >> (40 - 8 * i));
	u.b[6] = (uint8_t)(0x70 | (stamp >> 8 & 0x0f));
	u.b[7] = (uint8_t)stamp;
	random_bytes(u.b + 8, 8);
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f));
	return u;
}

bool
uuid_parse(const char *s, size_t n, struct uuid *out)
{
	struct uuid u;
	size_t at = 0;
	int bad = 0;

	if (n != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-')
		return false;
	for (int i = 0; i < 16; i++, at += 2) {
		int high, low;

		if (s[at] == '-' && (at == 8 || at == 13 || at == 18 || at == 23))
			at++;
		high = hex_value[(uint8_t)s[at]] - 1;
		low = hex_value[(uint8_t)s[at + 1]] - 1;
		bad |= high | low;
		u.b[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
	}
	if (bad < 0)
		return false;
	*out = u;
	return true;
}

char *
uuid_text(const struct uuid *u, char out[UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[u->b[i] >> 4];
		*p++ = digits[u->b[i] & 15];
	}
	*p = '\0';
	return out;
}

bool
uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool
uuid_is_null(const struct uuid *u)
{
	static const struct uuid null;

	return uuid_equal(u, &null);
}
