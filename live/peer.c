/* live/peer.c - who is at the other end of a socket: what waits to be sent to them, what they have sent, and how much of each may be. */
#include <string.h>

#include "lib/fiber.h"
#include "lib/json.h"
#include "lib/log.h"
#include "live/live.h"

#define FRAME_MAX (512 * 1024)    /* bytes of a frame that comes in */
#define VALUES_MAX 20000          /* of them: an edit has 10,000 parts at most */
#define WAITING_MAX (2 << 20)     /* bytes that wait for a slow reader */
#define WAITING_ALL (256 << 20)   /* and for all of them: beyond it each has a tenth */
#define INBOX_MAX 64              /* frames that wait to be worked off: then the socket is read no more */
#define INBOX_BYTES (512 * 1024)
#define REF_MAX 256               /* bytes of a frame's that an error repeats */
#define RATE 50.0                 /* frames a second */
#define BURST 200.0
#define CLOSING_S 5               /* for what waits, and the close frame: a reader may never be ready */
#define CHECKS 16                 /* of what peers may see, at once */

struct peer *
peer_new(struct live *l, struct lws *wsi)
{
	struct peer *c = mem_new(NULL, struct peer);
	struct uuid id = uuid_new();

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
	l->figures.connections++;
	return c;
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
peer_send_message(struct peer *c, struct message *m)
{
	size_t most = c->live->waiting_bytes > WAITING_ALL ? WAITING_MAX / 10 : WAITING_MAX;
	struct queued *q;

	if (c->wsi == NULL || c->close_code != 0)
		return;
	if (c->waiting_bytes + m->length > most && c->first != NULL) {
		log_info("live_slow_reader", LOG_STR("user", c->who.user_text), LOG_INT("waiting", (int64_t)c->waiting_bytes));
		c->live->figures.slow_readers++;
		peer_close(c, CLOSE_SLOW, "You read too slowly; come back and resume.");
		return;
	}
	q = mem_new(c, struct queued);
	q->message = m;
	m->holders++;
	*c->last = q;
	c->last = &q->next;
	c->waiting_bytes += m->length;
	c->live->waiting_bytes += m->length;
	c->live->figures.frames_out++;
	lws_callback_on_writable(c->wsi);
}

struct message *
peer_next(struct peer *c)
{
	struct queued *q = c->first;
	struct message *m;

	if (q == NULL)
		return NULL;
	m = q->message;
	c->first = q->next;
	if (c->first == NULL)
		c->last = &c->first;
	c->waiting_bytes -= m->length;
	c->live->waiting_bytes -= m->length;
	talloc_free(q);
	return m;
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
	buf_json_str(&b, ref != NULL && strlen(ref) <= REF_MAX ? ref : NULL);
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
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_SEND, CLOSING_S);
}

