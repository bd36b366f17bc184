/* music.c - the track that comes with the product: sixteen bars that go round without a seam, made of sines. Whatever sounds
 * beyond the last bar is written into the first. */
#include <math.h>

#include "worker/recap/internal.h"

#define BPM 104
#define BARS 16
#define BEAT ((int64_t)AUDIO_RATE * 60 / BPM)

struct track {
	float *sound;
	int64_t samples;
	uint32_t seed;
};

static double
hertz(int note) /* as MIDI counts them */
{
	return 440 * pow(2, (note - 69) / 12.0);
}

static void
put(struct track *t, int64_t at, double left, double right)
{
	at %= t->samples;
	t->sound[2 * at] += (float)left;
	t->sound[2 * at + 1] += (float)right;
}

/* Slow in, slow out, three voices a little apart. */
static void
pad(struct track *t, int64_t at, int note, int64_t length)
{
	int64_t tail = AUDIO_RATE;
	double step = 2 * M_PI * hertz(note) / AUDIO_RATE;

	for (int64_t i = 0; i < length + tail; i++) {
		double rise = fmin(1, (double)i / (0.5 * AUDIO_RATE)), fall = i < length ? 1 : 1 - (double)(i - length) / (double)tail;
		double l = sin(step * (double)i) + 0.5 * sin(step * 1.004 * (double)i) + 0.2 * sin(step * 2 * (double)i);
		double r = sin(step * (double)i) + 0.5 * sin(step * 0.996 * (double)i) + 0.2 * sin(step * 2.003 * (double)i);

		put(t, at + i, 0.035 * rise * fall * l, 0.035 * rise * fall * r);
	}
}

/* A plucked string, from one side or the other. */
static void
pluck(struct track *t, int64_t at, int note, double loud, double side)
{
	double step = 2 * M_PI * hertz(note) / AUDIO_RATE;

	for (int64_t i = 0; i < AUDIO_RATE; i++) {
		double s = (double)i / AUDIO_RATE, x = loud * fmin(1, s * 400) * exp(-5 * s) * (sin(step * (double)i) + 0.4 * exp(-9 * s) * sin(3 * step * (double)i));

		put(t, at + i, x * (1 - side), x * side);
	}
}

static void
bass(struct track *t, int64_t at, int note, int64_t length)
{
	double step = 2 * M_PI * hertz(note) / AUDIO_RATE;

	for (int64_t i = 0; i < length; i++) {
		double x = 0.14 * fmin(1, (double)i / 300) * fmin(1, (double)(length - i) / 2000) * (sin(step * (double)i) + 0.25 * sin(2 * step * (double)i));

		put(t, at + i, x, x);
	}
}

static void
kick(struct track *t, int64_t at)
{
	double phase = 0;

	for (int64_t i = 0; i < AUDIO_RATE / 4; i++) {
		double s = (double)i / AUDIO_RATE, x;

		phase += 2 * M_PI * (48 + 90 * exp(-30 * s)) / AUDIO_RATE;
		x = 0.34 * exp(-14 * s) * sin(phase);
		put(t, at + i, x, x);
	}
}

static void
hat(struct track *t, int64_t at, double loud)
{
	double before = 0;

	for (int64_t i = 0; i < AUDIO_RATE / 12; i++) {
		double noise, x;

		t->seed = t->seed * 1664525 + 1013904223;
		noise = (double)(t->seed >> 8) / (1 << 23) - 1;
		x = loud * exp(-70 * (double)i / AUDIO_RATE) * (noise - before);
		before = noise;
		put(t, at + i, x * 0.9, x);
	}
}

float *
music_make(void *mem, int64_t *samples)
{
	static const int chords[4][4] = { { 57, 60, 64, 67 }, { 53, 57, 60, 64 }, { 48, 55, 60, 64 }, { 55, 59, 62, 65 } }, roots[4] = { 33, 29, 36, 31 };
	static const int order[8] = { 0, 2, 1, 3, 2, 1, 3, 2 };
	struct track t = { .samples = BARS * 4 * BEAT, .seed = 1 };

	t.sound = mem_array(mem, float, 2 * (size_t)t.samples);
	for (int64_t i = 0; i < 2 * t.samples; i++)
		t.sound[i] = 0;
	for (int bar = 0; bar < BARS; bar++) {
		const int *chord = chords[bar % 4];
		int64_t at = bar * 4 * BEAT;

		for (int i = 0; i < 4; i++) {
			pad(&t, at, chord[i], 4 * BEAT);
			bass(&t, at + i * BEAT, roots[bar % 4] + (i == 3 ? 12 : 0), BEAT * 9 / 10);
		}
		for (int i = 0; i < 8; i++)
			pluck(&t, at + i * BEAT / 2, chord[order[(i + bar) % 8]] + 12 + (bar >= 8 && i % 4 == 3 ? 12 : 0), i % 2 ? 0.07 : 0.10, i % 2 ? 0.7 : 0.3);
		for (int i = 0; i < 4 && bar >= 4; i++)
			kick(&t, at + i * BEAT);
		for (int i = 0; i < 8 && bar >= 8; i++)
			hat(&t, at + i * BEAT / 2, i % 2 ? 0.05 : 0.025);
	}
	*samples = t.samples;
	return t.sound;
}
