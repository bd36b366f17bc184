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
 *	struct uuid_list        array of UUIDs
 *	struct json_text        any JSON, handed on as text
 *	const struct x *        an object with fields of its own: FIELD_OBJECT(type, member, x), with a table x_fields
 *	struct object_list      an array of them: FIELD_OBJECTS(type, member, x)
 * A table has 64 fields at most. The JSON key is the member's name with its underscores made camelCase (display_name: "displayName"), or .json.
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

struct uuid_list {
	struct uuid *items; /* NULL: the field was not given */
	size_t count;
};

struct object_list {
	const void **items; /* const struct x *, each; NULL: the field was not given */
	size_t count;
};

struct json_text {
	const char *text; /* serialised; NULL: the field was not given */
};

enum field_kind {
	FIELD_NONE,
	FIELD_TEXT,
	FIELD_INT,
	FIELD_DOUBLE,
	FIELD_BOOL,
	FIELD_UUID,
	FIELD_TEXT_LIST,
	FIELD_UUID_LIST,
	FIELD_JSON,
	FIELD_SUB,      /* an object */
	FIELD_SUB_LIST, /* an array of objects */
};

enum field_format { FORMAT_ANY, FORMAT_EMAIL, FORMAT_URL, FORMAT_TIME, FORMAT_DAY, FORMAT_USERNAME, FORMAT_LANGUAGE };

struct field {
	const char *member; /* C name; NULL ends a table */
	enum field_kind kind;
	size_t offset;
	size_t given_offset; /* of a bool member (not the first) that tells whether it was given, by GIVEN(); 0: none */
	const char *json;    /* NULL: made from member */
	bool required;
	bool nullable;       /* null is allowed and leaves the member zero */
	double min, max;     /* code points of text, values of numbers; both 0: no bounds; max below min: no upper bound */
	double min_items, max_items; /* of a list; 0: no bound */
	double max_each;     /* code points of each item of a text list; none may be empty */
	const char *one_of;  /* "public|unlisted|private"; of a list, for each item */
	const char *pattern; /* POSIX extended regular expression, also valid in ECMA script; of a list, for each item */
	const char *dflt;    /* as text, set when the field is not given */
	enum field_format format; /* of a list, for each item */
	const struct schema *sub; /* of objects */
	const char *doc;
};

#define FIELD_KIND(type, member)                                                                                       \
	_Generic(((type *)0)->member, const char *: FIELD_TEXT, char *: FIELD_TEXT, int64_t: FIELD_INT,                \
	    double: FIELD_DOUBLE, bool: FIELD_BOOL, struct uuid: FIELD_UUID, struct text_list: FIELD_TEXT_LIST,        \
	    struct uuid_list: FIELD_UUID_LIST, struct json_text: FIELD_JSON)

#define FIELD(type, name, ...)                                                                                         \
	{ .member = #name, .kind = FIELD_KIND(type, name), .offset = offsetof(type, name), ##__VA_ARGS__ }
#define FIELD_OBJECT(type, name, x, ...)                                                                               \
	{ .member = #name, .kind = _Generic(((type *)0)->name, const struct x *: FIELD_SUB), .offset = offsetof(type, name),   \
	  .sub = SCHEMA(x), ##__VA_ARGS__ }
#define FIELD_OBJECTS(type, name, x, ...)                                                                              \
	{ .member = #name, .kind = _Generic(((type *)0)->name, struct object_list: FIELD_SUB_LIST),                          \
	  .offset = offsetof(type, name), .sub = SCHEMA(x), ##__VA_ARGS__ }
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
 * else ERR_VALIDATION_ERROR. Every problem is told, unknown keys too; what is told lives on mem. After an error *out is
 * NULL. Text never has control characters but tab and line ends. Members not given are zero, NULL or the default. */
int schema_read(const struct schema *s, void *mem, struct json_object *json, void **out, field_problem tell, void *arg);

/* The same from a query string ("a=1&b=x"): names not in the table are unknown, but for limit, cursor, page, pageSize,
 * which lists read themselves. s may be NULL: then only those four are known. Text lists are comma-separated. */
int schema_read_query(const struct schema *s, void *mem, const char *query, void **out, field_problem tell, void *arg);

/* A form ("a=1&branding.tagline=x") as the JSON of the same meaning, for schema_read(): a dot leads into an object, a comma or a name that comes
 * again makes a list, and what was left empty is null where it may be null, otherwise not given. What is wrong with its encoding is told;
 * then ERR_VALIDATION_ERROR. *out is on mem. */
int schema_form_json(const struct schema *s, void *mem, const char *form, struct buf *out, field_problem tell, void *arg);

/* Was the field of that member in the JSON or the query string (as null, too)? data: filled by one of the two above. */
bool schema_is_given(const struct schema *s, const void *data, const char *member);

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
