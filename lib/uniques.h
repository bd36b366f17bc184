/* lib/uniques.h - unique viewers: a HyperLogLog in Redis for each video and day (UTC). Any range of days is counted from them at once. */
#ifndef ATELIER_UNIQUES_H
#define ATELIER_UNIQUES_H

#include "lib/mem.h"

#define UNIQUES_KEPT_DAYS 400

/* day: YYYYMMDD. Hangs on context. */
static inline const char *
uniques_key(void *context, const char *video, const char *day)
{
	return mem_printf(context, "uniques:%s:%s", video, day);
}

#endif
