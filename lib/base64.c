/* lib/base64.c - four characters for three bytes. */
#include "lib/base64.h"

#include <stdint.h>
#include <sys/types.h>

#include "lib/mem.h"

static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char usual_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Where each character of the URL alphabet stands, and one; 0: not of it. */
static const uint8_t url_values[256] = {
	['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, ['-'] = 63, ['_'] = 64,
};

/* Returns where it stopped writing. */
static char *
put(char *p, const uint8_t *in, size_t length, const char *alphabet)
{
	for (; length >= 3; in += 3, length -= 3) {
		*p++ = alphabet[in[0] >> 2];
		*p++ = alphabet[(in[0] << 4 | in[1] >> 4) & 63];
		*p++ = alphabet[(in[1] << 2 | in[2] >> 6) & 63];
		*p++ = alphabet[in[2] & 63];
	}
	if (length > 0) {
		uint8_t second = length == 2 ? in[1] : 0;

		*p++ = alphabet[in[0] >> 2];
		*p++ = alphabet[(in[0] << 4 | second >> 4) & 63];
		if (length == 2)
			*p++ = alphabet[second << 2 & 63];
	}
	return p;
}

/* Length of the bytes, or -1. The bits that are left over must be zero: one text for the same bytes. */
static ssize_t
get(uint8_t *out, const char *text, size_t length)
{
	uint32_t bits = 0;
	size_t n = 0;

	if (length % 4 == 1)
		return -1;
	for (size_t i = 0; i < length; i++) {
		uint8_t value = url_values[(uint8_t)text[i]];

		if (value == 0)
			return -1;
		bits = bits << 6 | (uint32_t)(value - 1);
		if (i % 4 > 0)
			out[n++] = (uint8_t)(bits >> (6 - i % 4 * 2));
	}
	if ((length % 4 == 2 && (bits & 15) != 0) || (length % 4 == 3 && (bits & 3) != 0))
		return -1;
	return (ssize_t)n;
}

char *
base64url_encode(void *context, const void *data, size_t length)
{
	char *out = mem_size(context, BASE64URL_LENGTH(length) + 1);

	*put(out, data, length, url_alphabet) = '\0';
	return out;
}

char *
base64_encode(void *context, const void *data, size_t length)
{
	char *out = mem_size(context, (length + 2) / 3 * 4 + 1), *p = put(out, data, length, usual_alphabet);

	while ((p - out) % 4 != 0)
		*p++ = '=';
	*p = '\0';
	return out;
}

void *
base64url_decode(void *context, const char *text, size_t length, size_t *out_length)
{
	uint8_t *out = mem_size(context, length / 4 * 3 + 3);
	ssize_t n = get(out, text, length);

	*out_length = n > 0 ? (size_t)n : 0;
	return n >= 0 ? out : NULL;
}

void
base64url_put(char *out, const void *data, size_t length)
{
	put(out, data, length, url_alphabet);
}

bool
base64url_get(void *out, size_t out_length, const char *text, size_t length)
{
	return length == BASE64URL_LENGTH(out_length) && get(out, text, length) == (ssize_t)out_length;
}
