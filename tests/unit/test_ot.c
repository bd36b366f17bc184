/* tests/unit/test_ot.c - text operations: the laws, whatever the dice say, and thousands of histories that converge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/json.h"
#include "lib/mem.h"
#include "lib/ot.h"
#include "lib/utf8.h"

#define TURNS     5000
#define HISTORIES 3000
#define CLIENTS   4
#define EDITS_MAX 64

static uint64_t state = 88172645463325252u;

static size_t
dice(size_t sides)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % sides);
}

static const char *const letters[] = { "a", "b", "\n", "\"", "é", "漢", "🎬", "𝒳" };

static const char *
some_text(void *mem, size_t most)
{
	char *text = mem_strdup(mem, "");

	for (size_t n = dice(most + 1); n > 0; n--)
		text = talloc_strdup_append(text, letters[dice(8)]);
	return text;
}

/* An operation for the text that keeps, deletes and inserts as the dice say, never half a character. */
static struct ot
some_op(void *mem, const char *text)
{
	size_t length = strlen(text), run, from;
	const char *inserted;
	struct ot o;

	ot_init(&o, mem);
	for (size_t at = 0; at < length;) {
		from = at;
		for (run = 1 + dice(4); run > 0 && at < length; run--)
			at += utf8_sequence((const unsigned char *)text + at, length - at);
		if (dice(3) == 0) {
			inserted = some_text(mem, 3);
			ot_insert(&o, inserted, strlen(inserted));
		}
		if (dice(4) == 0)
			ot_delete(&o, utf8_units16(text + from, at - from));
		else
			ot_retain(&o, utf8_units16(text + from, at - from));
	}
	inserted = some_text(mem, 2);
	ot_insert(&o, inserted, strlen(inserted));
	return o;
}

static const char *
apply(void *mem, const struct ot *o, const char *text)
{
	struct buf out;

	buf_init(&out, mem, 16);
	assert_int_equal(ot_apply(o, text, strlen(text), &out), OT_OK);
	assert_int_equal(utf8_units16(out.data, out.length), o->target_units);
	return buf_cstr(&out);
}

static enum ot_error
try_op(void *mem, const char *json_text, struct ot *o)
{
	struct json_object *json;
	const char *why;

	assert_int_equal(json_parse(mem, json_text, strlen(json_text), &json, &why), 0);
	return ot_read(mem, json, o);
}

static struct ot
op(void *mem, const char *json_text)
{
	struct ot o;

	assert_int_equal(try_op(mem, json_text, &o), OT_OK);
	return o;
}

static const char *
written(void *mem, const struct ot *o)
{
	struct buf out;

	buf_init(&out, mem, 16);
	ot_write(o, &out);
	return buf_cstr(&out);
}

// --- by example ---

static void
test_apply(void **state_unused)
{
	void *mem = talloc_new(NULL);
	struct ot o = op(mem, "[2,\"\\ud83c\\udfac\",-1,1]");

	(void)state_unused;
	assert_string_equal(apply(mem, &o, "abcd"), "ab🎬d");
	assert_int_equal(o.base_units, 4);
	assert_int_equal(o.target_units, 5);
	o = op(mem, "[]");
	assert_string_equal(apply(mem, &o, ""), "");
	assert_true(ot_is_noop(&o));
	talloc_free(mem);
}

static void
test_is_normal(void **state_unused)
{
	void *mem = talloc_new(NULL);
	struct ot o = op(mem, "[1,1,-1,\"a\",-2,\"b\",\"\",3]");

	(void)state_unused;
	assert_string_equal(written(mem, &o), "[2,\"ab\",-3,3]");
	talloc_free(mem);
}

static void
test_who_came_in_stands_first(void **state_unused)
{
	void *mem = talloc_new(NULL);
	struct ot a = op(mem, "[1,\"A\",1]"), b = op(mem, "[1,\"B\",1]"), a_after, b_after;

	(void)state_unused;
	assert_int_equal(ot_transform(mem, &a, &b, &a_after, &b_after), OT_OK);
	assert_string_equal(written(mem, &a_after), "[1,\"A\",2]");
	assert_string_equal(written(mem, &b_after), "[2,\"B\",1]");
	talloc_free(mem);
}

