/* fcgi/answer.h - routes that are answered by their query alone: parameters bound by name, rows by the row's `answer`. */
#ifndef ATELIER_ANSWER_H
#define ATELIER_ANSWER_H

#include "fcgi/request.h"

/* Runs route->query and writes its answer. Parameters take their values from, in this order:
 *   me, session           the caller (null when nobody is signed in)
 *   address, request_id   the caller's address, the request's id: for the audit log
 *   may_video_edit_any    whether the caller has the permission video:edit:any
 *   after_*               the cursor (null on the first page); the query gives columns of the name _after_*
 *   offset                (page - 1) * limit
 *   given_scheduled_at    whether the field scheduled_at was in the body, be it as null
 *   path parameters, then fields of the query string, then fields of the body. */
int answer_query(struct request *rq);

/* The same with another query: for routes whose list is chosen by what the request says. */
int answer_query_of(struct request *rq, enum query_id id);

/* Why a route's query cannot be bound, for router_new; NULL when it can. */
const char *answer_problem(const struct route *r);

/* Reads limit, cursor or page of a list route into rq. Every other route: nothing. */
int list_parameters(struct request *rq);

/* Writes rows of a query with _after_* columns as data and meta {cursor, hasMore}: for handlers that run the query
 * themselves. rq->limit rows at most. */
int answer_cursor_list(struct request *rq, enum query_id q, const struct db_result *rows);

/* Writes `page`, `limit`, `total` and `totalPages` into meta, which takes more members after them. */
struct buf *answer_page_meta(struct request *rq, int64_t total);

#endif
