/*
 * worker/media/prints.h - what a video is known again by: perceptual hashes of its pictures, a fingerprint of its sound.
 * They survive encoding anew, scaling, black bars and brightness; sound survives a cut at its beginning, too.
 */
#ifndef ATELIER_WORKER_MEDIA_PRINTS_H
#define ATELIER_WORKER_MEDIA_PRINTS_H

#include "worker/media/media.h"

#define PRINT_FRAMES 120
#define PRINT_SOUND 5000 /* ten minutes, about eight a second */

struct media_prints {
	uint64_t frames[PRINT_FRAMES]; /* four a second, less often in what is longer; plain pictures are left out */
	double at_s[PRINT_FRAMES];
	size_t frame_count;
	uint32_t sound[PRINT_SOUND]; /* raw chromaprint */
	size_t sound_count;
};

/* Reads path. MEDIA_OK also when only the pictures or only the sound could be read. */
int media_prints_make(const char *path, struct media_prints *out, void (*on_progress)(void *user, int percent), void *user,
    struct media_failure *failure);

/* The hash of a grey picture of 128 x 128; false when it is plain. quarter_turns: clockwise, to be upright. */
#define PRINT_SIDE 128
bool print_frame(const uint8_t *grey, size_t stride, int quarter_turns, uint64_t *hash);

#define PRINT_FRAME_BITS 14 /* so many of 64 may differ */
/* Which part of the frames `wanted` is among `seen`: 0 to 1; 0 when all were found in one of several pictures seen. */
double prints_frames_alike(const uint64_t *wanted, size_t wanted_count, const uint64_t *seen, size_t seen_count);

#define PRINT_SOUND_ALIKE 0.72 /* what has nothing in common is alike to about 0.5 */
/* The best agreement of bits over all shifts with enough in common: 0 to 1. */
double prints_sound_alike(const uint32_t *wanted, size_t wanted_count, const uint32_t *seen, size_t seen_count);

/* The prints of an entry of a blocklist, or of a video. */
struct print_set {
	const uint64_t *frames;
	const uint32_t *sound;
	size_t frame_count, sound_count;
};

struct likeness {
	double frames, sound;
};

#define PRINT_FRAMES_ALIKE 0.5 /* of an entry's pictures */
/* The rule of the blocklist: is a video like an entry, and how much? */
bool prints_alike(const struct print_set *entry, const struct print_set *seen, struct likeness *out);

#endif
