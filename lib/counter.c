/* lib/counter.c - the place behind lib/counter.h. */
#include "lib/counter.h"

const struct counter_info counter_infos[COUNTER_COUNT] = {
#define X(name, help) [COUNTER_##name] = { #name, help },
#include "lib/counters.def"
#undef X
};

static _Atomic uint64_t own[COUNTER_COUNT];
_Atomic uint64_t *counters = own;

void
counters_share(_Atomic uint64_t *memory)
{
	counters = memory;
}
