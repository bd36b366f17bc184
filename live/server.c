/* live/server.c - sockets: libwebsockets in our loop. */
#include <string.h>

#include "lib/fiber.h"
#include "lib/json.h"
#include "lib/log.h"
#include "live/live.h"

#define FRAME_MAX (512 * 1024)   /* bytes of a frame that comes in */
#define WAITING_MAX (2 << 20)    /* bytes that wait for a slow reader */
#define INBOX_MAX 64             /* frames that wait to be worked off: then the socket is read no more */
#define RATE 50.0                /* frames a second */
#define BURST 200.0
#define WRITE_CLOSE ((enum lws_write_protocol)4) /* libwebsockets has no public name for the opcode's number */

/* --- texts on their way --- */

struct message *
message_new(const char *text, size_t length)
{
	struct message *m = mem_checked(talloc_size(NULL, sizeof(*m) + LWS_PRE + length));

	m->holders = 1;
	m->length = length;
	memcpy(m->bytes + LWS_PRE, text, length);
	return m;
}

void
message_drop(struct message *m)
{
	if (--m->holders == 0)
		talloc_free(m);
}

void
peer_hold(struct peer *c)
{
	c->holders++;
}

void
peer_drop(struct peer *c)
{
	if (--c->holders == 0)
		talloc_free(c);
}

void
peer_send_message(struct peer *c, struct message *m)
{
	struct queued *q;

	if (c->wsi == NULL || c->close_code != 0)
		return;
	if (c->waiting_bytes + m->length > WAITING_MAX) {
		log_info("live_slow_reader", LOG_STR("user", c->who.user_text));
		peer_close(c, CLOSE_SLOW, "You read too slowly; come back and resume.");
		return;
	}
	q = mem_new(c, struct queued);
	q->message = m;
	m->holders++;
	*c->last = q;
	c->last = &q->next;
	c->waiting_bytes += m->length;
	lws_callback_on_writable(c->wsi);
}

void
peer_send(struct peer *c, const char *text, size_t length)
{
	struct message *m = message_new(text, length);

	peer_send_message(c, m);
	message_drop(m);
}

void
peer_send_buf(struct peer *c, struct buf *b)
{
	peer_send(c, b->data, b->length);
}

void
peer_error(struct peer *c, const char *code, const char *message, const char *ref)
{
	struct buf b;

	buf_init(&b, c, 200);
	buf_add_literal(&b, "{\"type\":\"error\",\"code\":");
	buf_json_str(&b, code);
	buf_json_key(&b, "message");
	buf_json_str(&b, message);
	buf_json_key(&b, "ref");
	buf_json_str(&b, ref);
	buf_add_char(&b, '}');
	peer_send_buf(c, &b);
	talloc_free(b.data);
}

/* What waits is sent first, unless the reader is the trouble. */
void
peer_close(struct peer *c, int code, const char *reason)
{
	if (c->close_code != 0 || c->wsi == NULL)
		return;
	c->close_code = code;
	snprintf(c->close_reason, sizeof(c->close_reason), "%s", reason);
	lws_callback_on_writable(c->wsi);
	if (code == CLOSE_SLOW) /* it may never be writable */
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_SEND, 3);
}

