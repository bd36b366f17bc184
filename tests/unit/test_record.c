/*
 * tests/unit/test_record.c - the FastCGI parser: what each record means, and that it does not matter in
 * what pieces it comes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fastcgi.h>

#include "fcgi/record.h"
#include "lib/mem.h"

/* --- a stream, and the text of its events --- */

static char stream[1 << 20];
static size_t stream_length;

static void
put(const void *data, size_t n)
{
	memcpy(stream + stream_length, data, n);
	stream_length += n;
}

static void
put_record(int type, int id, const void *content, size_t n, int padding)
{
	unsigned char h[8] = { 1, (unsigned char)type, (unsigned char)(id >> 8), (unsigned char)id,
		(unsigned char)(n >> 8), (unsigned char)n, (unsigned char)padding, 0 };

	put(h, 8);
	put(content, n);
	for (int i = 0; i < padding; i++)
		put("", 1);
}

static void
put_begin(int id, int role, int flags)
{
	unsigned char body[8] = { 0, (unsigned char)role, (unsigned char)flags };

	put_record(FCGI_BEGIN_REQUEST, id, body, 8, 0);
}

static size_t
pair(char *out, const char *name, const char *value, size_t v)
{
	size_t n = strlen(name), at = 0;

	out[at++] = (char)n;
	if (v < 128) {
		out[at++] = (char)v;
	} else {
		out[at++] = (char)(0x80 | v >> 24);
		out[at++] = (char)(v >> 16);
		out[at++] = (char)(v >> 8);
		out[at++] = (char)v;
	}
	memcpy(out + at, name, n);
	memcpy(out + at + n, value, v);
	return at + n + v;
}

/* Events as text; pieces of a body run together, so that the text does not depend on how it was cut. */
static char *text;
static size_t text_length;

static void
say(const char *s, size_t n)
{
	text = realloc(text, text_length + n + 1);
	memcpy(text + text_length, s, n);
	text_length += n;
	text[text_length] = '\0';
}

static void
say_event(const struct record_event *e, bool *in_body)
{
	char line[64];

	if (e->type == RECORD_STDIN) {
		if (!*in_body)
			say("body ", 5);
		*in_body = true;
		say(e->value, e->value_length);
		return;
	}
	if (*in_body)
		say("\n", 1);
	*in_body = false;
	switch (e->type) {
	case RECORD_BEGIN:
		snprintf(line, sizeof(line), "begin %d role %d%s\n", e->id, e->role, e->keep ? " keep" : "");
		break;
	case RECORD_PARAM:
		say(e->name, e->name_length);
		say("=", 1);
		say(e->value, e->value_length);
		snprintf(line, sizeof(line), "\n");
		break;
	case RECORD_GET_VALUES:
		snprintf(line, sizeof(line), "values %u\n", e->asked);
		break;
	case RECORD_UNKNOWN:
	case RECORD_REFUSED:
		snprintf(line, sizeof(line), "%s %d %d\n", e->type == RECORD_UNKNOWN ? "unknown" : "refused", e->id, e->kind);
		break;
	default:
		snprintf(line, sizeof(line), "%s %d\n",
		    e->type == RECORD_PARAMS_END    ? "params-end"
			: e->type == RECORD_STDIN_END ? "stdin-end"
			: e->type == RECORD_ABORT     ? "abort"
			: e->type == RECORD_TOO_LARGE ? "too-large"
						      : "broken",
		    e->type == RECORD_BROKEN ? 0 : e->id);
	}
	say(line, strlen(line));
}

static const struct record_limits limits = { .params_bytes = 70000, .params_count = 100 };

/* Feeds the stream in pieces whose sizes next() tells, each copied to a heap block of its size: ASan sees
 * whoever reads over its end, or later. A request counts as answered at the end of its body. */
static void
feed(size_t (*next)(void))
{
	struct record_parser p;
	struct record_event e;
	bool in_body = false;
	void *memory = talloc_new(NULL);

	text_length = 0;
	say("", 0);
	record_parser_init(&p, memory, limits);
	for (size_t at = 0, n; at < stream_length; at += n) {
		char *piece;
		const char *data;
		size_t left;

		n = next();
		if (n > stream_length - at)
			n = stream_length - at;
		data = piece = malloc(n);
		left = n;
		memcpy(piece, stream + at, n);
		for (;;) {
			record_next(&p, &data, &left, &e);
			if (e.type == RECORD_MORE)
				break;
			say_event(&e, &in_body);
			if (e.type == RECORD_STDIN_END || e.type == RECORD_ABORT)
				record_request_done(&p);
			if (e.type == RECORD_BROKEN)
				break;
		}
		free(piece);
		if (e.type == RECORD_BROKEN)
			break;
	}
	talloc_free(memory);
}

