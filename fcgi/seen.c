/* fcgi/seen.c - a direct-mapped table of tenant and video with the time they were seen. */
#include "fcgi/seen.h"

#include <string.h>

#include "lib/mem.h"
#include "lib/wait.h"

#define PLACES 32768
#define FRESH_MS 10000

struct seen {
	struct {
		struct uuid tenant, video;
		int64_t until_ms;
	} places[PLACES];
};

struct seen *
seen_new(void *context)
{
	return mem_new(context, struct seen);
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
	size_t p = place_of(video);

	return s->places[p].until_ms > now_ms() && uuid_equal(&s->places[p].video, video) &&
	    uuid_equal(&s->places[p].tenant, tenant);
}

void
seen_add(struct seen *s, const struct uuid *tenant, const struct uuid *video)
{
	size_t p = place_of(video);

	s->places[p].tenant = *tenant;
	s->places[p].video = *video;
	s->places[p].until_ms = now_ms() + FRESH_MS;
}
