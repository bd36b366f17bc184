/*
 * tests/clients/ot_core.c - lib/ot.c for a test in another language: each line of the input is a question
 * ["compose", a, b], ["transform", a, b], ["invert", operation, text], ["apply", operation, text], ["diff", before, after];
 * its answer is a line of JSON, null where there is an error.
 */
#include <json-c/json.h>
#include <stdio.h>

#include "lib/json.h"
#include "lib/mem.h"
#include "lib/ot.h"

struct question {
	void *mem;
	const char *name;
	struct json_object *first, *second;
};

static bool
is_asked(const struct question *q, const char *name)
{
	return strcmp(q->name, name) == 0;
}

/* Answers what takes an operation and a text. */
static bool
answer_text(const struct question *q, const struct ot *o, struct buf *out)
{
	const char *text = json_object_get_string(q->second);
	size_t bytes = (size_t)json_object_get_string_len(q->second);
	struct ot inverse;
	struct buf after;

	if (is_asked(q, "invert")) {
		if (ot_invert(q->mem, o, text, bytes, &inverse) != OT_OK)
			return false;
		ot_write(&inverse, out);
		return true;
	}
	buf_init(&after, q->mem, 64);
	if (ot_apply(o, text, bytes, &after) != OT_OK)
		return false;
	buf_json_text(out, after.data, after.length);
	return true;
}

static bool
answer_two(const struct question *q, const struct ot *a, const struct ot *b, struct buf *out)
{
	struct ot left, right;

	if (is_asked(q, "compose")) {
		if (ot_compose(q->mem, a, b, &left) != OT_OK)
			return false;
		ot_write(&left, out);
		return true;
	}
	if (ot_transform(q->mem, a, b, &left, &right) != OT_OK)
		return false;
	buf_add_char(out, '[');
	ot_write(&left, out);
	buf_add_char(out, ',');
	ot_write(&right, out);
	buf_add_char(out, ']');
	return true;
}

static bool
answer(const struct question *q, struct buf *out)
{
	struct ot a, b;

	if (is_asked(q, "diff")) {
		ot_diff(q->mem, json_object_get_string(q->first), (size_t)json_object_get_string_len(q->first),
		    json_object_get_string(q->second), (size_t)json_object_get_string_len(q->second), &a);
		ot_write(&a, out);
		return true;
	}
	if (ot_read(q->mem, q->first, &a) != OT_OK)
		return false;
	if (json_object_is_type(q->second, json_type_string))
		return answer_text(q, &a, out);
	return ot_read(q->mem, q->second, &b) == OT_OK && answer_two(q, &a, &b, out);
}

int
main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	while ((length = getline(&line, &room, stdin)) > 0) {
		struct question q = { .mem = mem_checked(talloc_new(NULL)) };
		struct json_object *json;
		const char *why;
		struct buf out;

		buf_init(&out, q.mem, 256);
		if (json_parse(q.mem, line, (size_t)length, &json, &why) != 0 || json_object_array_length(json) != 3)
			return 1;
		q.name = json_object_get_string(json_object_array_get_idx(json, 0));
		q.first = json_object_array_get_idx(json, 1);
		q.second = json_object_array_get_idx(json, 2);
		if (!answer(&q, &out))
			buf_add_str(&out, "null");
		buf_add_char(&out, '\n');
		fwrite(out.data, 1, out.length, stdout);
		fflush(stdout);
		talloc_free(q.mem);
	}
	free(line);
	return 0;
}
