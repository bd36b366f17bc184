/*
 * tests/fuzz/fuzz_record.c - the FastCGI parser on anything: it neither reads where it must not, nor hands out more
 * than came in, and the same bytes mean the same in one piece and in many. The first byte of an input says how
 * it is cut.
 */
#include "fcgi/record.h"
#include "lib/mem.h"
#include "tests/fuzz/fuzz.h"

static uint64_t
hash(uint64_t h, const void *data, size_t n)
{
	const unsigned char *s = data;

	for (size_t i = 0; i < n; i++)
		h = (h ^ s[i]) * 1099511628211u;
	return h;
}

/* A number for all events in their order; pieces of a body count as their bytes. */
static uint64_t
events(const char *input, size_t length, size_t piece)
{
	struct record_parser p;
	struct record_event e;
	uint64_t h = 14695981039346656037u;
	void *memory = talloc_new(NULL);

	record_parser_init(&p, memory, (struct record_limits){ .params_bytes = 4096, .params_count = 32 });
	for (size_t at = 0, n; at < length; at += n) {
		char *copy;
		const char *data;
		size_t left;

		n = piece < length - at ? piece : length - at;
		data = copy = malloc(n);
		left = n;
		memcpy(copy, input + at, n);
		do {
			record_next(&p, &data, &left, &e);
			if (e.type != RECORD_MORE && e.type != RECORD_STDIN)
				h = hash(h, (int[]){ (int)e.type, e.id, e.kind, (int)e.asked }, 4 * sizeof(int));
			h = hash(h, e.name, e.name_length);
			h = hash(h, e.value, e.value_length);
			if (e.type == RECORD_STDIN_END)
				record_request_done(&p);
		} while (e.type != RECORD_MORE && e.type != RECORD_BROKEN);
		free(copy);
		if (p.pair_room > 8192)
			abort();
		if (e.type == RECORD_BROKEN)
			break;
	}
	talloc_free(memory);
	return h;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *input = (const char *)data;
	size_t piece;

	if (size < 2)
		return 0;
	piece = (data[0] & 31) + 1u;
	if (events(input + 1, size - 1, size) != events(input + 1, size - 1, piece))
		abort();
	return 0;
}
