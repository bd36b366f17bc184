/*
 * db/cursor.h - the rows of a query that has very many, a page at a time, from one execution: what it sorts it sorts once, and
 * neither side holds more than the page. For work that reads a list to its end (reports, exports of the worker); what people
 * leaf through asks for pages by key (`limit :page`), since a cursor keeps a connection and a snapshot as long as it is read.
 *
 *	err = db_begin_snapshot(&db);
 *	if (err == 0)
 *		err = db_cursor_open(&db, &rows, 1000, Q_REPORT_POCS_ROWS, uuid_param(user), ...);
 *	while (err == 0 && (err = db_cursor_next(rows, &page)) == 0 && db_rows(page) > 0)
 *		...
 *	db_session_end(&db);
 *
 * Of each query one cursor may be open in a transaction; of different queries several. It sees the rows as they were when it was opened.
 */
#ifndef ATELIER_DB_CURSOR_H
#define ATELIER_DB_CURSOR_H

#include "db/db.h"

struct db_cursor;

/*
 * Opens one on a query that reads (no `limit :page`), in the open transaction of s; page_rows: how many rows a page has.
 * *out hangs on s->mem and is of use until the transaction ends. From here to there a statement of it may take as long as
 * s->deadline_ms leaves now (the server's own limit otherwise), and the planner counts on all rows being read.
 * 0 or an ERR_, as of db_query(); ERR_INTERNAL without a transaction.
 */
#define db_cursor_open(s, out, page_rows, q, ...) \
	db_cursor_open_params((s), (out), (page_rows), (q), DB_PARAMS(q, ##__VA_ARGS__), q##_NPARAMS)
int db_cursor_open_params(struct db_session *s, struct db_cursor **out, int page_rows, enum query_id q, const struct param *params, int count);

/*
 * The next page, of no rows when there are no more. *page hangs on the cursor until the next call, which frees it.
 * Waits until the deadline_ms that the session has now. 0 or an ERR_, as of db_query(); the transaction has failed then.
 */
int db_cursor_next(struct db_cursor *cursor, struct db_result **page);

/* For good, before the transaction ends: the server drops what it still holds. Frees the cursor and its page. */
void db_cursor_close(struct db_cursor *cursor);

#endif
