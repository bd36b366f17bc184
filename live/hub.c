/* live/hub.c - channels: who listens here, and what Redis carries between the daemons. What it keeps of a channel's past is past.c's. */
#include <hiredis/hiredis.h>
#include <hiredis/adapters/libuv.h>
#include <string.h>

#include "live/hub.h"

const char *
channel_name(const struct channel *c)
{
	return c->name;
}

struct uuid
channel_tenant(const struct channel *c)
{
	return c->tenant;
}

struct counts *
channel_counts(struct channel *c)
{
	return &c->counts;
}

/* --- finding one --- */

static unsigned
bucket_of(const char *topic)
{
	unsigned h = 5381;

	for (; *topic != '\0'; topic++)
		h = h * 33 + (unsigned char)*topic;
	return h % BUCKETS;
}

static struct channel *
find(struct hub *h, const char *topic)
{
	struct channel *c = h->buckets[bucket_of(topic)];

	while (c != NULL && strcmp(c->topic, topic) != 0)
		c = c->next;
	return c;
}

static const char *
topic_of(void *mem, struct uuid tenant, const char *channel)
{
	char t[UUID_TEXT];

	return mem_printf(mem, "live:%s:%s", uuid_text(&tenant, t), channel);
}

static const char *
stream_of(void *mem, struct uuid tenant, const char *channel)
{
	char t[UUID_TEXT];

	return mem_printf(mem, "live:past:%s:%s", uuid_text(&tenant, t), channel);
}

const char *
channel_stream(void *mem, const struct channel *c)
{
	return stream_of(mem, c->tenant, c->name);
}

struct channel *
hub_find(struct hub *h, struct uuid tenant, const char *channel)
{
	void *mem = talloc_new(NULL);
	struct channel *c = find(h, topic_of(mem, tenant, channel));

	talloc_free(mem);
	return c;
}

void
hub_each_channel(struct hub *h, void (*fn)(void *arg, struct channel *c), void *arg)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct channel *c = h->buckets[i]; c != NULL; c = c->next)
			fn(arg, c);
}

/* --- hearing --- */

/* By time, then by number; "" is before everything. */
int
stream_compare(const char *a, const char *b)
{
	char *end_a, *end_b;
	unsigned long long ta = strtoull(a, &end_a, 10), tb = strtoull(b, &end_b, 10);
	unsigned long long na = *end_a == '-' ? strtoull(end_a + 1, NULL, 10) : 0, nb = *end_b == '-' ? strtoull(end_b + 1, NULL, 10) : 0;

	return ta != tb ? (ta < tb ? -1 : 1) : na != nb ? (na < nb ? -1 : 1) : 0;
}

bool
stream_id_is_valid(const char *id)
{
	size_t ms = strspn(id, "0123456789"), number = id[ms] == '-' ? strspn(id + ms + 1, "0123456789") : 0;

	return ms > 0 && ms < 16 && number > 0 && number < 16 && id[ms + 1 + number] == '\0';
}

void
listener_hear(struct listener *l, const char *id, const char *body, size_t length)
{
	if (id != NULL) {
		if (stream_compare(id, l->last) <= 0)
			return;
		snprintf(l->last, sizeof(l->last), "%s", id);
	}
	if (length > 0)
		l->heard(l, id, body, length);
}

/* To all of its listeners; id NULL: of the moment, it has no place in the past. */
static void
channel_tell(struct channel *c, const char *id, const char *body, size_t length)
{
	if (id != NULL && c->is_reading) {
		c->has_missed = true;
		return;
	}
	for (struct listener *l = c->listeners, *next; l != NULL; l = next) {
		next = l->next;
		listener_hear(l, id, body, length);
	}
}

void
channel_tell_here(struct channel *c, const char *body)
{
	channel_tell(c, NULL, body, strlen(body));
}

/* "ID BODY" of a topic; 0: of the moment. */
static void
spread(struct hub *h, const char *topic, const char *text, size_t length)
{
	struct channel *c = find(h, topic);
	const char *space = memchr(text, ' ', length < STREAM_ID ? length : STREAM_ID);
	char id[STREAM_ID];

	if (c == NULL || space == NULL)
		return;
	snprintf(id, sizeof(id), "%.*s", (int)(space - text), text);
	channel_tell(c, strcmp(id, "0") != 0 ? id : NULL, space + 1, length - (size_t)(space + 1 - text));
}

