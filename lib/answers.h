/*
 * lib/answers.h - the mark behind which no kept answer of a community counts (fcgi/cache.c): set by the web process when a
 * request has changed what others see, and by the worker when the database says that something did.
 */
#ifndef ATELIER_LIB_ANSWERS_H
#define ATELIER_LIB_ANSWERS_H

#include <stdint.h>
#include <time.h>

#define ANSWERS_DROPPED_KEY "answers-dropped:%s" /* the community's id */
#define ANSWERS_DROPPED_MS 600000                /* longer than any answer is kept */

/* The clock of marks and kept answers, milliseconds; of all machines that serve one Redis. */
static inline int64_t
answers_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

#endif
