/* phash.c - hashes of pictures and agreement of prints: no libav here. A hash is the signs of the low frequencies (DCT) of
 * the picture without its bars, against their median: scale, brightness and contrast do not change them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "worker/media/prints.h"

#define SIDE 32
#define LOW 8
#define BAR_SPREAD 14         /* a row that varies by no more is a bar */
#define BAR_MOST (PRINT_SIDE * 2 / 5)
#define PLAIN_DEVIATION 4.0
#define COMMON_LEAST 60       /* seven seconds of sound */

static bool
is_bar(const uint8_t *p, size_t step)
{
	int low = 255, high = 0;

	for (int i = 0; i < PRINT_SIDE; i++, p += step) {
		low = *p < low ? *p : low;
		high = *p > high ? *p : high;
	}
	return high - low <= BAR_SPREAD;
}

struct area {
	int left, top, right, bottom;
};

static struct area
without_bars(const uint8_t *grey, size_t stride)
{
	struct area a = { 0, 0, PRINT_SIDE, PRINT_SIDE };

	while (a.top < BAR_MOST && is_bar(grey + (size_t)a.top * stride, 1))
		a.top++;
	while (PRINT_SIDE - a.bottom < BAR_MOST && is_bar(grey + (size_t)(a.bottom - 1) * stride, 1))
		a.bottom--;
	while (a.left < BAR_MOST && is_bar(grey + a.left, stride))
		a.left++;
	while (PRINT_SIDE - a.right < BAR_MOST && is_bar(grey + a.right - 1, stride))
		a.right--;
	return a;
}

static double
area_mean(const uint8_t *grey, size_t stride, double x0, double y0, double x1, double y1)
{
	double sum = 0, weight = 0;

	for (int y = (int)y0; y < y1; y++) {
		double h = fmin(y + 1, y1) - fmax(y, y0);

		for (int x = (int)x0; x < x1; x++) {
			double w = h * (fmin(x + 1, x1) - fmax(x, x0));

			sum += w * grey[(size_t)y * stride + (size_t)x];
			weight += w;
		}
	}
	return sum / weight;
}

static void
shrink(const uint8_t *grey, size_t stride, const struct area *a, int turns, double out[SIDE][SIDE])
{
	double w = (a->right - a->left) / (double)SIDE, h = (a->bottom - a->top) / (double)SIDE;

	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++) {
			double v = area_mean(grey, stride, a->left + x * w, a->top + y * h, a->left + (x + 1) * w, a->top + (y + 1) * h);

			switch (turns & 3) {
			case 1: out[x][SIDE - 1 - y] = v; break;
			case 2: out[SIDE - 1 - y][SIDE - 1 - x] = v; break;
			case 3: out[SIDE - 1 - x][y] = v; break;
			default: out[y][x] = v; break;
			}
		}
	}
}

