/* fcgi/request.c - a request's life outside the gates: made from parameters, read by handlers, logged and freed. */
#include "fcgi/request.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/app.h"
#include "fcgi/metrics.h"
#include "fcgi/reply.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"

#define ARENA_BYTES (24 * 1024) /* a usual request with its answer fits without another malloc */
#define HEADERS_MAX 128
#define PARAM_BLOCK 2048
#define REQUEST_DEADLINE_MS 30000

static int64_t
monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

struct request *
request_new(struct app *app, const struct transport *transport, void *connection)
{
	struct request *rq = mem_checked(talloc_pooled_object(NULL, struct request, 24, ARENA_BYTES));

	memset(rq, 0, sizeof(*rq));
	rq->app = app;
	rq->transport = transport;
	rq->connection = connection;
	rq->content_length = -1;
	rq->query_text = rq->path = rq->host = "";
	rq->header_room = 48;
	rq->headers = mem_size(rq, rq->header_room * sizeof(*rq->headers));
	rq->started_us = monotonic_us();
	rq->deadline_ms = now_ms() + REQUEST_DEADLINE_MS;
	return rq;
}

static void
set_uri(struct request *rq, char *uri)
{
	char *mark = strchr(uri, '?');

	if (mark != NULL) {
		*mark = '\0';
		rq->query_text = mark + 1;
	}
	rq->path = uri;
}

static void
set_host(struct request *rq, char *host)
{
	char *p;

	for (p = host; *p != '\0'; p++) {
		if (*p == ':' && host[0] != '[')
			break;
		*p = (char)tolower((unsigned char)*p);
	}
	*p = '\0';
	rq->host = host;
}

static int64_t
parse_length(const char *s)
{
	int64_t n = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *s - '0', &n))
			return INT64_MAX;
	return *s == '\0' ? n : -1;
}

/* The parameters that have a place of their own; the others are found by request_header. */
static bool
set_known(struct request *rq, const char *name, char *value)
{
	if (strcmp(name, "REQUEST_URI") == 0)
		set_uri(rq, value);
	else if (strcmp(name, "HTTP_HOST") == 0)
		set_host(rq, value);
	else if (strcmp(name, "REQUEST_METHOD") == 0)
		rq->method = method_parse(value);
	else if (strcmp(name, "CONTENT_LENGTH") == 0)
		rq->content_length = *value == '\0' ? -1 : parse_length(value);
	else if (strcmp(name, "CONTENT_TYPE") == 0)
		rq->content_type = *value == '\0' ? NULL : value;
	else if (strcmp(name, "REMOTE_ADDR") == 0)
		rq->user.address = value;
	else if (strcmp(name, "REQUEST_BODY_FILE") == 0)
		rq->spool_file = *value == '\0' ? NULL : value;
	else if (strcmp(name, "FCGI_ROLE") == 0)
		rq->is_authorizer = strcmp(value, "AUTHORIZER") == 0;
	else
		return false;
	return true;
}

/* Parameters are many and small: they lie one behind the other. */
static char *
param_room(struct request *rq, size_t size)
{
	char *room = rq->param_room;

	if (size > PARAM_BLOCK / 4)
		return mem_size(rq, size);
	if (room == NULL || size > rq->param_left) {
		room = mem_size(rq, PARAM_BLOCK);
		rq->param_left = PARAM_BLOCK;
	}
	rq->param_room = room + size;
	rq->param_left -= size;
	return room;
}

void
request_set_param(struct request *rq, const char *name, size_t name_length, const char *value, size_t length)
{
	char *copy;

	if (name_length == 0)
		return;
	copy = param_room(rq, name_length + length + 2);
	memcpy(copy, name, name_length);
	copy[name_length] = '\0';
	memcpy(copy + name_length + 1, value, length);
	copy[name_length + 1 + length] = '\0';
	if (set_known(rq, copy, copy + name_length + 1) || rq->header_count == HEADERS_MAX)
		return; /* what we need of a request comes behind its headers with Apache, however many there are */
	if (rq->header_count == rq->header_room) {
		struct header *more = mem_size(rq, 2 * rq->header_room * sizeof(*more));

		memcpy(more, rq->headers, rq->header_count * sizeof(*more));
		rq->headers = more;
		rq->header_room *= 2;
	}
	rq->headers[rq->header_count++] = (struct header){ copy, copy + name_length + 1 };
}

