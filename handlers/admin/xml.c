/* handlers/admin/xml.c - see xml.h. */
#include "handlers/admin/xml.h"

#include <ctype.h>
#include <json-c/json.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/mem.h"

bool
xml_is_name(const char *name)
{
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	for (; *name != '\0'; name++)
		if (!isalnum((unsigned char)*name) && strchr("_-", *name) == NULL)
			return false;
	return true;
}

/* XML has no place for control characters but white space. */
static char *
clean(const char *text)
{
	char *copy = mem_strdup(NULL, text), *out = copy;

	for (const char *p = copy; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x20 || strchr("\t\n\r", *p) != NULL)
			*out++ = *p;
	*out = '\0';
	return copy;
}

xmlNodePtr
xml_add_text(xmlNodePtr parent, const char *name, const char *text)
{
	char *safe = clean(text != NULL ? text : "");
	xmlNodePtr node = xmlNewTextChild(parent, NULL, BAD_CAST name, BAD_CAST safe);

	talloc_free(safe);
	return node;
}

void
xml_set_text(xmlNodePtr element, const char *attribute, const char *text)
{
	char *safe;

	if (text == NULL)
		return;
	safe = clean(text);
	xmlSetProp(element, BAD_CAST attribute, BAD_CAST safe);
	talloc_free(safe);
}

void
xml_put_text(xmlNodePtr element, const char *text)
{
	char *safe = clean(text);

	xmlNodeSetContent(element, NULL);
	xmlNodeAddContent(element, BAD_CAST safe);
	talloc_free(safe);
}

static xmlNodePtr
add_element(xmlNodePtr parent, const char *name, const char *text)
{
	bool is_name = xml_is_name(name);
	xmlNodePtr node = text != NULL ? xml_add_text(parent, is_name ? name : "item", text) :
	    xmlNewChild(parent, NULL, BAD_CAST(is_name ? name : "item"), NULL);

	if (!is_name)
		xml_set_text(node, "key", name);
	return node;
}

void
xml_add_json(xmlNodePtr parent, const char *name, struct json_object *value)
{
	xmlNodePtr node;

	switch (json_object_get_type(value)) {
	case json_type_null:
		return;
	case json_type_object:
		node = add_element(parent, name, NULL);
		json_object_object_foreach(value, key, member)
			xml_add_json(node, key, member);
		return;
	case json_type_array:
		node = add_element(parent, name, NULL);
		for (size_t i = 0; i < json_object_array_length(value); i++)
			xml_add_json(node, "row", json_object_array_get_idx(value, i));
		return;
	default:
		add_element(parent, name, json_object_get_string(value));
	}
}

const char *
xml_error_text(void *mem, struct json_object *answer)
{
	struct json_object *error, *v, *details, *field, *message;
	struct buf b;

	if (!json_object_object_get_ex(answer, "error", &error) || !json_object_object_get_ex(error, "message", &v))
		return NULL;
	buf_init(&b, mem, 256);
	buf_add_str(&b, json_object_get_string(v));
	if (json_object_object_get_ex(error, "details", &details))
		for (size_t i = 0; i < json_object_array_length(details); i++) {
			struct json_object *d = json_object_array_get_idx(details, i);

			if (json_object_object_get_ex(d, "field", &field) && json_object_object_get_ex(d, "message", &message))
				buf_printf(&b, " %s: %s.", json_object_get_string(field), json_object_get_string(message));
		}
	return buf_cstr(&b);
}
