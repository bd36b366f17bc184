/*
 * tests/fuzz/standalone.c - main() of a fuzz target where there is no libFuzzer: each file of the corpus as it is, then
 * changed at random. Arguments: files or folders; without any, $srcdir/tests/fuzz/corpus/NAME of fuzz_NAME.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>

#define VARIATIONS 2000
#define INPUT_MAX 65536

static uint64_t state = 88172645463325252u;

static size_t
dice(size_t sides)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % sides);
}

/* Each input in a block of its very size, so that ASan sees a step beyond it. */
static void
try_input(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* One change: a byte, a bit, a cut, a piece doubled or taken out. Returns the new size. */
static size_t
change(uint8_t *data, size_t size)
{
	size_t at, n;

	if (size == 0)
		return 0;
	at = dice(size);
	n = 1 + dice(size - at);
	switch (dice(5)) {
	case 0:
		data[at] = (uint8_t)dice(256);
		return size;
	case 1:
		data[at] ^= (uint8_t)(1u << dice(8));
		return size;
	case 2:
		return at + 1;
	case 3:
		memmove(data + at, data + at + n, size - at - n);
		return size - n;
	default:
		if (size + n > INPUT_MAX)
			return size;
		memmove(data + at + n, data + at, size - at);
		return size + n;
	}
}

static int
run_file(const char *path)
{
	static uint8_t data[INPUT_MAX], changed[INPUT_MAX];
	FILE *f = fopen(path, "rb");
	size_t size, n;

	if (f == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	try_input(data, size);
	for (int i = 0; i < VARIATIONS; i++) {
		memcpy(changed, data, size);
		n = size;
		for (size_t k = 1 + dice(5); k > 0; k--)
			n = change(changed, n);
		try_input(changed, n);
	}
	return 0;
}

static int
run_path(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	char file[4096];
	int failed = 0, files = 0;

	if (d == NULL)
		return run_file(path);
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		failed |= run_file(file);
		files++;
	}
	closedir(d);
	printf("%s: %d files, %d variations of each\n", path, files, VARIATIONS);
	return failed || files == 0;
}

int
main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *name = strstr(argv[0], "fuzz_");
	char folder[4096];
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= run_path(argv[i]);
	if (argc > 1)
		return failed;
	for (const char *next = name; next != NULL; next = strstr(next + 1, "fuzz_"))
		name = next;
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".", name ? name + 5 : "");
	return run_path(folder);
}
