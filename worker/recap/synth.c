/* synth.c - see synth.h. Sines, noise and a room; no samples, nobody's recording. */
#include "worker/recap/synth.h"

#include <math.h>

#define HARMONICS 5

struct synth {
	void *mem;
	int64_t samples;
	float *front, *behind, *room; /* interleaved: as it is; gives way to the kick; what the room answers to */
	float *way;                   /* how much of `behind` is heard, one for each sample */
	uint32_t seed;
};

static double
hertz(int note)
{
	return 440 * pow(2, (note - 69) / 12.0);
}

static void
add(const struct synth *s, float *bus, int64_t at, double left, double right)
{
	int64_t i = 2 * (at % s->samples);

	bus[i] += (float)left;
	bus[i + 1] += (float)right;
}

static double
noise(struct synth *s)
{
	s->seed = s->seed * 1664525 + 1013904223;
	return (double)(s->seed >> 8) / (1 << 23) - 1;
}

/* A sine that is turned on, not computed anew, for each sample. */
struct turn {
	double x, y, cos, sin;
};

static struct turn
turn_of(double hz, double phase)
{
	double step = 2 * M_PI * hz / AUDIO_RATE;

	return (struct turn){ cos(phase), sin(phase), cos(step), sin(step) };
}

static double
turned(struct turn *t)
{
	double x = t->x * t->cos - t->y * t->sin;

	t->y = t->x * t->sin + t->y * t->cos;
	t->x = x;
	return t->y;
}

/* --- instruments --- */

void
synth_pad(struct synth *s, int64_t at, int64_t length, int note, double loud)
{
	int64_t rise = AUDIO_RATE * 3 / 4, fall = AUDIO_RATE * 5 / 4;
	struct turn left[HARMONICS], right[HARMONICS], slow = turn_of(0.23, note);

	for (int h = 0; h < HARMONICS; h++) {
		left[h] = turn_of(hertz(note) * (h + 1) * 0.9985, h * 1.3 + note);
		right[h] = turn_of(hertz(note) * (h + 1) * 1.0015, h * 2.1 + note);
	}
	for (int64_t i = 0; i < length + fall; i++) {
		double in = fmin(1, (double)i / (double)rise), out = i < length ? 1 : 1 - (double)(i - length) / (double)fall;
		double bright = 0.42 + 0.10 * turned(&slow), part = loud * in * in * out * out, l = 0, r = 0;

		for (int h = 0; h < HARMONICS; h++, part *= bright) {
			l += part * turned(&left[h]);
			r += part * turned(&right[h]);
		}
		add(s, s->behind, at + i, l, r);
		add(s, s->room, at + i, 0.35 * l, 0.35 * r);
	}
}

void
synth_bass(struct synth *s, int64_t at, int64_t length, int note, double loud)
{
	struct turn one = turn_of(hertz(note), 0), two = turn_of(2 * hertz(note), 0), three = turn_of(3 * hertz(note), 0);
	int64_t fall = AUDIO_RATE / 12;

	for (int64_t i = 0; i < length + fall; i++) {
		double seconds = (double)i / AUDIO_RATE, in = fmin(1, (double)i / 240), out = i < length ? 1 : 1 - (double)(i - length) / (double)fall;
		double x = turned(&one) + 0.45 * exp(-3 * seconds) * turned(&two) + 0.18 * exp(-6 * seconds) * turned(&three);

		x = loud * in * out * exp(-0.7 * seconds) * x;
		add(s, s->behind, at + i, x, x);
	}
}

void
synth_keys(struct synth *s, int64_t at, int note, double loud, double side)
{
	double step = 2 * M_PI * hertz(note) / AUDIO_RATE;
	struct turn body = turn_of(hertz(note), 0), tine = turn_of(fmin(14 * hertz(note), 15000), 0);

	for (int64_t i = 0; i < AUDIO_RATE * 3 / 2; i++) {
		double seconds = (double)i / AUDIO_RATE, out = fmin(1, (1.5 - seconds) * 10);
		double x = sin(step * (double)i + 1.1 * exp(-4 * seconds) * turned(&body)) + 0.10 * exp(-28 * seconds) * turned(&tine);

		x = loud * fmin(1, seconds * 350) * exp(-3.2 * seconds) * out * x;
		add(s, s->front, at + i, x * (1 - side), x * side);
		add(s, s->room, at + i, 0.30 * x * side, 0.30 * x * (1 - side)); /* the room answers from the other side */
	}
}

void
synth_bell(struct synth *s, int64_t at, int64_t length, int note, double loud, double side)
{
	double step = 2 * M_PI * hertz(note) / AUDIO_RATE;
	struct turn over = turn_of(3 * hertz(note), 0), sway = turn_of(5.2, 0);
	int64_t fall = AUDIO_RATE / 3;

	for (int64_t i = 0; i < length + fall; i++) {
		double seconds = (double)i / AUDIO_RATE, out = i < length ? 1 : 1 - (double)(i - length) / (double)fall;
		double x = sin(step * (double)i + 0.03 * fmin(1, seconds * 2) * turned(&sway)) + 0.16 * exp(-5 * seconds) * turned(&over);

		x = loud * fmin(1, seconds * 90) * (0.45 + 0.55 * exp(-2.2 * seconds)) * out * out * x;
		add(s, s->front, at + i, x * (1 - side), x * side);
		add(s, s->room, at + i, 0.55 * x * side, 0.55 * x * (1 - side));
	}
}

