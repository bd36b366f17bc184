/* fcgi/tus_headers.c - see tus_headers.h. */
#include "fcgi/tus_headers.h"

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
		char *value;
		int length = 0;

		p += strspn(p, " ");
		pair = strcspn(p, ",");
		key = strcspn(p, " ,");
		if (!is_key(p, key))
			return false;
		memcpy(scratch, p, key);
		scratch[key] = '\0';
		value = scratch + key + (pair > key + 1); /* without a value, the key's own end: there is no room behind it */
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

bool
tus_number_parse(const char *text, int64_t *out)
{
	int64_t n = 0;

	if (text == NULL || *text == '\0')
		return false;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *text - '0', &n))
			return false;
	*out = n;
	return *text == '\0';
}

bool
tus_checksum_parse(const char *text, struct tus_checksum *out)
{
	static const struct {
		const char *name;
		size_t length;
	} kinds[] = { [TUS_SHA1] = { "sha1 ", 20 }, [TUS_SHA256] = { "sha256 ", 32 } };
	char bytes[49]; /* 64 characters of Base64 */
	const char *value;

	*out = (struct tus_checksum){ TUS_CHECKSUM_NONE };
	if (text == NULL)
		return true;
	for (int k = TUS_SHA1; k <= TUS_SHA256; k++) {
		value = text + strlen(kinds[k].name);
		if (strncmp(text, kinds[k].name, strlen(kinds[k].name)) != 0 || strlen(value) > 64)
			continue;
		if (decode(value, strlen(value), bytes) != (int)kinds[k].length)
			return false;
		out->kind = (enum tus_checksum_kind)k;
		out->length = kinds[k].length;
		memcpy(out->wanted, bytes, out->length);
		return true;
	}
	return false;
}
