/* lib/base64.c - four characters for three bytes. */
#include "lib/base64.h"

#include <stdint.h>

#include "lib/mem.h"

static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char usual_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *
encode(void *context, const uint8_t *in, size_t length, const char *alphabet, int padded)
{
	char *out = mem_size(context, (length + 2) / 3 * 4 + 1), *p = out;

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
		for (size_t i = length; padded && i < 3; i++)
			*p++ = '=';
	}
	*p = '\0';
	return out;
}

char *
base64url_encode(void *context, const void *data, size_t length)
{
	return encode(context, data, length, url_alphabet, 0);
}

char *
base64_encode(void *context, const void *data, size_t length)
{
	return encode(context, data, length, usual_alphabet, 1);
}

void *
base64url_decode(void *context, const char *text, size_t length, size_t *out_length)
{
	uint8_t *out = mem_size(context, length / 4 * 3 + 3);
	uint32_t bits = 0;
	size_t n = 0;

	if (length % 4 == 1)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		const char *at = text[i] != '\0' ? strchr(url_alphabet, text[i]) : NULL;

		if (at == NULL)
			return NULL;
		bits = bits << 6 | (uint32_t)(at - url_alphabet);
		if (i % 4 == 1)
			out[n++] = (uint8_t)(bits >> 4);
		else if (i % 4 == 2)
			out[n++] = (uint8_t)(bits >> 2);
		else if (i % 4 == 3)
			out[n++] = (uint8_t)bits;
	}
	*out_length = n;
	return out;
}
