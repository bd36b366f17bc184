/* fcgi/dispatch.c - a request's way: identity, gates, transaction, handler, envelope, ETag. */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "fcgi/answer.h"
#include "fcgi/app.h"
#include "fcgi/cache.h"
#include "fcgi/gates.h"
#include "fcgi/idempotency.h"
#include "lib/sign.h"
#include "lib/wait.h"

#define REQUEST_ID_MAX 64
#define IF_MATCH_TRIES 4

typedef int gate(struct request *rq);

static gate *const gates[] = {
	gate_route,
	gate_tenant,
	gate_cors,
	gate_module,
	gate_body_limit,
	gate_address_rate,
	gate_token,
	gate_permission,
	gate_user_rate,
	gate_confirmed,
	gate_query_string,
	gate_body,
	gate_idempotency,
};

/* An id that a client or proxy gave, if it could not hurt a log line or a header. */
static bool
is_sane_id(const char *s)
{
	size_t n = 0;

	for (; s[n] != '\0'; n++)
		if (n == REQUEST_ID_MAX || !(isalnum((unsigned char)s[n]) || strchr("-_.", s[n]) != NULL))
			return false;
	return n >= 8;
}

/* traceparent: 00-<32 hex>-<16 hex>-<2 hex> */
static void
take_trace(struct request *rq, const char *tp)
{
	if (tp == NULL || strlen(tp) != 55 || tp[2] != '-' || tp[35] != '-' || tp[52] != '-' ||
	    strspn(tp, "0123456789abcdef-") != 55)
		return;
	rq->trace_parent = tp;
	rq->trace_id = mem_strndup(rq, tp + 3, 32);
}

static void
identify(struct request *rq)
{
	const char *given = request_header(rq, "HTTP_X_REQUEST_ID");
	struct uuid id;

	if (given != NULL && is_sane_id(given)) {
		rq->id = given;
	} else {
		id = uuid_new();
		rq->id = uuid_text(&id, mem_size(rq, UUID_TEXT));
	}
	take_trace(rq, request_header(rq, "HTTP_TRACEPARENT"));
	if (rq->method == HEAD) {
		rq->is_head = true;
		rq->method = GET;
	}
}

static int
run_handler(struct request *rq)
{
	if (cache_serve(rq))
		return 0;
	return rq->route->run != NULL ? rq->route->run(rq) : answer_query(rq);
}

