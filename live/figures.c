/* live/figures.c - what this daemon has done, for /metrics of the web process (handlers/ops.c): a field of a hash in Redis, told again
 * and again; one that is old is of a daemon that is no more. */
#include <time.h>

#include "live/live.h"

void
figures_tell(struct live *l)
{
	void *mem = talloc_new(NULL);
	const char *text = mem_printf(mem, "%lld %zu %zu %llu %llu %llu %llu %llu", (long long)time(NULL), l->peer_count, l->waiting_bytes,
	    (unsigned long long)l->figures.connections, (unsigned long long)l->figures.frames_in, (unsigned long long)l->figures.frames_out,
	    (unsigned long long)l->figures.slow_readers, (unsigned long long)l->figures.events);

	redis_send(l->redis, "HSET live:figures %s %s", l->conf->live_listen, text);
	talloc_free(mem);
}
