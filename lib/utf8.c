/* lib/utf8.c - UTF-8, eight bytes at a time where it is ASCII. */
#include "lib/utf8.h"

#include <stdint.h>

static bool
is_tail(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

size_t
utf8_sequence(const unsigned char *s, size_t n)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n < 2 || !is_tail(s[1]))
		return 0;
	if (s[0] < 0xe0)
		return 2;
	if (n < 3 || !is_tail(s[2]))
		return 0;
	if (s[0] < 0xf0) {
		if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
			return 0;
		return 3;
	}
	if (n < 4 || !is_tail(s[3]) || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return 4;
}

bool
utf8_is_valid(const char *s, size_t n)
{
	size_t i = 0, length;
	uint64_t eight;

	while (i < n) {
		if (n - i >= 8) {
			memcpy(&eight, s + i, 8);
			if ((eight & UINT64_C(0x8080808080808080)) == 0) {
				i += 8;
				continue;
			}
		}
		length = utf8_sequence((const unsigned char *)s + i, n - i);
		if (length == 0)
			return false;
		i += length;
	}
	return true;
}

size_t
utf8_count(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !is_tail((uint8_t)s[i]);
	return count;
}

size_t
utf8_units16(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += (size_t)!is_tail((uint8_t)s[i]) + ((uint8_t)s[i] >= 0xf0);
	return count;
}