const char *
frame_text(struct json_object *frame, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(frame, name, &v) && json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

/* --- frames in --- */

static void
work_off(struct peer *c, struct inbound *in)
{
	struct json_object *frame;
	const char *why, *type;
	void *mem = talloc_new(c);

	if (json_parse(mem, in->text, in->length, &frame, &why) != 0 || !json_object_is_type(frame, json_type_object))
		peer_error(c, "MALFORMED_JSON", "A frame is a JSON object.", NULL);
	else if ((type = frame_text(frame, "type")) == NULL)
		peer_error(c, "VALIDATION_ERROR", "A frame has a type.", NULL);
	else if (strcmp(type, "ping") == 0)
		peer_send(c, "{\"type\":\"pong\"}", strlen("{\"type\":\"pong\"}"));
	else
		c->face->frame(c, frame, type);
	talloc_free(mem);
}

/* False: nothing is left to do. */
static bool
do_next(struct peer *c)
{
	struct inbound *in = c->inbox;

	if (c->wants_resume) {
		c->wants_resume = false;
		c->face->resume(c);
	} else if (c->wants_check) {
		c->wants_check = false;
		c->face->check(c);
	} else if (in != NULL) {
		c->inbox = in->next;
		if (c->inbox == NULL)
			c->inbox_last = &c->inbox;
		work_off(c, in);
		talloc_free(in);
	} else {
		return false;
	}
	return true;
}

/* The one fiber of a socket: opens it, works off what came, ends when nothing is left to do. */
static void
serve(void *arg)
{
	struct peer *c = arg;

	if (!c->is_open) {
		c->is_open = access_take(c) && c->wsi != NULL && c->face->open(c);
		TALLOC_FREE(c->host);
		TALLOC_FREE(c->token);
		TALLOC_FREE(c->query);
	}
	while (c->is_open && c->wsi != NULL && c->close_code == 0 && do_next(c))
		;
	c->is_served = false;
	if (c->wsi != NULL)
		lws_rx_flow_control(c->wsi, 1);
	else if (c->is_open)
		c->face->close(c);
	peer_drop(c);
}

static void
serve_soon(struct peer *c)
{
	if (c->is_served)
		return;
	c->is_served = true;
	peer_hold(c);
	if (fiber_spawn(serve, c) == NULL) {
		c->is_served = false;
		peer_close(c, CLOSE_AWAY, "No room at the moment.");
		peer_drop(c);
	}
}

void
peers_resume(struct live *l)
{
	for (struct peer *c = l->peers; c != NULL; c = c->next) {
		c->wants_resume = true;
		serve_soon(c);
	}
}

void
peer_check_soon(struct peer *c)
{
	c->wants_check = true;
	serve_soon(c);
}

static bool
is_too_fast(struct peer *c)
{
	int64_t now = now_ms();

	c->allowance += (double)(now - c->counted_ms) * RATE / 1000;
	c->counted_ms = now;
	if (c->allowance > BURST)
		c->allowance = BURST;
	c->allowance -= 1;
	return c->allowance < 0;
}

static void
take_frame(struct peer *c)
{
	struct inbound *in = mem_checked(talloc_size(c, sizeof(*in) + c->partial.length)), *i;
	int waiting = 0;

	in->next = NULL;
	in->length = c->partial.length;
	memcpy(in->text, c->partial.data, in->length);
	TALLOC_FREE(c->partial.data);
	memset(&c->partial, 0, sizeof(c->partial));
	*c->inbox_last = in;
	c->inbox_last = &in->next;
	serve_soon(c);
	for (i = c->inbox; i != NULL; i = i->next)
		waiting++;
	if (waiting >= INBOX_MAX)
		lws_rx_flow_control(c->wsi, 0);
}

static void
receive(struct peer *c, const void *data, size_t length)
{
	if (c->close_code != 0)
		return;
	if (c->partial.data == NULL)
		buf_init(&c->partial, c, length + 1);
	buf_add(&c->partial, data, length);
	if (c->partial.length > FRAME_MAX)
		peer_close(c, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "A frame is too large.");
	else if (lws_frame_is_binary(c->wsi))
		peer_close(c, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "Frames are text.");
	else if (lws_is_final_fragment(c->wsi) && lws_remaining_packet_payload(c->wsi) == 0) {
		if (is_too_fast(c))
			peer_close(c, CLOSE_RATE, "Too many frames.");
		else
			take_frame(c);
	}
}

/* --- a socket's life --- */

static char *
header(struct peer *c, enum lws_token_indexes which)
{
	int length = lws_hdr_total_length(c->wsi, which);
	char *text;

	if (length <= 0 || length > 8192)
		return NULL;
	text = mem_size(c, (size_t)length + 1);
	return lws_hdr_copy(c->wsi, text, length + 1, which) >= 0 ? text : NULL;
}

/* One argument of the address, decoded; NULL. */
static char *
argument(struct peer *c, const char *name)
{
	char text[4096], full[40];
	const char *value;

	snprintf(full, sizeof(full), "%s=", name);
	value = lws_get_urlarg_by_name(c->wsi, full, text, sizeof(text));
	return value != NULL && *value != '\0' ? mem_strdup(c, value) : NULL;
}

/* /api/v1/live, or /api/v1/dojos/ID/live. False: nothing is there. */
static bool
choose_face(struct peer *c, const char *path)
{
	static const char dojos[] = "/api/v1/dojos/";

	if (path == NULL)
		return false;
	c->face = &events_face;
	if (strcmp(path, "/api/v1/live") == 0)
		return true;
	c->face = &dojo_face;
	return strncmp(path, dojos, strlen(dojos)) == 0 && strlen(path) == strlen(dojos) + 36 + strlen("/live") &&
	    uuid_parse(path + strlen(dojos), 36, &c->dojo) && strcmp(path + strlen(dojos) + 36, "/live") == 0;
}

static struct peer *
established(struct live *l, struct lws *wsi)
{
	struct peer *c = mem_new(NULL, struct peer);
	struct uuid id = uuid_new();
	char *path, *token;

	c->live = l;
	c->wsi = wsi;
	c->holders = 1;
	c->last = &c->first;
	c->inbox_last = &c->inbox;
	c->allowance = BURST;
	c->counted_ms = now_ms();
	uuid_text(&id, c->id);
	c->next = l->peers;
	c->at = &l->peers;
	if (l->peers != NULL)
		l->peers->at = &c->next;
	l->peers = c;
	l->peer_count++;
	path = header(c, WSI_TOKEN_GET_URI);
	c->host = header(c, WSI_TOKEN_HOST);
	token = header(c, WSI_TOKEN_HTTP_AUTHORIZATION);
	c->token = token != NULL && strncasecmp(token, "Bearer ", 7) == 0 ? mem_strdup(c, token + 7) : argument(c, "token");
	c->query = argument(c, "revision");
	talloc_free(token);
	if (!choose_face(c, path))
		peer_close(c, CLOSE_NOT_FOUND, "There is no such thing here.");
	else
		serve_soon(c);
	talloc_free(path);
	return c;
}

static void
closed(struct peer *c)
{
	while (c->first != NULL) {
		struct queued *q = c->first;

		c->first = q->next;
		message_drop(q->message);
		talloc_free(q);
	}
	c->last = &c->first;
	*c->at = c->next;
	if (c->next != NULL)
		c->next->at = c->at;
	c->live->peer_count--;
	c->wsi = NULL;
	if (!c->is_served && c->is_open) /* a fiber that is at work does it at its end */
		c->face->close(c);
	peer_drop(c);
}

/* The close frame; the other side answers with its own, or is cut off. Not lws_close_reason(): with libuv, Debian's 4.1.6 cuts
 * the connection before it has sent that. */
static int
say_goodbye(struct peer *c)
{
	unsigned char text[LWS_PRE + 2 + sizeof(c->close_reason)];
	size_t length = strlen(c->close_reason);

	text[LWS_PRE] = (unsigned char)(c->close_code >> 8);
	text[LWS_PRE + 1] = (unsigned char)c->close_code;
	memcpy(text + LWS_PRE + 2, c->close_reason, length);
	c->is_closing = true;
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_ACK, 3);
	return lws_write(c->wsi, text + LWS_PRE, 2 + length, WRITE_CLOSE) < 0 ? -1 : 0;
}

