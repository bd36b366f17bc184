/*
 * lib/captions.h - captions as people have them (WebVTT, SubRip) as a list of plain texts with times, and as the WebVTT
 * that we serve. Of what came in only times and words stay: styles, positions, scripts and unknown tags do not.
 */
#ifndef ATELIER_CAPTIONS_H
#define ATELIER_CAPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

#define CAPTIONS_BYTES_MAX ((size_t)1024 * 1024)
#define CAPTIONS_CUES_MAX 10000
#define CAPTIONS_TEXT_MAX 2000 /* bytes of one cue */

struct caption_cue {
	int64_t start_ms, end_ms; /* 0 <= start < end */
	const char *text;         /* plain, without markup; lines are separated by \n */
};

struct captions {
	struct caption_cue *cues; /* in the order of their starts */
	size_t count;
};

/* Reads a whole file. NULL, or why it cannot be taken, in words for people; all on mem. */
const char *captions_read(void *mem, const char *bytes, size_t size, struct captions *out);

/* What is said from start_ms on, and before end_ms (0: to the end), with times from there. On mem. */
void captions_cut(void *mem, const struct captions *c, int64_t start_ms, int64_t end_ms, struct captions *out);

/* The cues as a WebVTT file. */
void captions_write_vtt(const struct captions *c, struct buf *out);

#endif
