/* worker/child.h - the forked process that does one job. */
#ifndef ATELIER_WORKER_CHILD_H
#define ATELIER_WORKER_CHILD_H

#include <sys/types.h>

#include "worker/job.h"

/* Forks; the child runs job->kind->run and ends. *report_fd: where its reports can be read. -1 when there is no process. */
pid_t job_child_start(struct job *job, int *report_fd);

#endif