static int
writeable(struct peer *c)
{
	struct queued *q = c->first;

	if (q != NULL && c->close_code != CLOSE_SLOW) {
		struct message *m = q->message;
		int sent = lws_write(c->wsi, (unsigned char *)m->bytes + LWS_PRE, m->length, LWS_WRITE_TEXT);

		c->first = q->next;
		if (c->first == NULL)
			c->last = &c->first;
		c->waiting_bytes -= m->length;
		message_drop(m);
		talloc_free(q);
		if (sent < 0)
			return -1;
		if (c->first != NULL || c->close_code != 0)
			lws_callback_on_writable(c->wsi);
		return 0;
	}
	return c->close_code == 0 || c->is_closing ? 0 : say_goodbye(c);
}

static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct peer **own = user;
	struct live *l = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return lws_return_http_status(wsi, strcmp(in, "/health") == 0 ? HTTP_STATUS_OK : 426, NULL) < 0 || lws_http_transaction_completed(wsi) ? -1 : 0;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return l->is_stopping || l->peer_count >= (size_t)l->conf->live_max_connections;
	case LWS_CALLBACK_ESTABLISHED:
		*own = established(l, wsi);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		receive(*own, in, length);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return writeable(*own);
	case LWS_CALLBACK_CLOSED:
		if (*own != NULL)
			closed(*own);
		*own = NULL;
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, length);
	}
}

static const struct lws_protocols protocols[] = {
	{ .name = "atelier", .callback = callback, .per_session_data_size = sizeof(struct peer *), .rx_buffer_size = 2048 },
	{ .name = NULL },
};

/* A peer that says nothing is asked, and gone when it does not answer. */
static const lws_retry_bo_t patience = { .secs_since_valid_ping = 30, .secs_since_valid_hangup = 75 };

static void
log_line(int level, const char *line)
{
	if (level & LLL_ERR)
		log_error("libwebsockets", LOG_STR("said", line));
}

int
server_open(struct live *l)
{
	void *loops[1] = { wait_loop() };
	const char *listen = l->conf->live_listen, *colon = strrchr(listen, ':');
	struct lws_context_creation_info info = { .protocols = protocols, .user = l, .foreign_loops = loops, .gid = -1, .uid = -1,
		.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_DISABLE_IPV6, .retry_and_idle_policy = &patience,
		.pt_serv_buf_size = 8192, .timeout_secs = 10 };

	lws_set_log_level(LLL_ERR | LLL_WARN, log_line);
	if (strncmp(listen, "unix:", 5) == 0) {
		info.options |= LWS_SERVER_OPTION_UNIX_SOCK;
		info.iface = listen + 5;
		unlink(info.iface);
	} else if (colon != NULL) {
		info.iface = mem_strndup(l, listen, (size_t)(colon - listen));
		info.port = (int)strtol(colon + 1, NULL, 10);
	}
	l->lws = lws_create_context(&info);
	return l->lws != NULL ? 0 : -1;
}
