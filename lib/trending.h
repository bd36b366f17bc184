/* lib/trending.h - where the worker puts what is watched these days, and the web process finds it: a sorted set of video ids for each
 * community and window. */
#ifndef ATELIER_TRENDING_H
#define ATELIER_TRENDING_H

#include "lib/mem.h"

#define TRENDING_MOST 500
#define TRENDING_KEPT_S 3600 /* the worker renews it every minute; rather nothing than what was so long ago */

/* window: hour, day, week. Hangs on context. */
static inline const char *
trending_key(void *context, const char *tenant, const char *window)
{
	return mem_printf(context, "trending:%s:%s", tenant, window);
}

#endif
