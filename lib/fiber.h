/*
 * lib/fiber.h - stackful coroutines for one process, one loop: code that reads from top to bottom and
 * gives the processor away while it waits. Stacks are pooled and end in a guard.
 *
 * Most code wants lib/wait.h, which is built on this. See doc/engines.md.
 */
#ifndef ATELIER_FIBER_H
#define ATELIER_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fiber;
struct log_field;
struct request;

/* Starts fn(arg) on a stack of its own and runs it until it first yields or returns.
 * The stack returns to the pool when fn returns, and the handle is void from then on. NULL when no stack can be had. */
struct fiber *fiber_spawn(void (*fn)(void *), void *arg);

/* The fiber that runs now; NULL on the process's own stack. */
struct fiber *fiber_current(void);

/* Gives the processor back to whoever resumed this fiber. Only inside a fiber. It may come back
 * for another reason than the one waited for (a cancellation): look, and yield again. */
void fiber_yield(void);

/* Runs f until it yields or returns. From the loop or from another fiber. Not for one that fiber_wake() has on its list. */
void fiber_resume(struct fiber *f);

/* Lets f run soon: it is put on a list that the loop works off before it sleeps. Never runs f itself, so it is
 * safe in the middle of a driver's callback. Waking twice is waking once. */
void fiber_wake(struct fiber *f);

/* Resumes what has been woken so far. Returns how many it were. The loop's work (lib/wait.c). */
size_t fiber_run_woken(void);

/* Makes f's present wait (and every later one) end with -ECANCELED, but for those of wait_for_surely(). */
void fiber_cancel(struct fiber *f);
bool fiber_is_cancelled(const struct fiber *f);

/* What belongs to the running fiber, or to the process outside of one. */
struct fiber_locals {
	const struct log_field *log_fields; /* of log_context() */
	size_t log_field_count;
	struct request *request; /* that the fiber serves; NULL: it does something else */
};
struct fiber_locals *fiber_locals(void);

/* Microseconds since the running fiber got the processor; 0 outside. */
int64_t fiber_held_us(void);

/* Calls fn when a fiber yields after more than limit_us, with the request of its locals. NULL: nobody watches.
 * Nobody sees the last stretch of a fiber, unless it asks for it: fiber_check_held(), as if it yielded now. */
void fiber_watch(int64_t limit_us, void (*fn)(const struct request *rq, int64_t held_us));
void fiber_check_held(void);

/* Fibers alive, and stacks kept for reuse, in this process. */
size_t fiber_count(void);
size_t fiber_stacks(void);

/* Gives the kept stacks back to the system (before a process ends, for leak checkers). */
void fiber_free_stacks(void);

#endif
