/* tests/unit/test_router.c - which row a path finds, and the real tables as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <unistd.h>

#include "fcgi/app.h"
#include "fcgi/openapi.h"
#include "fcgi/pool_map.h"
#include "lib/json.h"

static int
nothing(struct request *rq)
{
	(void)rq;
	return 0;
}

static const struct route rows[] = {
	{ GET, "/things", PUBLIC, .run = nothing, .doc = "." },
	{ POST, "/things", SIGNED_IN, .run = nothing, .doc = "." },
	{ GET, "/things/latest", PUBLIC, .run = nothing, .doc = "." },
	{ GET, "/things/{id:uuid}", PUBLIC, .run = nothing, .doc = "." },
	{ PUT, "/things/{id:uuid}/parts/{part:text}", SIGNED_IN, .run = nothing, .doc = "." },
	{ GET, "/people/{id:user}", PUBLIC, .run = nothing, .doc = "." },
	{ GET, "/health", PUBLIC, .root = true, .run = nothing, .doc = "." },
	ROUTE_END
};
static const struct route_table tables[] = { { "things", rows }, { NULL, NULL } };

#define ID "01900000-0000-7000-8000-000000000000"

static struct route_match
find(const struct router *r, enum method m, const char *path)
{
	struct route_match out;

	router_match(r, m, path, strlen(path), &out);
	return out;
}

static void
test_paths_find_rows(void **state)
{
	void *mem = talloc_new(NULL);
	struct router *r = router_new(mem, tables);
	struct route_match m;

	(void)state;
	assert_ptr_equal(find(r, GET, "/api/v1/things").route, &rows[0]);
	assert_ptr_equal(find(r, POST, "/api/v1/things").route, &rows[1]);
	assert_ptr_equal(find(r, GET, "/api/v1/things/latest").route, &rows[2]);
	assert_ptr_equal(find(r, GET, "/health").route, &rows[6]);
	m = find(r, PUT, "/api/v1/things/" ID "/parts/a%20b");
	assert_ptr_equal(m.route, &rows[4]);
	assert_int_equal(m.param_count, 2);
	assert_string_equal(m.params[1].name, "part");
	assert_int_equal(m.params[1].length, strlen("a%20b"));
	assert_memory_equal(m.params[0].value, ID, 36);
	assert_ptr_equal(find(r, GET, "/api/v1/people/@alice").route, &rows[5]);
	assert_ptr_equal(find(r, GET, "/api/v1/people/" ID).route, &rows[5]);
	assert_ptr_equal(router_at(r, find(r, GET, "/api/v1/things/" ID).index), &rows[3]);
	talloc_free(mem);
}

static void
test_other_paths_find_none(void **state)
{
	static const char *const none[] = { "", "/", "things", "/things", "/api/v1", "/api/v1/", "/api/v1/things/",
		"/api/v1//things", "/api/v1/things/not-a-uuid", "/api/v1/things/" ID "/", "/api/v1/things/" ID "/parts",
		"/api/v1/things/" ID "/parts//", "/api/v1/people/@", "/api/v1/people/alice", "/health/", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s" };
	void *mem = talloc_new(NULL);
	struct router *r = router_new(mem, tables);

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_null(find(r, GET, none[i]).route);
		assert_int_equal(find(r, GET, none[i]).allowed, 0);
	}
	talloc_free(mem);
}

static void
test_wrong_method_says_which(void **state)
{
	void *mem = talloc_new(NULL);
	struct router *r = router_new(mem, tables);
	struct route_match m = find(r, DELETE, "/api/v1/things");

	(void)state;
	assert_null(m.route);
	assert_int_equal(m.allowed, 1 << GET | 1 << POST);
	talloc_free(mem);
}

/* Every real row compiles: it has a permission, a doc line, and all parameters of its query have a source. */
static void
test_real_tables(void **state)
{
	void *mem = talloc_new(NULL);
	struct router *r = router_new(mem, route_tables);
	struct json_object *json;
	const char *why = "";
	struct buf b;

	(void)state;
	assert_true(router_count(r) > 40);
	buf_init(&b, mem, 1 << 16);
	openapi_write(r, &b);
	assert_int_equal(json_parse(mem, b.data, b.length, &json, &why), 0);
	talloc_free(mem);
}

/* --- what blocks stays away from event loops --- */

static const struct route blocking_rows[] = {
	{ POST, "/slow/{id:uuid}/work", PUBLIC, .blocks = true, .run = nothing, .doc = "." },
	{ GET, "/slow/{id:uuid}/work", PUBLIC, .run = nothing, .doc = "." },
	{ GET, "/pages", PUBLIC, .root = true, .blocks = true, .run = nothing, .doc = "." },
	ROUTE_END
};
static const struct route_table blocking[] = { { "slow", blocking_rows }, { NULL, NULL } };

static const char *
problem_of(void *mem, const char *table, const char *auth_engine)
{
	struct conf_pool pools[] = { { .name = "api", .engine = "event" }, { .name = "auth", .engine = auth_engine } };
	struct conf conf = { .pools = pools, .pool_count = 2 };
	char path[] = "/tmp/atelier-pools.XXXXXX";
	const char *problem;
	int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, table, strlen(table)) == (ssize_t)strlen(table));
	close(fd);
	conf.main_pool_map = path;
	problem = pool_map_problem(mem, &conf, router_new(mem, blocking));
	unlink(path);
	return problem;
}

static void
test_what_blocks_is_not_led_to_an_event_loop(void **state)
{
	static const char good[] = "# a comment\n\"~^POST:/api/v1/slow/[^/]+/work$\" auth;\n\"~^[A-Z]+:/pages(/|$)\"   auth;\n";
	void *mem = talloc_new(NULL);
	struct conf nowhere = { .main_pool_map = "/nowhere/pools" };

	(void)state;
	assert_null(problem_of(mem, good, "libfcgi"));
	assert_non_null(strstr(problem_of(mem, good, "event"), "POST:/api/v1/slow/"));
	assert_non_null(strstr(problem_of(mem, "\"~^POST:/api/v1/slow/\" auth;\n", "libfcgi"), "GET:/pages"));
	assert_non_null(strstr(problem_of(mem, "\"~^GET:\" api;\n\"~.\" auth;\n", "libfcgi"), "GET:/pages"));
	assert_non_null(strstr(problem_of(mem, "\"~^(\" auth;\n", "libfcgi"), "not understood"));
	assert_non_null(strstr(problem_of(mem, "include more;\n", "libfcgi"), "not understood"));
	assert_non_null(strstr(pool_map_problem(mem, &nowhere, router_new(mem, blocking)), "/nowhere/pools"));
	talloc_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_find_rows),
		cmocka_unit_test(test_other_paths_find_none),
		cmocka_unit_test(test_wrong_method_says_which),
		cmocka_unit_test(test_real_tables),
		cmocka_unit_test(test_what_blocks_is_not_led_to_an_event_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
