/* db/cursor.c - see cursor.h. A cursor has the name of its query, and its pages are results like any other. */
#include "db/cursor.h"

#include "db/internal.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"

struct db_cursor {
	struct db_session *session;
	enum query_id query;
	const char *fetch;
	struct db_result *page;
};

/* Of a cursor's query the planner would otherwise believe that a tenth is read, and take the way that begins early and ends late. */
static int
prepare(struct db_session *s, int64_t left_ms)
{
	const struct param limit = int_param(left_ms > 1 ? left_ms : 1);

	return session_command(s, Q_NONE, "select set_config('cursor_tuple_fraction', '1', true), set_config('statement_timeout', $1, true)", &limit, 1, NULL);
}

int
db_cursor_open_params(struct db_session *s, struct db_cursor **out, int page_rows, enum query_id q, const struct param *params, int count)
{
	const struct query_info *info = query_info(q);
	struct db_cursor *cursor;
	int err;

	if (s->pinned == NULL || page_rows <= 0 || info->text[0] == NULL || info->is_paged || count != info->param_count) {
		log_error("query_misused", LOG_STR("query", info->name), LOG_INT("params", count));
		return ERR_INTERNAL;
	}
	cursor = mem_new(s->mem, struct db_cursor);
	*cursor = (struct db_cursor){ .session = s, .query = q, .fetch = mem_printf(cursor, "fetch %d from %s", page_rows, info->name) };
	err = prepare(s, s->deadline_ms - now_ms());
	if (err == 0)
		err = session_command(s, q, mem_printf(cursor, "declare %s no scroll cursor for %s", info->name, info->text[0]), params, count, NULL);
	if (err != 0) {
		talloc_free(cursor);
		return err;
	}
	*out = cursor;
	return 0;
}

int
db_cursor_next(struct db_cursor *cursor, struct db_result **page)
{
	struct answer a;
	int err;

	talloc_free(cursor->page);
	cursor->page = NULL;
	err = session_command(cursor->session, cursor->query, cursor->fetch, NULL, 0, &a);
	if (err == 0)
		err = result_new(cursor, &cursor->page, cursor->query, &a);
	if (err == 0)
		*page = cursor->page;
	return err;
}

void
db_cursor_close(struct db_cursor *cursor)
{
	struct db_session *s = cursor->session;

	if (s->pinned != NULL && !s->failed)
		session_command(s, cursor->query, mem_printf(cursor, "close %s", query_info(cursor->query)->name), NULL, 0, NULL);
	talloc_free(cursor);
}