static void
test_wrong_length(void **state_unused)
{
	void *mem = talloc_new(NULL);
	struct ot a = op(mem, "[2]"), b = op(mem, "[3]"), c, d;
	struct buf out;

	(void)state_unused;
	buf_init(&out, mem, 16);
	buf_add_str(&out, "kept");
	assert_int_equal(ot_apply(&a, "abc", 3, &out), OT_LENGTH);
	assert_int_equal(ot_apply(&a, "a", 1, &out), OT_LENGTH);
	assert_int_equal(ot_invert(mem, &a, "a", 1, &c), OT_LENGTH);
	assert_int_equal(ot_compose(mem, &a, &b, &c), OT_LENGTH);
	assert_int_equal(ot_transform(mem, &a, &b, &c, &d), OT_LENGTH);
	assert_string_equal(buf_cstr(&out), "kept");
	talloc_free(mem);
}

static void
test_half_a_character(void **state_unused)
{
	void *mem = talloc_new(NULL);
	struct ot a = op(mem, "[\"x🎬\"]"), cut = op(mem, "[2,\"y\",1]"), delete_half = op(mem, "[2,-1]"), out;
	struct buf text;

	(void)state_unused;
	buf_init(&text, mem, 16);
	assert_int_equal(ot_apply(&cut, "x🎬", 5, &text), OT_SPLIT);
	assert_int_equal(text.length, 0);
	assert_int_equal(ot_invert(mem, &delete_half, "x🎬", 5, &out), OT_SPLIT);
	assert_int_equal(ot_compose(mem, &a, &cut, &out), OT_SPLIT);
	assert_int_equal(ot_compose(mem, &a, &delete_half, &out), OT_SPLIT);
	talloc_free(mem);
}

static void
test_not_an_operation(void **state_unused)
{
	static const char *const bad[] = { "{}", "1", "\"a\"", "null", "[0]", "[-0]", "[1.5]", "[null]", "[[1]]", "[{}]",
		"[true]" };
	static const char *const large[] = { "[1000001]", "[-1000001]", "[9223372036854775807]", "[-9223372036854775808]",
		"[600000,-1,500000]", "[1000000,\"a\"]" };
	void *mem = talloc_new(NULL);
	struct json_object *json;
	struct buf many;
	struct ot o;

	(void)state_unused;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(try_op(mem, bad[i], &o), OT_MALFORMED);
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
		assert_int_equal(try_op(mem, large[i], &o), OT_TOO_LARGE);
	/* bodies cannot hold a NUL, but others may call */
	json = json_object_new_array();
	json_object_array_add(json, json_object_new_string_len("a\0b", 3));
	assert_int_equal(ot_read(mem, json, &o), OT_MALFORMED);
	json_object_put(json);
	buf_init(&many, mem, 1024);
	buf_add_str(&many, "[1");
	for (int i = 0; i < OT_PARTS_MAX; i++)
		buf_add_str(&many, ",1");
	buf_add_str(&many, "]");
	assert_int_equal(try_op(mem, buf_cstr(&many), &o), OT_TOO_LARGE);
	for (int e = OT_MALFORMED; e <= OT_SPLIT; e++)
		assert_true(strlen(ot_error_text((enum ot_error)e)) > 0);
	talloc_free(mem);
}

static void
test_cursor(void **state_unused)
{
	void *mem = talloc_new(NULL);
	struct ot o = op(mem, "[3,\"lorem\",-2,42]");

	(void)state_unused;
	/* the figures of ot.js' own test of its cursors */
	assert_int_equal(ot_move(&o, 2), 2);
	assert_int_equal(ot_move(&o, 3), 8);
	assert_int_equal(ot_move(&o, 4), 8);
	assert_int_equal(ot_move(&o, 10), 13);
	talloc_free(mem);
}

// --- the laws ---

static void
test_laws(void **state_unused)
{
	struct ot a, b, c, ab, inverse, a_after, b_after, left, right, read_again;
	const char *text, *after_a, *after_ab;

	(void)state_unused;
	for (int turn = 0; turn < TURNS; turn++) {
		void *mem = talloc_new(NULL);

		text = some_text(mem, 20);
		a = some_op(mem, text);
		after_a = apply(mem, &a, text);
		b = some_op(mem, after_a);
		after_ab = apply(mem, &b, after_a);

		/* written and read it is the same */
		read_again = op(mem, written(mem, &a));
		assert_true(ot_is_same(&a, &read_again));
		/* both in one do what both do one after the other; grouping does not matter */
		assert_int_equal(ot_compose(mem, &a, &b, &ab), OT_OK);
		assert_string_equal(apply(mem, &ab, text), after_ab);
		c = some_op(mem, after_ab);
		assert_int_equal(ot_compose(mem, &ab, &c, &left), OT_OK);
		assert_int_equal(ot_compose(mem, &b, &c, &right), OT_OK);
		assert_int_equal(ot_compose(mem, &a, &right, &right), OT_OK);
		assert_string_equal(apply(mem, &left, text), apply(mem, &right, text));
		/* the inverse takes back, also when composed */
		assert_int_equal(ot_invert(mem, &ab, text, strlen(text), &inverse), OT_OK);
		assert_string_equal(apply(mem, &inverse, after_ab), text);
		assert_int_equal(ot_compose(mem, &ab, &inverse, &left), OT_OK);
		assert_string_equal(apply(mem, &left, text), text);
		/* two at once end in the same text, whichever came first */
		b = some_op(mem, text);
		assert_int_equal(ot_transform(mem, &a, &b, &a_after, &b_after), OT_OK);
		assert_string_equal(apply(mem, &b_after, after_a), apply(mem, &a_after, apply(mem, &b, text)));
		talloc_free(mem);
	}
}

