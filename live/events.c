/* live/events.c - the sockets at /api/v1/live: subscribe, unsubscribe, and the events of what was subscribed to. */
#include <string.h>

#include "lib/log.h"
#include "live/live.h"

#define SUBSCRIPTIONS_MAX 100

struct subscription {
	struct listener listener; /* first: the listener is the subscription */
	struct subscription *next;
	struct peer *conn;
	bool is_present; /* shows that somebody is here */
};

struct events {
	struct subscription *first;
	int count;
};

static void
heard(struct listener *self, const char *id, const char *body, size_t length)
{
	struct subscription *s = (struct subscription *)self;
	struct peer *c = s->conn;
	struct buf b;

	buf_init(&b, c, length + 160);
	buf_add_literal(&b, "{\"type\":\"event\",\"channel\":");
	buf_json_str(&b, channel_name(self->channel));
	if (id != NULL) {
		buf_json_key(&b, "id");
		buf_json_str(&b, id);
	}
	buf_add_char(&b, ',');
	buf_add(&b, body + 1, length - 1); /* without its brace */
	peer_send_buf(c, &b);
	talloc_free(b.data);
}

static struct subscription *
find(struct peer *c, const char *channel)
{
	struct events *e = c->state;
	struct subscription *s = e->first;

	while (s != NULL && strcmp(channel_name(s->listener.channel), channel) != 0)
		s = s->next;
	return s;
}

/* --- frames --- */

/* Shows that somebody is here, and adds who else is. */
static void
write_present(struct peer *c, struct subscription *s, struct buf *b)
{
	const char *channel = channel_name(s->listener.channel), **users;
	void *mem = talloc_new(c);
	size_t count;
	int err;

	err = s->is_present ? presence_list(c->live, mem, c->who.tenant, channel, &users, &count) : presence_join(c->live, mem, c->who.tenant, channel, &c->who, &users, &count);
	s->is_present = true;
	if (err == 0) {
		buf_json_key(b, "present");
		buf_add_char(b, '[');
		for (size_t i = 0; i < count; i++) {
			buf_add_str(b, i > 0 ? "," : "");
			buf_json_str(b, users[i]);
		}
		buf_add_char(b, ']');
	}
	talloc_free(mem);
}

static void
leave_present(struct subscription *s)
{
	struct peer *c = s->conn;

	if (s->is_present)
		presence_leave(c->live, c->who.tenant, channel_name(s->listener.channel), &c->who);
	s->is_present = false;
}

/* From here on nothing is missed; lastId is for `after`, also of one who has heard nothing yet. */
static void
begin_subscribed(struct subscription *s, struct buf *b, bool is_whole)
{
	buf_init(b, s->conn, 200);
	buf_add_literal(b, "{\"type\":\"subscribed\",\"channel\":");
	buf_json_str(b, channel_name(s->listener.channel));
	buf_json_key(b, "isWhole");
	buf_add_str(b, is_whole ? "true" : "false");
	if (*s->listener.last != '\0') {
		buf_json_key(b, "lastId");
		buf_json_str(b, s->listener.last);
	}
}

static void
send_subscribed(struct subscription *s, struct buf *b)
{
	buf_add_char(b, '}');
	peer_send_buf(s->conn, b);
	talloc_free(b->data);
}

/* Redis was away: who has missed nothing need not know. */
static void
resumed(struct listener *self, bool is_whole)
{
	struct subscription *s = (struct subscription *)self;
	struct buf b;

	if (is_whole)
		return;
	begin_subscribed(s, &b, false);
	send_subscribed(s, &b);
}

static struct subscription *
subscription_new(struct peer *c, const char *channel)
{
	struct events *e = c->state;
	struct subscription *s = mem_new(c, struct subscription);

	s->conn = c;
	s->listener.heard = heard;
	s->listener.resumed = resumed;
	s->next = e->first;
	e->first = s;
	e->count++;
	hub_join(c->live->hub, &s->listener, c->who.tenant, channel);
	return s;
}

