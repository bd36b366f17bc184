/* fcgi/reply.c - answers: the envelope, named queries as JSON, errors, headers. */
#include "fcgi/reply.h"

#include <stdarg.h>
#include <string.h>

#include "fcgi/app.h"
#include "lib/mem.h"
#include "lib/sign.h"

#define BODY_ROOM 2048

static void
reply_begin(struct request *rq, int status)
{
	rq->out.status = status;
	if (rq->out.body.data == NULL)
		buf_init(&rq->out.body, rq, BODY_ROOM);
	rq->out.body.length = 0;
	rq->out.data_at = rq->out.data_end = 0;
	rq->out.meta_open = rq->out.is_enveloped = false;
	rq->out.content_type = NULL;
}

struct buf *
reply_data(struct request *rq, int status)
{
	reply_begin(rq, status);
	rq->out.is_enveloped = true;
	buf_add_literal(&rq->out.body, "{\"success\":true,\"data\":");
	rq->out.data_at = rq->out.body.length;
	return &rq->out.body;
}

struct buf *
reply_meta(struct request *rq)
{
	struct buf *b = &rq->out.body;

	if (!rq->out.meta_open) {
		rq->out.data_end = b->length;
		rq->out.meta_open = true;
		buf_add_literal(b, ",\"meta\":{");
	}
	return b;
}

/* Closes what the handler left open. */
static void
reply_close(struct request *rq)
{
	struct buf *b = &rq->out.body;

	if (!rq->out.is_enveloped)
		return;
	rq->out.is_enveloped = false;
	if (rq->out.data_end == 0)
		rq->out.data_end = b->length;
	if (rq->out.meta_open)
		buf_add_char(b, '}');
	buf_add_char(b, '}');
}

void
reply_version(struct request *rq, const struct db_result *row)
{
	if (db_has_column(row, "_version"))
		rq->out.version = (uint64_t)db_time_us(row, 0, "_version") * UINT64_C(0x9e3779b97f4a7c15) >> 24 | 1;
}

void
reply_tag(struct reply *out)
{
	char data[sizeof(out->etag)];

	if (*out->etag != '\0')
		return;
	etag_of(out->body.data + out->data_at, out->data_end - out->data_at, data);
	if (out->version == 0) {
		memcpy(out->etag, data, sizeof(data));
		return;
	}
	memcpy(out->etag, "\"vvvvvvvvvv.dddddddddd\"", sizeof(out->etag));
	for (int i = 0; i < 10; i++)
		out->etag[1 + i] = "0123456789abcdef"[out->version >> 4 * i & 15];
	memcpy(out->etag + 12, data + 1, 10);
}

int
reply_query_params(struct request *rq, int status, enum query_id q, const struct param *params, int count)
{
	struct db_result *result;
	int err = db_query_params(&rq->db, &result, q, params, count);

	if (err != 0)
		return err;
	if (db_rows(result) == 0)
		return ERR_NOT_FOUND;
	db_write_object(reply_data(rq, status), result, 0);
	return 0;
}

int
reply_list_params(struct request *rq, enum query_id q, const struct param *params, int count)
{
	struct db_result *result;
	int err = db_query_params(&rq->db, &result, q, params, count);

	if (err != 0)
		return err;
	db_write_array(reply_data(rq, 200), result, db_rows(result));
	return 0;
}

int
reply_empty(struct request *rq, int status)
{
	reply_begin(rq, status);
	return 0;
}

struct buf *
reply_raw(struct request *rq, int status, const char *content_type)
{
	reply_begin(rq, status);
	rq->out.content_type = content_type;
	return &rq->out.body;
}

int
reply_error(struct request *rq, enum error_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	rq->error_message = mem_checked(talloc_vasprintf(rq, fmt, ap));
	va_end(ap);
	return code;
}

