/*
 * fcgi/rate.h - how often: token buckets per class and subject, counted in Redis by one atomic script. A class of
 * `limit` per window with `burst` on top is a bucket of limit + burst tokens that refills by limit per window.
 * Limits above 100 are leased to the child a hundredth of the bucket at a time, so that a request seldom costs a round trip;
 * smaller ones are exact. Without Redis, reads pass and everything else is counted in this process.
 */
#ifndef ATELIER_RATE_H
#define ATELIER_RATE_H

#include "fcgi/route.h"

struct request;
struct rate_limiter;

struct rate_limiter *rate_limiter_new(void *context);

/* Takes one token from the class's bucket of subject (an address, an account, any text). Sets the RateLimit-* headers,
 * and Retry-After with ERR_RATE_LIMITED. 0 or ERR_RATE_LIMITED. May wait for Redis. */
int gate_rate(struct request *rq, enum rate_class class, const char *subject);

/* The subject for a class counted by address: IPv4 as it is, IPv6 by its /64. */
const char *rate_address(struct request *rq);

#endif
