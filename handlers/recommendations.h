/* handlers/recommendations.h - what others show of the lists that the worker chose. */
#ifndef ATELIER_HANDLERS_RECOMMENDATIONS_H
#define ATELIER_HANDLERS_RECOMMENDATIONS_H

struct request;

/* Answers with the caller's list, then with the latest that are not in it. */
int feed_for_you(struct request *rq);

#endif
