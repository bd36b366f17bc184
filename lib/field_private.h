/* lib/field_private.h - what the files lib/field*.c share; nobody else includes it. */
#ifndef ATELIER_FIELD_PRIVATE_H
#define ATELIER_FIELD_PRIVATE_H

#include "lib/field.h"

/* Behind every struct that was filled here: which fields came in, and which of them as null. A bit each. */
struct field_marks {
	uint64_t given, null;
};

/* One reading: where problems go, and of which kinds they were. */
struct field_reader {
	void *mem;
	field_problem tell;
	void *arg;
	bool has_unknown, has_invalid;
};

struct field_marks *field_marks_of(const struct schema *s, const void *data);
/* A zeroed struct with its marks. */
void *field_struct_new(const struct schema *s, void *mem);

/* Index of a field, or -1. */
int field_by_key(const struct schema *s, const char *key, size_t length);
int field_by_member(const struct schema *s, const char *member);
/* Writes the JSON key. */
void field_add_key(const struct field *f, struct buf *b);
const char *field_key(const struct field *f, void *mem);

/* Tells of a problem; false. */
bool field_wrong(struct field_reader *r, const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void field_unknown(struct field_reader *r, const char *path);
int field_result(const struct field_reader *r);

/* Checks one text against everything the field says; max: its most code points, 0 for any number. */
bool field_check_text(struct field_reader *r, const struct field *f, const char *path, const char *text, size_t length,
    double min, double max);
bool field_check_number(struct field_reader *r, const struct field *f, const char *path, double n);
bool field_check_count(struct field_reader *r, const struct field *f, const char *path, size_t count);
bool field_has_max(const struct field *f);

/* What is wrong with text of that format, or NULL. lib/field_format.c */
const char *format_problem(enum field_format format, const char *text, size_t length);
const char *format_name(enum field_format format); /* as JSON Schema calls it; NULL when it does not */
const char *format_pattern(enum field_format format);

/* Reads a field from text (a query string's value, a default) into its member; appends to lists. */
bool field_from_text(struct field_reader *r, const struct field *f, const char *path, const char *text, void *member);

/* One name or value of a query string or form without its escapes; NULL when they are wrong, or the result is no text. */
char *field_decoded(void *mem, const char *s, size_t n);

/* Fills in defaults, given flags, and tells of required fields that did not come. prefix: "" or "author." */
void field_finish(struct field_reader *r, const struct schema *s, void *data, const char *prefix);

#endif
