/* lib/uuid.h - UUIDs: made here in version 7, read in any. */
#ifndef ATELIER_UUID_H
#define ATELIER_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UUID_TEXT 37 /* with the terminating zero */

struct uuid {
	uint8_t b[16];
};

struct uuid uuid_new(void);                                  /* version 7: time-ordered, random tail */
bool uuid_parse(const char *s, size_t n, struct uuid *out);  /* the 36-character form only, either case */
char *uuid_text(const struct uuid *u, char out[UUID_TEXT]);  /* lower case; returns out */
bool uuid_equal(const struct uuid *a, const struct uuid *b);
bool uuid_is_null(const struct uuid *u);

#endif
