/* lib/field.c - from JSON into the C struct that a table describes. */
#include "lib/field.h"

#include <json-c/json.h>
#include <math.h>

#include "lib/errors.h"
#include "lib/field_private.h"
#include "lib/mem.h"

static bool read_object(struct field_reader *r, const struct schema *s, struct json_object *json, void *data,
    const char *prefix);

/* --- structs and their keys --- */

static size_t
marks_offset(const struct schema *s)
{
	return (s->size + 7) & ~(size_t)7;
}

struct field_marks *
field_marks_of(const struct schema *s, const void *data)
{
	return (struct field_marks *)((uintptr_t)data + marks_offset(s));
}

void *
field_struct_new(const struct schema *s, void *mem)
{
	return mem_checked(talloc_zero_size(mem, marks_offset(s) + sizeof(struct field_marks)));
}

/* The next character of a member's JSON key: display_name reads as displayName. */
static char
next_key_char(const char **member)
{
	char c = *(*member)++;

	if (c != '_' || **member == '\0')
		return c;
	c = *(*member)++;
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool
has_key(const struct field *f, const char *key, size_t length)
{
	const char *m = f->member;

	if (f->json != NULL)
		return strlen(f->json) == length && memcmp(f->json, key, length) == 0;
	for (; length > 0; key++, length--) {
		if (*m == '\0' || next_key_char(&m) != *key)
			return false;
	}
	return *m == '\0';
}

void
field_add_key(const struct field *f, struct buf *b)
{
	if (f->json != NULL) {
		buf_add_str(b, f->json);
		return;
	}
	for (const char *m = f->member; *m != '\0';)
		buf_add_char(b, next_key_char(&m));
}

const char *
field_key(const struct field *f, void *mem)
{
	struct buf b;

	buf_init(&b, mem, 32);
	field_add_key(f, &b);
	return buf_cstr(&b);
}

int
field_by_key(const struct schema *s, const char *key, size_t length)
{
	for (int i = 0; s != NULL && s->fields[i].member != NULL; i++) {
		if (has_key(&s->fields[i], key, length))
			return i;
	}
	return -1;
}

int
field_by_member(const struct schema *s, const char *member)
{
	for (int i = 0; s != NULL && s->fields[i].member != NULL; i++) {
		if (strcmp(s->fields[i].member, member) == 0)
			return i;
	}
	return -1;
}

/* --- values --- */

static bool
read_text(struct field_reader *r, const struct field *f, const char *path, struct json_object *json, double min, double max,
    const char **out)
{
	size_t length;

	if (!json_object_is_type(json, json_type_string))
		return field_wrong(r, path, "must be text");
	length = (size_t)json_object_get_string_len(json);
	*out = mem_strndup(r->mem, json_object_get_string(json), length);
	if (strlen(*out) != length)
		return field_wrong(r, path, "has a character that cannot be kept");
	return field_check_text(r, f, path, *out, length, min, max);
}

static bool
read_int(struct field_reader *r, const struct field *f, const char *path, struct json_object *json, int64_t *out)
{
	double d = json_object_is_type(json, json_type_double) ? json_object_get_double(json) : 0.5;

	if (json_object_is_type(json, json_type_int))
		*out = json_object_get_int64(json);
	else if (d == floor(d) && fabs(d) < 0x1p53)
		*out = (int64_t)d; /* 5.0 is a whole number too */
	else
		return field_wrong(r, path, "must be a whole number");
	return field_check_number(r, f, path, (double)*out);
}

static bool
read_double(struct field_reader *r, const struct field *f, const char *path, struct json_object *json, double *out)
{
	if (!json_object_is_type(json, json_type_int) && !json_object_is_type(json, json_type_double))
		return field_wrong(r, path, "must be a number");
	*out = json_object_get_double(json);
	if (!isfinite(*out))
		return field_wrong(r, path, "is too large a number");
	return field_check_number(r, f, path, *out);
}

static bool
read_uuid(struct field_reader *r, const char *path, struct json_object *json, struct uuid *out)
{
	if (!json_object_is_type(json, json_type_string) ||
	    !uuid_parse(json_object_get_string(json), (size_t)json_object_get_string_len(json), out))
		return field_wrong(r, path, "must be a UUID");
	return true;
}

static bool
read_json(struct field_reader *r, const struct field *f, const char *path, struct json_object *json, const char **out)
{
	size_t length;
	const char *text = json_object_to_json_string_length(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
	    &length);

	if (f->max > 0 && (double)length > f->max)
		return field_wrong(r, path, "must have at most %.0f bytes", f->max);
	*out = mem_strndup(r->mem, text, length);
	return true;
}

static bool
read_sub(struct field_reader *r, const struct field *f, const char *path, struct json_object *json, const void **out)
{
	void *data = field_struct_new(f->sub, r->mem);

	*out = data;
	return read_object(r, f->sub, json, data, path);
}

/* --- lists --- */

static bool
read_item(struct field_reader *r, const struct field *f, const char *path, struct json_object *json, void *items, size_t i)
{
	switch (f->kind) {
	case FIELD_TEXT_LIST:
		return read_text(r, f, path, json, 1, f->max_each, (const char **)items + i);
	case FIELD_UUID_LIST:
		return read_uuid(r, path, json, (struct uuid *)items + i);
	default:
		return read_sub(r, f, path, json, (const void **)items + i);
	}
}

/* All lists are {items, count}; only their items differ. */
static bool
read_list(struct field_reader *r, const struct field *f, const char *path, struct json_object *json, void *member)
{
	size_t count, item_size = f->kind == FIELD_UUID_LIST ? sizeof(struct uuid) : sizeof(void *);
	struct text_list *list = member;
	bool ok = true;

	_Static_assert(sizeof(struct uuid_list) == sizeof(struct text_list) &&
		sizeof(struct object_list) == sizeof(struct text_list), "lists are alike");
	if (!json_object_is_type(json, json_type_array))
		return field_wrong(r, path, "must be an array");
	count = json_object_array_length(json);
	if (!field_check_count(r, f, path, count))
		return false;
	list->items = mem_checked(talloc_zero_size(r->mem, item_size * count + 1));
	list->count = count;
	for (size_t i = 0; i < count; i++) {
		const char *item_path = mem_printf(r->mem, "%s[%zu]", path, i);

		ok &= read_item(r, f, item_path, json_object_array_get_idx(json, i), list->items, i);
	}
	return ok;
}

static bool
read_value(struct field_reader *r, const struct field *f, const char *path, struct json_object *json, void *member)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return read_text(r, f, path, json, f->min, f->max, member);
	case FIELD_INT:
		return read_int(r, f, path, json, member);
	case FIELD_DOUBLE:
		return read_double(r, f, path, json, member);
	case FIELD_BOOL:
		if (!json_object_is_type(json, json_type_boolean))
			return field_wrong(r, path, "must be true or false");
		*(bool *)member = json_object_get_boolean(json);
		return true;
	case FIELD_UUID:
		return read_uuid(r, path, json, member);
	case FIELD_JSON:
		return read_json(r, f, path, json, member);
	case FIELD_TEXT_LIST:
	case FIELD_UUID_LIST:
	case FIELD_SUB_LIST:
		return read_list(r, f, path, json, member);
	case FIELD_SUB:
		return read_sub(r, f, path, json, member);
	case FIELD_NONE:
		break;
	}
	abort();
}

