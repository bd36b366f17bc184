/* synth.h - instruments that write into a piece of music that goes round: what sounds beyond its end sounds at its beginning. Times and
 * lengths in samples at AUDIO_RATE, notes as MIDI counts them, `loud` as a part of full scale, side from 0 (left) to 1. */
#ifndef ATELIER_RECAP_SYNTH_H
#define ATELIER_RECAP_SYNTH_H

#include "worker/recap/internal.h"

struct synth;

struct synth *synth_open(void *mem, int64_t samples);

void synth_pad(struct synth *s, int64_t at, int64_t length, int note, double loud);   /* held, slow in and out; gives way to the kick */
void synth_bass(struct synth *s, int64_t at, int64_t length, int note, double loud);  /* likewise */
void synth_keys(struct synth *s, int64_t at, int note, double loud, double side);     /* an electric piano, plucked */
void synth_bell(struct synth *s, int64_t at, int64_t length, int note, double loud, double side);
void synth_kick(struct synth *s, int64_t at, double loud);
void synth_clap(struct synth *s, int64_t at, double loud);
void synth_hat(struct synth *s, int64_t at, double loud);

/* The whole, with its room around it: interleaved stereo on the mem that it was opened with. */
float *synth_close(struct synth *s);

#endif
