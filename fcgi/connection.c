/*
 * fcgi/connection.c - one kept-alive FastCGI connection.
 *
 * Reading happens in the loop's callback, into one buffer of the process; the parser's events fill a request; when
 * its parameters are whole, a fiber runs gates and handler and writes the reply itself. A body is kept in memory up
 * to BODY_HIGH; then we stop reading the socket until the handler has caught up, so the web server, and through it
 * the client, waits.
 */
#include "fcgi/connection.h"

#include <errno.h>
#include <fastcgi.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fcgi/engine.h"
#include "lib/fiber.h"
#include "lib/wait.h"

#define READ_BYTES (64 * 1024)
#define BODY_HIGH (64 * 1024)     /* not read by the handler yet: stop reading the socket */
#define BODY_LOW (16 * 1024)      /* go on */
#define BODY_STALL_MS 60000       /* a client that sends nothing for so long is given up */
#define PARAMS_STALL_MS 30000     /* a web server that does not finish its parameters */
#define RETIRE_MS 3000            /* an idle connection that is not closed from the other end */
#define LINGER_MS 5000

static const struct record_limits limits = { .params_bytes = 128 * 1024, .params_count = 256 };

/* --- what the loop watches --- */

static void on_poll(uv_poll_t *poll, int status, int events);

void
connection_poll(struct connection *c)
{
	int wanted = (c->is_paused || c->is_gone ? 0 : UV_READABLE) | (c->writer != NULL ? UV_WRITABLE : 0);

	if (wanted == c->polled || c->is_closing)
		return;
	c->polled = wanted;
	if (wanted == 0)
		uv_poll_stop(&c->poll);
	else
		uv_poll_start(&c->poll, wanted, on_poll);
}

/* --- the end of a connection --- */

static void
on_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;
	struct server *s = c->server;

	close(c->fd);
	talloc_free(c);
	server_handle_closed(s);
}

static void
connection_close(struct connection *c)
{
	if (c->is_closing)
		return;
	c->is_closing = true;
	if (c->request != NULL) { /* its parameters never came to an end: nobody has seen it */
		talloc_free(c->request);
		c->request = NULL;
	}
	*c->at = c->next;
	if (c->next != NULL)
		c->next->at = c->at;
	c->server->connection_count--;
	uv_close((uv_handle_t *)&c->poll, on_closed);
}

/* Closes after our last words. With unread input a close would be a reset, and the words lost. */
static void
connection_linger(struct connection *c)
{
	shutdown(c->fd, SHUT_WR);
	c->is_lingering = true;
	c->since_ms = now_ms();
}

/* Whoever asked is not interested any more. A handler that reads a body learns it from its next read, and may save
 * what it has; any other one finds its waits cancelled. */
static void
request_abandon(struct connection *c)
{
	const struct route *route = c->request->route;

	if (c->reader != NULL)
		wait_done(c->reader);
	if (c->writer != NULL)
		wait_done(c->writer);
	if (route == NULL || route->body_kind != BODY_STREAM)
		fiber_cancel(c->fiber);
}

static void
peer_left(struct connection *c)
{
	c->is_gone = true;
	if (c->fiber == NULL) {
		connection_close(c);
		return;
	}
	connection_poll(c);
	request_abandon(c);
}

/* --- bodies --- */

static void
body_add(struct connection *c, const char *data, size_t length)
{
	if (c->body_at == c->body.length) {
		c->body_at = c->body.length = 0;
	} else if (c->body_at >= BODY_HIGH) { /* of a handler that is always a little behind */
		c->body.length -= c->body_at;
		memmove(c->body.data, c->body.data + c->body_at, c->body.length);
		c->body_at = 0;
	}
	buf_add(&c->body, data, length);
	if (c->body.length - c->body_at >= BODY_HIGH) {
		c->is_paused = true;
		connection_poll(c);
	}
	if (c->reader != NULL)
		wait_done(c->reader);
}

