/* lib/field_schema.c - the tables as JSON Schema, for the OpenAPI document. */
#include "lib/field_private.h"

static void
add_string(struct buf *b, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_json_key(b, key);
	buf_json_str(b, value);
}

static void
add_number(struct buf *b, const char *key, double n)
{
	buf_json_key(b, key);
	buf_json_double(b, n);
}

static void
add_type(struct buf *b, const char *type, bool nullable)
{
	buf_json_key(b, "type");
	if (!nullable) {
		buf_json_str(b, type);
		return;
	}
	buf_add_char(b, '[');
	buf_json_str(b, type);
	buf_add_literal(b, ",\"null\"]");
}

static void
add_choices(struct buf *b, const char *one_of, bool nullable)
{
	buf_json_key(b, "enum");
	buf_add_char(b, '[');
	for (const char *c = one_of;; c++) {
		size_t n = strcspn(c, "|");

		buf_json_text(b, c, n);
		c += n;
		if (*c == '\0')
			break;
		buf_add_char(b, ',');
	}
	buf_add_str(b, nullable ? ",null]" : "]");
}

static void
add_text_rules(struct buf *b, const struct field *f, double min, double max, bool nullable)
{
	add_type(b, "string", nullable);
	if (f->one_of != NULL) {
		add_choices(b, f->one_of, nullable);
		return;
	}
	if (min > 0)
		add_number(b, "minLength", min);
	if (max > 0)
		add_number(b, "maxLength", max);
	add_string(b, "format", format_name(f->format));
	add_string(b, "pattern", f->pattern != NULL ? f->pattern : format_pattern(f->format));
}

static void
add_number_rules(struct buf *b, const struct field *f)
{
	if (f->min != 0 || f->max != 0)
		add_number(b, "minimum", f->min);
	if (field_has_max(f))
		add_number(b, "maximum", f->max);
}

static void
add_list_rules(struct buf *b, const struct field *f)
{
	add_type(b, "array", f->nullable);
	if (f->min_items > 0)
		add_number(b, "minItems", f->min_items);
	if (f->max_items > 0)
		add_number(b, "maxItems", f->max_items);
	buf_json_key(b, "items");
	if (f->kind == FIELD_SUB_LIST) {
		schema_write_json(f->sub, b);
		return;
	}
	buf_add_char(b, '{');
	if (f->kind == FIELD_UUID_LIST)
		buf_add_literal(b, "\"type\":\"string\",\"format\":\"uuid\"");
	else
		add_text_rules(b, f, 1, f->max_each, false);
	buf_add_char(b, '}');
}

static void
add_default(struct buf *b, const struct field *f)
{
	if (f->dflt == NULL || f->kind == FIELD_TEXT_LIST || f->kind == FIELD_UUID_LIST)
		return;
	buf_json_key(b, "default");
	if (f->kind == FIELD_TEXT || f->kind == FIELD_UUID)
		buf_json_str(b, f->dflt);
	else
		buf_add_str(b, f->dflt);
}

static void
add_rules(struct buf *b, const struct field *f)
{
	switch (f->kind) {
	case FIELD_TEXT:
		add_text_rules(b, f, f->min, f->max, f->nullable);
		break;
	case FIELD_INT:
		add_type(b, "integer", f->nullable);
		add_number_rules(b, f);
		break;
	case FIELD_DOUBLE:
		add_type(b, "number", f->nullable);
		add_number_rules(b, f);
		break;
	case FIELD_BOOL:
		add_type(b, "boolean", f->nullable);
		break;
	case FIELD_UUID:
		add_type(b, "string", f->nullable);
		add_string(b, "format", "uuid");
		break;
	case FIELD_TEXT_LIST:
	case FIELD_UUID_LIST:
	case FIELD_SUB_LIST:
		add_list_rules(b, f);
		break;
	case FIELD_JSON:
	case FIELD_SUB:
	case FIELD_NONE:
		break;
	}
}

static void
write_field(struct buf *b, const struct field *f)
{
	if (f->kind == FIELD_SUB && !f->nullable && f->doc == NULL) {
		schema_write_json(f->sub, b);
		return;
	}
	buf_add_char(b, '{');
	if (f->kind == FIELD_SUB) {
		buf_json_key(b, "anyOf");
		buf_add_char(b, '[');
		schema_write_json(f->sub, b);
		buf_add_str(b, f->nullable ? ",{\"type\":\"null\"}]" : "]");
	} else {
		add_rules(b, f);
		add_default(b, f);
	}
	add_string(b, "description", f->doc);
	buf_add_char(b, '}');
}

static void
add_key_text(struct buf *b, const struct field *f)
{
	buf_add_char(b, '"');
	field_add_key(f, b);
	buf_add_char(b, '"');
}

void
schema_write_json(const struct schema *s, struct buf *b)
{
	bool is_first = true;

	buf_add_literal(b, "{\"type\":\"object\",\"properties\":{");
	for (const struct field *f = s->fields; f->member != NULL; f++) {
		if (f > s->fields)
			buf_add_char(b, ',');
		add_key_text(b, f);
		buf_add_char(b, ':');
		write_field(b, f);
	}
	buf_add_char(b, '}');
	for (const struct field *f = s->fields; f->member != NULL; f++) {
		if (!f->required)
			continue;
		buf_add_str(b, is_first ? ",\"required\":[" : ",");
		add_key_text(b, f);
		is_first = false;
	}
	buf_add_str(b, is_first ? ",\"additionalProperties\":false}" : "],\"additionalProperties\":false}");
}

void
schema_write_parameters(const struct schema *s, struct buf *b, bool leading_comma)
{
	for (const struct field *f = s->fields; f->member != NULL; f++) {
		if (leading_comma || f > s->fields)
			buf_add_char(b, ',');
		buf_add_literal(b, "{\"name\":");
		add_key_text(b, f);
		buf_add_literal(b, ",\"in\":\"query\"");
		if (f->required)
			buf_add_literal(b, ",\"required\":true");
		if (f->kind == FIELD_TEXT_LIST || f->kind == FIELD_UUID_LIST)
			buf_add_literal(b, ",\"style\":\"form\",\"explode\":false");
		buf_add_literal(b, ",\"schema\":");
		write_field(b, f);
		buf_add_char(b, '}');
	}
}
