/* tests/unit/test_base.c - buffers, JSON text, UTF-8, UUIDs, log lines. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <json-c/json.h>

#include "lib/buf.h"
#include "lib/errors.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/random.h"
#include "lib/utf8.h"
#include "lib/uuid.h"

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

static const char *
json_text(void *context, const char *s, size_t n)
{
	struct buf b;

	buf_init(&b, context, 0);
	buf_json_text(&b, s, n);
	return buf_cstr(&b);
}

static void
escapes_json(void **state)
{
	assert_string_equal(json_text(*state, "", 0), "\"\"");
	assert_string_equal(json_text(*state, "plain text, long enough for words", 33), "\"plain text, long enough for words\"");
	assert_string_equal(json_text(*state, "a\"b\\c\n\x01\x1f\x7f/", 10), "\"a\\\"b\\\\c\\n\\u0001\\u001f\x7f/\"");
	assert_string_equal(json_text(*state, "x\0y", 3), "\"x\\u0000y\"");
	assert_string_equal(json_text(*state, "h\xc3\xa9llo \xf0\x9f\x8e\xac", 11), "\"h\xc3\xa9llo \xf0\x9f\x8e\xac\"");
	assert_string_equal(json_text(*state, "a\xc3", 2), "\"a\xef\xbf\xbd\"");
	assert_string_equal(json_text(*state, "\xed\xa0\x80", 3), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

/* Whatever bytes go in: valid UTF-8 and valid JSON come out, and valid text comes back as it was. */
static void
escapes_anything(void **state)
{
	for (int round = 0; round < 20000; round++) {
		unsigned char n, text[64];
		const char *json;
		struct json_object *o;

		random_bytes(&n, 1);
		n %= sizeof(text);
		random_bytes(text, n);
		for (int i = 0; i < n && round % 2; i++)
			text[i] &= 0x7f;
		json = json_text(*state, (char *)text, n);
		assert_true(utf8_is_valid(json, strlen(json)));
		o = json_tokener_parse(json);
		assert_non_null(o);
		if (utf8_is_valid((char *)text, n)) {
			assert_int_equal(json_object_get_string_len(o), n);
			assert_memory_equal(json_object_get_string(o), text, n);
		}
		json_object_put(o);
		talloc_free_children(*state);
	}
}

static void
knows_utf8(void **state)
{
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "aaaaaaaaaaaa\xe2\x82", "\xe2(\xa1" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
	assert_true(utf8_is_valid("\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80\xc2\x80", 12));
	assert_int_equal(utf8_count("h\xc3\xa9\xf0\x9f\x8e\xac", 7), 3);
}

static void
writes_numbers(void **state)
{
	static const double doubles[] = { 0, -0.0, 1, -1.5, 0.1, 12.345678, 1e300, 5e-324, 0.1 + 0.2, 1.0 / 3, 123456789.123,
		-9007199254740993.0, 3.0000001 };
	struct buf b;

	buf_init(&b, *state, 0);
	for (int64_t n = 1; n < INT64_MAX / 10; n = n * 10 + 7) {
		b.length = 0;
		buf_add_int(&b, n);
		assert_int_equal(strtoll(buf_cstr(&b), NULL, 10), n);
	}
	b.length = 0;
	buf_add_int(&b, INT64_MIN);
	buf_add_char(&b, ' ');
	buf_add_int(&b, 0);
	assert_string_equal(buf_cstr(&b), "-9223372036854775808 0");
	for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
		double back;

		b.length = 0;
		buf_json_double(&b, doubles[i]);
		back = strtod(buf_cstr(&b), NULL);
		assert_memory_equal(&back, &doubles[i], sizeof(back));
	}
	b.length = 0;
	buf_json_double(&b, 12.5);
	buf_json_double(&b, -0.25);
	buf_json_double(&b, NAN);
	assert_string_equal(buf_cstr(&b), "12.5-0.25null");
}

