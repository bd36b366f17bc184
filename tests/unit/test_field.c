/* tests/unit/test_field.c - tables of fields: what they take, every failing field, query strings, schemas, parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/errors.h"
#include "lib/field.h"
#include "lib/json.h"
#include "lib/mem.h"

struct spot {
	double x, y;
};

static const struct field spot_fields[] = {
	FIELD(struct spot, x, .required = true, .min = 0, .max = 1),
	FIELD(struct spot, y, .min = 0, .max = 1),
	FIELD_END
};

struct clip {
	const char *title, *description, *visibility, *email, *starts_at, *code;
	int64_t position, level;
	double speed;
	bool is_public, has_bio;
	const char *bio;
	struct uuid video_id;
	struct text_list tags;
	struct uuid_list others;
	struct json_text extra;
	const struct spot *focus;
	struct object_list spots;
};

static const struct field clip_fields[] = {
	FIELD(struct clip, title, .required = true, .min = 3, .max = 10),
	FIELD(struct clip, description, .max = 5000, .doc = "What it \"shows\"."),
	FIELD(struct clip, visibility, .one_of = "public|unlisted|private", .dflt = "public"),
	FIELD(struct clip, email, .format = FORMAT_EMAIL),
	FIELD(struct clip, starts_at, .format = FORMAT_TIME),
	FIELD(struct clip, code, .pattern = "^[A-Z]{2}[0-9]+$"),
	FIELD(struct clip, position, .min = 1),
	FIELD(struct clip, level, .min = -5, .max = 5, .dflt = "2"),
	FIELD(struct clip, speed, .min = 0.25, .max = 4),
	FIELD(struct clip, is_public),
	FIELD(struct clip, bio, .nullable = true, .max = 20, GIVEN(struct clip, has_bio)),
	FIELD(struct clip, video_id, .json = "videoId"),
	FIELD(struct clip, tags, .max_items = 3, .max_each = 5),
	FIELD(struct clip, others, .max_items = 3),
	FIELD(struct clip, extra),
	FIELD_OBJECT(struct clip, focus, spot, .nullable = true),
	FIELD_OBJECTS(struct clip, spots, spot, .max_items = 2),
	FIELD_END
};

static const struct schema *const clip_schema = SCHEMA(clip);

struct told {
	void *mem;
	struct buf text; /* "title: is required\n" ... */
};

static void
tell(void *arg, const char *field, const char *message)
{
	struct told *t = arg;

	buf_printf(&t->text, "%s: %s\n", field, message);
}

