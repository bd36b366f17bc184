/*
 * lib/counter.h - counters that any file may raise. They count into this process's own array until
 * counters_share() gives them memory that other processes see.
 */
#ifndef ATELIER_COUNTER_H
#define ATELIER_COUNTER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum counter {
#define X(name, help) COUNTER_##name,
#include "lib/counters.def"
#undef X
	COUNTER_COUNT
};

struct counter_info {
	const char *name, *help;
};
extern const struct counter_info counter_infos[COUNTER_COUNT];

extern _Atomic uint64_t *counters;

static inline void
counter_add(enum counter c, uint64_t n)
{
	atomic_fetch_add_explicit(&counters[c], n, memory_order_relaxed);
}

/* Makes memory (COUNTER_COUNT slots, zeroed, shared) the place to count in. Before the fork. */
void counters_share(_Atomic uint64_t *memory);

#endif
