/* worker/ask.h - what jobs of the calendar share: a query that asks for other jobs, and says how many. */
#ifndef ATELIER_ASK_H
#define ATELIER_ASK_H

#include "worker/job.h"

/* Runs the query, whose row says how many were `asked` for, and logs that as `event`. For `return ask_for(...)` of a kind's run: when the
 * database does not do it the job has failed with this reason. */
int ask_for(struct job *job, enum query_id query, const char *event, const char *reason);

#endif
