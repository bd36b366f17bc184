/* worker/child.h - the forked process that does one job. */
#ifndef ATELIER_WORKER_CHILD_H
#define ATELIER_WORKER_CHILD_H

#include <sys/types.h>

#include "worker/job.h"

/* Forks; the child runs job->kind->run and ends. *report_fd: where its reports can be read. -1 when there is no process. */
pid_t job_child_start(struct job *job, int *report_fd);

/* Waits (as lib/wait.h does) for the end of a child and returns its status. may_end_itself: it has some time for that,
 * otherwise it is killed at once. */
int job_child_end(pid_t pid, bool may_end_itself);

#endif
