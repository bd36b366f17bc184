/* fcgi/seen.c - a direct-mapped table of tenant and video with the time they were seen. */
#include "fcgi/seen.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/mem.h"
#include "lib/wait.h"

#define PLACES 131072
#define FRESH_MS 60000

struct seen {
	struct place {
		_Atomic int64_t until_ms; /* 0 while the place is written */
		struct uuid tenant, video;
	} places[PLACES];
};

struct seen *
seen_open(void)
{
	struct seen *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		mem_out_of_memory();
	return s;
}

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