/* Transforming against two operations at once is transforming against one after the other. */
static void
test_transform_and_compose_agree(void **state_unused)
{
	struct ot a, b, c, bc, a_b, a_bc, once, ignored;

	(void)state_unused;
	for (int turn = 0; turn < TURNS; turn++) {
		void *mem = talloc_new(NULL);
		const char *text = some_text(mem, 20), *after_b;

		a = some_op(mem, text);
		b = some_op(mem, text);
		after_b = apply(mem, &b, text);
		c = some_op(mem, after_b);
		assert_int_equal(ot_transform(mem, &a, &b, &a_b, &ignored), OT_OK);
		assert_int_equal(ot_transform(mem, &a_b, &c, &a_bc, &ignored), OT_OK);
		assert_int_equal(ot_compose(mem, &b, &c, &bc), OT_OK);
		assert_int_equal(ot_transform(mem, &a, &bc, &once, &ignored), OT_OK);
		assert_int_equal(once.base_units, a_bc.base_units);
		assert_int_equal(once.target_units, a_bc.target_units);
		talloc_free(mem);
	}
}

// --- histories: a server, and clients that type before they have heard of each other ---

/* One client as ot.js has it: what it sent and waits for, and what it typed meanwhile. */
struct client {
	const char *text;
	struct ot sent, typed;
	struct ot packet; /* `sent` as it left, on its way to the server */
	bool is_waiting, has_typed, is_on_its_way;
	size_t heard;     /* operations of the server that it knows */
	size_t packet_at; /* of these, when the packet left */
};

struct server {
	const char *text;
	struct ot ops[EDITS_MAX];
	int from[EDITS_MAX];
	size_t revision;
};

static void
client_sends(struct client *c, const struct ot *o)
{
	c->sent = c->packet = *o;
	c->packet_at = c->heard;
	c->is_waiting = c->is_on_its_way = true;
}

static void
client_types(void *mem, struct client *c)
{
	struct ot o = some_op(mem, c->text);

	c->text = apply(mem, &o, c->text);
	if (!c->is_waiting) {
		client_sends(c, &o);
	} else if (c->has_typed) {
		assert_int_equal(ot_compose(mem, &c->typed, &o, &c->typed), OT_OK);
	} else {
		c->typed = o;
		c->has_typed = true;
	}
}

/* The server takes what is on its way, transforms it by all that the client had not heard, and keeps it. */
static void
server_takes(void *mem, struct server *s, struct client *c, int number)
{
	struct ot o = c->packet, ignored;

	for (size_t r = c->packet_at; r < s->revision; r++)
		assert_int_equal(ot_transform(mem, &o, &s->ops[r], &o, &ignored), OT_OK);
	s->text = apply(mem, &o, s->text);
	s->ops[s->revision] = o;
	s->from[s->revision++] = number;
	c->is_on_its_way = false;
}

static void
client_hears(void *mem, const struct server *s, struct client *c, int number)
{
	struct ot o = s->ops[c->heard];

	if (s->from[c->heard++] == number) {
		c->is_waiting = false;
		if (c->has_typed)
			client_sends(c, &c->typed);
		c->has_typed = false;
		return;
	}
	if (c->is_waiting)
		assert_int_equal(ot_transform(mem, &c->sent, &o, &c->sent, &o), OT_OK);
	if (c->has_typed)
		assert_int_equal(ot_transform(mem, &c->typed, &o, &c->typed, &o), OT_OK);
	c->text = apply(mem, &o, c->text);
}

