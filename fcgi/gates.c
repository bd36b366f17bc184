/* fcgi/gates.c - the gates that need nothing but the request and its row. */
#include "fcgi/gates.h"

#include <string.h>
#include <strings.h>

#include "fcgi/answer.h"
#include "fcgi/rate.h"
#include "lib/json.h"
#include "lib/token.h"

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

static enum rate_counted
counted_by(enum rate_class class)
{
	static const enum rate_counted by[RATE_COUNT] = {
#define X(name, counted, limit, window_s, burst) [RATE_##name] = RATE_BY_##counted,
#include "fcgi/rate.def"
#undef X
	};

	return by[class];
}

/* Anonymous reads and whatever else is counted by address, before anything costs. */
int
gate_address_rate(struct request *rq)
{
	enum rate_class class = rq->route != NULL ? rq->route->rate : RATE_DEFAULT;

	if (class == RATE_NONE)
		return 0;
	if (class == RATE_DEFAULT)
		return request_header(rq, "HTTP_AUTHORIZATION") != NULL ? 0
		                                                         : gate_rate(rq, RATE_ANON_READ, rate_address(rq));
	return counted_by(class) == RATE_BY_ADDRESS ? gate_rate(rq, class, rate_address(rq)) : 0;
}

int
gate_user_rate(struct request *rq)
{
	enum rate_class class = rq->route != NULL ? rq->route->rate : RATE_NONE;
	char user[UUID_TEXT];

	if (class == RATE_NONE || !is_signed_in(rq))
		return 0;
	if (class != RATE_DEFAULT && counted_by(class) != RATE_BY_USER)
		return 0;
	return gate_rate(rq, class == RATE_DEFAULT ? RATE_SIGNED_IN : class, uuid_text(&rq->user.id, user));
}

int
gate_token(struct request *rq)
{
	const char *header = request_header(rq, "HTTP_AUTHORIZATION");
	struct token_claims claims;
	int err;

	if (header == NULL || rq->route == NULL || rq->route->any_tenant)
		return 0;
	if (strncasecmp(header, "Bearer ", 7) != 0)
		return ERR_TOKEN_INVALID;
	err = token_verify(rq->app->keys, header + 7, &claims);
	if (err != 0)
		return err;
	if (!uuid_equal(&claims.tenant, &rq->tenant->id))
		return ERR_TOKEN_INVALID;
	rq->user.id = claims.subject;
	rq->user.session_id = claims.session;
	rq->user.role = claims.role;
	return 0;
}

int
gate_permission(struct request *rq)
{
	if (rq->route == NULL || role_may(rq->user.role, rq->route->may))
		return 0;
	return is_signed_in(rq) ? ERR_FORBIDDEN : ERR_UNAUTHENTICATED;
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
gate_body(struct request *rq)
{
	struct json_object *json;
	struct buf text;
	void *out = NULL;
	int err;

	if (rq->route == NULL || rq->route->body == NULL)
		return 0;
	if (!is_json(rq->content_type))
		return ERR_UNSUPPORTED_MEDIA_TYPE;
	err = read_whole(rq, body_limit(rq->route), &text);
	if (err != 0)
		return err;
	err = json_parse(rq, text.data, text.length, &json, &rq->error_message);
	if (err != 0)
		return err;
	err = schema_read(rq->route->body, rq, json, &out, add_problem, rq);
	rq->body = out;
	return err;
}
