/* fcgi/call.c - see call.h. */
#include "fcgi/call.h"

#include <string.h>

#include "fcgi/answer.h"
#include "fcgi/app.h"
#include "fcgi/cache.h"
#include "fcgi/gates.h"
#include "lib/json.h"

static void
tell(void *arg, const char *field, const char *message)
{
	reply_invalid(arg, field, message);
}

static int
take_form(struct request *rq, const char *form)
{
	struct buf text;
	int err;

	if (rq->route->body == NULL)
		return 0;
	err = schema_form_json(rq->route->body, rq, form != NULL ? form : "", &text, tell, rq);
	return err != 0 ? err : request_json_text(rq, rq->route->body, text.data, text.length, &rq->body);
}

static int
run(struct request *rq)
{
	int err = rq->route->transaction ? db_begin(&rq->db) : 0;

	if (err != 0)
		return err;
	err = rq->route->run != NULL ? rq->route->run(rq) : answer_query(rq);
	if (rq->route->transaction && err != 0)
		db_rollback(&rq->db);
	else if (rq->route->transaction)
		err = db_commit(&rq->db);
	return err;
}

static int
gates_and_run(struct request *rq, const struct call *call)
{
	int err = gate_route(rq);

	if (err == 0)
		err = gate_module(rq);
	if (err == 0)
		err = gate_permission(rq);
	if (err == 0)
		err = gate_confirmed(rq);
	if (err == 0)
		err = gate_query_string(rq);
	if (err == 0)
		err = take_form(rq, call->form);
	if (err == 0)
		err = run(rq);
	if (err == 0)
		cache_drop(rq);
	return err;
}

int
request_call(struct request *rq, const struct call *call, struct json_object **answer)
{
	const struct request outer = *rq;
	const char *why;
	int err;

	rq->method = call->method;
	rq->path = mem_printf(rq, "/api/v1%s", call->path);
	rq->query_text = call->query != NULL ? call->query : "";
	rq->query = rq->body = NULL;
	rq->body_text = NULL;
	rq->body_length = 0;
	rq->cursor = NULL;
	rq->out = (struct reply){ 0 };
	rq->details = (struct buf){ 0 };
	rq->error_message = NULL;
	rq->db.may_repeat = call->method == GET;
	rq->db.error = (struct db_error){ 0 };
	err = gates_and_run(rq, call);
	if (err != 0 && rq->error_message == NULL && strncmp(rq->db.error.sqlstate, "AT", 2) == 0)
		rq->error_message = mem_strdup(rq, rq->db.error.message);
	reply_finish(rq, err);
	*answer = NULL;
	if (rq->out.body.length > 0 && rq->out.content_type == NULL)
		json_parse(rq, rq->out.body.data, rq->out.body.length, answer, &why);
	rq->method = outer.method;
	rq->path = outer.path;
	rq->query_text = outer.query_text;
	rq->query = outer.query;
	rq->body = outer.body;
	rq->body_text = outer.body_text;
	rq->body_length = outer.body_length;
	rq->cursor = outer.cursor;
	rq->limit = outer.limit;
	rq->page = outer.page;
	rq->route = outer.route;
	rq->match = outer.match;
	rq->out = outer.out;
	rq->details = outer.details;
	rq->error = outer.error;
	rq->error_message = outer.error_message;
	rq->db.may_repeat = outer.db.may_repeat;
	rq->db.page = outer.db.page;
	return err;
}
