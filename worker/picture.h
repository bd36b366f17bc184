/* worker/picture.h - what jobs that make pictures anew share: each is made in a confined child, from one file into one folder. */
#ifndef ATELIER_WORKER_PICTURE_H
#define ATELIER_WORKER_PICTURE_H

#include "worker/job.h"
#include "worker/media/media.h"

/* Confines the child to source and folder and calls make there. 0, or what job_fail() returned: a file that is no picture, or too
 * large, fails for good. */
int picture_run(struct job *job, const char *source, const char *folder,
    int (*make)(void *arg, const char *source, const char *folder, struct media_failure *failure), void *arg);

/* A text of the payload on job->mem; NULL. */
const char *payload_text(struct job *job, const char *member);

#endif
