/* worker/scorer.h - asking a scorer of texts or pictures: doc/moderation.md has the protocol. */
#ifndef ATELIER_WORKER_SCORER_H
#define ATELIER_WORKER_SCORER_H

#include "lib/http.h"
#include "worker/job.h"

/* 0 with a score of 0 to 1 and its labels as JSON on job->mem; -1: the job has failed, and job_fail() has said so. */
int scorer_ask(struct job *job, const struct http_post *question, double *score, const char **labels);

#endif
