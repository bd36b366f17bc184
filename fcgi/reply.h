/*
 * fcgi/reply.h - answers. A handler ends with one of these and returns what it returned:
 * 0, or the ERR_ that the dispatcher turns into the error envelope.
 */
#ifndef ATELIER_REPLY_H
#define ATELIER_REPLY_H

#include "fcgi/request.h"

/* One row of a named query as `data`; no row: ERR_NOT_FOUND. Parameters in the order of the query's header. */
#define reply_query(rq, status, q, ...) \
	reply_query_params((rq), (status), (q), DB_PARAMS(q, ##__VA_ARGS__), q##_NPARAMS)
int reply_query_params(struct request *rq, int status, enum query_id q, const struct param *params, int count);

/* All rows as an array. */
#define reply_list(rq, q, ...) reply_list_params((rq), (q), DB_PARAMS(q, ##__VA_ARGS__), q##_NPARAMS)
int reply_list_params(struct request *rq, enum query_id q, const struct param *params, int count);

/* `data` written by hand: returns the buffer that its JSON goes into; the envelope closes by itself. */
struct buf *reply_data(struct request *rq, int status);
/* Opens `meta` (after data): the buffer takes `"key":value` pairs. */
struct buf *reply_meta(struct request *rq);

int reply_empty(struct request *rq, int status); /* 204, 202 ... without a body; returns 0 */

/* Any other kind of body (XML, text): the buffer is the whole body. */
struct buf *reply_raw(struct request *rq, int status, const char *content_type);

/* An error with a message of its own (printf); returns code. */
int reply_error(struct request *rq, enum error_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* One failing field among possibly many; returns ERR_VALIDATION_ERROR. */
int reply_invalid(struct request *rq, const char *field, const char *message);

/* A response header. Value with CR or LF is dropped. */
void reply_header(struct request *rq, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void reply_header_text(struct request *rq, const char *name, const char *value);

/* A row that says in `_version` (a time) what state that is in which its author can change it: what others count up beside it is not
 * what they overwrite (doc/caching.md). */
void reply_version(struct request *rq, const struct db_result *row);

/* Makes rq->out.etag, unless it is there: "DATA", or "VERSION.DATA". */
void reply_tag(struct reply *out);

/* For the dispatcher: closes the envelope, or puts the error's in its place. */
void reply_finish(struct request *rq, int err);

#endif
