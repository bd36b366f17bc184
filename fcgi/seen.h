/*
 * fcgi/seen.h - which public videos were found visible a moment ago, so that counting a view needs no query. Shared
 * between all children; a video that was hidden since may be counted for a minute more, and the flush drops what is gone.
 */
#ifndef ATELIER_SEEN_H
#define ATELIER_SEEN_H

#include <stdbool.h>

#include "lib/uuid.h"

struct seen;

/* In shared memory: to be called by the master. */
struct seen *seen_open(void);
bool seen_recently(const struct seen *s, const struct uuid *tenant, const struct uuid *video);
void seen_add(struct seen *s, const struct uuid *tenant, const struct uuid *video);

#endif
