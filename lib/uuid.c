/* lib/uuid.c - UUID text and version 7. */
#include "lib/uuid.h"

#include <openssl/rand.h>
#include <string.h>
#include <time.h>

#include "lib/mem.h"

struct uuid
uuid_new(void)
{
	static uint8_t pool[16 * 32]; /* random bytes in stock: a system call per 32 ids */
	static size_t left;
	struct uuid u;
	struct timespec ts;
	uint64_t ms;

	if (left == 0) {
		if (RAND_bytes(pool, sizeof(pool)) != 1)
			mem_out_of_memory();
		left = sizeof(pool);
	}
	left -= sizeof(u.b);
	memcpy(u.b, pool + left, sizeof(u.b));
	clock_gettime(CLOCK_REALTIME, &ts);
	ms = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	for (int i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(ms >> (40 - 8 * i));
	/* twelve bits of the millisecond's fraction keep ids of one process in order */
	ms = (uint64_t)ts.tv_nsec % 1000000 * 4096 / 1000000;
	u.b[6] = (uint8_t)(0x70 | ms >> 8);
	u.b[7] = (uint8_t)ms;
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f));
	return u;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
uuid_parse(const char *s, size_t n, struct uuid *out)
{
	size_t at = 0;

	if (n != UUID_TEXT - 1)
		return false;
	for (size_t i = 0; i < n; i += 2) {
		int hi, lo;

		if (i == 8 || i == 13 || i == 18 || i == 23)
			if (s[i++] != '-')
				return false;
		hi = hex_value(s[i]);
		lo = hex_value(s[i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		out->b[at++] = (uint8_t)(hi << 4 | lo);
	}
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
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool
uuid_is_null(const struct uuid *u)
{
	static const struct uuid null;

	return uuid_equal(u, &null);
}
