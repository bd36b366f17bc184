/*
 * worker/supervisor.h - claims jobs, keeps a fiber and a child for each, and writes down how they end.
 *
 * SIGTERM, SIGINT  claim nothing more; what ends within worker.grace ends well, the rest is given back unharmed.
 */
#ifndef ATELIER_WORKER_SUPERVISOR_H
#define ATELIER_WORKER_SUPERVISOR_H

#include "worker/job.h"

struct supervisor {
	const struct conf *conf;
	struct db *db;
	char name[96];      /* host:pid:random, proves claims */
	int running;
	int running_by_kind[64];
	bool stopping;
	struct wait *idle;  /* the claim loop's, when it has nothing to do */
};

/* Runs until stopped; returns the exit status. */
int supervisor_run(const struct conf *conf);

/* Tells the claim loop that something may have changed. */
void supervisor_wake(struct supervisor *s);

/* One job from claim to end, in a fiber of its own (worker/attend.c). Frees job->mem. */
void attend(void *job_and_supervisor);

struct attendance {
	struct supervisor *supervisor;
	struct job *job;
	int kind_index;
};

#endif