int
reply_invalid(struct request *rq, const char *field, const char *message)
{
	struct buf *b = &rq->details;

	if (b->data == NULL)
		buf_init(b, rq, 256);
	if (b->length > 0)
		buf_add_char(b, ',');
	buf_add_literal(b, "{\"field\":");
	buf_json_str(b, field);
	buf_add_literal(b, ",\"message\":");
	buf_json_str(b, message);
	buf_add_char(b, '}');
	return ERR_VALIDATION_ERROR;
}

void
reply_header_text(struct request *rq, const char *name, const char *value)
{
	struct buf *b = &rq->out.head;

	if (strpbrk(value, "\r\n") != NULL)
		return;
	if (b->data == NULL)
		buf_init(b, rq, 512);
	buf_add_str(b, name);
	buf_add_literal(b, ": ");
	buf_add_str(b, value);
	buf_add_literal(b, "\r\n");
}

void
reply_header(struct request *rq, const char *name, const char *fmt, ...)
{
	char here[256], *value = here;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(here, sizeof(here), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(here)) {
		va_start(ap, fmt);
		value = mem_checked(talloc_vasprintf(rq, fmt, ap));
		va_end(ap);
	}
	reply_header_text(rq, name, value);
}

/* The error envelope in place of whatever the handler had begun. */
static void
write_error(struct request *rq, enum error_code code)
{
	const struct error_info *e = error_info(code);
	struct buf *b;

	reply_begin(rq, e->status);
	b = &rq->out.body;
	buf_add_literal(b, "{\"success\":false,\"error\":{\"code\":\"");
	buf_add_str(b, e->code);
	buf_add_literal(b, "\",\"message\":");
	buf_json_str(b, rq->error_message != NULL ? rq->error_message : e->message);
	if (rq->details.length > 0) {
		buf_add_literal(b, ",\"details\":[");
		buf_add(b, rq->details.data, rq->details.length);
		buf_add_char(b, ']');
	}
	buf_add_literal(b, ",\"requestId\":");
	buf_json_str(b, rq->id);
	buf_add_literal(b, "}}");
	rq->out.cache_control = NULL;
	if (e->status == 503)
		reply_header(rq, "Retry-After", "2");
	if (e->status == 401)
		reply_header(rq, "WWW-Authenticate", "Bearer");
}

void
reply_finish(struct request *rq, int err)
{
	rq->error = (enum error_code)err;
	if (err != 0)
		write_error(rq, rq->error);
	else
		reply_close(rq);
}

static const char *
reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" }, { 302, "Found" },
		{ 303, "See Other" }, { 304, "Not Modified" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 409, "Conflict" },
		{ 410, "Gone" }, { 412, "Precondition Failed" }, { 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" }, { 429, "Too Many Requests" }, { 460, "Checksum Mismatch" },
		{ 500, "Internal Server Error" }, { 503, "Service Unavailable" }, { 507, "Insufficient Storage" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

void
request_head(struct request *rq, struct buf *head)
{
	struct reply *out = &rq->out;
	bool has_body = out->status != 204 && out->status != 304;

	buf_add_literal(head, "Status: ");
	buf_add_int(head, out->status);
	buf_add_char(head, ' ');
	buf_add_str(head, reason_of(out->status));
	buf_add_literal(head, "\r\nX-Request-Id: ");
	buf_add_str(head, rq->id);
	if (has_body && out->body.length > 0) {
		buf_add_literal(head, "\r\nContent-Type: ");
		buf_add_str(head, out->content_type != NULL ? out->content_type : "application/json; charset=utf-8");
	}
	if (has_body && !rq->is_authorizer) {
		buf_add_literal(head, "\r\nContent-Length: ");
		buf_add_int(head, (int64_t)out->body.length);
	}
	buf_add_literal(head, "\r\nCache-Control: ");
	buf_add_str(head, out->cache_control != NULL ? out->cache_control : "private, no-store");
	buf_add_literal(head, "\r\n");
	if (out->head.length > 0)
		buf_add(head, out->head.data, out->head.length);
	buf_add_literal(head, "\r\n");
	if (!has_body || rq->is_head)
		out->body.length = 0;
}