static size_t
whole(void)
{
	return sizeof(stream);
}

static size_t
one(void)
{
	return 1;
}

static unsigned seed = 1;

static unsigned
dice(unsigned sides)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % sides;
}

static size_t
random_piece(void)
{
	return 1 + dice(dice(2) ? 12 : 400);
}

/* The text of the stream, the same however it is cut. */
static const char *
events(void)
{
	char *expected;

	feed(whole);
	expected = strdup(text);
	feed(one);
	assert_string_equal(text, expected);
	for (int i = 0; i < 20; i++) {
		feed(random_piece);
		assert_string_equal(text, expected);
	}
	free(expected);
	return text;
}

static int
empty_stream(void **unused)
{
	(void)unused;
	stream_length = 0;
	return 0;
}

/* --- tests --- */

static void
plain_request(void **unused)
{
	char params[256];
	size_t n = 0;

	(void)unused;
	n += pair(params + n, "REQUEST_METHOD", "POST", 4);
	n += pair(params + n, "EMPTY", "", 0);
	put_begin(7, FCGI_RESPONDER, FCGI_KEEP_CONN);
	put_record(FCGI_PARAMS, 7, params, n, 3);
	put_record(FCGI_PARAMS, 7, "", 0, 0);
	put_record(FCGI_STDIN, 7, "hello ", 6, 2);
	put_record(FCGI_STDIN, 7, "you", 3, 0);
	put_record(FCGI_STDIN, 7, "", 0, 5);
	put_begin(7, FCGI_RESPONDER, 0);
	assert_string_equal(events(), "begin 7 role 1 keep\nREQUEST_METHOD=POST\nEMPTY=\nparams-end 7\nbody hello you\n"
				      "stdin-end 7\nbegin 7 role 1\n");
}

static void
pair_over_three_records(void **unused)
{
	char params[1024], value[600];
	size_t n;

	(void)unused;
	memset(value, 'v', sizeof(value));
	n = pair(params, "HTTP_COOKIE", value, sizeof(value));
	n += pair(params + n, "B", "2", 1);
	put_begin(1, FCGI_RESPONDER, 0);
	put_record(FCGI_PARAMS, 1, params, 3, 0); /* within the length */
	put_record(FCGI_PARAMS, 1, params + 3, 200, 1);
	put_record(FCGI_PARAMS, 1, params + 203, n - 203, 0);
	put_record(FCGI_PARAMS, 1, "", 0, 0);
	events();
	assert_non_null(strstr(text, "HTTP_COOKIE=vvvv"));
	assert_non_null(strstr(text, "vvvv\nB=2\nparams-end 1\n"));
}

static void
authorizer(void **unused)
{
	char params[64];

	(void)unused;
	put_begin(2, FCGI_AUTHORIZER, 0);
	put_record(FCGI_PARAMS, 2, params, pair(params, "A", "1", 1), 0);
	put_record(FCGI_PARAMS, 2, "", 0, 0);
	assert_string_equal(events(), "begin 2 role 2\nA=1\nparams-end 2\n");
}

static void
management(void **unused)
{
	char names[128];
	size_t n = 0;

	(void)unused;
	n += pair(names + n, "FCGI_MAX_CONNS", "", 0);
	n += pair(names + n, "FCGI_SOMETHING", "", 0);
	n += pair(names + n, "FCGI_MPXS_CONNS", "", 0);
	put_record(FCGI_GET_VALUES, 0, names, n, 1);
	put_record(FCGI_GET_VALUES, 0, "", 0, 0);
	put_record(99, 0, "what", 4, 4);
	put_begin(1, FCGI_RESPONDER, 0);
	assert_string_equal(events(), "values 5\nvalues 0\nunknown 0 99\nbegin 1 role 1\n");
}

