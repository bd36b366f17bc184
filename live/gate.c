/* live/gate.c - a place where several fibers wait for one thing. */
#include "live/live.h"

struct waiter {
	struct wait wait;
	struct waiter *next;
};

bool
gate_wait(struct gate *g, int64_t ms)
{
	struct waiter self = { .next = g->first }, **at = &g->first;
	int rc;

	wait_init(&self.wait);
	g->first = &self;
	rc = wait_for(&self.wait, now_ms() + ms);
	if (rc == 0)
		return true;
	while (*at != NULL && *at != &self)
		at = &(*at)->next;
	if (*at != NULL)
		*at = self.next;
	return false;
}

void
gate_open(struct gate *g)
{
	struct waiter *w = g->first;

	g->first = NULL;
	for (struct waiter *next; w != NULL; w = next) {
		next = w->next; /* it lives on the stack of who waits */
		wait_done(&w->wait);
	}
}
