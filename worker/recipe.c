/* worker/recipe.c - see recipe.h. */
#include <math.h>
#include <string.h>

#include "lib/json.h"
#include "worker/recipe.h"

static double
number(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_double(v) : 0;
}

int
recipe_read(void *mem, const char *json, struct media_edit *out)
{
	struct json_object *o, *v;
	const char *why;

	if (json_parse(mem, json, strlen(json), &o, &why) != 0)
		return -1;
	*out = (struct media_edit){ .start_us = llround(number(o, "start") * 1e6), .end_us = llround(number(o, "end") * 1e6),
		.rotate = (int)number(o, "rotate"), .mute = json_object_object_get_ex(o, "mute", &v) && json_object_get_boolean(v) };
	if (json_object_object_get_ex(o, "crop", &v))
		out->crop = (struct media_box){ number(v, "x"), number(v, "y"), number(v, "width"), number(v, "height") };
	return 0;
}
