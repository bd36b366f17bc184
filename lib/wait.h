/*
 * lib/wait.h - one way to wait, for drivers and for code that must not care where it runs.
 *
 * A driver (PostgreSQL, Redis, a timer) starts an operation, hands out a struct wait and calls
 * wait_done() from its loop callback. Inside a fiber wait_for() yields to the loop; outside of one
 * (libfcgi children, worker, atelierctl) it turns the loop itself until the wait is over.
 */
#ifndef ATELIER_WAIT_H
#define ATELIER_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct fiber;

struct wait {
	bool done;
	struct fiber *fiber; /* who waits; NULL outside a fiber or when nobody waits yet */
	/* wait.c's own */
	int64_t deadline_ms;
	size_t place; /* in the heap of deadlines; 0: not there */
};

/* This process's loop. Made on the first call, which must come after the fork; a forked child gets
 * a new one by itself, and must not touch handles of its parent's. */
uv_loop_t *wait_loop(void);

/* Turns the loop until uv_stop(wait_loop()) or until nothing is left to wait for. An event-driven process's main loop;
 * from its callbacks nobody may wait (spawn a fiber for that). */
void wait_run(void);

/* Closes every handle of the loop and the loop, for leak checkers. Nobody may be waiting. */
void wait_close(void);

/* A wait nobody has finished yet. The memory is the caller's and must outlive the operation. */
void wait_init(struct wait *w);

/* Waits until wait_done(w). deadline_ms: monotonic, on now_ms()'s clock.
 * Returns 0 (also when w was done before the call), -ETIMEDOUT or -ECANCELED; after an error the driver may still
 * hold w: take it back first. */
int wait_for(struct wait *w, int64_t deadline_ms);

/* The same, but goes on waiting when the fiber is cancelled (the operation uses memory of ours and cannot be
 * called back). Returns 0 or -ETIMEDOUT. */
int wait_for_surely(struct wait *w, int64_t deadline_ms);
#define WAIT_FOREVER INT64_MAX

/* Ends a wait; called by drivers. The fiber that waits runs later in this turn of the loop, never inside
 * this call: a driver may finish its work on its own structures without being called back meanwhile. */
void wait_done(struct wait *w);

/* Sleeps for ms milliseconds without holding up other fibers. Returns 0 or -ECANCELED. */
int wait_sleep(int64_t ms);

/* Runs fn(arg), which may block on a file, in libuv's thread pool and waits for it; outside a fiber it is
 * simply called. Cannot be abandoned (the thread owns arg until it returns). Returns what fn returned. */
int wait_offload(int (*fn)(void *), void *arg);

/* Calls fn(h) once, before the loop sleeps next and after the fibers that can run have run: the place to send in one
 * write what all of them have asked for. Asking again before the call is asking once. The memory is the caller's;
 * zero it first, and withdraw it before it goes away. */
struct wait_hook {
	void (*fn)(struct wait_hook *h);
	struct wait_hook *next;
	bool is_set;
};
void wait_before_sleep(struct wait_hook *h);
void wait_hook_withdraw(struct wait_hook *h);

/* The monotonic clock in milliseconds; inside a fiber as fresh as the loop's last turn. */
int64_t now_ms(void);

#endif
