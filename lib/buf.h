/* lib/buf.h - a growing byte buffer on talloc, and the JSON that is written into it. */
#ifndef ATELIER_BUF_H
#define ATELIER_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *data; /* owned by the context given to buf_init; not terminated, see buf_cstr */
	size_t length, capacity;
	void *context;
};

void buf_init(struct buf *b, void *context, size_t capacity);
void buf_grow(struct buf *b, size_t more); /* room for `more` bytes behind length */

static inline void
buf_add(struct buf *b, const void *data, size_t n)
{
	if (b->capacity - b->length < n)
		buf_grow(b, n);
	memcpy(b->data + b->length, data, n);
	b->length += n;
}

#define buf_add_literal(b, s) buf_add((b), "" s, sizeof(s) - 1)
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
void buf_add_int(struct buf *b, int64_t n);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_add_percent(struct buf *b, const char *s, size_t n); /* as in a query string: what is not of A-Z a-z 0-9 - . _ ~ as %XX */
const char *buf_cstr(struct buf *b); /* terminated; valid until the next addition */

/* A path of ours as a part of an address: what is no ASCII is percent-encoded. */
void buf_url_path(struct buf *b, const char *path, size_t n);

/* JSON values. Text that is not valid UTF-8 is written with U+FFFD in place of the bad bytes. */
void buf_json_text(struct buf *b, const char *s, size_t n);       /* quoted and escaped */
void buf_json_str(struct buf *b, const char *s);                  /* NULL becomes null */
void buf_json_double(struct buf *b, double d);                    /* not finite becomes null */
void buf_json_time(struct buf *b, int64_t unix_us);               /* "2026-01-31T09:30:00.123Z" */
void buf_json_key(struct buf *b, const char *key);                /* "key": with a comma before it where one is due */

#endif
