/*
 * lib/ot.h - operational transformation of text, in the wire form of ot.js: an operation is a list of "keep n", "insert
 * this", "delete n" that walks a whole document from its beginning to its end. Text is UTF-8; lengths and positions are
 * UTF-16 code units, as JavaScript counts. Nothing here knows a dojo, a revision or a socket.
 *
 * Operations are normal: neighbours of a kind are one part, an insertion stands before the deletion at its place. Results
 * are built on the mem given and need none of the operations that they were made from; ot_compose and ot_transform may
 * put them in the place of these.
 */
#ifndef ATELIER_OT_H
#define ATELIER_OT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

struct json_object;

#define OT_UNITS_MAX 1000000 /* of a document before or after an operation that is read */
#define OT_PARTS_MAX 10000   /* of an operation that is read */

enum ot_error {
	OT_OK,
	OT_MALFORMED, /* not an operation */
	OT_TOO_LARGE, /* over one of the limits above */
	OT_LENGTH,    /* for a text of another length, or the two do not belong together */
	OT_SPLIT      /* cuts a character outside the basic plane in half */
};

enum ot_kind { OT_RETAIN, OT_INSERT, OT_DELETE };

struct ot_part {
	enum ot_kind kind;
	uint32_t bytes; /* of the text inserted */
	size_t units;
};

struct ot {
	struct ot_part *parts;
	size_t count, capacity;
	struct buf text;                 /* all that is inserted, one after the other */
	size_t base_units, target_units; /* of the text before and after */
	void *mem;
};

const char *ot_error_text(enum ot_error error); /* in words for people */

/* Building: the operation grows at its end. Nothing is added for 0 units or no text. */
void ot_init(struct ot *o, void *mem);
void ot_retain(struct ot *o, size_t units);
void ot_insert(struct ot *o, const char *text, size_t bytes); /* well-formed UTF-8 */
void ot_delete(struct ot *o, size_t units);
bool ot_is_noop(const struct ot *o);
bool ot_is_same(const struct ot *a, const struct ot *b);

/* The text that the operation makes of `text`, appended to out (untouched where there is an error). */
enum ot_error ot_apply(const struct ot *o, const char *text, size_t bytes, struct buf *out);

/* One operation that does what a and then b do. */
enum ot_error ot_compose(void *mem, const struct ot *a, const struct ot *b, struct ot *out);

/* a and b are for the same text. a and then *b_after is the same as b and then *a_after. Of two insertions at one place
 * a's comes first: a server calls this with the operation that came in as a, a client with its own as a. */
enum ot_error ot_transform(void *mem, const struct ot *a, const struct ot *b, struct ot *a_after, struct ot *b_after);

/* What takes o back; `text` is what o was for. */
enum ot_error ot_invert(void *mem, const struct ot *o, const char *text, size_t bytes, struct ot *out);

/* Where a cursor at `position` stands after o. */
size_t ot_move(const struct ot *o, size_t position);

/* The operation with the fewest characters inserted and deleted that makes `after` of `before`; where the texts differ in
 * more than some hundred characters, one that replaces all between what they have in common at both ends. */
void ot_diff(void *mem, const char *before, size_t before_bytes, const char *after, size_t after_bytes, struct ot *out);

/* [3, "text", -2] and back. */
enum ot_error ot_read(void *mem, struct json_object *json, struct ot *out);
void ot_write(const struct ot *o, struct buf *out);

#endif
