/* lib/random.h - random bytes from the kernel, a block at a time. */
#ifndef ATELIER_RANDOM_H
#define ATELIER_RANDOM_H

#include <stddef.h>

/* Fills out with n bytes fit for secrets. Cannot fail. Nothing handed out stays in memory here, and a forked child
 * starts with a block of its own. */
void random_bytes(void *out, size_t n);

#endif
