/* tests/unit/test_rows.c - rows to JSON and to C values, without a server: results are made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/internal.h"
#include "lib/mem.h"

enum { BOOL = 16, BYTEA = 17, INT8 = 20, INT2 = 21, INT4 = 23, TEXT = 25, JSON = 114, FLOAT4 = 700, FLOAT8 = 701,
	TEXTS = 1009, INTS = 1007, DATE = 1082, TIME = 1184, NUMERIC = 1700, UUID = 2950, UUIDS = 2951, JSONB = 3802 };

struct cell {
	const char *name;
	Oid type;
	const char *value; /* NULL: null */
	int length;
};

static void *mem;

#define WIRE(s) s, sizeof(s) - 1
#define UUID_BYTES "\x01\x8f\x00\x00\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00\x00\x01"

static PGresult *
row_of(const struct cell *cells, int count)
{
	PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc *columns = mem_array(mem, PGresAttDesc, (unsigned)count);

	for (int i = 0; i < count; i++) {
		columns[i].name = mem_strdup(mem, cells[i].name);
		columns[i].typid = cells[i].type;
		columns[i].format = 1;
	}
	PQsetResultAttrs(r, count, columns);
	for (int i = 0; i < count; i++)
		PQsetvalue(r, 0, i, (char *)(uintptr_t)cells[i].value, cells[i].value != NULL ? cells[i].length : -1);
	return r;
}

static struct db_result *
result_of(const struct cell *cells, int count)
{
	struct db_result *r = mem_new(mem, struct db_result);
	const char *why = "";

	r->pg = row_of(cells, count);
	r->plan = plan_make(mem, r->pg, &why);
	r->rows = 1;
	if (r->plan == NULL)
		fail_msg("%s", why);
	return r;
}

static const char *
json_of(const struct cell *cells, int count)
{
	struct db_result *r = result_of(cells, count);
	struct buf b;

	buf_init(&b, mem, 8);
	db_write_object(&b, r, 0);
	PQclear(r->pg);
	return buf_cstr(&b);
}

#define JSON_OF(...) \
	json_of((const struct cell[]){ __VA_ARGS__ }, sizeof((const struct cell[]){ __VA_ARGS__ }) / sizeof(struct cell))

static void
types(void **state)
{
	(void)state;
	assert_string_equal(JSON_OF({ "a", BOOL, WIRE("\1") }, { "b", INT2, WIRE("\xff\xfe") }, { "c", INT4, WIRE("\0\0\1\0") },
	                        { "d", INT8, WIRE("\x7f\xff\xff\xff\xff\xff\xff\xff") }),
	    "{\"a\":true,\"b\":-2,\"c\":256,\"d\":9223372036854775807}");
	assert_string_equal(JSON_OF({ "a", FLOAT4, WIRE("\x3d\xcc\xcc\xcd") }, { "b", FLOAT8, WIRE("\x40\x20\x80\0\0\0\0\0") },
	                        { "c", FLOAT8, WIRE("\x7f\xf8\0\0\0\0\0\0") }),
	    "{\"a\":0.1,\"b\":8.25,\"c\":null}");
	assert_string_equal(JSON_OF({ "a", TEXT, WIRE("q\"\n\xc3\xa9") }, { "b", JSON, WIRE("{\"x\":1}") },
	                        { "c", JSONB, WIRE("\1[2]") }),
	    "{\"a\":\"q\\\"\\n\xc3\xa9\",\"b\":{\"x\":1},\"c\":[2]}");
	assert_string_equal(JSON_OF({ "a", UUID, WIRE(UUID_BYTES) }), "{\"a\":\"018f0000-0000-7000-8000-000000000001\"}");
	assert_string_equal(JSON_OF({ "a", TIME, WIRE("\0\0\0\0\0\0\x05\xdc") }, { "b", DATE, WIRE("\0\0\0\x1e") },
	                        { "c", TIME, WIRE("\x7f\xff\xff\xff\xff\xff\xff\xff") }),
	    "{\"a\":\"2000-01-01T00:00:00.001Z\",\"b\":\"2000-01-31\",\"c\":null}");
}

