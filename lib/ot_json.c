/* lib/ot_json.c - operations as JSON: a number above 0 keeps, a text is inserted, a number below 0 deletes. */
#include <json-c/json.h>

#include "lib/ot.h"
#include "lib/utf8.h"

static enum ot_error
read_text(struct json_object *json, struct ot *out)
{
	const char *text = json_object_get_string(json);
	size_t bytes = (size_t)json_object_get_string_len(json);

	/* no text of PostgreSQL holds a NUL */
	if (!utf8_is_valid(text, bytes) || memchr(text, 0, bytes) != NULL)
		return OT_MALFORMED;
	if (bytes > (size_t)OT_UNITS_MAX * 3)
		return OT_TOO_LARGE;
	ot_insert(out, text, bytes);
	return OT_OK;
}

static enum ot_error
read_number(struct json_object *json, struct ot *out)
{
	int64_t n = json_object_get_int64(json);

	if (n == 0)
		return OT_MALFORMED;
	if (n > OT_UNITS_MAX || n < -OT_UNITS_MAX)
		return OT_TOO_LARGE;
	if (n > 0)
		ot_retain(out, (size_t)n);
	else
		ot_delete(out, (size_t)-n);
	return OT_OK;
}

static enum ot_error
read_part(struct json_object *json, struct ot *out)
{
	if (json_object_is_type(json, json_type_string))
		return read_text(json, out);
	if (json_object_is_type(json, json_type_int))
		return read_number(json, out);
	return OT_MALFORMED;
}

enum ot_error
ot_read(void *mem, struct json_object *json, struct ot *out)
{
	enum ot_error error = OT_OK;
	size_t count;

	ot_init(out, mem);
	if (!json_object_is_type(json, json_type_array))
		return OT_MALFORMED;
	count = json_object_array_length(json);
	if (count > OT_PARTS_MAX)
		return OT_TOO_LARGE;
	for (size_t i = 0; i < count && error == OT_OK; i++) {
		error = read_part(json_object_array_get_idx(json, i), out);
		if (error == OT_OK && (out->base_units > OT_UNITS_MAX || out->target_units > OT_UNITS_MAX))
			error = OT_TOO_LARGE;
	}
	return error;
}

void
ot_write(const struct ot *o, struct buf *out)
{
	const char *text = o->text.data;

	buf_add_char(out, '[');
	for (size_t i = 0; i < o->count; i++) {
		if (i > 0)
			buf_add_char(out, ',');
		if (o->parts[i].kind == OT_INSERT) {
			buf_json_text(out, text, o->parts[i].bytes);
			text += o->parts[i].bytes;
		} else {
			buf_add_int(out, o->parts[i].kind == OT_RETAIN ? (int64_t)o->parts[i].units : -(int64_t)o->parts[i].units);
		}
	}
	buf_add_char(out, ']');
}
