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
#include <stdint.h>
#include <uv.h>

struct fiber;

struct wait {
	bool done;
	bool cancelled;      /* the fiber was cancelled while it waited */
	struct fiber *fiber; /* who waits; NULL outside a fiber or when nobody waits yet */
};

/* This process's loop. Made on the first call, which must come after the fork. */
uv_loop_t *wait_loop(void);

/* A wait nobody has finished yet. The memory is the caller's and must outlive the operation. */
void wait_init(struct wait *w);

/* Waits until wait_done(w). deadline_ms: monotonic, on now_ms()'s clock.
 * Returns 0, -ETIMEDOUT or -ECANCELED; after an error the driver may still hold w: take it back first. */
int wait_for(struct wait *w, int64_t deadline_ms);

/* Ends a wait; called by drivers. Resumes the fiber that waits, if there is one. */
void wait_done(struct wait *w);

/* Sleeps for ms milliseconds without holding up other fibers. Returns as wait_for. */
int wait_sleep(int64_t ms);

/* Runs fn(arg), which may block on a file, in libuv's thread pool and waits for it; outside a fiber it is
 * simply called. Cannot be abandoned (the thread owns arg until it returns). Returns what fn returned. */
int wait_offload(int (*fn)(void *), void *arg);

/* The monotonic clock in milliseconds, as fresh as the loop's last turn. */
int64_t now_ms(void);

#endif