static void
arrays(void **state)
{
	(void)state;
	assert_string_equal(JSON_OF({ "a", TEXTS, WIRE("\0\0\0\1\0\0\0\1\0\0\0\x19\0\0\0\3\0\0\0\1"
	                                               "\0\0\0\1x\xff\xff\xff\xff\0\0\0\2y\"") }),
	    "{\"a\":[\"x\",null,\"y\\\"\"]}");
	assert_string_equal(JSON_OF({ "a", TEXTS, WIRE("\0\0\0\0\0\0\0\0\0\0\0\x19") }), "{\"a\":[]}");
	assert_string_equal(JSON_OF({ "a", INTS, WIRE("\0\0\0\1\0\0\0\0\0\0\0\x17\0\0\0\2\0\0\0\1"
	                                              "\0\0\0\4\0\0\0\5\0\0\0\4\xff\xff\xff\xff") }),
	    "{\"a\":[5,-1]}");
	/* one that claims more than it has is not believed */
	assert_string_equal(JSON_OF({ "a", INTS, WIRE("\0\0\0\1\0\0\0\0\0\0\0\x17\0\0\0\x09\0\0\0\1\0\0\0\4\0\0\0\5") }), "{\"a\":[5]}");
}

#define T(n) { n, TEXT, WIRE("t") }
#define NIL(n) { n, TEXT, NULL, 0 }

static void
nesting(void **state)
{
	(void)state;
	assert_string_equal(JSON_OF(T("id"), T("user.id"), T("user.name.first"), T("user.name.last"), T("stats.views"), T("end")),
	    "{\"id\":\"t\",\"user\":{\"id\":\"t\",\"name\":{\"first\":\"t\",\"last\":\"t\"}},\"stats\":{\"views\":\"t\"},\"end\":\"t\"}");
	assert_string_equal(JSON_OF(T("a.b.c")), "{\"a\":{\"b\":{\"c\":\"t\"}}}");
	assert_string_equal(JSON_OF(T("_hidden"), T("a.x"), T("_more"), T("a.y"), T("_end")), "{\"a\":{\"x\":\"t\",\"y\":\"t\"}}");
	assert_string_equal(JSON_OF(T("_only"), NIL("_hidden")), "{}");
	assert_string_equal(JSON_OF({ "n", NUMERIC - 1700 + TEXT, NULL, 0 }, { "_numeric", NUMERIC, WIRE("x") }), "{\"n\":null}");
}

static void
objects_that_are_null(void **state)
{
	(void)state;
	assert_string_equal(JSON_OF(T("id"), NIL("c?.id"), T("c.name"), T("z")), "{\"id\":\"t\",\"c\":null,\"z\":\"t\"}");
	assert_string_equal(JSON_OF(T("id"), T("c?.id"), NIL("c?.name"), T("z")), "{\"id\":\"t\",\"c\":{\"id\":\"t\",\"name\":null},\"z\":\"t\"}");
	assert_string_equal(JSON_OF(NIL("c?.id"), T("c.d.e")), "{\"c\":null}");
	assert_string_equal(JSON_OF(NIL("a?.id"), T("a.n"), NIL("b?.id"), T("b.n"), T("c.id")), "{\"a\":null,\"b\":null,\"c\":{\"id\":\"t\"}}");
	assert_string_equal(JSON_OF(T("u.id"), NIL("u.c?.id"), T("u.c.n"), T("u.z"), T("v")),
	    "{\"u\":{\"id\":\"t\",\"c\":null,\"z\":\"t\"},\"v\":\"t\"}");
	assert_string_equal(JSON_OF(T("u.id"), T("u.x.y"), NIL("c?.id"), T("c.n")), "{\"u\":{\"id\":\"t\",\"x\":{\"y\":\"t\"}},\"c\":null}");
	assert_string_equal(JSON_OF(T("u.id"), NIL("u.c?.id"), T("u.c.d.e")), "{\"u\":{\"id\":\"t\",\"c\":null}}");
	assert_string_equal(JSON_OF(NIL("o?.i?.a"), T("o.i.b"), T("o.c"), T("z")), "{\"o\":null,\"z\":\"t\"}");
}

static void
media(void **state)
{
	(void)state;
	assert_string_equal(JSON_OF({ "thumb:media", TEXT, WIRE("a/\"b.jpg") }, NIL("poster:media")),
	    "{\"thumb\":\"/media/a/\\\"b.jpg\",\"poster\":null}");
}

static bool
is_refused(const struct cell *cells, int count)
{
	PGresult *r = row_of(cells, count);
	const char *why = "";
	bool refused = plan_make(mem, r, &why) == NULL;

	PQclear(r);
	return refused;
}