static size_t
body_take(struct connection *c, void *data, size_t size)
{
	size_t here = c->body.length - c->body_at, n = here < size ? here : size;

	if (n == 0)
		return 0;
	memcpy(data, c->body.data + c->body_at, n);
	c->body_at += n;
	if (c->is_paused && here - n <= BODY_LOW) {
		c->is_paused = false;
		connection_poll(c);
	}
	return n;
}

/* Bytes that came before the client left are still handed out. */
static ssize_t
read_body(struct request *rq, void *data, size_t size)
{
	struct connection *c = rq->connection;
	struct wait w;
	size_t n;
	int rc;

	while ((n = body_take(c, data, size)) == 0) {
		if (c->body_ended || size == 0)
			return 0;
		if (c->is_gone || c->is_aborted)
			return -1;
		wait_init(&w);
		c->reader = &w;
		rc = wait_for(&w, now_ms() + BODY_STALL_MS);
		c->reader = NULL;
		if (rc != 0)
			return -1;
	}
	return (ssize_t)n;
}

static const struct transport transport_event = { .read_body = read_body };

/* --- a request in its fiber --- */

static void
request_over(struct connection *c, bool sent)
{
	bool unread = !c->body_ended;

	c->request = NULL;
	c->fiber = NULL;
	c->body = (struct buf){ 0 };
	c->body_at = 0;
	c->is_paused = false;
	c->was_used = true;
	c->since_ms = now_ms();
	record_request_done(&c->parser);
	if (c->is_gone || !sent)
		connection_close(c);
	else if (!c->is_keep && !unread)
		connection_close(c);
	else if (!c->is_keep)
		connection_linger(c);
	connection_poll(c);
}

static void
request_run(void *arg)
{
	struct connection *c = arg;
	struct request *rq = c->request;
	bool sent;

	c->fiber = fiber_current();
	fiber_locals()->request = rq;
	request_dispatch(rq);
	sent = connection_send_reply(c, rq);
	fiber_check_held();
	request_over(c, sent);
	request_end(rq, sent);
}

/* --- reading --- */

static void
request_begin(struct connection *c, const struct record_event *e)
{
	c->request = request_new(c->server->app, &transport_event, c);
	c->id = e->id;
	c->is_keep = e->keep;
	c->params_ended = c->is_aborted = c->body_ended = false;
	c->since_ms = now_ms();
	buf_init(&c->body, c->request, 0);
	if (e->role == FCGI_AUTHORIZER)
		request_set_param(c->request, "FCGI_ROLE", 9, "AUTHORIZER", 10);
	server_request_begins(c->server);
}

/* The parameters are beyond the limit: there is no request to dispatch, so the answer is made here. */
static void
refuse_too_large(struct connection *c)
{
	static const char reply[] = "Status: 431 Request Header Fields Too Large\r\nContent-Type: application/json\r\n\r\n"
				    "{\"success\":false,\"error\":{\"code\":\"HEADERS_TOO_LARGE\","
				    "\"message\":\"The request's headers are too large.\"}}";
	char scratch[RECORD_SCRATCH(sizeof(reply))], out[sizeof(reply) + sizeof(scratch) + 8];
	struct iovec iov[4];
	size_t count, n = 0;

	talloc_free(c->request);
	c->request = NULL;
	count = record_reply(iov, scratch, c->id, reply, sizeof(reply) - 1, NULL, 0);
	for (size_t i = 0; i < count; n += iov[i++].iov_len)
		memcpy(out + n, iov[i].iov_base, iov[i].iov_len);
	if (connection_is_to_retire(c))
		n += connection_retire_record(c, out + n);
	connection_send_small(c, out, n);
	record_request_done(&c->parser);
	c->was_used = true;
	c->since_ms = now_ms();
	log_warn("params_too_large");
	if (!c->is_keep)
		connection_linger(c);
}

static void
answer_management(struct connection *c, const struct record_event *e)
{
	char out[RECORD_VALUES];
	size_t n;

	if (e->type == RECORD_GET_VALUES)
		n = record_values(out, e->asked, CONNECTIONS_MAX);
	else if (e->type == RECORD_UNKNOWN)
		n = record_unknown(out, e->kind);
	else
		n = record_end(out, e->id, e->kind);
	connection_send_small(c, out, n);
}