/* length: so much of it has to be the same. */
static bool
etag_matches(const char *list, const char *etag, size_t length)
{
	for (; list != NULL && *list != '\0'; list += strspn(list, " ,")) {
		if (*list == '*')
			return true;
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		if (strncmp(list, etag, length) == 0)
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

/* One second in nginx ends with the second, for its clock has no finer ones: max-age=1 would be up to two. The second is
 * the one in which the answer was known to be right. */
static void
keep_publicly(struct request *rq)
{
	long long as_of_s = rq->cache_looked_s != 0 ? rq->cache_looked_s : time(NULL);

	rq->out.cache_control = mem_printf(rq, "public, max-age=%d", rq->route->cache_s);
	if (rq->route->cache_s == 1)
		reply_header(rq, "X-Accel-Expires", "@%lld", as_of_s);
}

/* Reads carry an ETag of their data, or of all that they are where they are no JSON and may be kept; a client that has it
 * already gets 304. */
static void
tag(struct request *rq)
{
	struct reply *out = &rq->out;

	if (rq->method != GET || out->status != 200)
		return;
	if (out->content_type != NULL && rq->route->cache_s > 0)
		out->data_end = out->body.length;
	else if (out->content_type != NULL || out->data_end == 0)
		return;
	reply_tag(out);
	reply_header_text(rq, "ETag", out->etag);
	if (out->cache_control == NULL && rq->route->cache_s > 0 && !is_signed_in(rq))
		keep_publicly(rq);
	else if (out->cache_control == NULL)
		out->cache_control = "private, no-cache";
	if (etag_matches(request_header(rq, "HTTP_IF_NONE_MATCH"), out->etag, strlen(out->etag)))
		out->status = 304;
}

/* What the gates said (limits, origins) stays. */
static void
put_away(struct request *rq, size_t head_length)
{
	struct reply *out = &rq->out;

	*out = (struct reply){ .head = out->head, .body = out->body };
	out->head.length = head_length;
	out->body.length = 0;
}

/* The ETag that GET of this path would carry now: its handler runs, and its answer is put away again. */
static int
current_etag(struct request *rq, char etag[24])
{
	struct request writer = *rq;
	struct reply *out = &rq->out;
	size_t head_length = out->head.length;
	int err;

	router_match(rq->app->router, GET, rq->path, strlen(rq->path), &rq->match);
	rq->route = rq->match.route;
	rq->method = GET;
	rq->query = NULL;
	err = rq->route == NULL ? ERR_PRECONDITION_FAILED : gate_query_string(rq);
	if (err == 0)
		err = run_handler(rq);
	if (err == 0) {
		out->data_end = out->data_end != 0 ? out->data_end : out->body.length;
		reply_tag(out);
		memcpy(etag, out->etag, sizeof(out->etag));
	}
	rq->match = writer.match;
	rq->route = writer.route;
	rq->method = writer.method;
	rq->query = writer.query;
	put_away(rq, head_length);
	return err;
}

static bool
has_if_match(const struct request *rq)
{
	return request_header(rq, "HTTP_IF_MATCH") != NULL && (rq->method == PUT || rq->method == PATCH || rq->method == DELETE);
}

/* If-Match: the thing must still be as the caller read it; of one that tells its version, that part counts alone. */
static int
check_if_match(struct request *rq)
{
	char etag[24] = "";
	int err = has_if_match(rq) ? current_etag(rq, etag) : 0;
	const char *mark = strchr(etag, '.');
	size_t length = mark != NULL ? (size_t)(mark - etag) + 1 : strlen(etag);

	return err == 0 && length > 0 && !etag_matches(request_header(rq, "HTTP_IF_MATCH"), etag, length) ? ERR_PRECONDITION_FAILED : err;
}

static int
try_in_transaction(struct request *rq)
{
	int err = has_if_match(rq) ? db_begin_snapshot(&rq->db) : db_begin(&rq->db);

	if (err != 0)
		return err;
	err = check_if_match(rq);
	if (err == 0)
		err = run_handler(rq);
	if (err == 0)
		err = idempotency_store(rq);
	if (err == 0)
		err = db_commit(&rq->db);
	else
		db_rollback(&rq->db);
	return err;
}

/* A change under If-Match is of what was compared, or is none: of two who have read the same the second one fails. What came between
 * may have been a counter, so it is compared again. */
static int
run_in_transaction(struct request *rq)
{
	size_t head_length = rq->out.head.length;

	for (int tries = 0; tries < IF_MATCH_TRIES; tries++) {
		int err = try_in_transaction(rq);

		if (err == 0 || !has_if_match(rq) || !db_should_retry(&rq->db))
			return err;
		put_away(rq, head_length);
		rq->error_message = NULL;
		rq->details.length = 0;
		rq->db.error = (struct db_error){ 0 };
	}
	return ERR_PRECONDITION_FAILED;
}

/* What reads its body as it comes keeps no transaction open meanwhile. */
static int
run(struct request *rq)
{
	int err;

	if (rq->route->transaction || (has_if_match(rq) && rq->route->run == NULL))
		return run_in_transaction(rq);
	err = check_if_match(rq);
	return err != 0 ? err : run_handler(rq);
}

static int
pass_gates_and_run(struct request *rq)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]) && err == 0; i++)
		err = gates[i](rq);
	return err == 0 && rq->out.status == 0 ? run(rq) : err; /* a gate may have answered: a replay, a preflight */
}

/* A rule that a function of ours enforces says in its own words what is wrong. */
static void
take_words_of_database(struct request *rq)
{
	const struct db_error *e = &rq->db.error;

	if (rq->error_message == NULL && strncmp(e->sqlstate, "AT", 2) == 0)
		rq->error_message = mem_strdup(rq, e->message);
}

/* A path that is nothing, or not with this method, is refused as its neighbours are. */
static int (*refusal_of(const struct request *rq))(struct request *, int)
{
	struct route_match m = { 0 };
	size_t first = strcspn(rq->path + (*rq->path == '/'), "/") + (*rq->path == '/');

	if (rq->route == NULL && !rq->is_authorizer)
		router_match(rq->app->router, GET, rq->path, first, &m);
	return rq->route != NULL ? rq->route->refuse : m.route != NULL ? m.route->refuse : NULL;
}

void
request_dispatch(struct request *rq)
{
	struct log_field context[2];
	int err;

	identify(rq);
	context[0] = LOG_STR("requestId", rq->id);
	context[1] = LOG_STR("traceId", rq->trace_id);
	log_context(context, 2);
	err = pass_gates_and_run(rq);
	if (err != 0)
		take_words_of_database(rq);
	if (err != 0 && refusal_of(rq) != NULL)
		err = refusal_of(rq)(rq, err);
	db_session_end(&rq->db);
	reply_finish(rq, err);
	if (err == ERR_INTERNAL)
		log_error("request_failed", LOG_STR("route", rq->route != NULL ? rq->route->path : NULL),
		    LOG_STR("message", rq->error_message));
	else if (err == 0) {
		cache_drop(rq);
		cache_keep(rq);
		tag(rq);
	}
	log_context(NULL, 0);
}
