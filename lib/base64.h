/* lib/base64.h - base64 for addresses and headers (RFC 4648 §5, no padding), and the usual one for data: URIs. */
#ifndef ATELIER_BASE64_H
#define ATELIER_BASE64_H

#include <stdbool.h>
#include <stddef.h>

char *base64url_encode(void *context, const void *data, size_t length);
/* The bytes on context, or NULL when a character is not of the alphabet. Padding is not taken. */
void *base64url_decode(void *context, const char *text, size_t length, size_t *out_length);
/* With padding and the usual alphabet. */
char *base64_encode(void *context, const void *data, size_t length);

/* The same in memory of the caller's. Characters (no padding) that length bytes need. */
#define BASE64URL_LENGTH(length) (((length) * 4 + 2) / 3)
/* Writes BASE64URL_LENGTH(length) characters, not terminated. */
void base64url_put(char *out, const void *data, size_t length);
/* Exactly out_length bytes from text; false when it is anything else. */
bool base64url_get(void *out, size_t out_length, const char *text, size_t length);

#endif
