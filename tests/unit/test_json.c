/* tests/unit/test_json.c - strict JSON: what is taken, what is refused, and where the mistake is said to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/buf.h"
#include "lib/errors.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/random.h"

static const char *const good[] = { "{}", "[]", "null", "true", "1", "-0", "0.5e-3", "\"\"", " \t\r\n{ \"a\" : [ 1 , 2 ] } ",
	"{\"a\":{\"a\":1},\"b\":{\"a\":1}}", "[{\"a\":1},{\"a\":2}]", "\"\\ud83c\\udfac \\u00e9 \\n\\/\"", "9223372036854775807",
	"-9223372036854775808", "1e308", "{\"\":1}", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]" };

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "the text ends" },
	{ " ", "the text ends" },
	{ "{", "a key in quotes" },
	{ "{\"a\"}", "a colon" },
	{ "{\"a\":1,}", "a key in quotes" },
	{ "[1,]", "not a JSON value" },
	{ "[1 2]", "a comma or ]" },
	{ "{} x", "something follows" },
	{ "{}{}", "something follows the JSON value (line 1, column 3)" },
	{ "NaN", "not a JSON value" },
	{ "Infinity", "not a JSON value" },
	{ "-Infinity", "not a JSON value" },
	{ "'a'", "not a JSON value" },
	{ "tru", "not a JSON value" },
	{ "01", "something follows" },
	{ "+1", "not a JSON value" },
	{ "1.", "digits must follow" },
	{ ".5", "not a JSON value" },
	{ "1e", "digits must follow" },
	{ "/* c */ 1", "not a JSON value" },
	{ "9223372036854775808", "too large" },
	{ "{\"price\":1e999}", "the number of \"price\" is too large" },
	{ "\"a", "closing quote" },
	{ "\"\\x\"", "a backslash" },
	{ "\"\\", "a backslash" },
	{ "\"\\u12\"", "four hexadecimal" },
	{ "\"\\ud800\"", "surrogate" },
	{ "\"\\ud800\\u0041\"", "surrogate" },
	{ "\"\\udc00\"", "surrogate" },
	{ "\"\\u0000\"", "NUL" },
	{ "\"a\nb\"", "control character" },
	{ "\"\xff\"", "UTF-8" },
	{ "\"\xc3\"", "UTF-8" },
	{ "\"\xed\xa0\x80\"", "UTF-8" },
	{ "{\"a\":1,\n\"a\":2}", "the key \"a\" stands twice in one object (line 2, column 1)" },
	{ "{\"a\":1,\"\\u0061\":2}", "stands twice" },
	{ "{\"\xc3\xa9\":1,\"\\u00e9\":2}", "stands twice" },
	{ "{\"\xf0\x9f\x8e\xac\":1,\"\\ud83c\\udfac\":2}", "stands twice" },
	{ "{\"a\":{\"b\":1},\"c\":1,\"a\":2}", "stands twice" },
	{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "deeper than 32" },
};

static int
setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

/* Parses a copy of exactly that size, so that a sanitizer sees a byte too far. */
static int
parse(void *mem, const char *text, size_t n, struct json_object **out, const char **why)
{
	char *copy = n > 0 ? memcpy(malloc(n), text, n) : malloc(1);
	int err = json_parse(mem, copy, n, out, why);

	free(copy);
	return err;
}

static void
takes_json(void **state)
{
	struct json_object *o;
	const char *why;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (parse(*state, good[i], strlen(good[i]), &o, &why) != 0)
			fail_msg("%s: %s", good[i], why);
	}
	assert_int_equal(parse(*state, "[1,\"\xc3\xa9\\u0041\"]", 14, &o, &why), 0);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(o, 1)), "\xc3\xa9" "A");
}

static void
refuses_the_rest(void **state)
{
	struct json_object *o;
	const char *why = "";

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(*state, bad[i].text, strlen(bad[i].text), &o, &why) != ERR_MALFORMED_JSON)
			fail_msg("taken: %s", bad[i].text);
		if (strstr(why, bad[i].why) == NULL)
			fail_msg("%s: %s", bad[i].text, why);
		assert_null(o);
	}
	assert_int_equal(parse(*state, "\"a\0b\"", 5, &o, &why), ERR_MALFORMED_JSON);
	assert_int_equal(parse(*state, "1\0", 2, &o, &why), ERR_MALFORMED_JSON);
}

