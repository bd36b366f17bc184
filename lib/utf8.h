/* lib/utf8.h - is it UTF-8, and how long is it for people. */
#ifndef ATELIER_UTF8_H
#define ATELIER_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed sequence at s (1 to 4), of which n are there; 0 when it is not well-formed
 * (overlong, surrogate, above U+10FFFF, cut off). n > 0. */
size_t utf8_sequence(const unsigned char *s, size_t n);

bool utf8_is_valid(const char *s, size_t n);

/* Code points in well-formed text. */
size_t utf8_count(const char *s, size_t n);

/* Code units that well-formed text has in UTF-16, which is how JavaScript counts. */
size_t utf8_units16(const char *s, size_t n);

#endif