const char *
request_header(const struct request *rq, const char *name)
{
	for (size_t i = 0; i < rq->header_count; i++)
		if (strcmp(rq->headers[i].name, name) == 0)
			return rq->headers[i].value[0] != '\0' ? rq->headers[i].value : NULL;
	return NULL;
}

static int
param_index(const struct request *rq, const char *name)
{
	for (size_t i = 0; i < rq->match.param_count; i++)
		if (strcmp(rq->match.params[i].name, name) == 0)
			return (int)i;
	return -1;
}

struct uuid
path_uuid(const struct request *rq, const char *name)
{
	int i = param_index(rq, name);
	struct uuid u = { { 0 } };

	if (i >= 0)
		uuid_parse(rq->match.params[i].value, rq->match.params[i].length, &u);
	return u;
}

static int
hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t
percent_decode(char *out, const char *in, size_t length, bool plus_is_space)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		int hi, lo;

		if (in[i] == '%' && i + 2 < length && (hi = hex_digit(in[i + 1])) >= 0 && (lo = hex_digit(in[i + 2])) >= 0) {
			out[n++] = (char)(hi << 4 | lo);
			i += 2;
		} else {
			out[n++] = plus_is_space && in[i] == '+' ? ' ' : in[i];
		}
	}
	return n;
}

const char *
path_text(struct request *rq, const char *name)
{
	int i = param_index(rq, name);
	char *text;
	size_t n;

	if (i < 0)
		return NULL;
	text = mem_size(rq, rq->match.params[i].length + 1);
	n = percent_decode(text, rq->match.params[i].value, rq->match.params[i].length, false);
	text[n] = '\0';
	return text;
}

static ssize_t
read_spooled(struct request *rq, void *data, size_t size)
{
	if (rq->spool_fd <= 0) {
		rq->spool_fd = open(rq->spool_file, O_RDONLY | O_CLOEXEC);
		if (rq->spool_fd < 0) {
			log_error("spool_unreadable", LOG_STR("file", rq->spool_file), LOG_INT("errno", errno));
			return -1;
		}
	}
	return read(rq->spool_fd, data, size);
}

/* Who sends is not late: the time to answer in counts from the last bytes. */
void
request_renew(struct request *rq)
{
	rq->deadline_ms = now_ms() + REQUEST_DEADLINE_MS;
	rq->db.deadline_ms = rq->deadline_ms;
}

ssize_t
request_read(struct request *rq, void *data, size_t size)
{
	ssize_t n = rq->spool_file != NULL ? read_spooled(rq, data, size) : rq->transport->read_body(rq, data, size);

	request_renew(rq);
	return n;
}

void
request_end(struct request *rq, bool sent)
{
	int64_t took_us = monotonic_us() - rq->started_us;
	char user[UUID_TEXT] = "";

	if (rq->spool_fd > 0)
		close(rq->spool_fd);
	metrics_request(rq->app->metrics, rq->route != NULL ? (int)rq->match.index : -1, rq->out.status, took_us);
	if (is_signed_in(rq))
		uuid_text(&rq->user.id, user);
	log_info("request", LOG_STR("requestId", rq->id), LOG_STR("traceId", rq->trace_id),
	    LOG_STR("tenant", rq->tenant != NULL ? rq->tenant->id_text : NULL), LOG_STR("user", *user ? user : NULL),
	    LOG_STR("method", method_name(rq->method)), LOG_STR("route", rq->route != NULL ? rq->route->path : NULL),
	    LOG_INT("status", rq->out.status), LOG_US("ms", took_us), LOG_STR("cut", sent ? NULL : "client left"));
	talloc_free(rq);
}
