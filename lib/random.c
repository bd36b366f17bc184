/* lib/random.c - random bytes: one getrandom(2) for many small requests. */
#include "lib/random.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/random.h>

#define BLOCK 1024

/* The state of this thread. */
static _Thread_local struct {
	unsigned char block[BLOCK];
	size_t left; /* unused bytes, at the end of block */
} pool;

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Two children must never hand out the same bytes. */
static void
after_fork(void)
{
	explicit_bzero(&pool, sizeof(pool));
}

static void
watch_forks(void)
{
	pthread_atfork(NULL, NULL, after_fork);
}

static void
from_kernel(unsigned char *out, size_t n)
{
	while (n > 0) {
		ssize_t got = getrandom(out, n, 0);

		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			out += got;
			n -= (size_t)got;
		}
	}
}

void
random_bytes(void *out, size_t n)
{
	unsigned char *from;

	if (n > BLOCK / 4) {
		from_kernel(out, n);
		return;
	}
	if (pool.left < n) {
		pthread_once(&once, watch_forks);
		from_kernel(pool.block, BLOCK);
		pool.left = BLOCK;
	}
	from = pool.block + BLOCK - pool.left;
	memcpy(out, from, n);
	explicit_bzero(from, n);
	pool.left -= n;
}
