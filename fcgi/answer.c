/* fcgi/answer.c - queries that answer by themselves: binding by name, objects, lists, cursors, pages. */
#include "fcgi/answer.h"

#include <stdlib.h>
#include <string.h>

#include "fcgi/app.h"
#include "lib/sign.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX 100
#define PAGE_MAX 100000
#define PARAMS_MAX 24
#define CURSOR_PARTS 4
#define PART_END '\x1f'
#define TOTAL_EXACT 10000

static bool
is_list(const struct route *r)
{
	return r->answer == ANSWER_CURSOR || r->answer == ANSWER_PAGE;
}

static bool
is_cursor_param(const char *name)
{
	return strncmp(name, "after_", 6) == 0;
}

static bool
path_has(const struct route *r, const char *name)
{
	size_t length = strlen(name);

	for (const char *p = strchr(r->path, '{'); p != NULL; p = strchr(p + 1, '{'))
		if (strncmp(p + 1, name, length) == 0 && p[1 + length] == ':')
			return true;
	return false;
}

const char *
answer_problem(const struct route *r)
{
	const struct query_info *q = query_info(r->query);

	if (r->run != NULL || r->query == Q_NONE)
		return NULL;
	if (q->param_count > PARAMS_MAX)
		return "its query has too many parameters";
	if (r->answer == ANSWER_CURSOR && !q->is_paged)
		return "its query has no limit :page";
	for (int i = 0; i < q->param_count; i++) {
		const char *n = q->params[i];

		if (strcmp(n, "me") == 0 || strcmp(n, "session") == 0 || strcmp(n, "address") == 0 || strcmp(n, "request_id") == 0 ||
		    (strncmp(n, "may_", 4) == 0 && permission_parse(n + 4) != MAY_UNSET) || path_has(r, n) ||
		    (is_list(r) && (is_cursor_param(n) || strcmp(n, "offset") == 0)) ||
		    schema_has(r->query_string, n) || schema_has(r->body, n) ||
		    (strncmp(n, "given_", 6) == 0 && schema_has(r->body, n + 6)))
			continue;
		return n; /* nobody binds it */
	}
	return NULL;
}

static bool
query_value(const char *text, const char *name, const char **value, size_t *length)
{
	size_t n = strlen(name);

	for (const char *p = text; *p != '\0'; p += strcspn(p, "&"), p += *p == '&')
		if (strncmp(p, name, n) == 0 && p[n] == '=') {
			*value = p + n + 1;
			*length = strcspn(*value, "&");
			return true;
		}
	return false;
}

static int
read_number(struct request *rq, const char *name, int max, int *out)
{
	const char *v;
	size_t length;
	char *end;
	long n;

	if (!query_value(rq->query_text, name, &v, &length))
		return 0;
	n = strtol(v, &end, 10);
	if (end != v + length || length == 0 || n < 1 || n > max)
		return reply_invalid(rq, name, mem_printf(rq, "must be a whole number from 1 to %d", max));
	*out = (int)n;
	return 0;
}

int
list_parameters(struct request *rq)
{
	const char *v;
	size_t length;
	char *cursor;
	int err;

	if (!is_list(rq->route))
		return 0;
	rq->limit = LIMIT_DEFAULT;
	rq->page = 1;
	err = read_number(rq, "limit", LIMIT_MAX, &rq->limit);
	if (err == 0 && rq->route->answer == ANSWER_PAGE)
		err = read_number(rq, "pageSize", LIMIT_MAX, &rq->limit);
	if (err == 0 && rq->route->answer == ANSWER_PAGE)
		err = read_number(rq, "page", PAGE_MAX, &rq->page);
	if (rq->route->answer == ANSWER_CURSOR && query_value(rq->query_text, "cursor", &v, &length) && length > 0) {
		cursor = mem_size(rq, length + 1);
		cursor[percent_decode(cursor, v, length, true)] = '\0';
		rq->cursor = cursor;
	}
	rq->db.page = rq->limit;
	return err;
}

/* The parts of the cursor in the order of the query's after_* parameters; all NULL without a cursor. */
static int
open_cursor(struct request *rq, const struct query_info *q, const char *parts[CURSOR_PARTS])
{
	char *payload;
	int n = 0;

	memset(parts, 0, CURSOR_PARTS * sizeof(*parts));
	if (rq->cursor == NULL)
		return 0;
	payload = cursor_open(rq, rq->app->signer, q->name, rq->cursor);
	if (payload == NULL)
		return ERR_INVALID_CURSOR;
	for (char *p = payload, *end; n < CURSOR_PARTS; p = end + 1) {
		end = strchr(p, PART_END);
		parts[n++] = p;
		if (end == NULL)
			break;
		*end = '\0';
	}
	return 0;
}

