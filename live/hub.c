/* live/hub.c - channels. What is told to one goes through Redis to every daemon that has a listener of it; the last ones stay in a
 * stream, for those who come back. */
#include <hiredis/hiredis.h>
#include <hiredis/async.h>
#include <hiredis/adapters/libuv.h>
#include <string.h>

#include "lib/log.h"
#include "live/live.h"

#define BUCKETS 16384
#define KEPT 200               /* events of a channel */
#define AGAIN_MS 500

struct channel {
	struct channel *next;      /* in its bucket */
	struct listener *listeners;
	struct uuid tenant;
	char topic[CHANNEL_MAX + 48]; /* of Redis: live:TENANT:NAME */
	const char *name;          /* the end of it */
	struct counts counts;      /* of a video, when somebody looked last */
};

struct hub {
	struct live *live;
	struct channel *buckets[BUCKETS];
	redisAsyncContext *ac;     /* NULL: Redis is away */
	uv_timer_t again;
	bool was_away;
};

/* Into the stream, and to those who listen now: one step, so that both have one order. */
const char hub_script[] = "local id = redis.call('XADD', KEYS[1], 'MAXLEN', 200, '*', 'b', ARGV[2]) "
			  "redis.call('EXPIRE', KEYS[1], 86400) redis.call('PUBLISH', ARGV[1], id .. ' ' .. ARGV[2]) return id";

static struct redis_script keep_and_tell = { .text = hub_script };

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

void
hub_keys(void *mem, struct uuid tenant, const char *channel, const char **stream, const char **topic)
{
	char t[UUID_TEXT];

	uuid_text(&tenant, t);
	*topic = mem_printf(mem, "live:%s:%s", t, channel);
	*stream = mem_printf(mem, "live:past:%s:%s", t, channel);
}

/* By time, then by number; "" is before everything. */
int
stream_compare(const char *a, const char *b)
{
	char *end_a, *end_b;
	unsigned long long ta = strtoull(a, &end_a, 10), tb = strtoull(b, &end_b, 10);
	unsigned long long na = *end_a == '-' ? strtoull(end_a + 1, NULL, 10) : 0, nb = *end_b == '-' ? strtoull(end_b + 1, NULL, 10) : 0;

	return ta != tb ? (ta < tb ? -1 : 1) : na != nb ? (na < nb ? -1 : 1) : 0;
}

static void
hear(struct listener *l, const char *id, const char *body, size_t length)
{
	if (strcmp(id, "0") != 0) { /* of the moment: has no place in the stream */
		if (*l->last != '\0' && stream_compare(id, l->last) <= 0)
			return;
		snprintf(l->last, sizeof(l->last), "%s", id);
	}
	l->heard(l, id, body, length);
}

/* "ID BODY" of a topic. */
static void
spread(struct hub *h, const char *topic, const char *text, size_t length)
{
	struct channel *c = find(h, topic);
	const char *space = memchr(text, ' ', length < STREAM_ID ? length : STREAM_ID);
	char id[STREAM_ID];

	if (c == NULL || space == NULL)
		return;
	snprintf(id, sizeof(id), "%.*s", (int)(space - text), text);
	for (struct listener *l = c->listeners, *next; l != NULL; l = next) {
		next = l->next;
		hear(l, id, space + 1, length - (size_t)(space + 1 - text));
	}
}

static void
on_message(redisAsyncContext *ac, void *reply, void *user)
{
	struct hub *h = ac->data;
	redisReply *r = reply;

	(void)user;
	if (r != NULL && r->type == REDIS_REPLY_ARRAY && r->elements == 3 && r->element[2]->type == REDIS_REPLY_STRING &&
	    strcmp(r->element[0]->str, "message") == 0)
		spread(h, r->element[1]->str, r->element[2]->str, r->element[2]->len);
}

/* --- the connection --- */

static void connect_now(struct hub *h);

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
on_connect(const redisAsyncContext *ac, int status)
{
	struct hub *h = ac->data;

	if (status != REDIS_OK) { /* hiredis frees it */
		lost(h);
		return;
	}
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct channel *c = h->buckets[i]; c != NULL; c = c->next)
			redisAsyncCommand(h->ac, on_message, NULL, "SUBSCRIBE %s", c->topic);
	if (h->was_away) /* what was told meanwhile is in the streams */
		peers_resume(h->live);
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