/* Thousands of keys: no two alike are all taken, and the one that comes again is found. */
static void
finds_one_in_many(void **state)
{
	struct json_object *o;
	const char *why;
	struct buf b;

	buf_init(&b, *state, 0);
	buf_add_char(&b, '{');
	for (int i = 0; i < 5000; i++) {
		buf_json_key(&b, mem_printf(*state, "k%d", i));
		buf_add_int(&b, i);
	}
	buf_add_char(&b, '}');
	assert_int_equal(parse(*state, b.data, b.length, &o, &why), 0);
	assert_int_equal(json_object_object_length(o), 5000);
	b.length--;
	buf_add_literal(&b, ",\"k1234\":0}");
	assert_int_equal(parse(*state, b.data, b.length, &o, &why), ERR_MALFORMED_JSON);
	assert_non_null(strstr(why, "\"k1234\" stands twice"));
}

static void
survives_bombs(void **state)
{
	struct json_object *o;
	const char *why;
	char *text = mem_size(*state, 200000);

	memset(text, '[', 200000);
	assert_int_equal(parse(*state, text, 200000, &o, &why), ERR_MALFORMED_JSON);
	memset(text, '9', 200000);
	assert_int_equal(parse(*state, text, 200000, &o, &why), ERR_MALFORMED_JSON);
}

/* --- any value that is written is read back as it was; one byte changed never does harm --- */

static unsigned
any(unsigned below)
{
	unsigned n;

	random_bytes(&n, sizeof(n));
	return n % below;
}

static void
write_any_text(struct buf *b)
{
	static const char *const bits[] = { "a", "Z", " ", "\"", "\\", "\n", "\xc3\xa9", "\xf0\x9f\x8e\xac", "/", "{", "\x01" };
	char text[64] = "";
	size_t n = 0;

	for (unsigned i = any(10); i > 0; i--) {
		const char *bit = bits[any(sizeof(bits) / sizeof(bits[0]))];

		memcpy(text + n, bit, strlen(bit));
		n += strlen(bit);
	}
	buf_json_text(b, text, n);
}

static void
write_any(struct buf *b, int depth)
{
	unsigned kind = any(depth > 6 ? 5 : 7), count = any(5);

	switch (kind) {
	case 0:
		buf_add_str(b, any(2) ? "true" : "null");
		break;
	case 1:
		buf_add_int(b, (int64_t)any(1u << 31) * (any(2) ? -1 : 1));
		break;
	case 2:
		buf_json_double(b, (double)any(1000000) / 997);
		break;
	case 3:
	case 4:
		write_any_text(b);
		break;
	default:
		buf_add_char(b, kind == 5 ? '[' : '{');
		for (unsigned i = 0; i < count; i++) {
			if (i > 0)
				buf_add_char(b, ',');
			if (kind == 6)
				buf_printf(b, " \"%u\\u00e9\" : ", i);
			write_any(b, depth + 1);
		}
		buf_add_char(b, kind == 5 ? ']' : '}');
	}
}

static void
takes_what_is_written(void **state)
{
	for (int round = 0; round < 20000; round++) {
		struct json_object *o;
		const char *why;
		struct buf b;

		buf_init(&b, *state, 0);
		write_any(&b, 0);
		if (parse(*state, b.data, b.length, &o, &why) != 0)
			fail_msg("%s: %s", buf_cstr(&b), why);
		b.data[any((unsigned)b.length)] = (char)any(256);
		if (parse(*state, b.data, b.length, &o, &why) == 0) {
			const char *text = json_object_to_json_string(o);

			assert_int_equal(parse(*state, text, strlen(text), &o, &why), 0);
		}
		talloc_free_children(*state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_json),
		cmocka_unit_test(refuses_the_rest),
		cmocka_unit_test(finds_one_in_many),
		cmocka_unit_test(survives_bombs),
		cmocka_unit_test(takes_what_is_written),
	};

	return cmocka_run_group_tests_name("json", tests, setup, teardown);
}