static void
subscribe(struct peer *c, struct json_object *frame)
{
	struct events *e = c->state;
	const char *channel = frame_text(frame, "channel"), *after = frame_text(frame, "after");
	struct json_object *presence;
	struct subscription *s;
	struct buf b;
	int err;

	if (channel == NULL || strlen(channel) >= CHANNEL_MAX || (after != NULL && !stream_id_is_valid(after))) {
		peer_error(c, "VALIDATION_ERROR", "A channel has a name; after is the id of an event.", channel);
		return;
	}
	s = find(c, channel);
	if (e->count >= SUBSCRIPTIONS_MAX && s == NULL) {
		peer_error(c, "RATE_LIMITED", "So many subscriptions are too many.", channel);
		return;
	}
	err = access_channel(&c->who, c->live, channel);
	if (err != 0) {
		peer_error(c, error_info((enum error_code)err)->code, error_info((enum error_code)err)->message, channel);
		return;
	}
	if (s == NULL)
		s = subscription_new(c, channel);
	channel_counts(s->listener.channel)->is_known = false; /* of a video: told with the next look */
	begin_subscribed(s, &b, hub_begin(c->live->hub, &s->listener, after));
	if (json_object_object_get_ex(frame, "presence", &presence) && json_object_get_boolean(presence))
		write_present(c, s, &b);
	else
		leave_present(s);
	send_subscribed(s, &b);
}

static void
drop(struct peer *c, struct subscription *s)
{
	struct events *e = c->state;
	struct subscription **at = &e->first;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	e->count--;
	leave_present(s);
	hub_leave(c->live->hub, &s->listener);
	talloc_free(s);
}

static void
unsubscribe(struct peer *c, const char *channel)
{
	struct subscription *s = channel != NULL ? find(c, channel) : NULL;
	struct buf b;

	if (s != NULL)
		drop(c, s);
	buf_init(&b, c, 100);
	buf_add_literal(&b, "{\"type\":\"unsubscribed\",\"channel\":");
	buf_json_str(&b, channel);
	buf_add_char(&b, '}');
	peer_send_buf(c, &b);
	talloc_free(b.data);
}

static bool
events_open(struct peer *c)
{
	struct buf b;

	c->state = mem_new(c, struct events);
	buf_init(&b, c, 200);
	buf_printf(&b, "{\"type\":\"welcome\",\"connectionId\":\"%s\",\"userId\":\"%s\",\"heartbeat\":%lld}", c->id, c->who.user_text,
	    (long long)c->live->conf->live_heartbeat);
	peer_send_buf(c, &b);
	talloc_free(b.data);
	return true;
}

static void
events_frame(struct peer *c, struct json_object *frame, const char *type)
{
	if (strcmp(type, "subscribe") == 0)
		subscribe(c, frame);
	else if (strcmp(type, "unsubscribe") == 0)
		unsubscribe(c, frame_text(frame, "channel"));
	else
		peer_error(c, "VALIDATION_ERROR", "Frames are subscribe, unsubscribe and ping.", type);
}

/* What may be seen has changed somewhere in the community: each subscription is asked for again. */
static void
events_check(struct peer *c)
{
	struct events *e = c->state;

	for (struct subscription *s = e->first, *next; s != NULL; s = next) {
		char *channel = mem_strdup(c, channel_name(s->listener.channel));
		int err = access_channel(&c->who, c->live, channel);

		next = s->next;
		if (err == ERR_NOT_FOUND || err == ERR_FORBIDDEN) {
			drop(c, s);
			peer_error(c, error_info((enum error_code)err)->code, "This channel is closed to you now.", channel);
		} else if (err == ERR_TIMEOUT) { /* were the database away, all would be asked again when it is back */
			peer_close(c, CLOSE_AWAY, "The service is away; come back soon.");
		}
		talloc_free(channel);
	}
}

static void
events_close(struct peer *c)
{
	struct events *e = c->state;

	while (e->first != NULL)
		drop(c, e->first);
}

const struct face events_face = { events_open, events_frame, events_check, events_close };