static void
writes_times(void **state)
{
	struct buf b;

	buf_init(&b, *state, 0);
	for (int64_t t = -62135596800; t < 253402300800; t += 86400 * 97 + 3671) {
		char expected[64];
		struct tm tm;
		time_t s = t;

		gmtime_r(&s, &tm);
		snprintf(expected, sizeof(expected), "\"%04d-%02d-%02dT%02d:%02d:%02d.007Z\"", tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		b.length = 0;
		buf_json_time(&b, t * 1000000 + 7999);
		assert_string_equal(buf_cstr(&b), expected);
	}
	b.length = 0;
	buf_json_time(&b, INT64_MAX);
	buf_json_time(&b, INT64_MIN);
	assert_string_equal(buf_cstr(&b), "nullnull");
}

static void
sets_commas(void **state)
{
	struct buf b;

	buf_init(&b, *state, 0);
	buf_add_char(&b, '{');
	buf_json_key(&b, "a");
	buf_add_int(&b, 1);
	buf_json_key(&b, "b");
	buf_json_str(&b, NULL);
	buf_add_char(&b, '}');
	buf_printf(&b, "%s %200d", "x", 7);
	assert_int_equal(b.length, 16 + 2 + 200);
	assert_memory_equal(b.data, "{\"a\":1,\"b\":null}x ", 18);
}

static void
makes_uuids(void **state)
{
	struct uuid last = uuid_new(), u;
	char text[UUID_TEXT];

	(void)state;
	for (int i = 0; i < 100000; i++, last = u) {
		u = uuid_new();
		assert_true(memcmp(&last, &u, sizeof(u)) < 0);
		assert_int_equal(u.b[6] >> 4, 7);
		assert_int_equal(u.b[8] >> 6, 2);
	}
	uuid_text(&last, text);
	assert_true(uuid_parse(text, 36, &u));
	assert_true(uuid_equal(&u, &last));
	assert_true(uuid_parse("0190A000-1234-7ABC-8def-0123456789aB", 36, &u));
	assert_string_equal(uuid_text(&u, text), "0190a000-1234-7abc-8def-0123456789ab");
	assert_false(uuid_parse("0190a000-1234-7abc-8def-0123456789ag", 36, &u));
	assert_false(uuid_parse("0190a00001234-7abc-8def-0123456789ab", 36, &u));
	assert_false(uuid_parse("0190a000-1234-7abc-8def-0123456789-b", 36, &u));
	assert_false(uuid_parse("0190a000-1234-7abc-8def-0123456789a", 35, &u));
	assert_false(uuid_is_null(&u));
}

/* Two children of one parent must not go on with the same random bytes. */
static void
forks_apart(void **state)
{
	unsigned char mine[16], childs[16];
	int fds[2];
	pid_t pid;

	(void)state;
	random_bytes(mine, sizeof(mine));
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		random_bytes(childs, sizeof(childs));
		_exit(write(fds[1], childs, sizeof(childs)) != sizeof(childs));
	}
	assert_int_equal(read(fds[0], childs, sizeof(childs)), sizeof(childs));
	waitpid(pid, NULL, 0);
	close(fds[0]);
	close(fds[1]);
	random_bytes(mine, sizeof(mine));
	assert_memory_not_equal(mine, childs, sizeof(mine));
}

/* What log_write sends to stderr, parsed. */
static struct json_object *
logged(char *line, size_t size, void (*write_it)(void))
{
	int fds[2], kept = dup(STDERR_FILENO);
	struct json_object *o;
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	write_it();
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(fds[1]);
	n = read(fds[0], line, size - 1);
	close(fds[0]);
	assert_true(n > 0 && line[n - 1] == '\n');
	line[n] = '\0';
	o = json_tokener_parse(line);
	assert_non_null(o);
	return o;
}

static void
write_plain(void)
{
	log_info("thing_done", LOG_STR("what", "a \"b\""), LOG_INT("n", -3), LOG_US("ms", 1234567), LOG_STR("none", NULL),
	    LOG_STR("userEmail", "ann@example.org"), LOG_STR("refresh_token", "abc"));
}

static void
write_huge(void)
{
	char huge[9000];

	memset(huge, '\n', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	log_error("huge", LOG_STR("a", huge), LOG_STR("b", huge), LOG_INT("c", 1));
}

static void
logs_lines(void **state)
{
	const struct log_field context[] = { LOG_STR("requestId", "r1") };
	struct json_object *o;
	char line[8192];

	(void)state;
	log_open("test", LOG_INFO);
	log_context(context, 1);
	o = logged(line, sizeof(line), write_plain);
	log_context(NULL, 0);
	assert_string_equal(json_object_get_string(json_object_object_get(o, "event")), "thing_done");
	assert_string_equal(json_object_get_string(json_object_object_get(o, "requestId")), "r1");
	assert_string_equal(json_object_get_string(json_object_object_get(o, "what")), "a \"b\"");
	assert_int_equal(json_object_get_int(json_object_object_get(o, "n")), -3);
	assert_non_null(strstr(line, "\"ms\":1234.567"));
	assert_null(strstr(line, "ann@"));
	assert_null(strstr(line, "abc"));
	assert_null(strstr(line, "none"));
	json_object_put(o);
	o = logged(line, sizeof(line), write_huge);
	assert_true(strlen(line) <= 4096);
	assert_true(json_object_get_boolean(json_object_object_get(o, "cut")));
	json_object_put(o);
}

static void
lists_errors(void **state)
{
	(void)state;
	assert_string_equal(error_info(ERR_NOT_FOUND)->code, "NOT_FOUND");
	assert_int_equal(error_info(ERR_NOT_FOUND)->status, 404);
	assert_int_equal(error_info((enum error_code)9999)->status, 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_json),
		cmocka_unit_test(escapes_anything),
		cmocka_unit_test(knows_utf8),
		cmocka_unit_test(writes_numbers),
		cmocka_unit_test(writes_times),
		cmocka_unit_test(sets_commas),
		cmocka_unit_test(makes_uuids),
		cmocka_unit_test(forks_apart),
		cmocka_unit_test(logs_lines),
		cmocka_unit_test(lists_errors),
	};

	return cmocka_run_group_tests_name("base", tests, setup, teardown);
}
