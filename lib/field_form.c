/* lib/field_form.c - what a form of people's says, as the JSON that a program would send: the same tables then check both. */
#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>

#include "lib/field_private.h"
#include "lib/mem.h"

/* What is none of its kind stays text, so that it is called wrong as it would be in JSON. */
static struct json_object *
number_from(const struct field *f, const char *text)
{
	char *end;
	int64_t n;
	double d;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (end != text && *end == '\0' && errno == 0 && strchr(" \t\n\v\f\r+", *text) == NULL)
		return json_object_new_int64(n);
	d = strtod(text, &end);
	if (f->kind == FIELD_DOUBLE && end != text && *end == '\0' && isfinite(d) && text[strspn(text, "0123456789.eE+-")] == '\0')
		return json_object_new_double(d);
	return json_object_new_string(text);
}

static struct json_object *
value_from(const struct field *f, const char *text)
{
	if (f != NULL && (f->kind == FIELD_INT || f->kind == FIELD_DOUBLE))
		return number_from(f, text);
	if (f != NULL && f->kind == FIELD_BOOL && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0))
		return json_object_new_boolean(true);
	if (f != NULL && f->kind == FIELD_BOOL && (strcmp(text, "false") == 0 || strcmp(text, "0") == 0))
		return json_object_new_boolean(false);
	return json_object_new_string(text);
}

/* "a, b", and what is ticked several times: one list. */
static void
add_items(void *mem, struct json_object *object, const char *key, const char *text)
{
	struct json_object *list;

	if (!json_object_object_get_ex(object, key, &list)) {
		list = json_object_new_array();
		json_object_object_add(object, key, list);
	}
	for (const char *p = text; *p != '\0'; p += *p == ',') {
		size_t n = strcspn(p, ","), from = strspn(p, " "), until = n;

		while (until > from && p[until - 1] == ' ')
			until--;
		json_object_array_add(list, json_object_new_string(mem_strndup(mem, p + from, from < until ? until - from : 0)));
		p += n;
	}
}

/* "branding.tagline" stands in the object branding. */
static void
add_value(struct field_reader *r, const struct schema *s, struct json_object *object, const char *path, const char *key, const char *text)
{
	size_t length = strcspn(key, ".");
	int i = field_by_key(s, key, length);
	const struct field *f = i >= 0 ? &s->fields[i] : NULL;
	struct json_object *had;

	if (f != NULL && f->kind == FIELD_SUB && key[length] == '.') {
		const char *name = mem_strndup(r->mem, key, length);

		if (!json_object_object_get_ex(object, name, &had)) {
			had = json_object_new_object();
			json_object_object_add(object, name, had);
		}
		if (json_object_is_type(had, json_type_object))
			add_value(r, f->sub, had, path, key + length + 1, text);
		else
			field_wrong(r, path, "must be an object");
		return;
	}
	if (key[length] == '.')
		f = NULL;
	if (*text == '\0' && (f == NULL || !f->nullable))
		return;
	if (f != NULL && (f->kind == FIELD_TEXT_LIST || f->kind == FIELD_UUID_LIST) && *text != '\0')
		add_items(r->mem, object, key, text);
	else if (json_object_object_get_ex(object, key, NULL))
		field_wrong(r, path, "is given twice");
	else
		json_object_object_add(object, key, *text != '\0' ? value_from(f, text) : NULL);
}

int
schema_form_json(const struct schema *s, void *mem, const char *form, struct buf *out, field_problem tell, void *arg)
{
	struct field_reader r = { .mem = mem, .tell = tell, .arg = arg };
	struct json_object *object = json_object_new_object();
	size_t length;
	const char *text;

	for (const char *p = form; *p != '\0'; p += strcspn(p, "&"), p += *p == '&') {
		size_t whole = strcspn(p, "&"), n = strcspn(p, "=&");
		const char *name = field_decoded(mem, p, n), *value = n < whole ? field_decoded(mem, p + n + 1, whole - n - 1) : "";

		if (name == NULL || value == NULL)
			field_wrong(&r, name != NULL ? name : "", "is not correctly percent-encoded UTF-8");
		else if (*name != '\0')
			add_value(&r, s, object, name, name, value);
	}
	text = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	buf_init(out, mem, length + 1);
	buf_add(out, text, length);
	json_object_put(object);
	return field_result(&r);
}
