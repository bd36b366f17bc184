/* handlers/oauth_json.h - reading what providers answer. */
#ifndef ATELIER_OAUTH_JSON_H
#define ATELIER_OAUTH_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

/* The text of a member; NULL when there is none, or it is no text. Lives with o. */
static inline const char *
json_text(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, &v) &&
	        json_object_is_type(v, json_type_string) ?
	    json_object_get_string(v) :
	    NULL;
}

/* true, or "true" as Apple writes it. */
static inline bool
json_truth(struct json_object *o, const char *key)
{
	struct json_object *v;

	if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, key, &v))
		return false;
	return json_object_is_type(v, json_type_string) ? strcmp(json_object_get_string(v), "true") == 0 :
	                                                  json_object_is_type(v, json_type_boolean) && json_object_get_boolean(v);
}

#endif