/* --- listening --- */

void
hub_join(struct hub *h, struct listener *who, struct uuid tenant, const char *channel)
{
	void *mem = talloc_new(NULL);
	const char *stream, *topic;
	struct channel *c;

	hub_keys(mem, tenant, channel, &stream, &topic);
	c = find(h, topic);
	if (c == NULL) {
		unsigned bucket = bucket_of(topic);

		c = mem_new(h, struct channel);
		snprintf(c->topic, sizeof(c->topic), "%s", topic);
		c->name = c->topic + strlen(topic) - strlen(channel);
		c->tenant = tenant;
		c->next = h->buckets[bucket];
		h->buckets[bucket] = c;
		if (h->ac != NULL)
			redisAsyncCommand(h->ac, on_message, NULL, "SUBSCRIBE %s", topic);
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
	struct channel *c = who->channel, **at;

	if (c == NULL)
		return;
	*who->at = who->next;
	if (who->next != NULL)
		who->next->at = who->at;
	who->channel = NULL;
	if (c->listeners != NULL)
		return;
	if (h->ac != NULL)
		redisAsyncCommand(h->ac, NULL, NULL, "UNSUBSCRIBE %s", c->topic);
	for (at = &h->buckets[bucket_of(c->topic)]; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	talloc_free(c);
}

void
hub_each_channel(struct hub *h, void (*fn)(void *arg, struct channel *c), void *arg)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct channel *c = h->buckets[i]; c != NULL; c = c->next)
			fn(arg, c);
}

struct channel *
hub_find(struct hub *h, struct uuid tenant, const char *channel)
{
	char t[UUID_TEXT], topic[CHANNEL_MAX + 48];

	snprintf(topic, sizeof(topic), "live:%s:%s", uuid_text(&tenant, t), channel);
	return find(h, topic);
}

struct counts *
channel_counts(struct channel *c)
{
	return &c->counts;
}

void
channel_tell_here(struct channel *c, const char *body)
{
	for (struct listener *l = c->listeners, *next; l != NULL; l = next) {
		next = l->next;
		hear(l, "0", body, strlen(body));
	}
}

bool
hub_catch_up(struct hub *h, struct listener *who, const char *after)
{
	void *mem = talloc_new(NULL);
	struct channel *c = who->channel;
	const char *stream, *topic;
	struct redis_batch *b = redis_batch(h->live->redis, mem);
	struct redis_reply *replies;
	bool is_whole = true;

	hub_keys(mem, c->tenant, c->name, &stream, &topic);
	redis_batch_add(b, "XRANGE %s - + COUNT 1", stream);
	redis_batch_add(b, "XRANGE %s %s + COUNT %d", stream, *after != '\0' ? after : "+", KEPT + 1);
	if (redis_batch_run(b, now_ms() + CALL_MS, &replies) != 0) {
		talloc_free(mem);
		return false;
	}
	/* the oldest that is kept is younger than what was heard last: there may have been others between them */
	if (*after != '\0' && replies[0].count > 0 && stream_compare(replies[0].items[0].items[0].text, after) > 0)
		is_whole = false;
	for (size_t i = 0; *after != '\0' && i < replies[1].count && who->channel == c; i++) {
		const struct redis_reply *e = &replies[1].items[i];

		if (e->count == 2 && e->items[1].count == 2 && stream_compare(e->items[0].text, after) > 0)
			hear(who, e->items[0].text, e->items[1].items[1].text, e->items[1].items[1].length);
	}
	talloc_free(mem);
	return is_whole;
}

int
hub_tell(struct live *l, void *mem, struct uuid tenant, const char *channel, const char *body, bool is_kept)
{
	const char *stream, *topic, *words[3];

	hub_keys(mem, tenant, channel, &stream, &topic);
	if (!is_kept)
		return redis_send(l->redis, "PUBLISH %s %s", topic, mem_printf(mem, "0 %s", body)) ? 0 : ERR_UNAVAILABLE;
	words[0] = stream;
	words[1] = topic;
	words[2] = body;
	return redis_eval(l->redis, mem, NULL, now_ms() + CALL_MS, &keep_and_tell, 1, 3, words);
}
