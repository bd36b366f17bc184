/* fcgi/tus_metadata.c - keys and Base64 values, comma-separated. */
#include "fcgi/tus_metadata.h"

#include <openssl/evp.h>
#include <string.h>

#include "lib/utf8.h"

/* Base64 of n bytes at in to text at out; -1 when it is none. */
static int
decode(const char *in, size_t n, char *out)
{
	int length, padding = 0;

	if (n % 4 != 0)
		return -1;
	while (padding < 2 && n > 0 && in[n - 1 - (size_t)padding] == '=')
		padding++;
	length = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)in, (int)n);
	return length < padding ? -1 : length - padding;
}

static bool
is_key(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	return n > 0;
}

bool
tus_metadata_parse(const char *header, char *scratch, bool (*fn)(void *arg, const char *key, const char *value), void *arg)
{
	for (const char *p = header; *p != '\0';) {
		size_t pair, key;
		char *value = scratch;
		int length = 0;

		p += strspn(p, " ");
		pair = strcspn(p, ",");
		key = strcspn(p, " ,");
		if (!is_key(p, key))
			return false;
		memcpy(scratch, p, key);
		scratch[key] = '\0';
		value = scratch + key + 1;
		if (pair > key + 1)
			length = decode(p + key + 1, pair - key - 1, value);
		if (length < 0 || memchr(value, '\0', (size_t)length) != NULL || !utf8_is_valid(value, (size_t)length))
			return false;
		value[length] = '\0';
		if (!fn(arg, scratch, value))
			return false;
		p += pair;
		p += *p == ',';
	}
	return true;
}
