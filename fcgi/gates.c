/* fcgi/gates.c - the gates that need nothing but the request and its row. */
#include "fcgi/gates.h"

#include <string.h>
#include <strings.h>

#include "fcgi/answer.h"
#include "lib/json.h"

#define JSON_BODY_LIMIT (64 * 1024)

int
gate_route(struct request *rq)
{
	struct buf allow;

	if (rq->is_authorizer) {
		rq->match = rq->app->authorizer;
		rq->route = rq->match.route;
		return rq->route != NULL ? 0 : ERR_NOT_FOUND;
	}
	router_match(rq->app->router, rq->method, rq->path, strlen(rq->path), &rq->match);
	rq->route = rq->match.route;
	if (rq->route != NULL)
		return rq->route->blocks && rq->app->engine_is_evented ? ERR_INTERNAL : 0;
	if (rq->match.allowed == 0)
		return ERR_NOT_FOUND;
	buf_init(&allow, rq, 64);
	for (int m = GET; m < METHOD_COUNT; m++)
		if (rq->match.allowed >> m & 1 || (m == HEAD && rq->match.allowed >> GET & 1) || m == OPTIONS)
			buf_printf(&allow, "%s%s", allow.length > 0 ? ", " : "", method_name(m));
	reply_header(rq, "Allow", "%s", buf_cstr(&allow));
	if (rq->method != OPTIONS)
		return ERR_METHOD_NOT_ALLOWED;
	rq->out.status = 204;
	return 0;
}

int
gate_tenant(struct request *rq)
{
	int err;

	db_session_init(&rq->db, rq->app->db, rq, (struct uuid){ { 0 } }, rq->deadline_ms);
	rq->db.may_repeat = rq->method == GET;
	if (rq->route == NULL || rq->route->any_tenant)
		return 0;
	err = tenant_by_host(rq->app, rq, rq->host, rq->deadline_ms, &rq->tenant);
	if (err == 0)
		rq->db.tenant = rq->tenant->id;
	return err;
}

int
gate_module(struct request *rq)
{
	if (rq->route == NULL || rq->tenant == NULL || rq->tenant->modules >> rq->route->module & 1)
		return 0;
	return ERR_NOT_FOUND;
}

static size_t
body_limit(const struct route *r)
{
	return r->body_limit != 0 ? r->body_limit : JSON_BODY_LIMIT;
}

int
gate_body_limit(struct request *rq)
{
	if (rq->route == NULL || (rq->route->body == NULL && rq->route->body_kind == BODY_NONE))
		return 0;
	if (rq->content_length > 0 && (uint64_t)rq->content_length > body_limit(rq->route))
		return ERR_PAYLOAD_TOO_LARGE;
	return 0;
}

static bool
is_json(const char *content_type)
{
	size_t length = content_type != NULL ? strcspn(content_type, "; ") : 0;

	return length == strlen("application/json") && strncasecmp(content_type, "application/json", length) == 0;
}

/* The whole body in memory, at most limit bytes. */
static int
read_whole(struct request *rq, size_t limit, struct buf *out)
{
	ssize_t n;

	buf_init(out, rq, rq->content_length > 0 ? (size_t)rq->content_length + 1 : 4096);
	do {
		if (out->length > limit)
			return ERR_PAYLOAD_TOO_LARGE;
		if (out->capacity - out->length < 1024)
			buf_grow(out, 4096);
		n = request_read(rq, out->data + out->length, out->capacity - out->length);
		if (n > 0)
			out->length += (size_t)n;
	} while (n > 0);
	return n < 0 ? ERR_BAD_REQUEST : 0;
}

static void
add_problem(void *arg, const char *field, const char *message)
{
	reply_invalid(arg, field, message);
}

int
gate_query_string(struct request *rq)
{
	void *out = NULL;
	int err;

	if (rq->route == NULL)
		return 0;
	err = list_parameters(rq);
	if (rq->route->query_string == NULL || err != 0)
		return err;
	err = schema_read_query(rq->route->query_string, rq, rq->query_text, &out, add_problem, rq);
	rq->query = out;
	return err;
}

int
request_json_text(struct request *rq, const struct schema *schema, const char *text, size_t length, const void **out)
{
	struct json_object *json;
	void *filled = NULL;
	int err;

	rq->body_text = text;
	rq->body_length = length;
	err = json_parse(rq, text, length, &json, &rq->error_message);
	if (err == 0)
		err = schema_read(schema, rq, json, &filled, add_problem, rq);
	*out = filled;
	return err;
}

int
request_json(struct request *rq, const struct schema *schema, size_t limit, const void **out)
{
	struct buf text;
	int err;

	if (rq->content_type != NULL && !is_json(rq->content_type))
		return ERR_UNSUPPORTED_MEDIA_TYPE;
	if (rq->content_length > (int64_t)limit)
		return ERR_PAYLOAD_TOO_LARGE;
	err = read_whole(rq, limit, &text);
	if (err != 0)
		return err;
	if (rq->content_type == NULL && text.length > 0)
		return ERR_UNSUPPORTED_MEDIA_TYPE;
	if (text.length == 0 && rq->content_type == NULL) /* no body at all: what it lacks will be named */
		buf_add_literal(&text, "{}");
	return request_json_text(rq, schema, text.data, text.length, out);
}

int
gate_body(struct request *rq)
{
	if (rq->route == NULL || rq->route->body == NULL || rq->route->body_kind == BODY_STREAM)
		return 0;
	return request_json(rq, rq->route->body, body_limit(rq->route), &rq->body);
}