/* --- objects --- */

void
field_finish(struct field_reader *r, const struct schema *s, void *data, const char *prefix)
{
	const struct field_marks *marks = field_marks_of(s, data);

	for (int i = 0; s->fields[i].member != NULL; i++) {
		const struct field *f = &s->fields[i];
		bool is_given = (marks->given >> i & 1) != 0;

		if (f->given_offset != 0)
			*(bool *)((char *)data + f->given_offset) = is_given;
		if (is_given)
			continue;
		if (f->required)
			field_wrong(r, mem_printf(r->mem, "%s%s", prefix, field_key(f, r->mem)), "is required");
		else if (f->dflt != NULL)
			field_from_text(r, f, f->member, f->dflt, (char *)data + f->offset);
	}
}

/* path: of the object itself, "" for the outermost. */
static bool
read_object(struct field_reader *r, const struct schema *s, struct json_object *json, void *data, const char *path)
{
	const char *prefix = *path != '\0' ? mem_printf(r->mem, "%s.", path) : "";
	struct field_marks *marks = field_marks_of(s, data);

	if (!json_object_is_type(json, json_type_object))
		return field_wrong(r, path, "must be an object");
	json_object_object_foreach (json, key, value) {
		const char *member_path = *prefix != '\0' ? mem_printf(r->mem, "%s%s", prefix, key) : key;
		int i = field_by_key(s, key, strlen(key));

		if (i < 0) {
			field_unknown(r, member_path);
			continue;
		}
		marks->given |= UINT64_C(1) << i;
		if (value != NULL)
			read_value(r, &s->fields[i], member_path, value, (char *)data + s->fields[i].offset);
		else if (s->fields[i].nullable)
			marks->null |= UINT64_C(1) << i;
		else
			field_wrong(r, member_path, "must not be null");
	}
	field_finish(r, s, data, prefix);
	return !r->has_invalid;
}

int
schema_read(const struct schema *s, void *mem, struct json_object *json, void **out, field_problem tell, void *arg)
{
	struct field_reader r = { .mem = mem, .tell = tell, .arg = arg };
	void *data = field_struct_new(s, mem);
	int err;

	read_object(&r, s, json, data, "");
	err = field_result(&r);
	*out = err == 0 ? data : NULL;
	return err;
}

/* --- what came in --- */

bool
schema_is_given(const struct schema *s, const void *data, const char *member)
{
	int i = field_by_member(s, member);

	return i >= 0 && data != NULL && (field_marks_of(s, data)->given >> i & 1) != 0;
}

bool
schema_has(const struct schema *s, const char *member)
{
	return field_by_member(s, member) >= 0;
}

static struct param
member_param(const struct field *f, const void *member)
{
	const struct text_list *list = member;
	const struct uuid_list *uuids = member;

	switch (f->kind) {
	case FIELD_TEXT:
		return text_param(*(const char *const *)member);
	case FIELD_INT:
		return int_param(*(const int64_t *)member);
	case FIELD_DOUBLE:
		return double_param(*(const double *)member);
	case FIELD_BOOL:
		return bool_param(*(const bool *)member);
	case FIELD_UUID:
		return uuid_param(*(const struct uuid *)member);
	case FIELD_TEXT_LIST:
		return text_array_param(list->items, list->count);
	case FIELD_UUID_LIST:
		return uuid_array_param(uuids->items, uuids->count);
	case FIELD_JSON:
		return json_param(((const struct json_text *)member)->text);
	case FIELD_SUB:
	case FIELD_SUB_LIST:
	case FIELD_NONE:
		break;
	}
	return null_param();
}

bool
schema_param(const struct schema *s, const void *data, const char *member, void *mem, struct param *out)
{
	int i = field_by_member(s, member);
	const struct field_marks *marks;

	(void)mem;
	if (i < 0)
		return false;
	*out = null_param();
	if (data == NULL)
		return true;
	marks = field_marks_of(s, data);
	if ((marks->null >> i & 1) == 0 && ((marks->given >> i & 1) != 0 || s->fields[i].dflt != NULL))
		*out = member_param(&s->fields[i], (const char *)data + s->fields[i].offset);
	return true;
}
