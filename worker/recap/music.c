/* music.c - the track that comes with the product, as a score: thirty-two bars that go round without a seam. synth.c plays it. */
#include <stddef.h>

#include "worker/recap/synth.h"

#define BPM 100
#define BARS 32
#define BEAT ((int64_t)AUDIO_RATE * 60 / BPM)
#define BAR (4 * BEAT)

/* Voices and bass of a bar, as MIDI counts notes. */
struct chord {
	int notes[4], root;
};

static const struct chord home[4] = { /* F, G, Am, C: with what makes them soft */
	{ { 57, 60, 64, 67 }, 41 }, { { 55, 59, 62, 69 }, 43 }, { { 55, 60, 64, 69 }, 45 }, { { 55, 59, 60, 64 }, 36 } };
static const struct chord climb[4] = { /* Dm, Em, F, G */
	{ { 53, 57, 60, 64 }, 38 }, { { 55, 59, 62, 64 }, 40 }, { { 57, 60, 64, 65 }, 41 }, { { 55, 59, 62, 67 }, 43 } };

struct note {
	int bar;
	double beat;
	int note;
	double beats;
};

static const struct note over_climb[] = { { 0, 0, 76, 1.5 }, { 0, 1.5, 79, 0.5 }, { 0, 2, 81, 1.5 }, { 0, 3.5, 79, 0.5 }, { 1, 0, 76, 2 }, { 1, 2.5, 74, 0.5 },
	{ 1, 3, 71, 1 }, { 2, 0, 72, 1 }, { 2, 1, 76, 0.5 }, { 2, 1.5, 81, 1.5 }, { 2, 3, 79, 1 }, { 3, 0, 74, 1.5 }, { 3, 1.5, 76, 0.5 }, { 3, 2, 79, 2 } };
static const struct note over_home[] = { { 0, 0, 76, 1.5 }, { 0, 1.5, 72, 0.5 }, { 0, 2, 74, 2 }, { 1, 0, 74, 1 }, { 1, 1, 76, 0.5 }, { 1, 1.5, 79, 2.5 },
	{ 2, 0, 81, 1.5 }, { 2, 1.5, 79, 0.5 }, { 2, 2, 76, 2 }, { 3, 0, 79, 1 }, { 3, 1, 76, 1 }, { 3, 2, 74, 1 }, { 3, 3, 72, 1 } };

static const struct chord *
chord_of(int bar)
{
	return bar >= 16 && bar < 24 ? &climb[bar % 4] : &home[bar % 4];
}

static int64_t
place(int bar, double beat)
{
	return bar * BAR + (int64_t)(beat * (double)BEAT);
}

/* What runs all the time: voices held, and the same ones plucked, up and down. */
static void
harmony(struct synth *s, int bar)
{
	static const int order[8] = { 0, 2, 1, 3, 2, 1, 3, 2 };
	const struct chord *c = chord_of(bar);

	for (int i = 0; i < 4; i++)
		synth_pad(s, place(bar, 0), BAR, c->notes[i], 0.035);
	for (int i = 0; i < 8; i++)
		synth_keys(s, place(bar, i * 0.5), c->notes[order[(i + bar) % 8]] + 12, i % 2 ? 0.055 : 0.08, i % 2 ? 0.72 : 0.28);
}

static void
bass(struct synth *s, int bar)
{
	const struct chord *c = chord_of(bar);

	synth_bass(s, place(bar, 0), BEAT * 5 / 4, c->root, 0.17);
	synth_bass(s, place(bar, 1.5), BEAT * 2 / 5, c->root, 0.13);
	synth_bass(s, place(bar, 2), BEAT * 5 / 4, c->root, 0.16);
	synth_bass(s, place(bar, 3.5), BEAT * 2 / 5, c->root + 12, 0.10);
}

/* The last bar of eight ends with the drums off: breath for what comes. */
static void
drums(struct synth *s, int bar)
{
	bool ends = bar % 8 == 7;

	if (bar >= 8) {
		synth_kick(s, place(bar, 0), 0.34);
		synth_kick(s, place(bar, 2), 0.32);
		if (bar % 2 == 1 && !ends)
			synth_kick(s, place(bar, 3.5), 0.22);
	}
	for (int i = 0; i < 8 && bar >= 4 && !(ends && i >= 6); i++) /* every second one a little late */
		synth_hat(s, place(bar, i * 0.5 + (i % 2 ? 0.04 : 0)), bar < 8 ? 0.010 : i % 2 ? 0.022 : 0.014);
	for (int beat = 1; beat < 4 && bar >= 16; beat += 2)
		synth_clap(s, place(bar, beat), ends && beat == 3 ? 0.05 : 0.09);
}

/* Each note once more and more, from side to side, three quarters of a beat apart. */
static void
melody(struct synth *s, int bar, const struct note *notes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double loud = 0.075;

		for (int echo = 0; echo < 4; echo++, loud *= 0.36)
			synth_bell(s, place(bar + notes[i].bar, notes[i].beat + 0.75 * echo), (int64_t)(notes[i].beats * (double)BEAT), notes[i].note, loud,
			    echo == 0 ? 0.5 : echo % 2 ? 0.8 : 0.2);
	}
}

float *
music_make(void *mem, int64_t *samples)
{
	struct synth *s = synth_open(mem, BARS * BAR);

	for (int bar = 0; bar < BARS; bar++) {
		harmony(s, bar);
		drums(s, bar);
		if (bar >= 8)
			bass(s, bar);
	}
	for (int bar = 16; bar < 24; bar += 4)
		melody(s, bar, over_climb, sizeof(over_climb) / sizeof(over_climb[0]));
	for (int bar = 24; bar < 32; bar += 4)
		melody(s, bar, over_home, sizeof(over_home) / sizeof(over_home[0]));
	*samples = BARS * BAR;
	return synth_close(s);
}