static void
shapes_that_are_refused(void **state)
{
	(void)state;
	assert_true(is_refused((struct cell[]){ T("a.x"), T("b"), T("a.y") }, 3));
	assert_true(is_refused((struct cell[]){ T("a"), T("a") }, 2));
	assert_true(is_refused((struct cell[]){ T("a"), T("a.b") }, 2));
	assert_true(is_refused((struct cell[]){ T("a.b.c"), T("a.d"), T("a.b.e") }, 3));
	assert_true(is_refused((struct cell[]){ T("a..b") }, 1));
	assert_true(is_refused((struct cell[]){ T("a?") }, 1));
	assert_true(is_refused((struct cell[]){ { "a", NUMERIC, WIRE("x") } }, 1));
	assert_true(is_refused((struct cell[]){ { "a:media", INT4, WIRE("\0\0\0\0") } }, 1));
	assert_false(is_refused((struct cell[]){ T("a.b"), T("a.c"), T("b.b"), T("c") }, 4));
}

static void
values(void **state)
{
	struct db_result *r = result_of((struct cell[]){ { "id", UUID, WIRE(UUID_BYTES) }, { "at", TIME, WIRE("\0\0\0\0\0\0\x05\xdc") },
	                                    { "n?.n", INT4, WIRE("\xff\xff\xff\xff") }, { "n.f", FLOAT4, WIRE("\x3f\x80\0\0") },
	                                    { "key:media", TEXT, WIRE("k") }, { "bytes", BYTEA, WIRE("\0\1") }, { "nil", INT8, NULL, 0 },
	                                    { "list", TEXTS, WIRE("\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1\0\0\0\1x\0\0\0\2yz") } }, 8);
	const char **items;
	size_t n;

	(void)state;
	assert_string_equal(db_text(r, 0, "id"), "018f0000-0000-7000-8000-000000000001");
	assert_int_equal(db_time_us(r, 0, "at"), INT64_C(946684800001500));
	assert_string_equal(db_text(r, 0, "at"), "2000-01-01T00:00:00.001500Z");
	assert_int_equal(db_int(r, 0, "n.n"), -1);
	assert_true(db_double(r, 0, "n.f") == 1.0);
	assert_string_equal(db_text(r, 0, "key"), "k");
	assert_memory_equal(db_bytes(r, 0, "bytes", &n), "\0\1", 2);
	assert_int_equal(n, 2);
	assert_true(db_is_null(r, 0, "nil"));
	assert_int_equal(db_int(r, 0, "nil"), 0);
	assert_int_equal(db_int(r, 5, "nil"), 0);
	items = db_text_array(r, 0, "list", &n);
	assert_int_equal(n, 2);
	assert_string_equal(items[1], "yz");
	assert_false(db_has_column(r, "none"));
	PQclear(r->pg);
}

static void
parameters(void **state)
{
	const char *texts[] = { "a", NULL, "q\"\\," };
	struct uuid ids[1];
	struct param p[] = { int_param(INT64_MIN), double_param(0.1), bool_param(true), time_param(INT64_C(946684800001500)),
		text_array_param(texts, 3), text_array_param(texts, 0), uuid_array_param(ids, 1), text_param(NULL), time_param(-1) };
	struct encoded e;

	(void)state;
	memcpy(ids[0].b, UUID_BYTES, 16);
	params_encode(&e, p, 9, mem);
	assert_string_equal(e.values[0], "-9223372036854775808");
	assert_true(strtod(e.values[1], NULL) == 0.1);
	assert_string_equal(e.values[2], "t");
	assert_string_equal(e.values[3], "2000-01-01 00:00:00.001500+00");
	assert_string_equal(e.values[4], "{\"a\",NULL,\"q\\\"\\\\,\"}");
	assert_string_equal(e.values[5], "{}");
	assert_string_equal(e.values[6], "{018f0000-0000-7000-8000-000000000001}");
	assert_null(e.values[7]);
	assert_string_equal(e.values[8], "1969-12-31 23:59:59.999999+00");
}

static int
setup(void **state)
{
	(void)state;
	mem = talloc_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talloc_free(mem);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types), cmocka_unit_test(arrays), cmocka_unit_test(nesting),
		cmocka_unit_test(objects_that_are_null), cmocka_unit_test(media), cmocka_unit_test(shapes_that_are_refused),
		cmocka_unit_test(values), cmocka_unit_test(parameters),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
