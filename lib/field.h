/*
 * lib/field.h - one descriptor per struct: it checks what came in, fills the C struct that the handler reads, lists
 * every failing field, and writes the JSON Schema of the OpenAPI document.
 *
 *	struct playlist_new { const char *name, *description; int64_t position; };
 *
 *	static const struct field playlist_new_fields[] = {
 *		FIELD(struct playlist_new, name, .required = true, .min = 1, .max = 100),
 *		FIELD(struct playlist_new, description, .max = 5000),
 *		FIELD(struct playlist_new, position, .min = 0, .max = 10000),
 *		FIELD_END
 *	};
 *	static const struct schema playlist_new_schema = SCHEMA_OF(struct playlist_new, playlist_new_fields);
 *
 * The kind comes from the member's C type; a member of a type that is none of these does not compile:
 *	const char *            text
 *	int64_t, double, bool   numbers and flags
 *	struct uuid             text in UUID form
 *	struct text_list        array of text
 *	struct json_text        any JSON, handed on as text
 * The JSON key is the member's name with its underscores made camelCase (display_name: "displayName"), or .json.
 */
#ifndef ATELIER_FIELD_H
#define ATELIER_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/param.h"
#include "lib/buf.h"
#include "lib/uuid.h"

struct json_object;

struct text_list {
	const char **items; /* NULL: the field was not given */
	size_t count;
};

struct json_text {
	const char *text; /* serialised; NULL: the field was not given */
};

enum field_kind { FIELD_NONE, FIELD_TEXT, FIELD_INT, FIELD_DOUBLE, FIELD_BOOL, FIELD_UUID, FIELD_TEXT_LIST, FIELD_JSON };

enum field_format { FORMAT_ANY, FORMAT_EMAIL, FORMAT_URL, FORMAT_TIME, FORMAT_USERNAME, FORMAT_LANGUAGE };

struct field {
	const char *member; /* C name; NULL ends a table */
	enum field_kind kind;
	size_t offset;
	size_t given_offset; /* of a bool member that tells whether it was given, with .given; 0: none */
	const char *json;    /* NULL: made from member */
	bool required;
	bool nullable;       /* null is allowed and leaves the member zero */
	double min, max;     /* code points of text, values of numbers; both 0: no bounds */
	double max_items, max_each; /* of a text list: items, code points of each */
	const char *one_of;  /* "public|unlisted|private" */
	const char *dflt;    /* as text, set when the field is not given */
	enum field_format format;
	const char *doc;
};

#define FIELD_KIND(type, member)                                                                                       \
	_Generic(((type *)0)->member, const char *: FIELD_TEXT, char *: FIELD_TEXT, int64_t: FIELD_INT,                \
	    double: FIELD_DOUBLE, bool: FIELD_BOOL, struct uuid: FIELD_UUID, struct text_list: FIELD_TEXT_LIST,        \
	    struct json_text: FIELD_JSON)

#define FIELD(type, name, ...)                                                                                         \
	{ .member = #name, .kind = FIELD_KIND(type, name), .offset = offsetof(type, name), ##__VA_ARGS__ }
#define GIVEN(type, name) .given_offset = offsetof(type, name)
#define FIELD_END { .member = NULL }

struct schema {
	const struct field *fields;
	size_t size; /* of the struct */
};

#define SCHEMA_OF(type, table) { .fields = (table), .size = sizeof(type) }
/* In a route row: .body = SCHEMA(playlist_new) for struct playlist_new and playlist_new_fields. */
#define SCHEMA(name) (&(const struct schema)SCHEMA_OF(struct name, name##_fields))

/* Told of each failing field: path ("tags[3]") and what is wrong, in words for people. */
typedef void (*field_problem)(void *arg, const char *field, const char *message);

/* Checks json (an object) and fills a struct on mem. 0; ERR_UNKNOWN_FIELD when that is the only kind of problem;
 * else ERR_VALIDATION_ERROR. Every problem is told, unknown keys too. */
int schema_read(const struct schema *s, void *mem, struct json_object *json, void **out, field_problem tell, void *arg);

/* The same from a query string ("a=1&b=x"): names not in the table are unknown, but for limit, cursor, page, pageSize,
 * which lists read themselves. s may be NULL: then only those four are known. Text lists are comma-separated. */
int schema_read_query(const struct schema *s, void *mem, const char *query, void **out, field_problem tell, void *arg);

/* Is there a field whose member is called so? s may be NULL. */
bool schema_has(const struct schema *s, const char *member);

/* The member of that name in a filled struct as a query parameter (null when it was not given); false when there is no
 * such field. s and data may be NULL. What the parameter points at lives on data or mem. */
bool schema_param(const struct schema *s, const void *data, const char *member, void *mem, struct param *out);

/* {"type":"object","properties":…,"required":…,"additionalProperties":false} */
void schema_write_json(const struct schema *s, struct buf *out);

/* The fields as OpenAPI query parameters, comma-separated; leading_comma: something stands before them. */
void schema_write_parameters(const struct schema *s, struct buf *out, bool leading_comma);

#endif
