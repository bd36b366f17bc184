/*
 * tests/fuzz/fuzz_text.c - short texts that clients send: query strings, forms, cursors, media tokens, access tokens, UUIDs. The
 * first byte says which. Nothing that was not sealed by us opens, and no reader goes past the end.
 */
#include "lib/base64.h"
#include "lib/field.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/sign.h"
#include "lib/token.h"
#include "lib/utf8.h"
#include "tests/fuzz/fuzz.h"

struct search {
	const char *q, *sort;
	int64_t year;
	double speed;
	bool is_open;
	struct uuid author;
	struct text_list tags;
	struct uuid_list ids;
};

static const struct field search_fields[] = {
	FIELD(struct search, q, .max = 20),
	FIELD(struct search, sort, .one_of = "-views|views|new", .dflt = "new"),
	FIELD(struct search, year, .min = 2000, .max = 2100),
	FIELD(struct search, speed),
	FIELD(struct search, is_open),
	FIELD(struct search, author),
	FIELD(struct search, tags, .max_items = 5, .max_each = 5),
	FIELD(struct search, ids, .max_items = 5),
	FIELD_END
};

static void
count(void *arg, const char *field, const char *message)
{
	if (strlen(field) + strlen(message) > 0)
		++*(int *)arg;
}

static void
try_query(void *mem, const char *text)
{
	int problems = 0;
	void *out;
	int err = schema_read_query(SCHEMA(search), mem, text, &out, count, &problems);
	const struct search *s = out;

	if ((err == 0) != (problems == 0) || (err == 0) != (s != NULL))
		abort();
	if (s != NULL && ((s->q != NULL && !utf8_is_valid(s->q, strlen(s->q))) || s->tags.count > 5 || s->sort == NULL))
		abort();
}

/* Whatever a form says, what becomes of it is JSON. */
static void
try_form(void *mem, const char *text)
{
	int problems = 0;
	struct json_object *json;
	const char *why;
	struct buf out;

	if ((schema_form_json(SCHEMA(search), mem, text, &out, count, &problems) == 0) != (problems == 0) ||
	    json_parse(mem, out.data, out.length, &json, &why) != 0)
		abort();
}

static void
try_base64(void *mem, const char *text, size_t length)
{
	size_t n;
	void *bytes = base64url_decode(mem, text, length, &n);

	if (bytes != NULL && strcmp(base64url_encode(mem, bytes, n), text) != 0)
		abort();
}

static void
try_uuid(const char *text, size_t length)
{
	char back[UUID_TEXT];
	struct uuid u;

	if (uuid_parse(text, length, &u) && strcasecmp(uuid_text(&u, back), text) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct conf conf = { .main_secret = "0123456789abcdef0123456789abcdef", .auth_algorithm = "HS256",
		.auth_signing_key = "", .auth_previous_key = "", .auth_issuer = "i", .auth_audience = "a" };
	static struct signer *signer;
	static struct keyring *keys;
	struct token_claims claims;
	void *mem = talloc_new(NULL);
	const char *why, *text;

	if (signer == NULL) {
		signer = signer_open(NULL, conf.main_secret);
		keys = keyring_open(NULL, &conf, &why);
	}
	text = mem_strndup(mem, (const char *)data + 1, size > 0 ? size - 1 : 0);
	switch (size > 0 ? data[0] % 6 : 0) {
	case 0:
		try_query(mem, text);
		try_form(mem, text);
		break;
	case 1:
		if (cursor_open(mem, signer, "X", text) != NULL)
			abort();
		break;
	case 2:
		if (media_token_is_valid(signer, "a/b/c", 5, text, strlen(text), 0))
			abort();
		break;
	case 3:
		if (token_verify(keys, text, &claims) == 0)
			abort();
		break;
	case 4:
		try_base64(mem, text, strlen(text));
		break;
	case 5:
		try_uuid(text, strlen(text));
		break;
	}
	talloc_free(mem);
	return 0;
}
