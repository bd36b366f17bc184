/*
 * lib/fiber.h - stackful coroutines for one process, one loop: code that reads from top to bottom and
 * gives the processor away while it waits. Stacks are pooled and end in a guard page.
 */
#ifndef ATELIER_FIBER_H
#define ATELIER_FIBER_H

#include <stdbool.h>
#include <stddef.h>

struct fiber;

/* Starts fn(arg) on a stack of its own and runs it until it first yields or returns.
 * The stack returns to the pool when fn returns. NULL when no stack can be had. */
struct fiber *fiber_spawn(void (*fn)(void *), void *arg);

/* The fiber that runs now; NULL on the process's own stack. */
struct fiber *fiber_current(void);

/* Gives the processor back to whoever resumed this fiber. Only inside a fiber. */
void fiber_yield(void);

/* Runs f until it yields or returns. From the loop or from another fiber. */
void fiber_resume(struct fiber *f);

/* Makes f's present wait (and every later one) end with -ECANCELED. */
void fiber_cancel(struct fiber *f);
bool fiber_is_cancelled(const struct fiber *f);

/* Fibers alive, and stacks kept for reuse, in this process. */
size_t fiber_count(void);
size_t fiber_stacks(void);

#endif