static int
setup(void **state)
{
	struct told *t = talloc_zero(NULL, struct told);

	t->mem = talloc_new(t);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

static const struct clip *
read_clip(struct told *t, const char *json, int expected)
{
	struct json_object *o;
	const char *why;
	void *out;

	buf_init(&t->text, t, 0);
	assert_int_equal(json_parse(t->mem, json, strlen(json), &o, &why), 0);
	if (schema_read(clip_schema, t->mem, o, &out, tell, t) != expected)
		fail_msg("%s: %s", json, buf_cstr(&t->text));
	return out;
}

static void
assert_told(struct told *t, const char *json, const char *problem)
{
	assert_null(read_clip(t, json, ERR_VALIDATION_ERROR));
	assert_string_equal(buf_cstr(&t->text), problem);
}

static void
fills_the_struct(void **state)
{
	struct told *t = *state;
	const struct clip *c = read_clip(t, "{\"title\":\"h\xc3\xa9 \xf0\x9f\x8e\xac\",\"position\":7,\"level\":-5,\"speed\":1,"
					    "\"isPublic\":true,\"videoId\":\"0190a000-1234-7abc-8def-0123456789ab\",\"tags\":[\"a\",\"b\"],"
					    "\"others\":[\"0190a000-1234-7abc-8def-0123456789ab\"],\"extra\":{\"a\":[1,\"/\"]},"
					    "\"email\":\"a.b+c@example.org\",\"startsAt\":\"2024-02-29T10:00:00.5+02:00\",\"code\":\"AB12\","
					    "\"focus\":{\"x\":0.5},\"spots\":[{\"x\":0},{\"x\":1,\"y\":1}]}", 0);

	assert_string_equal(c->title, "h\xc3\xa9 \xf0\x9f\x8e\xac");
	assert_string_equal(c->visibility, "public");
	assert_int_equal(c->position, 7);
	assert_int_equal(c->level, -5);
	assert_true(c->speed == 1 && c->is_public && !c->has_bio);
	assert_int_equal(c->video_id.b[15], 0xab);
	assert_int_equal(c->tags.count, 2);
	assert_string_equal(c->tags.items[1], "b");
	assert_int_equal(c->others.items[0].b[0], 0x01);
	assert_string_equal(c->extra.text, "{\"a\":[1,\"/\"]}");
	assert_true(c->focus->x == 0.5);
	assert_true(((const struct spot *)c->spots.items[1])->y == 1);
	assert_null(c->bio);
	assert_null(c->description);
}

static void
knows_what_was_given(void **state)
{
	struct told *t = *state;
	const struct clip *c = read_clip(t, "{\"title\":\"abc\",\"bio\":null,\"level\":0}", 0);
	struct param p;

	assert_true(c->has_bio);
	assert_null(c->bio);
	assert_true(schema_is_given(clip_schema, c, "bio"));
	assert_false(schema_is_given(clip_schema, c, "speed"));
	assert_false(schema_is_given(clip_schema, c, "visibility"));
	assert_true(schema_param(clip_schema, c, "bio", t->mem, &p));
	assert_int_equal(p.kind, PARAM_NULL);
	assert_true(schema_param(clip_schema, c, "level", t->mem, &p));
	assert_string_equal(p.scratch, "0");
	assert_true(schema_param(clip_schema, c, "position", t->mem, &p));
	assert_int_equal(p.kind, PARAM_NULL);
	assert_true(schema_param(clip_schema, c, "visibility", t->mem, &p));
	assert_string_equal(p.value, "public");
	assert_true(schema_param(clip_schema, NULL, "title", t->mem, &p));
	assert_int_equal(p.kind, PARAM_NULL);
	assert_false(schema_param(clip_schema, c, "nothing", t->mem, &p));
	assert_false(schema_param(NULL, NULL, "title", t->mem, &p));
	assert_true(schema_has(clip_schema, "starts_at"));
	assert_false(schema_has(NULL, "starts_at"));
}

static void
tells_every_problem(void **state)
{
	struct told *t = *state;

	assert_null(read_clip(t, "{\"titel\":1,\"title\":\"abc\"}", ERR_UNKNOWN_FIELD));
	assert_string_equal(buf_cstr(&t->text), "titel: is not known here\n");
	assert_null(read_clip(t, "{\"titel\":1,\"level\":9,\"isPublic\":\"yes\",\"tags\":[\"ok\",\"toolong\",\"\",4]}",
	    ERR_VALIDATION_ERROR));
	assert_string_equal(buf_cstr(&t->text), "titel: is not known here\nlevel: must be from -5 to 5\n"
						"isPublic: must be true or false\n"
						"tags: must have at most 3 items\ntitle: is required\n");
	assert_told(t, "{\"title\":\"abc\",\"tags\":[\"toolong\",\"\",4]}",
	    "tags[0]: must have at most 5 characters\ntags[1]: must not be empty\ntags[2]: must be text\n");
	assert_told(t, "[]", ": must be an object\n");
	assert_told(t, "{\"title\":\"abc\",\"focus\":{\"z\":1},\"spots\":[{\"x\":2},7]}",
	    "focus.z: is not known here\nfocus.x: is required\nspots[0].x: must be from 0 to 1\nspots[1]: must be an object\n");
}

static void
holds_to_each_rule(void **state)
{
	static const char *const cases[][2] = {
		{ "\"title\":\"\xc3\xa9\xc3\xa9\"", "title: must have at least 3 characters\n" },
		{ "\"title\":\"12345678901\"", "title: must have at most 10 characters\n" },
		{ "\"title\":\"a\\u0001bc\"", "title: has a character that cannot be kept\n" },
		{ "\"title\":\"a\\uffffbc\"", "title: has a character that cannot be kept\n" },
		{ "\"title\":5", "title: must be text\n" },
		{ "\"title\":null", "title: must not be null\n" },
		{ "\"title\":\"abc\",\"visibility\":\"publi\"", "visibility: must be one of public, unlisted, private\n" },
		{ "\"title\":\"abc\",\"position\":0", "position: must be 1 or more\n" },
		{ "\"title\":\"abc\",\"position\":1.5", "position: must be a whole number\n" },
		{ "\"title\":\"abc\",\"position\":\"1\"", "position: must be a whole number\n" },
		{ "\"title\":\"abc\",\"speed\":5", "speed: must be from 0.25 to 4\n" },
		{ "\"title\":\"abc\",\"videoId\":\"x\"", "videoId: must be a UUID\n" },
		{ "\"title\":\"abc\",\"tags\":{}", "tags: must be an array\n" },
		{ "\"title\":\"abc\",\"code\":\"A1\"", "code: must match ^[A-Z]{2}[0-9]+$\n" },
	};
	static const char *const bad_emails[] = { "a", "a@b", "@b.c", "a@b..c", "a b@c.d", "a@-b.c", ".a@b.c", "a@b.c\\n", "a@b.c>" };
	static const char *const bad_times[] = { "2023-02-29T00:00:00Z", "2023-01-01", "2023-01-01T25:00:00Z", "2023-01-01T00:00:00",
		"2023-01-01T00:00:00Zx", "0000-01-01T00:00:00Z", "2023-01-01T00:00:00.Z" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_told(*state, mem_printf(*state, "{%s}", cases[i][0]), cases[i][1]);
	for (size_t i = 0; i < sizeof(bad_emails) / sizeof(bad_emails[0]); i++)
		read_clip(*state, mem_printf(*state, "{\"title\":\"abc\",\"email\":\"%s\"}", bad_emails[i]), ERR_VALIDATION_ERROR);
	for (size_t i = 0; i < sizeof(bad_times) / sizeof(bad_times[0]); i++)
		read_clip(*state, mem_printf(*state, "{\"title\":\"abc\",\"startsAt\":\"%s\"}", bad_times[i]), ERR_VALIDATION_ERROR);
	assert_int_equal(read_clip(*state, "{\"title\":\"abc\",\"position\":5.0}", 0)->position, 5);
}

struct asked {
	const char *link, *name, *language;
};

static const struct field asked_fields[] = {
	FIELD(struct asked, link, .format = FORMAT_URL),
	FIELD(struct asked, name, .format = FORMAT_USERNAME),
	FIELD(struct asked, language, .format = FORMAT_LANGUAGE),
	FIELD_END
};

static const void *
read_query(struct told *t, const struct schema *s, const char *query, int expected)
{
	void *out;

	buf_init(&t->text, t, 0);
	if (schema_read_query(s, t->mem, query, &out, tell, t) != expected)
		fail_msg("%s: %s", query, buf_cstr(&t->text));
	return out;
}

static void
knows_formats(void **state)
{
	static const char *const fine[] = { "link=https://example.org", "link=http://a.b:8080/c?d%23e", "name=Ann_1", "language=pt-BR",
		"language=en" };
	static const char *const wrong[] = { "link=ftp://x", "link=https://", "link=javascript:x", "link=https://a%20b",
		"link=https://a:/", "link=https://u@h/", "name=an", "name=a-b", "language=e", "language=en-", "language=english" };

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		read_query(*state, SCHEMA(asked), fine[i], 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		read_query(*state, SCHEMA(asked), wrong[i], ERR_VALIDATION_ERROR);
}

static void
reads_query_strings(void **state)
{
	const struct clip *c = read_query(*state, clip_schema,
	    "title=a+b%20%C3%A9&limit=5&cursor=x&level=-3&speed=1.5&isPublic=true&tags=a,b&tags=c&page=2&&"
	    "others=0190a000-1234-7abc-8def-0123456789ab", 0);

	assert_string_equal(c->title, "a b \xc3\xa9");
	assert_int_equal(c->level, -3);
	assert_true(c->speed == 1.5 && c->is_public);
	assert_int_equal(c->tags.count, 3);
	assert_string_equal(c->tags.items[2], "c");
	assert_int_equal(c->others.count, 1);
	assert_string_equal(c->visibility, "public");
	assert_null(read_query(*state, NULL, "limit=5", 0));
	assert_null(read_query(*state, NULL, "limits=5", ERR_UNKNOWN_FIELD));
	assert_null(read_query(*state, clip_schema, "title=abc&sort=x", ERR_UNKNOWN_FIELD));
	read_query(*state, clip_schema, "title=abc&title=abd", ERR_VALIDATION_ERROR);
	read_query(*state, clip_schema, "title=%zz&level=1x&speed=0x1&position=&isPublic=maybe", ERR_VALIDATION_ERROR);
	assert_string_equal(buf_cstr(&((struct told *)*state)->text), "title: is not correctly percent-encoded UTF-8\n"
	    "level: must be a whole number\nspeed: must be a number\nposition: must be a whole number\n"
	    "isPublic: must be true or false\ntitle: is required\n");
	read_query(*state, clip_schema, "title=%ff%fe%fd", ERR_VALIDATION_ERROR);
	read_query(*state, clip_schema, "title=abc%00", ERR_VALIDATION_ERROR);
	read_query(*state, clip_schema, "title=abc%0", ERR_VALIDATION_ERROR);
	read_query(*state, clip_schema, "title=abc&speed=inf", ERR_VALIDATION_ERROR);
	read_query(*state, clip_schema, "title=abc&tags=a,b,c,d", ERR_VALIDATION_ERROR);
}

/* form: what people sent; expected: the JSON of it. */
static void
assert_form(struct told *t, const char *form, const char *expected)
{
	struct buf out;

	buf_init(&t->text, t, 0);
	if (schema_form_json(clip_schema, t->mem, form, &out, tell, t) != 0)
		fail_msg("%s: %s", form, buf_cstr(&t->text));
	assert_string_equal(buf_cstr(&out), expected);
}

static void
assert_form_told(struct told *t, const char *form, const char *problem)
{
	struct buf out;

	buf_init(&t->text, t, 0);
	assert_int_equal(schema_form_json(clip_schema, t->mem, form, &out, tell, t), ERR_VALIDATION_ERROR);
	assert_string_equal(buf_cstr(&t->text), problem);
}

static void
makes_json_of_forms(void **state)
{
	assert_form(*state, "", "{}");
	assert_form(*state, "title=a+b%20%C3%A9%22&level=-3&speed=1.5&isPublic=true&position=7&&",
	    "{\"title\":\"a b \xc3\xa9\\\"\",\"level\":-3,\"speed\":1.5,\"isPublic\":true,\"position\":7}");
	assert_form(*state, "tags=a,+b+,c&tags=d", "{\"tags\":[\"a\",\"b\",\"c\",\"d\"]}");
	assert_form(*state, "tags=&tags=a&title=&bio=&focus=&level=", "{\"tags\":[\"a\"],\"bio\":null,\"focus\":null}"); /* empty: null where it may be */
	assert_form(*state, "focus.x=0.5&focus.y=1", "{\"focus\":{\"x\":0.5,\"y\":1}}");
	/* what is not right stays as it came, for schema_read() to say so */
	assert_form(*state, "level=many&speed=0x1&isPublic=maybe&title=5&nothing=1&focus.z=2&title.x=3",
	    "{\"level\":\"many\",\"speed\":\"0x1\",\"isPublic\":\"maybe\",\"title\":\"5\",\"nothing\":\"1\",\"focus\":{\"z\":\"2\"},\"title.x\":\"3\"}");
	assert_form_told(*state, "title=%zz&bio=%ff&=1", "title: is not correctly percent-encoded UTF-8\nbio: is not correctly percent-encoded UTF-8\n");
	assert_form_told(*state, "title=a&title=b", "title: is given twice\n");
	assert_form_told(*state, "focus=1&focus.x=2", "focus.x: must be an object\n");
}

static void
writes_schemas(void **state)
{
	struct told *t = *state;
	struct json_object *o, *p;
	const char *why;
	struct buf b;

	buf_init(&b, t, 0);
	schema_write_json(clip_schema, &b);
	if (json_parse(t->mem, b.data, b.length, &o, &why) != 0)
		fail_msg("%s: %s", buf_cstr(&b), why);
	p = json_object_object_get(o, "properties");
	assert_string_equal(json_object_to_json_string_ext(json_object_object_get(p, "title"), 0),
	    "{\"type\":\"string\",\"minLength\":3,\"maxLength\":10}");
	assert_string_equal(json_object_to_json_string_ext(json_object_object_get(p, "level"), 0),
	    "{\"type\":\"integer\",\"minimum\":-5,\"maximum\":5,\"default\":2}");
	assert_string_equal(json_object_to_json_string_ext(json_object_object_get(p, "visibility"), 0),
	    "{\"type\":\"string\",\"enum\":[\"public\",\"unlisted\",\"private\"],\"default\":\"public\"}");
	assert_string_equal(json_object_to_json_string_ext(json_object_object_get(p, "bio"), 0),
	    "{\"type\":[\"string\",\"null\"],\"maxLength\":20}");
	assert_string_equal(json_object_to_json_string_ext(json_object_object_get(p, "tags"), 0),
	    "{\"type\":\"array\",\"maxItems\":3,\"items\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":5}}");
	assert_string_equal(json_object_to_json_string_ext(json_object_object_get(o, "required"), 0), "[\"title\"]");
	b.length = 0;
	buf_add_char(&b, '[');
	schema_write_parameters(clip_schema, &b, false);
	buf_add_char(&b, ']');
	assert_int_equal(json_parse(t->mem, b.data, b.length, &o, &why), 0);
	assert_int_equal(json_object_array_length(o), 17);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(fills_the_struct, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_what_was_given, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_every_problem, setup, teardown),
		cmocka_unit_test_setup_teardown(holds_to_each_rule, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_formats, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_query_strings, setup, teardown),
		cmocka_unit_test_setup_teardown(makes_json_of_forms, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_schemas, setup, teardown),
	};

	return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
