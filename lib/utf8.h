/* lib/utf8.h - what counts as UTF-8 (no surrogates, no overlong forms, nothing above U+10FFFF). */
#ifndef ATELIER_UTF8_H
#define ATELIER_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Length of the valid sequence at s (n bytes are there); 0 when there is none. */
size_t utf8_sequence(const unsigned char *s, size_t n);

bool utf8_is_valid(const char *s, size_t n);

/* Code points in valid UTF-8. */
size_t utf8_count(const char *s, size_t n);

#endif
