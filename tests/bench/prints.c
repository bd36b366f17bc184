/*
 * tests/bench/prints.c ENTRIES FILE... - the prints of files, the first ENTRIES of them compared with all: a line "FRAMES SOUND PATH" for
 * each file (0 0: it could not be read), an empty line, and a line "I J FRAMES SOUND" for each pair, how alike they are as an entry of
 * the blocklist (I) and an upload (J).
 */
#include <stdio.h>
#include <stdlib.h>

#include "worker/media/prints.h"

int
main(int argc, char **argv)
{
	struct media_prints *p = calloc((size_t)argc, sizeof(*p));
	struct media_failure failure;
	int entries = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;

	if (p == NULL || entries < 1)
		return 1;
	for (int i = 2; i < argc; i++) {
		if (media_prints_make(argv[i], &p[i], NULL, NULL, &failure) != MEDIA_OK)
			p[i].frame_count = p[i].sound_count = 0;
		printf("%zu %zu %s\n", p[i].frame_count, p[i].sound_count, argv[i]);
	}
	printf("\n");
	for (int i = 2; i < 2 + entries && i < argc; i++)
		for (int j = 2; j < argc; j++)
			if (i != j)
				printf("%d %d %.3f %.3f\n", i - 2, j - 2,
				    prints_frames_alike(p[i].frames, p[i].frame_count, p[j].frames, p[j].frame_count),
				    prints_sound_alike(p[i].sound, p[i].sound_count, p[j].sound, p[j].sound_count));
	free(p);
	return 0;
}
