/*
 * fcgi/call.h - one route asked from within the answer of another: the admin pages are clients of the API, so that every
 * rule, permission and audit row stands in one place.
 */
#ifndef ATELIER_CALL_H
#define ATELIER_CALL_H

#include "fcgi/request.h"

struct json_object;

struct call {
	enum method method;
	const char *path;  /* below /api/v1, percent-encoded, without a query string */
	const char *query; /* as in a query string; NULL: none */
	const char *form;  /* the fields of the body, as in a query string; NULL: none */
};

/* Asks as the caller of rq, through the gates of the permission, the module and the fields (not those of rates, which the
 * outer request has passed). *answer, on rq, is the envelope, also of an error. Returns 0 or the ERR_ that it says. rq is
 * afterwards as it was. Not inside a transaction. */
int request_call(struct request *rq, const struct call *call, struct json_object **answer);

#endif
