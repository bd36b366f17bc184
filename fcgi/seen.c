/*
 * fcgi/seen.c - see seen.h. Videos: a direct-mapped table. Views: sets of eight words, a cache line each; a word is the upper
 * 40 bits of the print and the lower 24 of the second, so it changes at once or not at all.
 */
#include "fcgi/seen.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/mem.h"
#include "lib/wait.h"

#define PLACES 131072
#define FRESH_MS 60000
#define SETS 32768
#define WAYS 8
#define SECOND_MASK UINT64_C(0xffffff)

struct seen {
	struct place {
		_Atomic int64_t until_ms; /* 0 while the place is written */
		struct uuid tenant, video;
	} places[PLACES];
	_Atomic uint64_t views[SETS][WAYS]; /* 0: free */
};

struct seen *
seen_open(void)
{
	struct seen *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		mem_out_of_memory();
	return s;
}

/* --- videos --- */

/* The tail of an id of ours is random. */
static size_t
place_of(const struct uuid *video)
{
	uint32_t tail;

	memcpy(&tail, video->b + 12, sizeof(tail));
	return tail % PLACES;
}

bool
seen_recently(const struct seen *s, const struct uuid *tenant, const struct uuid *video)
{
	const struct place *p = &s->places[place_of(video)];
	int64_t until_ms = atomic_load(&p->until_ms);

	return until_ms > now_ms() && uuid_equal(&p->video, video) && uuid_equal(&p->tenant, tenant) &&
	    atomic_load(&p->until_ms) == until_ms;
}

void
seen_add(struct seen *s, const struct uuid *tenant, const struct uuid *video)
{
	struct place *p = &s->places[place_of(video)];

	atomic_store(&p->until_ms, 0);
	p->tenant = *tenant;
	p->video = *video;
	atomic_store(&p->until_ms, now_ms() + FRESH_MS);
}

/* --- views --- */

static uint64_t
age_of(uint64_t word, time_t now_s)
{
	return word == 0 ? SECOND_MASK : ((uint64_t)now_s - word) & SECOND_MASK;
}

static bool
is_of(uint64_t word, uint64_t print)
{
	return word != 0 && (word & ~SECOND_MASK) == (print & ~SECOND_MASK);
}

bool
seen_claim(struct seen *s, uint64_t print, time_t now_s)
{
	_Atomic uint64_t *set = s->views[print % SETS];
	uint64_t word = (print & ~SECOND_MASK) | ((uint64_t)now_s & SECOND_MASK);

	for (;;) {
		uint64_t words[WAYS];
		int oldest = 0;

		for (int i = 0; i < WAYS; i++) {
			words[i] = atomic_load_explicit(&set[i], memory_order_relaxed);
			if (is_of(words[i], print) && age_of(words[i], now_s) < SEEN_VIEW_S)
				return false;
			if (age_of(words[i], now_s) > age_of(words[oldest], now_s))
				oldest = i;
		}
		if (atomic_compare_exchange_strong(&set[oldest], &words[oldest], word))
			return true;
	}
}

void
seen_unclaim(struct seen *s, uint64_t print)
{
	_Atomic uint64_t *set = s->views[print % SETS];

	for (int i = 0; i < WAYS; i++) {
		uint64_t word = atomic_load_explicit(&set[i], memory_order_relaxed);

		if (is_of(word, print))
			atomic_compare_exchange_strong(&set[i], &word, 0);
	}
}