static struct param
bind_one(struct request *rq, const char *name)
{
	struct param p = null_param();

	if (strcmp(name, "me") == 0)
		return is_signed_in(rq) ? uuid_param(rq->user.id) : p;
	if (strcmp(name, "session") == 0)
		return is_signed_in(rq) ? uuid_param(rq->user.session_id) : p;
	if (strcmp(name, "address") == 0)
		return text_param(rq->user.address);
	if (strcmp(name, "request_id") == 0)
		return text_param(rq->id);
	if (strcmp(name, "offset") == 0)
		return int_param((int64_t)(rq->page - 1) * rq->limit);
	if (strncmp(name, "may_", 4) == 0)
		return bool_param(role_may(rq->user.role, permission_parse(name + 4)));
	if (strncmp(name, "given_", 6) == 0)
		return bool_param(schema_is_given(rq->route->body, rq->body, name + 6));
	if (path_has(rq->route, name))
		return text_param(path_text(rq, name));
	if (!schema_param(rq->route->query_string, rq->query, name, rq, &p))
		schema_param(rq->route->body, rq->body, name, rq, &p);
	return p;
}

static int
bind_all(struct request *rq, const struct query_info *q, struct param params[PARAMS_MAX])
{
	const char *cursor[CURSOR_PARTS];
	int part = 0, err = open_cursor(rq, q, cursor);

	for (int i = 0; i < q->param_count && err == 0; i++)
		params[i] = is_cursor_param(q->params[i]) && part < CURSOR_PARTS ? text_param(cursor[part++])
		                                                                 : bind_one(rq, q->params[i]);
	return err;
}

int
answer_cursor_list(struct request *rq, enum query_id id, const struct db_result *rows)
{
	const struct query_info *q = query_info(id);
	bool has_more = db_rows(rows) > rq->limit;
	struct buf payload, *meta;

	db_write_array(reply_data(rq, 200), rows, rq->limit);
	meta = reply_meta(rq);
	if (!has_more) {
		buf_add_literal(meta, "\"cursor\":null,\"hasMore\":false");
		return 0;
	}
	buf_init(&payload, rq, 128);
	for (int i = 0; i < q->param_count; i++) {
		char column[64];

		if (!is_cursor_param(q->params[i]))
			continue;
		snprintf(column, sizeof(column), "_%s", q->params[i]);
		if (payload.length > 0)
			buf_add_char(&payload, PART_END);
		buf_add_str(&payload, db_text(rows, rq->limit - 1, column));
	}
	buf_add_literal(meta, "\"cursor\":");
	buf_json_str(meta, cursor_seal(rq, rq->app->signer, q->name, buf_cstr(&payload)));
	buf_add_literal(meta, ",\"hasMore\":true");
	return 0;
}

struct buf *
answer_page_meta(struct request *rq, int64_t total)
{
	struct buf *meta = reply_meta(rq);

	buf_printf(meta, "\"page\":%d,\"limit\":%d,\"total\":%lld,\"totalPages\":%lld", rq->page, rq->limit, (long long)total,
	    (long long)((total + rq->limit - 1) / rq->limit));
	if (total > TOTAL_EXACT)
		buf_add_literal(meta, ",\"totalIsEstimate\":true");
	return meta;
}

static int
answer_page_list(struct request *rq, const struct db_result *rows)
{
	db_write_array(reply_data(rq, 200), rows, rq->limit);
	answer_page_meta(rq, db_int(rows, 0, "_total"));
	return 0;
}

int
answer_query(struct request *rq)
{
	return answer_query_of(rq, rq->route->query);
}

int
answer_query_of(struct request *rq, enum query_id id)
{
	const struct route *r = rq->route;
	const struct query_info *q = query_info(id);
	struct param params[PARAMS_MAX];
	struct db_result *rows;
	int err = bind_all(rq, q, params);

	if (err == 0)
		err = db_query_params(&rq->db, &rows, id, params, q->param_count);
	if (err != 0)
		return err;
	switch (r->answer) {
	case ANSWER_CURSOR:
		return answer_cursor_list(rq, id, rows);
	case ANSWER_PAGE:
		return answer_page_list(rq, rows);
	case ANSWER_LIST:
		db_write_array(reply_data(rq, 200), rows, db_rows(rows));
		return 0;
	case ANSWER_NONE:
		return db_rows(rows) == 0 ? ERR_NOT_FOUND : reply_empty(rq, 204);
	case ANSWER_OBJECT:
		break;
	}
	if (db_rows(rows) == 0)
		return ERR_NOT_FOUND;
	db_write_object(reply_data(rq, r->status != 0 ? r->status : 200), rows, 0);
	reply_version(rq, rows);
	return 0;
}
