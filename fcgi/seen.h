/*
 * fcgi/seen.h - which public videos were found visible a moment ago, so that counting a view needs no query.
 * Per child; a video that was hidden since may be counted for some seconds more, and the flush drops what is gone.
 */
#ifndef ATELIER_SEEN_H
#define ATELIER_SEEN_H

#include <stdbool.h>

#include "lib/uuid.h"

struct seen;

struct seen *seen_new(void *context);
bool seen_recently(const struct seen *s, const struct uuid *tenant, const struct uuid *video);
void seen_add(struct seen *s, const struct uuid *tenant, const struct uuid *video);

#endif
