/* tests/bench/prints.c - how alike files are to the first one: a line "FRAMES SOUND FILE" for each of the others. */
#include <stdio.h>
#include <stdlib.h>

#include "worker/media/prints.h"

int
main(int argc, char **argv)
{
	struct media_prints *p = calloc(2, sizeof(*p));
	struct media_failure failure;

	if (p == NULL || argc < 3 || media_prints_make(argv[1], &p[0], NULL, NULL, &failure) != MEDIA_OK)
		return 1;
	printf("%zu %zu %s\n", p[0].frame_count, p[0].sound_count, argv[1]);
	for (int i = 2; i < argc; i++) {
		if (media_prints_make(argv[i], &p[1], NULL, NULL, &failure) != MEDIA_OK)
			continue;
		printf("%.3f %.3f %s\n", prints_frames_alike(p[0].frames, p[0].frame_count, p[1].frames, p[1].frame_count),
		    prints_sound_alike(p[0].sound, p[0].sound_count, p[1].sound, p[1].sound_count), argv[i]);
	}
	free(p);
	return 0;
}