/* Returns false when the connection is of no more use. */
static bool
take_event(struct connection *c, const struct record_event *e)
{
	switch (e->type) {
	case RECORD_BEGIN:
		request_begin(c, e);
		break;
	case RECORD_PARAM:
		request_set_param(c->request, e->name, e->name_length, e->value, e->value_length);
		break;
	case RECORD_PARAMS_END:
		c->params_ended = true;
		break;
	case RECORD_STDIN:
		body_add(c, e->value, e->value_length);
		break;
	case RECORD_STDIN_END:
		c->body_ended = true;
		if (c->reader != NULL)
			wait_done(c->reader);
		break;
	case RECORD_ABORT:
		c->is_aborted = true;
		c->is_keep = false;
		if (c->fiber == NULL)
			return false;
		request_abandon(c);
		break;
	case RECORD_TOO_LARGE:
		refuse_too_large(c);
		break;
	case RECORD_BROKEN:
		log_warn("fastcgi_broken");
		return false;
	default:
		answer_management(c, e);
	}
	return !c->is_gone;
}

static bool
take_input(struct connection *c, const char *data, size_t length)
{
	struct record_event e;

	for (;;) {
		record_next(&c->parser, &data, &length, &e);
		if (e.type == RECORD_MORE)
			return true;
		if (!take_event(c, &e))
			return false;
	}
}

static void
connection_read(struct connection *c)
{
	static char buffer[READ_BYTES]; /* of the process: whatever is read is taken before the next read */
	ssize_t n = read(c->fd, buffer, sizeof(buffer));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		peer_left(c);
		return;
	}
	if (c->is_lingering)
		return;
	if (!take_input(c, buffer, (size_t)n)) {
		peer_left(c);
		return;
	}
	if (c->request != NULL && c->params_ended && c->fiber == NULL && fiber_spawn(request_run, c) == NULL) {
		log_error("no_stack");
		connection_close(c);
	}
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct connection *c = poll->data;

	if (c->is_closing)
		return;
	if ((events & UV_WRITABLE) && c->writer != NULL)
		wait_done(c->writer);
	if (status < 0)
		c->polled = 0; /* libuv watches no more; the error may stand behind bytes that we have not read yet */
	if (status < 0 || (events & UV_READABLE))
		connection_read(c);
	connection_poll(c);
}

/* --- from the server --- */

void
connection_open(struct server *server, int fd)
{
	struct connection *c = mem_new(NULL, struct connection);

	c->server = server;
	c->fd = fd;
	c->poll.data = c;
	c->since_ms = now_ms();
	record_parser_init(&c->parser, c, limits);
	if (uv_poll_init(wait_loop(), &c->poll, fd) != 0) {
		close(fd);
		talloc_free(c);
		return;
	}
	c->next = server->connections;
	c->at = &server->connections;
	if (c->next != NULL)
		c->next->at = &c->next;
	server->connections = c;
	server->connection_count++;
	server->open_handles++;
	connection_poll(c);
}

void
connection_retire(struct connection *c)
{
	char record[8];

	if (c->request != NULL || c->is_retiring || !c->was_used)
		return;
	c->is_retiring = true;
	c->since_ms = now_ms();
	connection_send_small(c, record, connection_retire_record(c, record));
}

void
connection_sweep(struct connection *c, int64_t now)
{
	int64_t age = now - c->since_ms;

	if (c->fiber != NULL)
		return;
	if (c->is_gone || (c->is_lingering && age > LINGER_MS)) {
		connection_close(c);
	} else if (c->request != NULL && age > PARAMS_STALL_MS) {
		log_warn("params_stalled");
		connection_close(c);
	} else if (c->request == NULL && c->server->app->draining && age > RETIRE_MS) {
		connection_close(c);
	}
}

void
connection_cancel(struct connection *c)
{
	if (c->fiber != NULL)
		fiber_cancel(c->fiber);
	else if (c->request != NULL) /* its parameters have not all come, and will not */
		connection_close(c);
}
