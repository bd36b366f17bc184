/*
 * tests/fuzz/fuzz_ot.c - operations from outside: what is read keeps within its limits, is the same when written and read
 * again, and two that are for the same text, applied in either order, end in the same text.
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "lib/json.h"
#include "lib/mem.h"
#include "lib/ot.h"
#include "lib/utf8.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MAX 4096

static void
check(bool is_so)
{
	if (!is_so)
		abort();
}

static void
check_again(void *mem, const struct ot *o)
{
	struct json_object *json;
	struct buf text;
	struct ot again;
	const char *why;

	check(o->base_units <= OT_UNITS_MAX && o->target_units <= OT_UNITS_MAX && o->count <= OT_PARTS_MAX * 2);
	check(utf8_is_valid(o->text.data, o->text.length));
	buf_init(&text, mem, 64);
	ot_write(o, &text);
	check(json_parse(mem, text.data, text.length, &json, &why) == 0 && ot_read(mem, json, &again) == OT_OK);
	check(ot_is_same(o, &again));
}

static void
check_both(void *mem, const struct ot *a, const struct ot *b, const char *text)
{
	struct ot a_after, b_after, ab, ba;
	struct buf left, right;

	check(ot_transform(mem, a, b, &a_after, &b_after) == OT_OK);
	check(ot_compose(mem, a, &b_after, &ab) == OT_OK && ot_compose(mem, b, &a_after, &ba) == OT_OK);
	buf_init(&left, mem, 64);
	buf_init(&right, mem, 64);
	check(ot_apply(&ab, text, strlen(text), &left) == OT_OK && ot_apply(&ba, text, strlen(text), &right) == OT_OK);
	check(left.length == right.length && memcmp(left.data, right.data, left.length) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *mem = talloc_new(NULL);
	struct json_object *json;
	struct ot ops[2], out;
	const char *why;
	char *text;

	if (json_parse(mem, (const char *)data, size, &json, &why) == 0 && json_object_is_type(json, json_type_array) &&
	    json_object_array_length(json) == 2 && ot_read(mem, json_object_array_get_idx(json, 0), &ops[0]) == OT_OK &&
	    ot_read(mem, json_object_array_get_idx(json, 1), &ops[1]) == OT_OK) {
		check_again(mem, &ops[0]);
		check_again(mem, &ops[1]);
		ot_compose(mem, &ops[0], &ops[1], &out); /* any two: an error or an operation, never a crash */
		if (ops[0].base_units == ops[1].base_units && ops[0].base_units <= TEXT_MAX) {
			text = mem_array(mem, char, ops[0].base_units + 1);
			memset(text, 'x', ops[0].base_units);
			check_both(mem, &ops[0], &ops[1], text);
		}
	}
	talloc_free(mem);
	return 0;
}
