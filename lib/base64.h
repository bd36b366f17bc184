/* lib/base64.h - base64 for addresses and headers (RFC 4648 §5, no padding), and the usual one for data: URIs. */
#ifndef ATELIER_BASE64_H
#define ATELIER_BASE64_H

#include <stddef.h>

char *base64url_encode(void *context, const void *data, size_t length);
/* The bytes on context, or NULL when a character is not of the alphabet. Padding is not taken. */
void *base64url_decode(void *context, const char *text, size_t length, size_t *out_length);
/* With padding and the usual alphabet. */
char *base64_encode(void *context, const void *data, size_t length);

#endif
