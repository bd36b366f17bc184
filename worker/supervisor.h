/*
 * worker/supervisor.h - claims jobs, keeps a fiber and a child for each, and writes down how they end.
 *
 * SIGTERM, SIGINT  claim nothing more; what ends within worker.grace ends well, the rest is given back unharmed.
 */
#ifndef ATELIER_WORKER_SUPERVISOR_H
#define ATELIER_WORKER_SUPERVISOR_H

#include "worker/job.h"

struct attendance;

struct supervisor {
	const struct conf *conf;
	struct db *db;
	struct redis *redis;
	char name[96];       /* host:pid:random; with a number behind it, it proves a claim */
	unsigned claims;
	int running;         /* all of them */
	int running_heavy;   /* of them confined kinds: at most worker.slots */
	int running_by_kind[64];
	bool stopping;
	bool has_caught_up;  /* with the periodic jobs that were missed */
	bool is_woken;       /* something may have changed since the claim loop last looked */
	struct wait *idle;   /* the claim loop's, when it has nothing to do */
	struct attendance *attended;
};

/* Runs until stopped; returns the exit status. */
int supervisor_run(const struct conf *conf);

/* Tells the claim loop that something may have changed. */
void supervisor_wake(struct supervisor *s);

/* One job from claim to end, in a fiber of its own (worker/attend.c). Ends the attendance. */
void attend(void *attendance);

struct attendance {
	struct supervisor *supervisor;
	struct job *job;
	int kind_index;
	struct wait *waiting;    /* its fiber's, while it only listens to the child */
	bool is_called;          /* somebody may want an end: look at once */
	struct attendance *next; /* in supervisor->attended */
};

/* Takes the job off the supervisor's books and frees both. */
void attendance_end(struct attendance *a);

/* Lets the fibers of all jobs look at once whether somebody wants an end. */
void attendances_call(struct supervisor *s);

#endif
