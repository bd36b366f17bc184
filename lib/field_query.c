/* lib/field_query.c - the same tables read query strings and defaults: everything is text there. */
#include "lib/field_private.h"

#include <errno.h>
#include <math.h>

#include "lib/mem.h"
#include "lib/utf8.h"

/* Names that every list reads by itself. */
static const char list_names[] = "|limit|cursor|page|pageSize|";

/* --- one value --- */

static bool
int_from_text(struct field_reader *r, const struct field *f, const char *path, const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || strchr(" \t\n\v\f\r+", *text) != NULL)
		return field_wrong(r, path, "must be a whole number");
	return field_check_number(r, f, path, (double)*out);
}

static bool
double_from_text(struct field_reader *r, const struct field *f, const char *path, const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	/* no hexadecimal, no "inf": decimal digits only */
	if (end == text || *end != '\0' || !isfinite(*out) || text[strspn(text, "0123456789.eE+-")] != '\0')
		return field_wrong(r, path, "must be a number");
	return field_check_number(r, f, path, *out);
}

static bool
bool_from_text(struct field_reader *r, const char *path, const char *text, bool *out)
{
	*out = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
	return *out || strcmp(text, "false") == 0 || strcmp(text, "0") == 0 || field_wrong(r, path, "must be true or false");
}

static bool
add_item(struct field_reader *r, const struct field *f, const char *path, const char *item, void *member)
{
	struct text_list *texts = member;
	struct uuid_list *uuids = member;

	if (f->kind == FIELD_TEXT_LIST) {
		texts->items = mem_checked(talloc_realloc(r->mem, texts->items, const char *, texts->count + 1));
		texts->items[texts->count++] = item;
		return field_check_text(r, f, path, item, strlen(item), 1, f->max_each);
	}
	uuids->items = mem_checked(talloc_realloc(r->mem, uuids->items, struct uuid, uuids->count + 1));
	return uuid_parse(item, strlen(item), &uuids->items[uuids->count++]) || field_wrong(r, path, "must be a UUID");
}

/* "a,b,c"; empty text is an empty list. */
static bool
list_from_text(struct field_reader *r, const struct field *f, const char *path, const char *text, void *member)
{
	struct text_list *list = member;
	bool ok = true;

	if (list->items == NULL)
		list->items = mem_size(r->mem, 1);
	while (ok && *text != '\0') {
		size_t n = strcspn(text, ",");

		ok = add_item(r, f, mem_printf(r->mem, "%s[%zu]", path, list->count), mem_strndup(r->mem, text, n), member);
		text += n;
		if (*text == ',' && *++text == '\0')
			ok = field_wrong(r, path, "must not end in a comma");
	}
	return ok && field_check_count(r, f, path, list->count);
}

bool
field_from_text(struct field_reader *r, const struct field *f, const char *path, const char *text, void *member)
{
	switch (f->kind) {
	case FIELD_TEXT:
		*(const char **)member = text;
		return field_check_text(r, f, path, text, strlen(text), f->min, f->max);
	case FIELD_INT:
		return int_from_text(r, f, path, text, member);
	case FIELD_DOUBLE:
		return double_from_text(r, f, path, text, member);
	case FIELD_BOOL:
		return bool_from_text(r, path, text, member);
	case FIELD_UUID:
		return uuid_parse(text, strlen(text), member) || field_wrong(r, path, "must be a UUID");
	case FIELD_TEXT_LIST:
	case FIELD_UUID_LIST:
		return list_from_text(r, f, path, text, member);
	case FIELD_JSON: /* as a default only */
		((struct json_text *)member)->text = text;
		return true;
	case FIELD_SUB:
	case FIELD_SUB_LIST:
	case FIELD_NONE:
		break;
	}
	return field_wrong(r, path, "cannot stand in a query string");
}

/* --- the query string --- */

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

char *
field_decoded(void *mem, const char *s, size_t n)
{
	char *out = mem_size(mem, n + 1), *p = out;

	for (size_t i = 0; i < n; i++) {
		if (s[i] != '%') {
			*p++ = s[i] == '+' ? ' ' : s[i];
			continue;
		}
		if (n - i < 3 || hex_digit(s[i + 1]) < 0 || hex_digit(s[i + 2]) < 0)
			return NULL;
		*p = (char)(hex_digit(s[i + 1]) << 4 | hex_digit(s[i + 2]));
		if (*p++ == '\0')
			return NULL;
		i += 2;
	}
	*p = '\0';
	return utf8_is_valid(out, (size_t)(p - out)) ? out : NULL;
}

static bool
is_list_name(const char *name)
{
	const char *at = strstr(list_names, name);
	size_t n = strlen(name);

	return n > 0 && at != NULL && strchr(name, '|') == NULL && at[-1] == '|' && at[n] == '|';
}

static void
read_pair(struct field_reader *r, const struct schema *s, void *data, const char *pair, size_t length)
{
	const char *equals = memchr(pair, '=', length);
	size_t name_length = equals != NULL ? (size_t)(equals - pair) : length;
	const char *name = field_decoded(r->mem, pair, name_length), *value = "";
	const struct field *f;
	uint64_t bit;
	int i;

	if (equals != NULL)
		value = field_decoded(r->mem, equals + 1, length - name_length - 1);
	if (name == NULL || value == NULL) {
		field_wrong(r, name != NULL ? name : "", "is not correctly percent-encoded UTF-8");
		return;
	}
	i = field_by_key(s, name, strlen(name));
	if (s == NULL || i < 0) {
		if (!is_list_name(name))
			field_unknown(r, name);
		return;
	}
	f = &s->fields[i];
	bit = UINT64_C(1) << i;
	if ((field_marks_of(s, data)->given & bit) != 0 && f->kind != FIELD_TEXT_LIST && f->kind != FIELD_UUID_LIST) {
		field_wrong(r, name, "is given twice");
		return;
	}
	field_marks_of(s, data)->given |= bit;
	field_from_text(r, f, name, value, (char *)data + f->offset);
}

int
schema_read_query(const struct schema *s, void *mem, const char *query, void **out, field_problem tell, void *arg)
{
	struct field_reader r = { .mem = mem, .tell = tell, .arg = arg };
	void *data = s != NULL ? field_struct_new(s, mem) : NULL;
	int err;

	for (const char *p = query; *p != '\0'; p += *p == '&') {
		size_t n = strcspn(p, "&");

		if (n > 0)
			read_pair(&r, s, data, p, n);
		p += n;
	}
	if (s != NULL)
		field_finish(&r, s, data, "");
	err = field_result(&r);
	*out = err == 0 ? data : NULL;
	return err;
}