static void
what_is_refused_and_skipped(void **unused)
{
	(void)unused;
	put_begin(1, FCGI_FILTER, 0);
	put_record(FCGI_PARAMS, 1, "xx", 2, 0); /* of the refused request */
	put_begin(2, FCGI_RESPONDER, 0);
	put_begin(3, FCGI_RESPONDER, 0);
	put_record(FCGI_STDIN, 3, "not ours", 8, 0);
	put_record(FCGI_DATA, 2, "filters only", 12, 0);
	put_record(FCGI_ABORT_REQUEST, 3, "", 0, 0);
	put_record(FCGI_ABORT_REQUEST, 2, "", 0, 0);
	put_record(FCGI_STDIN, 2, "late", 4, 0);
	assert_string_equal(events(), "refused 1 3\nbegin 2 role 1\nrefused 3 1\nabort 2\n");
}

static void
too_many_bytes(void **unused)
{
	static char big[40000];

	(void)unused;
	big[0] = 1;
	memcpy(big + 1, "\x80\x01\xff\x00", 4); /* one pair that would be 130,000 bytes */
	put_begin(1, FCGI_RESPONDER, 0);
	put_record(FCGI_PARAMS, 1, big, sizeof(big), 0);
	put_record(FCGI_PARAMS, 1, big, sizeof(big), 0);
	put_record(FCGI_PARAMS, 1, big, sizeof(big), 0);
	put_record(FCGI_PARAMS, 1, "", 0, 0);
	put_record(FCGI_STDIN, 1, "x", 1, 0);
	assert_string_equal(events(), "begin 1 role 1\ntoo-large 1\n");
}

static void
too_many_pairs(void **unused)
{
	char pairs[4 * 101];

	(void)unused;
	for (int i = 0; i < 101; i++)
		memcpy(pairs + (ptrdiff_t)4 * i, "\1\1ab", 4);
	put_begin(1, FCGI_RESPONDER, 0);
	put_record(FCGI_PARAMS, 1, pairs, sizeof(pairs), 0);
	put_record(FCGI_PARAMS, 1, "", 0, 0);
	events();
	assert_non_null(strstr(text, "a=b\ntoo-large 1\n"));
	assert_null(strstr(text, "params-end"));
}

static void
breaks(void)
{
	const char *t = events();

	assert_true(strlen(t) >= 9);
	assert_string_equal(t + strlen(t) - 9, "broken 0\n");
	stream_length = 0;
}

static void
what_is_broken(void **unused)
{
	(void)unused;
	put("GET / HTTP/1.1\r\n\r\n", 18);
	breaks();
	put_begin(0, FCGI_RESPONDER, 0);
	breaks();
	put_record(FCGI_BEGIN_REQUEST, 1, "\0\1", 2, 0);
	breaks();
	put_begin(1, FCGI_RESPONDER, 0);
	put_begin(1, FCGI_RESPONDER, 0);
	breaks();
	put_begin(1, FCGI_RESPONDER, 0);
	put_record(FCGI_STDIN, 1, "x", 1, 0);
	breaks();
	put_begin(1, FCGI_RESPONDER, 0);
	put_record(FCGI_PARAMS, 1, "\5\5ab", 4, 0); /* a pair without its end */
	put_record(FCGI_PARAMS, 1, "", 0, 0);
	breaks();
	put_begin(1, FCGI_RESPONDER, 0);
	put_record(FCGI_PARAMS, 1, "", 0, 0);
	put_record(FCGI_PARAMS, 1, "\1\1ab", 4, 0);
	breaks();
}

/* Any valid stream gives the same events however it is cut. */
static void
any_stream_any_split(void **unused)
{
	static char params[60000], value[20000];

	(void)unused;
	memset(value, 'x', sizeof(value));
	for (int round = 0; round < 60; round++) {
		stream_length = 0;
		for (int request = 0; request < 4; request++) {
			size_t n = 0, at = 0, piece;
			int id = 1 + (int)dice(60000);

			put_begin(id, FCGI_RESPONDER, (int)dice(2));
			for (unsigned i = dice(30); i > 0; i--)
				n += pair(params + n, &"SOME_NAME_OR_OTHER"[dice(18)], value, dice(dice(8) ? 100 : 1500));
			for (; at < n; at += piece) {
				piece = 1 + dice(3000);
				if (piece > n - at)
					piece = n - at;
				put_record(FCGI_PARAMS, id, params + at, piece, (int)dice(9));
			}
			put_record(FCGI_PARAMS, id, "", 0, (int)dice(9));
			for (unsigned i = dice(4); i > 0; i--)
				put_record(FCGI_STDIN, id, value, 1 + dice(5000), (int)dice(255));
			put_record(FCGI_STDIN, id, "", 0, 0);
		}
		events();
		assert_null(strstr(text, "broken"));
	}
}