/* Any of the three may happen; false when there is nothing left to happen. */
static bool
history_step(void *mem, struct server *s, struct client *clients, size_t *edits)
{
	int number = (int)dice(CLIENTS);
	struct client *c = &clients[number];

	switch (dice(3)) {
	case 0:
		if (*edits > 0) {
			client_types(mem, c);
			--*edits;
		}
		break;
	case 1:
		if (c->is_on_its_way)
			server_takes(mem, s, c, number);
		break;
	default:
		if (c->heard < s->revision)
			client_hears(mem, s, c, number);
	}
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i].is_waiting || clients[i].heard < s->revision)
			return true;
	return *edits > 0;
}

static void
test_histories_converge(void **state_unused)
{
	(void)state_unused;
	for (int history = 0; history < HISTORIES; history++) {
		void *mem = talloc_new(NULL);
		struct server *server = mem_new(mem, struct server);
		struct client clients[CLIENTS] = { { .heard = 0 } };
		size_t edits = 1 + dice(EDITS_MAX / 2);

		server->text = some_text(mem, 20);
		for (int i = 0; i < CLIENTS; i++)
			clients[i].text = server->text;
		while (history_step(mem, server, clients, &edits))
			;
		for (int i = 0; i < CLIENTS; i++)
			assert_string_equal(clients[i].text, server->text);
		talloc_free(mem);
	}
}

// --- a whole text sent instead of an operation ---

static size_t
least_changes(const char *a, const char *b)
{
	size_t row[64] = { 0 }, corner, above;
	size_t n = strlen(b), common;

	/* ASCII: the longest common subsequence, row by row */
	for (; *a != '\0'; a++) {
		corner = 0;
		for (size_t i = 0; i < n; i++) {
			above = row[i + 1];
			common = *a == b[i] ? corner + 1 : 0;
			row[i + 1] = common > row[i + 1] ? common : row[i + 1];
			row[i + 1] = row[i] > row[i + 1] ? row[i] : row[i + 1];
			corner = above;
		}
	}
	return row[n];
}

static void
test_diff_is_right_and_least(void **state_unused)
{
	static char a[32], b[32];
	size_t a_n, b_n, changes;
	struct ot o;

	(void)state_unused;
	for (int turn = 0; turn < TURNS; turn++) {
		void *mem = talloc_new(NULL);
		const char *before = some_text(mem, 30), *after = some_text(mem, 30);

		ot_diff(mem, before, strlen(before), after, strlen(after), &o);
		assert_string_equal(apply(mem, &o, before), after);

		a_n = dice(30), b_n = dice(30);
		for (size_t i = 0; i < 30; i++) {
			a[i] = i < a_n ? "xyz"[dice(3)] : 0;
			b[i] = i < b_n ? "xyz"[dice(3)] : 0;
		}
		ot_diff(mem, a, a_n, b, b_n, &o);
		assert_string_equal(apply(mem, &o, a), b);
		changes = 0;
		for (size_t i = 0; i < o.count; i++)
			changes += o.parts[i].kind == OT_RETAIN ? 0 : o.parts[i].units;
		assert_int_equal(changes, a_n + b_n - 2 * least_changes(a, b));
		talloc_free(mem);
	}
}

static void
test_diff_of_large_texts(void **state_unused)
{
	void *mem = talloc_new(NULL);
	struct buf before, after;
	struct ot o;

	(void)state_unused;
	buf_init(&before, mem, 16);
	buf_init(&after, mem, 16);
	for (int i = 0; i < 20000; i++) {
		buf_printf(&before, "line %d é\n", i);
		buf_printf(&after, i == 100 || i == 19000 ? "Line %d é\n" : "line %d é\n", i);
	}
	ot_diff(mem, before.data, before.length, after.data, after.length, &o);
	assert_string_equal(apply(mem, &o, buf_cstr(&before)), buf_cstr(&after));
	assert_int_equal(o.count, 7); /* two letters exchanged, and nothing else */
	/* all of it is another: replaced, in bounded time */
	after.length = 0;
	for (int i = 0; i < 100000; i++)
		buf_add_char(&after, (char)('A' + (int)dice(26)));
	ot_diff(mem, before.data, before.length, after.data, after.length, &o);
	assert_string_equal(apply(mem, &o, buf_cstr(&before)), buf_cstr(&after));
	assert_int_equal(o.count, 2);
	talloc_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_is_normal),
		cmocka_unit_test(test_who_came_in_stands_first),
		cmocka_unit_test(test_wrong_length),
		cmocka_unit_test(test_half_a_character),
		cmocka_unit_test(test_not_an_operation),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_laws),
		cmocka_unit_test(test_transform_and_compose_agree),
		cmocka_unit_test(test_histories_converge),
		cmocka_unit_test(test_diff_is_right_and_least),
		cmocka_unit_test(test_diff_of_large_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
