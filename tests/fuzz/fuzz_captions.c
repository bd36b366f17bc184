/*
 * tests/fuzz/fuzz_captions.c - files of captions: what is read keeps within its limits, holds no markup, and read again
 * from our own WebVTT it is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/captions.h"
#include "lib/mem.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *mem = talloc_new(NULL);
	struct captions first, again;
	struct buf vtt;

	if (captions_read(mem, (const char *)data, size, &first) == NULL) {
		if (first.count == 0 || first.count > CAPTIONS_CUES_MAX)
			abort();
		buf_init(&vtt, mem, 1024);
		captions_write_vtt(&first, &vtt);
		if (vtt.length < CAPTIONS_BYTES_MAX && captions_read(mem, vtt.data, vtt.length, &again) != NULL)
			abort();
		for (size_t i = 0; i < first.count && vtt.length < CAPTIONS_BYTES_MAX; i++)
			if (again.count != first.count || first.cues[i].start_ms >= first.cues[i].end_ms ||
			    first.cues[i].start_ms != again.cues[i].start_ms || strcmp(first.cues[i].text, again.cues[i].text) != 0 ||
			    strlen(first.cues[i].text) > CAPTIONS_TEXT_MAX)
				abort();
	}
	talloc_free(mem);
	return 0;
}