/* What lies behind makes way for a fifth of a second. */
void
synth_kick(struct synth *s, int64_t at, double loud)
{
	double phase = 0;

	for (int64_t i = 0; i < AUDIO_RATE * 2 / 5; i++) {
		double seconds = (double)i / AUDIO_RATE, x;

		phase += 2 * M_PI * (46 + 70 * exp(-34 * seconds)) / AUDIO_RATE;
		x = loud * fmin(1, seconds * 900) * exp(-9 * seconds) * fmin(1, (0.4 - seconds) * 20) * sin(phase);
		add(s, s->front, at + i, x, x);
	}
	for (int64_t i = 0; i < AUDIO_RATE / 4; i++) {
		double seconds = (double)i / AUDIO_RATE, gone = 0.55 * fmin(1, seconds * 120) * fmax(0, 1 - seconds * 4);
		float *way = &s->way[(at + i) % s->samples];

		*way = fminf(*way, (float)(1 - gone));
	}
}

/* Noise between two corners, by one pole each. */
struct band {
	double low, high, under, over; /* states; shares of a sample that pass */
};

static double
banded(struct band *b, double x)
{
	b->low += b->under * (x - b->low);
	b->high += b->over * (b->low - b->high);
	return b->low - b->high;
}

/* Three hands, not quite together. */
void
synth_clap(struct synth *s, int64_t at, double loud)
{
	struct band left = { .under = 0.30, .over = 0.10 }, right = left;

	for (int64_t i = 0; i < AUDIO_RATE / 4; i++) {
		double seconds = (double)i / AUDIO_RATE, burst = seconds < 0.024 ? exp(-160 * fmod(seconds, 0.012)) : exp(-22 * (seconds - 0.024));
		double l = loud * burst * banded(&left, noise(s)), r = loud * burst * banded(&right, noise(s));

		add(s, s->front, at + i, l, r);
		add(s, s->room, at + i, 0.6 * l, 0.6 * r);
	}
}

void
synth_hat(struct synth *s, int64_t at, double loud)
{
	double before = 0, twice = 0;

	for (int64_t i = 0; i < AUDIO_RATE / 10; i++) {
		double n = noise(s), x = loud * exp(-55 * (double)i / AUDIO_RATE) * (n - 2 * before + twice); /* what is high remains */

		twice = before;
		before = n;
		add(s, s->front, at + i, x * 0.42, x * 0.58);
	}
}

/* --- the room: eight echoes that go round, four that blur them (Schroeder's, with Freeverb's lengths) --- */

#define ECHOES 8
#define BLURS 4

struct room {
	float *echo[ECHOES], *blur[BLURS];
	int echo_at[ECHOES], blur_at[BLURS], echo_length[ECHOES], blur_length[BLURS];
	float dull[ECHOES];
};

static void
room_open(struct room *r, void *mem, int spread)
{
	static const int echoes[ECHOES] = { 1214, 1293, 1389, 1475, 1547, 1622, 1694, 1760 }, blurs[BLURS] = { 605, 480, 371, 245 };

	*r = (struct room){ 0 };
	for (int i = 0; i < ECHOES; i++)
		r->echo[i] = mem_array(mem, float, (size_t)(r->echo_length[i] = echoes[i] + spread));
	for (int i = 0; i < BLURS; i++)
		r->blur[i] = mem_array(mem, float, (size_t)(r->blur_length[i] = blurs[i] + spread));
}

static float
room_answer(struct room *r, float x)
{
	float y = 0;

	for (int i = 0; i < ECHOES; i++) {
		float *cell = &r->echo[i][r->echo_at[i]], old = *cell;

		r->dull[i] = old * 0.72F + r->dull[i] * 0.28F;
		*cell = x * 0.12F + r->dull[i] * 0.84F;
		y += old;
		r->echo_at[i] = r->echo_at[i] + 1 == r->echo_length[i] ? 0 : r->echo_at[i] + 1;
	}
	for (int i = 0; i < BLURS; i++) {
		float *cell = &r->blur[i][r->blur_at[i]], old = *cell;

		*cell = y + old * 0.5F;
		y = old - y;
		r->blur_at[i] = r->blur_at[i] + 1 == r->blur_length[i] ? 0 : r->blur_at[i] + 1;
	}
	return y;
}

/* What still sounds in it at the end of the piece is in it at the beginning: it hears the last seconds first. */
static void
room_play(struct synth *s, int side)
{
	struct room r;
	int64_t ahead = 4 * AUDIO_RATE < s->samples ? 4 * AUDIO_RATE : s->samples;

	room_open(&r, s, side == 0 ? 0 : 25);
	for (int64_t i = s->samples - ahead; i < s->samples; i++)
		room_answer(&r, s->room[2 * i + side]);
	for (int64_t i = 0; i < s->samples; i++)
		s->front[2 * i + side] += room_answer(&r, s->room[2 * i + side]);
}

/* --- the whole --- */

struct synth *
synth_open(void *mem, int64_t samples)
{
	struct synth *s = mem_new(mem, struct synth);

	s->mem = mem;
	s->samples = samples;
	s->seed = 1;
	s->front = mem_array(s, float, 2 * (size_t)samples);
	s->behind = mem_array(s, float, 2 * (size_t)samples);
	s->room = mem_array(s, float, 2 * (size_t)samples);
	s->way = mem_array(s, float, (size_t)samples);
	for (int64_t i = 0; i < samples; i++)
		s->way[i] = 1;
	return s;
}

float *
synth_close(struct synth *s)
{
	float *sound = s->front;

	room_play(s, 0);
	room_play(s, 1);
	for (int64_t i = 0; i < s->samples; i++)
		for (int side = 0; side < 2; side++)
			sound[2 * i + side] = tanhf(sound[2 * i + side] + s->behind[2 * i + side] * s->way[i]);
	talloc_steal(s->mem, sound);
	talloc_free(s);
	return sound;
}