/* Noise, and good streams with some bytes changed, never do harm; sanitizers look on. */
static void
noise(void **unused)
{
	(void)unused;
	for (int round = 0; round < 2000; round++) {
		stream_length = 0;
		put_begin(1, FCGI_RESPONDER, 1);
		put_record(FCGI_PARAMS, 1, "\5\3NAMESabc\1\1ab", 14, 2);
		put_record(FCGI_PARAMS, 1, "", 0, 0);
		put_record(FCGI_STDIN, 1, "some body", 9, 7);
		put_record(FCGI_STDIN, 1, "", 0, 0);
		put_record(FCGI_GET_VALUES, 0, "\16\0FCGI_MAX_CONNS", 16, 0);
		for (unsigned i = 1 + dice(6); i > 0; i--)
			stream[dice((unsigned)stream_length)] = (char)dice(256);
		events();
	}
}

static void
replies_are_laid_out(void **unused)
{
	static const size_t sizes[][2] = { { 0, 0 }, { 30, 0 }, { 30, 5 }, { 30, 65498 }, { 30, 65499 }, { 30, 200000 },
		{ 65528, 0 }, { 65528, 1 }, { 70000, 70000 } };
	static char head[70000], body[200000], wire[400000], got[300000];

	(void)unused;
	memset(head, 'h', sizeof(head));
	memset(body, 'b', sizeof(body));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t h = sizes[i][0], b = sizes[i][1], room = record_reply_pieces(h, b), count, n = 0, at = 0, m = 0;
		struct iovec *iov = calloc(room, sizeof(*iov));
		char *scratch = malloc(RECORD_SCRATCH(h + b));

		count = record_reply(iov, scratch, 513, head, h, body, b);
		assert_in_range(count, 1, room);
		for (size_t j = 0; j < count; j++) {
			memcpy(wire + n, iov[j].iov_base, iov[j].iov_len);
			n += iov[j].iov_len;
		}
		free(iov);
		free(scratch);
		for (size_t length; wire[at + 1] == FCGI_STDOUT; at += 8 + length) {
			length = (size_t)(unsigned char)wire[at + 4] << 8 | (unsigned char)wire[at + 5];
			assert_memory_equal(wire + at + 2, "\2\1", 2);
			memcpy(got + m, wire + at + 8, length);
			m += length;
			if (length == 0)
				break;
		}
		assert_int_equal(m, h + b);
		assert_memory_equal(got, head, h);
		assert_memory_equal(got + h, body, b);
		assert_int_equal(n, at + 8 + 16);
		assert_memory_equal(wire + at + 8, "\1\3\2\1\0\10\0\0\0\0\0\0\0\0\0\0", 16);
	}
}

static void
small_answers(void **unused)
{
	char out[RECORD_VALUES];

	(void)unused;
	assert_int_equal(record_end(out, 258, FCGI_UNKNOWN_ROLE), 16);
	assert_memory_equal(out, "\1\3\1\2\0\10\0\0\0\0\0\0\3\0\0\0", 16);
	assert_int_equal(record_unknown(out, 99), 16);
	assert_memory_equal(out, "\1\13\0\0\0\10\0\0\143\0\0\0\0\0\0\0", 16);
	assert_int_equal(record_values(out, RECORD_ASKED_MPXS_CONNS, 1), 8 + 2 + 15 + 1);
	assert_memory_equal(out, "\1\12\0\0\0\22\0\0\17\1FCGI_MPXS_CONNS0", 26);
	assert_true(record_values(out, 7, 4294967295u) <= sizeof(out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(plain_request, empty_stream),
		cmocka_unit_test_setup(pair_over_three_records, empty_stream),
		cmocka_unit_test_setup(authorizer, empty_stream),
		cmocka_unit_test_setup(management, empty_stream),
		cmocka_unit_test_setup(what_is_refused_and_skipped, empty_stream),
		cmocka_unit_test_setup(too_many_bytes, empty_stream),
		cmocka_unit_test_setup(too_many_pairs, empty_stream),
		cmocka_unit_test_setup(what_is_broken, empty_stream),
		cmocka_unit_test_setup(any_stream_any_split, empty_stream),
		cmocka_unit_test_setup(noise, empty_stream),
		cmocka_unit_test(replies_are_laid_out),
		cmocka_unit_test(small_answers),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(text);
	return failed;
}
