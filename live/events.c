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
	if (strcmp(id, "0") != 0) {
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

/* --- who else is here --- */

static void
tell_presence(struct peer *c, const char *channel, const char *event)
{
	struct buf b;

	buf_init(&b, c, 200);
	buf_add_literal(&b, "{\"event\":");
	buf_json_str(&b, event);
	buf_printf(&b, ",\"data\":{\"userId\":\"%s\"", c->who.user_text);
	buf_json_key(&b, "userName");
	buf_json_str(&b, c->who.name);
	buf_add_literal(&b, "}}");
	hub_tell(c->live, b.data, c->who.tenant, channel, buf_cstr(&b), false);
	talloc_free(b.data);
}

static void
write_present(struct peer *c, struct subscription *s, struct buf *b)
{
	const char *channel = channel_name(s->listener.channel), **users;
	void *mem = talloc_new(c);
	bool is_new;
	size_t count;

	if (presence_join(c->live, mem, c->who.tenant, channel, c->who.user_text, &is_new, &users, &count) == 0) {
		buf_json_key(b, "present");
		buf_add_char(b, '[');
		for (size_t i = 0; i < count; i++) {
			buf_add_str(b, i > 0 ? "," : "");
			buf_json_str(b, users[i]);
		}
		buf_add_char(b, ']');
		if (is_new)
			tell_presence(c, channel, "presence.joined");
	}
	talloc_free(mem);
}

static void
leave_present(struct peer *c, const char *channel)
{
	void *mem = talloc_new(c);
	bool is_gone = false;

	/* another socket of the same person at this daemon may be there still: presence_leave() knows */
	if (presence_leave(c->live, mem, c->who.tenant, channel, c->who.user_text, &is_gone) == 0 && is_gone)
		tell_presence(c, channel, "presence.left");
	talloc_free(mem);
}

/* --- frames --- */

static void
subscribed(struct peer *c, struct subscription *s, const char *after)
{
	struct buf b;
	bool is_whole = after == NULL || hub_catch_up(c->live->hub, &s->listener, after);

	buf_init(&b, c, 200);
	buf_add_literal(&b, "{\"type\":\"subscribed\",\"channel\":");
	buf_json_str(&b, channel_name(s->listener.channel));
	buf_json_key(&b, "isWhole");
	buf_add_str(&b, is_whole ? "true" : "false");
	if (s->is_present)
		write_present(c, s, &b);
	buf_add_char(&b, '}');
	peer_send_buf(c, &b);
	talloc_free(b.data);
}

static void
subscribe(struct peer *c, struct json_object *frame)
{
	struct events *e = c->state;
	const char *channel = frame_text(frame, "channel"), *after = frame_text(frame, "after");
	struct json_object *presence;
	struct subscription *s;
	int err;

	if (channel == NULL || strlen(channel) >= CHANNEL_MAX || (after != NULL && strlen(after) >= STREAM_ID)) {
		peer_error(c, "VALIDATION_ERROR", "A channel has a name; after is the id of an event.", channel);
		return;
	}
	if (e->count >= SUBSCRIPTIONS_MAX && find(c, channel) == NULL) {
		peer_error(c, "RATE_LIMITED", "So many subscriptions are too many.", channel);
		return;
	}
	err = access_channel(&c->who, c->live, channel);
	if (err != 0) {
		peer_error(c, error_info((enum error_code)err)->code, error_info((enum error_code)err)->message, channel);
		return;
	}
	s = find(c, channel);
	if (s == NULL) {
		s = mem_new(c, struct subscription);
		s->conn = c;
		s->listener.heard = heard;
		s->next = e->first;
		e->first = s;
		e->count++;
		hub_join(c->live->hub, &s->listener, c->who.tenant, channel);
	}
	channel_counts(s->listener.channel)->is_known = false; /* of a video: told with the next look */
	s->is_present = json_object_object_get_ex(frame, "presence", &presence) && json_object_get_boolean(presence);
	subscribed(c, s, after);
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
	hub_leave(c->live->hub, &s->listener);
	talloc_free(s);
}

static void
unsubscribe(struct peer *c, const char *channel)
{
	struct subscription *s = channel != NULL ? find(c, channel) : NULL;
	bool was_present = s != NULL && s->is_present;
	struct buf b;

	if (s != NULL)
		drop(c, s);
	if (was_present)
		leave_present(c, channel);
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
	buf_printf(&b, "{\"type\":\"welcome\",\"connectionId\":\"%s\",\"userId\":\"%s\",\"heartbeat\":25}", c->id, c->who.user_text);
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

static void
events_resume(struct peer *c)
{
	struct events *e = c->state;

	for (struct subscription *s = e->first; s != NULL; s = s->next)
		if (*s->listener.last != '\0')
			hub_catch_up(c->live->hub, &s->listener, s->listener.last);
}

/* What may be seen has changed somewhere in the community: each subscription is asked for again. */
static void
events_check(struct peer *c)
{
	struct events *e = c->state;

	for (struct subscription *s = e->first, *next; s != NULL; s = next) {
		const char *channel = mem_strdup(c, channel_name(s->listener.channel));
		int err = access_channel(&c->who, c->live, channel);

		next = s->next;
		if (err == ERR_NOT_FOUND || err == ERR_FORBIDDEN) {
			drop(c, s);
			peer_error(c, error_info((enum error_code)err)->code, "This channel is closed to you now.", channel);
		}
	}
}

static void
events_close(struct peer *c)
{
	struct events *e = c->state;

	while (e->first != NULL) {
		if (e->first->is_present)
			presence_gone(c->live, c->who.tenant, channel_name(e->first->listener.channel), c->who.user_text, c->who.name);
		drop(c, e->first);
	}
}

const struct face events_face = { events_open, events_frame, events_resume, events_check, events_close };
