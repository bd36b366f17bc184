/* worker/print_set.c - prints as the database keeps them: arrays of whole numbers, whose bits are what counts. */
#include "worker/print_set.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static size_t
read_numbers(void *mem, const char *text, size_t size, void **out)
{
	size_t count = 0;
	const char *p = text != NULL ? text : "";
	uint8_t *at = mem_size(mem, (strlen(p) / 2 + 1) * size);

	*out = at;
	while (*p != '\0') {
		char *end;
		int64_t n = strtoll(p, &end, 10);

		memcpy(at + count++ * size, &n, size); /* little-endian: the low bytes first */
		p = end + (*end == ',');
	}
	return count;
}

struct print_set
print_set_read(void *mem, const struct db_result *r, int row)
{
	struct print_set set;
	void *numbers;

	set.frame_count = read_numbers(mem, db_text(r, row, "frames"), sizeof(*set.frames), &numbers);
	set.frames = numbers;
	set.sound_count = read_numbers(mem, db_text(r, row, "sound"), sizeof(*set.sound), &numbers);
	set.sound = numbers;
	return set;
}