static bool
is_plain(double p[SIDE][SIDE])
{
	double sum = 0, squares = 0;

	for (int i = 0; i < SIDE * SIDE; i++) {
		sum += (&p[0][0])[i];
		squares += (&p[0][0])[i] * (&p[0][0])[i];
	}
	sum /= SIDE * SIDE;
	return sqrt(fmax(0, squares / (SIDE * SIDE) - sum * sum)) < PLAIN_DEVIATION;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
low_frequencies(double p[SIDE][SIDE], double out[LOW * LOW])
{
	double rows[SIDE][LOW];

	for (int y = 0; y < SIDE; y++)
		for (int u = 0; u < LOW; u++) {
			rows[y][u] = 0;
			for (int x = 0; x < SIDE; x++)
				rows[y][u] += p[y][x] * cos(M_PI * (x + 0.5) * u / SIDE);
		}
	for (int v = 0; v < LOW; v++)
		for (int u = 0; u < LOW; u++) {
			out[v * LOW + u] = 0;
			for (int y = 0; y < SIDE; y++)
				out[v * LOW + u] += rows[y][u] * cos(M_PI * (y + 0.5) * v / SIDE);
		}
}

bool
print_frame(const uint8_t *grey, size_t stride, int quarter_turns, uint64_t *hash)
{
	struct area a = without_bars(grey, stride);
	double p[SIDE][SIDE], f[LOW * LOW], sorted[LOW * LOW - 1], median;

	shrink(grey, stride, &a, quarter_turns, p);
	if (is_plain(p))
		return false;
	low_frequencies(p, f);
	memcpy(sorted, f + 1, sizeof(sorted)); /* without the mean */
	qsort(sorted, LOW * LOW - 1, sizeof(double), ascending);
	median = sorted[(LOW * LOW - 1) / 2];
	*hash = 0;
	for (int i = 1; i < LOW * LOW; i++)
		*hash |= (uint64_t)(f[i] > median) << i;
	return true;
}

/* One picture of the upload alone tells nothing: a faint one with an edge left by a bar is like many. */
double
prints_frames_alike(const uint64_t *wanted, size_t wanted_count, const uint64_t *seen, size_t seen_count)
{
	size_t found = 0, first = SIZE_MAX;
	bool is_one = true;

	for (size_t i = 0; i < wanted_count; i++) {
		bool is_found = false;

		for (size_t j = 0; j < seen_count && (!is_found || is_one); j++) {
			if (__builtin_popcountll(wanted[i] ^ seen[j]) > PRINT_FRAME_BITS)
				continue;
			first = first == SIZE_MAX ? j : first;
			is_one = is_one && j == first;
			is_found = true;
		}
		found += is_found;
	}
	if (found == 0 || (is_one && wanted_count > 1 && seen_count > 1))
		return 0;
	return (double)found / (double)wanted_count;
}

/* Four numbers at once: a slow machine compares a new entry with a hundred thousand videos, too. */
typedef uint32_t four __attribute__((vector_size(16)));

static inline four
bits_apart(const uint32_t *a, const uint32_t *b, const uint32_t *mask, size_t count)
{
	four x = { 0 }, y = { 0 }, m = { 0 };

	memcpy(&x, a, count * sizeof(*a));
	memcpy(&y, b, count * sizeof(*b));
	memcpy(&m, mask, count * sizeof(*mask));
	x = (x ^ y) & m;
	x -= x >> 1 & 0x55555555;
	x = (x & 0x33333333) + (x >> 2 & 0x33333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f;
	x += x >> 8;
	x += x >> 16;
	return x & 0x3f;
}

static size_t
all_bits_apart(const uint32_t *a, const uint32_t *b, const uint32_t *mask, size_t count)
{
	four sum = { 0 };
	size_t i = 0;

	for (; i + 4 <= count; i += 4)
		sum += bits_apart(a + i, b + i, mask + i, 4);
	sum += bits_apart(a + i, b + i, mask + i, count - i);
	return sum[0] + sum[1] + sum[2] + sum[3];
}

/* Silence and steady tones are alike everywhere: what does not change says nothing. */
double
prints_sound_alike(const uint32_t *wanted, size_t wanted_count, const uint32_t *seen, size_t seen_count)
{
	uint32_t mask[PRINT_SOUND];
	size_t said[PRINT_SOUND + 1]; /* how many before it say something */
	double best = 0;

	wanted_count = wanted_count < PRINT_SOUND ? wanted_count : PRINT_SOUND;
	said[0] = 0;
	for (size_t i = 0; i < wanted_count; i++) {
		mask[i] = i == 0 || wanted[i] != wanted[i - 1] ? UINT32_MAX : 0;
		said[i + 1] = said[i] + (mask[i] != 0);
	}
	for (int64_t shift = 1 - (int64_t)wanted_count; shift < (int64_t)seen_count; shift++) {
		size_t from = shift < 0 ? (size_t)-shift : 0, left = (size_t)((int64_t)seen_count - shift);
		size_t to = wanted_count < left ? wanted_count : left, common;

		common = to > from ? said[to] - said[from] : 0;
		if (common >= COMMON_LEAST)
			best = fmax(best, 1 - (double)all_bits_apart(wanted + from, seen + ((int64_t)from + shift), mask + from, to - from) /
			    (32.0 * (double)common));
	}
	return best;
}

bool
prints_alike(const struct print_set *entry, const struct print_set *seen, struct likeness *out)
{
	out->frames = prints_frames_alike(entry->frames, entry->frame_count, seen->frames, seen->frame_count);
	out->sound = prints_sound_alike(entry->sound, entry->sound_count, seen->sound, seen->sound_count);
	return out->frames >= PRINT_FRAMES_ALIKE || out->sound >= PRINT_SOUND_ALIKE;
}
