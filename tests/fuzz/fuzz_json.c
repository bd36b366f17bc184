/*
 * tests/fuzz/fuzz_json.c - bodies: the JSON scanner takes nothing that json-c then stumbles over, what it takes it takes
 * again when written out, and a table of fields either fills its struct with good text or says why not.
 */
#include "lib/errors.h"
#include "lib/field.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/utf8.h"
#include "tests/fuzz/fuzz.h"

struct part {
	const char *name;
	double at;
};

static const struct field part_fields[] = {
	FIELD(struct part, name, .required = true, .min = 1, .max = 5),
	FIELD(struct part, at, .min = 0, .max = 1),
	FIELD_END
};

struct thing {
	const char *title, *email, *link, *when, *kind, *language, *code;
	int64_t number;
	bool is_open, has_title;
	struct uuid id;
	struct text_list tags;
	struct uuid_list ids;
	struct json_text any;
	const struct part *part;
	struct object_list parts;
};

static const struct field thing_fields[] = {
	FIELD(struct thing, title, .min = 1, .max = 20, .nullable = true, GIVEN(struct thing, has_title)),
	FIELD(struct thing, email, .format = FORMAT_EMAIL),
	FIELD(struct thing, link, .format = FORMAT_URL),
	FIELD(struct thing, when, .format = FORMAT_TIME),
	FIELD(struct thing, kind, .one_of = "a|bb|ccc", .dflt = "bb"),
	FIELD(struct thing, language, .format = FORMAT_LANGUAGE),
	FIELD(struct thing, code, .pattern = "^[a-z]+$"),
	FIELD(struct thing, number, .min = -10, .max = 1e6),
	FIELD(struct thing, is_open),
	FIELD(struct thing, id),
	FIELD(struct thing, tags, .max_items = 5, .max_each = 5),
	FIELD(struct thing, ids),
	FIELD(struct thing, any),
	FIELD_OBJECT(struct thing, part, part),
	FIELD_OBJECTS(struct thing, parts, part, .max_items = 5),
	FIELD_END
};

static void
count(void *arg, const char *field, const char *message)
{
	if (strlen(field) + strlen(message) > 0)
		++*(int *)arg;
}

static void
check_text(const char *s, size_t most)
{
	if (s != NULL && (!utf8_is_valid(s, strlen(s)) || utf8_count(s, strlen(s)) > most))
		abort();
}

static void
check_fields(void *mem, struct json_object *json)
{
	int problems = 0;
	void *out;
	int err = schema_read(SCHEMA(thing), mem, json, &out, count, &problems);
	const struct thing *t = out;

	if ((err == 0) != (problems == 0) || (err == 0) != (out != NULL))
		abort();
	if (t == NULL)
		return;
	check_text(t->title, 20);
	check_text(t->email, 254);
	if (t->tags.count > 5 || t->number < -10 || t->number > 1000000 || t->kind == NULL)
		abort();
	for (size_t i = 0; i < t->tags.count; i++)
		check_text(t->tags.items[i], 5);
	for (size_t i = 0; i < t->parts.count; i++)
		check_text(((const struct part *)t->parts.items[i])->name, 5);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = memcpy(malloc(size + 1), data, size), *text; /* its end is the sanitizer's */
	struct json_object *json, *again;
	void *mem = talloc_new(NULL);
	const char *why = NULL;

	copy = realloc(copy, size > 0 ? size : 1);
	if (json_parse(mem, copy, size, &json, &why) != 0) {
		if (strstr(why, "(line ") == NULL)
			abort(); /* not our scanner's words */
	} else {
		text = mem_strdup(mem, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
		if (!utf8_is_valid(text, strlen(text)) || json_parse(mem, text, strlen(text), &again, &why) != 0 ||
		    strcmp(text, json_object_to_json_string_ext(again, JSON_C_TO_STRING_PLAIN)) != 0)
			abort();
		check_fields(mem, json);
	}
	free(copy);
	talloc_free(mem);
	return 0;
}