void
channel_drop(struct hub *h, struct channel *c)
{
	struct channel **at;

	if (c->listeners != NULL || c->holders > 0)
		return;
	if (h->ac != NULL)
		redisAsyncCommand(h->ac, NULL, NULL, "UNSUBSCRIBE %s", c->topic);
	for (at = &h->buckets[bucket_of(c->topic)]; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	talloc_free(c);
}

static void
confirmed(struct hub *h, const char *topic)
{
	struct channel *c = find(h, topic);

	if (c == NULL)
		return;
	c->is_confirmed = true;
	gate_open(&c->gate);
	if (c->is_behind)
		past_resume_soon(h);
}

/* --- the connection --- */

static void connect_now(struct hub *h);

static void
on_message(redisAsyncContext *ac, void *reply, void *user)
{
	struct hub *h = ac->data;
	redisReply *r = reply;

	(void)user;
	if (r == NULL || r->type != REDIS_REPLY_ARRAY || r->elements != 3)
		return;
	if (strcmp(r->element[0]->str, "subscribe") == 0)
		confirmed(h, r->element[1]->str);
	else if (strcmp(r->element[0]->str, "message") == 0 && r->element[2]->type == REDIS_REPLY_STRING)
		spread(h, r->element[1]->str, r->element[2]->str, r->element[2]->len);
}

static void
on_again(uv_timer_t *timer)
{
	connect_now(timer->data);
}

static void
lost(struct hub *h)
{
	h->ac = NULL;
	h->was_away = true;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct channel *c = h->buckets[i]; c != NULL; c = c->next) {
			c->is_confirmed = false;
			c->is_behind = true;
			gate_open(&c->gate);
		}
	if (!h->live->is_stopping)
		uv_timer_start(&h->again, on_again, AGAIN_MS, 0);
}

static void
on_disconnect(const redisAsyncContext *ac, int status)
{
	(void)status;
	lost(ac->data);
}

static void
subscribe(struct hub *h, struct channel *c)
{
	if (h->ac != NULL)
		redisAsyncCommand(h->ac, on_message, NULL, "SUBSCRIBE %s", c->topic);
	else
		c->is_behind = true;
}

static void
on_connect(const redisAsyncContext *ac, int status)
{
	struct hub *h = ac->data;

	if (status != REDIS_OK) { /* hiredis frees it */
		lost(h);
		return;
	}
	if (h->was_away) /* else they asked while it was connecting */
		for (size_t i = 0; i < BUCKETS; i++)
			for (struct channel *c = h->buckets[i]; c != NULL; c = c->next)
				subscribe(h, c);
	h->was_away = false;
}

static void
connect_now(struct hub *h)
{
	const char *url = h->live->conf->main_redis_url;
	char host[256] = "127.0.0.1";
	int port = 6379;

	if (strncmp(url, "unix://", 7) == 0)
		h->ac = redisAsyncConnectUnix(url + 7);
	else if (sscanf(url, "redis://%255[^:/]:%d", host, &port) >= 1)
		h->ac = redisAsyncConnect(host, port);
	if (h->ac == NULL || h->ac->err != 0) {
		if (h->ac != NULL)
			redisAsyncFree(h->ac);
		lost(h);
		return;
	}
	h->ac->data = h;
	redisLibuvAttach(h->ac, wait_loop());
	redisAsyncSetConnectCallback(h->ac, on_connect);
	redisAsyncSetDisconnectCallback(h->ac, on_disconnect);
}

struct hub *
hub_open(struct live *l)
{
	struct hub *h = mem_new(l, struct hub);

	h->live = l;
	uv_timer_init(wait_loop(), &h->again);
	h->again.data = h;
	connect_now(h);
	return h;
}

/* --- coming, going, telling --- */

void
hub_join(struct hub *h, struct listener *who, struct uuid tenant, const char *channel)
{
	void *mem = talloc_new(NULL);
	const char *topic = topic_of(mem, tenant, channel);
	struct channel *c = find(h, topic);

	if (c == NULL) {
		unsigned bucket = bucket_of(topic);

		c = mem_new(h, struct channel);
		snprintf(c->topic, sizeof(c->topic), "%s", topic);
		c->name = c->topic + strlen(topic) - strlen(channel);
		c->tenant = tenant;
		c->next = h->buckets[bucket];
		h->buckets[bucket] = c;
		subscribe(h, c);
	}
	who->channel = c;
	who->next = c->listeners;
	who->at = &c->listeners;
	if (c->listeners != NULL)
		c->listeners->at = &who->next;
	c->listeners = who;
	talloc_free(mem);
}

void
hub_leave(struct hub *h, struct listener *who)
{
	struct channel *c = who->channel;

	if (c == NULL)
		return;
	*who->at = who->next;
	if (who->next != NULL)
		who->next->at = who->at;
	who->channel = NULL;
	channel_drop(h, c);
}

/* Into the past, and to those who listen now: one step, so that both have one order. */
void
hub_batch_tell(struct redis_batch *b, void *mem, struct uuid tenant, const char *channel, const char *body)
{
	static const char script[] = "local id = redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[3], '*', 'b', ARGV[2]) "
				     "redis.call('EXPIRE', KEYS[1], ARGV[4]) redis.call('PUBLISH', ARGV[1], id .. ' ' .. ARGV[2]) return id";
	bool is_dojo = strncmp(channel, "dojo:", 5) == 0;

	redis_batch_add(b, "EVAL %s 1 %s %s %s %d %d", script, stream_of(mem, tenant, channel), topic_of(mem, tenant, channel), body, is_dojo ? KEPT_DOJO : KEPT,
	    is_dojo ? KEPT_DOJO_S : KEPT_S);
}

void
hub_tell_now(struct live *l, struct uuid tenant, const char *channel, const char *body)
{
	void *mem = talloc_new(NULL);

	redis_send(l->redis, "PUBLISH %s %s", topic_of(mem, tenant, channel), mem_printf(mem, "0 %s", body));
	talloc_free(mem);
}
