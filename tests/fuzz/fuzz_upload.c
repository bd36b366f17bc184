/*
 * tests/fuzz/fuzz_upload.c - what comes with uploads: multipart bodies, their Content-Type, and the headers of tus. The
 * first byte says which. A body means the same in one piece and in many, what is handed out lies in it where the parser
 * says, and nothing reads or writes beyond its end.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/multipart.h"
#include "fcgi/tus_headers.h"
#include "lib/utf8.h"
#include "tests/fuzz/fuzz.h"

struct seen {
	const char *body;
	size_t length;
	uint64_t hash; /* of all events in order; data counts byte by byte, so pieces do not show */
	int64_t next;  /* offset where the part goes on; -1: at its beginning */
	bool in_part;
};

static void
fold(struct seen *s, const void *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		s->hash = (s->hash ^ ((const unsigned char *)data)[i]) * UINT64_C(1099511628211);
}

static bool
on_begin(void *arg, const struct multipart_part *part)
{
	struct seen *s = arg;

	if (s->in_part || memchr(part->name, '\0', sizeof(part->name)) == NULL)
		abort();
	s->in_part = true;
	s->next = -1;
	fold(s, part->name, strlen(part->name) + 1);
	fold(s, part->file_name, strlen(part->file_name) + 1);
	fold(s, &part->is_file, sizeof(part->is_file));
	return true;
}

static bool
on_data(void *arg, const char *data, size_t length, int64_t offset)
{
	struct seen *s = arg;

	if (!s->in_part || length == 0 || offset < 0 || (size_t)offset + length > s->length ||
	    memcmp(s->body + offset, data, length) != 0 || (s->next >= 0 && s->next != offset))
		abort();
	s->next = offset + (int64_t)length;
	fold(s, data, length);
	return true;
}

static bool
on_end(void *arg)
{
	struct seen *s = arg;

	if (!s->in_part)
		abort();
	s->in_part = false;
	fold(s, "end", 3);
	return true;
}

/* In pieces of the sizes that `sizes` gives in turn; 0: all at once. Each piece in memory of its very size. */
static uint64_t
parse(const char *body, size_t length, const uint8_t *sizes, size_t size_count)
{
	struct seen s = { .body = body, .length = length, .hash = UINT64_C(14695981039346656037) };
	struct multipart_events events = { on_begin, on_data, on_end, &s };
	struct multipart m;
	bool fine = true;

	if (!multipart_init(&m, "multipart/form-data; boundary=\"--x\"", &events))
		abort();
	for (size_t at = 0, turn = 0; fine && at < length; turn++) {
		size_t n = size_count > 0 ? (size_t)1 + sizes[turn % size_count] % 32 : length;
		char *piece;

		n = n < length - at ? n : length - at;
		piece = malloc(n);
		if (piece == NULL)
			abort();
		memcpy(piece, body + at, n);
		fine = multipart_feed(&m, piece, n);
		free(piece);
		at += n;
	}
	if (multipart_is_complete(&m) && s.in_part)
		abort();
	fine = fine && multipart_is_complete(&m);
	fold(&s, &fine, sizeof(fine));
	return s.hash;
}

static void
try_body(const uint8_t *data, size_t size)
{
	size_t sizes = size > 0 ? (size_t)1 + data[0] % 8 : 0;
	const char *body;

	if (size < sizes + 1)
		return;
	body = (const char *)data + 1 + sizes;
	if (parse(body, size - 1 - sizes, NULL, 0) != parse(body, size - 1 - sizes, data + 1, sizes))
		abort();
}

static bool
on_pair(void *arg, const char *key, const char *value)
{
	if (*key == '\0' || !utf8_is_valid(value, strlen(value)))
		abort();
	++*(size_t *)arg;
	return true;
}

static void
try_metadata(const char *text, size_t length)
{
	char *scratch = malloc(length + 1);
	size_t pairs = 0;

	if (scratch == NULL)
		abort();
	if (tus_metadata_parse(text, scratch, on_pair, &pairs) && length > 0 && pairs == 0 && strspn(text, ", ") != length)
		abort();
	free(scratch);
}

static void
try_headers(const char *text)
{
	struct multipart_events events = { on_begin, on_data, on_end, NULL };
	struct tus_checksum sum;
	struct multipart m;
	int64_t n;

	if (tus_checksum_parse(text, &sum) && (sum.kind == TUS_CHECKSUM_NONE || (sum.length != 20 && sum.length != 32)))
		abort();
	if (tus_number_parse(text, &n) && (n < 0 || strspn(text, "0123456789") != strlen(text)))
		abort();
	if (multipart_init(&m, text, &events) && (m.delimiter_length < 5 || m.delimiter_length > sizeof(m.delimiter)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	if (data[0] % 3 == 0) {
		try_body(data + 1, size - 1);
		return 0;
	}
	text = malloc(size);
	if (text == NULL)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] % 3 == 1)
		try_metadata(text, strlen(text));
	else
		try_headers(text);
	free(text);
	return 0;
}
