/*
 * fcgi/balance.h - what the children of an event-driven pool know of each other, in shared memory: how many
 * connections each has. Kept-alive connections stay where they were accepted, so a child that is ahead lets the others
 * accept first; without that one child may end up with all of them.
 */
#ifndef ATELIER_BALANCE_H
#define ATELIER_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct balance;

/* For a pool of so many children; made by the master before it forks. NULL when there is no memory. */
struct balance *balance_open(size_t children);
void balance_close(struct balance *b);

/* Child `slot` is being started: it accepts nothing yet. */
void balance_start(struct balance *b, size_t slot);
/* Child `slot` accepts, and has so many connections. */
void balance_set(struct balance *b, size_t slot, uint32_t connections);
/* Child `slot` accepts no more: it has ended, or it drains. */
void balance_leave(struct balance *b, size_t slot);
bool balance_has_left(const struct balance *b, size_t slot);

/* Has child `slot` clearly more connections than another one that accepts? */
bool balance_is_ahead(const struct balance *b, size_t slot);

#endif