const char *
frame_text(struct json_object *frame, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(frame, name, &v) && json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

/* --- frames in --- */

/* As its commas tell; those of texts do not count. To make a tree of a quarter of a million would hold up everybody. */
static bool
has_too_many_values(const char *text, size_t length)
{
	bool is_text = false;
	size_t commas = 0;

	for (size_t i = 0; i < length && commas <= VALUES_MAX; i++) {
		if (is_text && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			is_text = !is_text;
		else
			commas += !is_text && text[i] == ',';
	}
	return commas > VALUES_MAX;
}

static void
work_off(struct peer *c, struct inbound *in)
{
	struct json_object *frame;
	const char *why, *type;
	void *mem = talloc_new(c);

	if (has_too_many_values(in->text, in->length))
		peer_error(c, "VALIDATION_ERROR", "A frame has not so many values.", NULL);
	else if (json_parse(mem, in->text, in->length, &frame, &why) != 0 || !json_object_is_type(frame, json_type_object))
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

	if (c->wants_check) {
		c->wants_check = false;
		c->face->check(c);
		return true;
	}
	if (in == NULL)
		return false;
	c->inbox = in->next;
	if (c->inbox == NULL)
		c->inbox_last = &c->inbox;
	c->inbox_count--;
	c->inbox_bytes -= in->length;
	work_off(c, in);
	talloc_free(in);
	return true;
}

static void
check_done(struct peer *c)
{
	if (!c->is_checking)
		return;
	c->is_checking = false;
	c->live->checks--;
	gate_open(&c->live->checked);
}

/* The one fiber of a socket: opens it, works off what came (also what came just before it was closed), ends when nothing is left to do. */
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
	while (c->is_open && c->close_code == 0 && do_next(c))
		;
	c->is_served = false;
	check_done(c);
	if (c->wsi != NULL)
		lws_rx_flow_control(c->wsi, 1);
	else if (c->is_open)
		c->face->close(c);
	peer_drop(c);
}

void
peer_serve_soon(struct peer *c)
{
	if (c->is_served)
		return;
	c->is_served = true;
	peer_hold(c);
	if (fiber_spawn(serve, c) == NULL) {
		c->is_served = false;
		check_done(c);
		peer_close(c, CLOSE_AWAY, "No room at the moment.");
		peer_drop(c);
	}
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
	struct inbound *in = mem_checked(talloc_size(c, sizeof(*in) + c->partial.length));

	in->next = NULL;
	in->length = c->partial.length;
	memcpy(in->text, c->partial.data, in->length);
	TALLOC_FREE(c->partial.data);
	memset(&c->partial, 0, sizeof(c->partial));
	*c->inbox_last = in;
	c->inbox_last = &in->next;
	c->inbox_count++;
	c->inbox_bytes += in->length;
	c->live->figures.frames_in++;
	peer_serve_soon(c);
	if (c->inbox_count >= INBOX_MAX || c->inbox_bytes >= INBOX_BYTES)
		lws_rx_flow_control(c->wsi, 0);
}

void
peer_receive(struct peer *c, const void *data, size_t length, bool is_last)
{
	if (c->close_code != 0)
		return;
	if (c->partial.data == NULL)
		buf_init(&c->partial, c, length + 1);
	buf_add(&c->partial, data, length);
	if (c->partial.length > FRAME_MAX)
		peer_close(c, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "A frame is too large.");
	else if (is_last && is_too_fast(c))
		peer_close(c, CLOSE_RATE, "Too many frames.");
	else if (is_last)
		take_frame(c);
}

/* --- its end --- */

void
peer_closed(struct peer *c)
{
	for (struct message *m; (m = peer_next(c)) != NULL;)
		message_drop(m);
	*c->at = c->next;
	if (c->next != NULL)
		c->next->at = c->at;
	c->live->peer_count--;
	c->wsi = NULL;
	if (!c->is_served && c->is_open) /* a fiber that is at work does it at its end */
		c->face->close(c);
	peer_drop(c);
}

/* --- what they may see, when that has changed --- */

static struct peer *
next_unchecked(struct live *l)
{
	for (struct peer *c = l->peers; c != NULL; c = c->next)
		if (c->wants_check && !c->is_checking && c->is_open && c->close_code == 0)
			return c;
	return NULL;
}

static void
check_all(void *arg)
{
	struct live *l = arg;
	struct peer *c;

	while (!l->is_stopping && (c = next_unchecked(l)) != NULL) {
		c->is_checking = true;
		l->checks++;
		peer_serve_soon(c); /* one that is at work does it next */
		while (l->checks >= CHECKS)
			gate_wait(&l->checked, CALL_MS);
	}
	l->is_checking = false;
}

void
peers_check(struct live *l, const struct uuid *tenant)
{
	for (struct peer *c = l->peers; c != NULL; c = c->next)
		c->wants_check = c->wants_check || (c->is_open && (tenant == NULL || uuid_equal(&c->who.tenant, tenant)));
	if (l->is_checking)
		return;
	l->is_checking = true;
	if (fiber_spawn(check_all, l) == NULL)
		l->is_checking = false;
}
