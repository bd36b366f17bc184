/*
 * live/presence.c - who is at a channel. A sorted set of Redis: "USER DAEMON" with the time until which that is believed. Each daemon
 * renews what it has, and sees whose time is over: the people of a daemon that died go with it.
 */
#include <string.h>
#include <time.h>

#include "lib/fiber.h"
#include "live/live.h"

#define PEOPLE_MAX 500 /* of a channel that are listed */
#define BUCKETS 4096
#define BATCH 200      /* renewals at once */

/* Somebody of this daemon at a channel, by how many sockets. */
struct present {
	struct present *next; /* in its bucket */
	struct uuid tenant;
	int sockets;
	char channel[CHANNEL_MAX], user[UUID_TEXT];
};
static struct present *buckets[BUCKETS];

/* KEYS[1]: the channel's people; ARGV: user, daemon, now, until. Answers whether they are new ("1" or "0"), and all. */
static struct redis_script join_script = {
	.text = "local was = '1' local all = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[3], '+inf', 'LIMIT', 0, 500) "
		"for _, m in ipairs(all) do if m:sub(1, 36) == ARGV[1] then was = '0' end end "
		"redis.call('ZADD', KEYS[1], ARGV[4], ARGV[1] .. ' ' .. ARGV[2]) redis.call('PEXPIREAT', KEYS[1], ARGV[4]) "
		"if was == '1' then all[#all + 1] = ARGV[1] .. ' ' .. ARGV[2] end table.insert(all, 1, was) return all",
};

/* The same; answers 1 when they are at no other daemon. */
static struct redis_script leave_script = {
	.text = "if redis.call('ZREM', KEYS[1], ARGV[1] .. ' ' .. ARGV[2]) == 0 then return 0 end "
		"for _, m in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do if m:sub(1, 36) == ARGV[1] then return 0 end end return 1",
};

/* The same; answers the users whose time is over. They are told once: whoever sees them takes them out. */
static const char renew_script[] =
    "redis.call('ZADD', KEYS[1], ARGV[4], ARGV[1] .. ' ' .. ARGV[2]) redis.call('PEXPIREAT', KEYS[1], ARGV[4]) "
    "local over = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[3]) if #over == 0 then return over end "
    "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[3]) local here, gone = {}, {} "
    "for _, m in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do here[m:sub(1, 36)] = true end "
    "for _, m in ipairs(over) do local u = m:sub(1, 36) if not here[u] then here[u] = true gone[#gone + 1] = u end end return gone";

/* --- here --- */

static struct present **
place_of(struct uuid tenant, const char *channel, const char *user)
{
	unsigned h = 5381;
	struct present **at;

	for (const char *p = channel; *p != '\0'; p++)
		h = h * 33 + (unsigned char)*p;
	for (const char *p = user; *p != '\0'; p++)
		h = h * 33 + (unsigned char)*p;
	at = &buckets[h % BUCKETS];
	while (*at != NULL && (!uuid_equal(&(*at)->tenant, &tenant) || strcmp((*at)->channel, channel) != 0 || strcmp((*at)->user, user) != 0))
		at = &(*at)->next;
	return at;
}

/* --- in Redis --- */

static const char *
key_of(void *mem, struct uuid tenant, const char *channel)
{
	char t[UUID_TEXT];

	return mem_printf(mem, "live:here:%s:%s", uuid_text(&tenant, t), channel);
}

static int64_t
clock_now_ms(void)
{
	return (int64_t)time(NULL) * 1000;
}

static int64_t
believed_ms(const struct live *l)
{
	return 3 * l->conf->live_heartbeat * 1000;
}

/* "USER DAEMON" each; one that is at two daemons once. */
static void
take_users(void *mem, const struct redis_reply *items, size_t from, size_t count, const char ***users, size_t *out)
{
	*users = mem_array(mem, const char *, count + 1);
	*out = 0;
	for (size_t i = from; i < count && i < PEOPLE_MAX; i++) {
		const char *who = mem_strndup(mem, items[i].text, 36);
		bool is_known = false;

		for (size_t k = 0; k < *out; k++)
			is_known = is_known || strcmp((*users)[k], who) == 0;
		if (!is_known)
			(*users)[(*out)++] = who;
	}
}

/* People of a dojo are told by their list, those of other channels one by one. name NULL: not known any more. */
static void
tell(struct live *l, struct uuid tenant, const char *channel, const char *event, const char *user, const char *name)
{
	struct buf b;

	if (strncmp(channel, "dojo:", 5) == 0) {
		hub_tell_now(l, tenant, channel, "{\"type\":\"PEOPLE_CHANGED\"}");
		return;
	}
	buf_init(&b, NULL, 200);
	buf_printf(&b, "{\"event\":\"presence.%s\",\"data\":{\"userId\":\"%s\"", event, user);
	if (name != NULL) {
		buf_json_key(&b, "userName");
		buf_json_str(&b, name);
	}
	buf_add_literal(&b, "}}");
	hub_tell_now(l, tenant, channel, buf_cstr(&b));
	talloc_free(b.data);
}

int
presence_join(struct live *l, void *mem, struct uuid tenant, const char *channel, const struct who *who, const char ***users, size_t *count)
{
	struct present **at = place_of(tenant, channel, who->user_text);
	const char *words[5] = { key_of(mem, tenant, channel), who->user_text, l->name, mem_printf(mem, "%lld", (long long)clock_now_ms()),
		mem_printf(mem, "%lld", (long long)(clock_now_ms() + believed_ms(l))) };
	struct redis_reply *reply;
	int err;

	if (*at == NULL) {
		*at = mem_new(l, struct present);
		(*at)->tenant = tenant;
		snprintf((*at)->channel, CHANNEL_MAX, "%s", channel);
		snprintf((*at)->user, UUID_TEXT, "%s", who->user_text);
	}
	(*at)->sockets++;
	err = redis_eval(l->redis, mem, &reply, now_ms() + CALL_MS, &join_script, 1, 5, words);
	if (err != 0)
		return err; /* told with the next renewal */
	take_users(mem, reply->items, 1, reply->count, users, count);
	if (reply->count > 0 && strcmp(reply->items[0].text, "1") == 0)
		tell(l, tenant, channel, "joined", who->user_text, who->name);
	return 0;
}

int
presence_list(struct live *l, void *mem, struct uuid tenant, const char *channel, const char ***users, size_t *count)
{
	struct redis_reply *reply;
	int err = redis_command(l->redis, mem, &reply, now_ms() + CALL_MS, "ZRANGEBYSCORE %s %lld +inf LIMIT 0 %d", key_of(mem, tenant, channel),
	    (long long)clock_now_ms(), PEOPLE_MAX);

	if (err == 0)
		take_users(mem, reply->items, 0, reply->count, users, count);
	return err;
}

struct going {
	struct live *live;
	struct uuid tenant;
	char channel[CHANNEL_MAX], user[UUID_TEXT];
	const char *name;
};

static void
go(void *arg)
{
	struct going *g = arg;
	const char *words[3] = { key_of(g, g->tenant, g->channel), g->user, g->live->name };
	struct redis_reply *reply;

	if (redis_eval(g->live->redis, g, &reply, now_ms() + CALL_MS, &leave_script, 1, 3, words) == 0 && reply->integer == 1)
		tell(g->live, g->tenant, g->channel, "left", g->user, g->name);
	talloc_free(g);
}

/* Does not wait: also of a socket that is closed. */
void
presence_leave(struct live *l, struct uuid tenant, const char *channel, const struct who *who)
{
	struct present **at = place_of(tenant, channel, who->user_text), *p = *at;
	struct going *g;

	if (p == NULL || --p->sockets > 0)
		return;
	*at = p->next;
	talloc_free(p);
	g = mem_new(l, struct going);
	g->live = l;
	g->tenant = tenant;
	g->name = mem_strdup(g, who->name);
	snprintf(g->channel, sizeof(g->channel), "%s", channel);
	snprintf(g->user, sizeof(g->user), "%s", who->user_text);
	if (fiber_spawn(go, g) == NULL)
		talloc_free(g); /* its time will be over */
}

/* --- again and again --- */

/* Somebody who left while the renewal was on its way would stay for three heartbeats: taken out again. */
static void
renew_some(struct live *l, const struct present *some, size_t count)
{
	void *mem = talloc_new(NULL);
	struct redis_batch *b = redis_batch(l->redis, mem);
	struct redis_reply *replies;

	for (size_t i = 0; i < count; i++)
		redis_batch_add(b, "EVAL %s 1 %s %s %s %lld %lld", renew_script, key_of(mem, some[i].tenant, some[i].channel), some[i].user, l->name,
		    (long long)clock_now_ms(), (long long)(clock_now_ms() + believed_ms(l)));
	if (redis_batch_run(b, now_ms() + CALL_MS, &replies) == 0)
		for (size_t i = 0; i < count; i++) {
			for (size_t k = 0; k < replies[i].count; k++)
				tell(l, some[i].tenant, some[i].channel, "left", replies[i].items[k].text, NULL);
			if (*place_of(some[i].tenant, some[i].channel, some[i].user) == NULL)
				redis_send(l->redis, "ZREM %s %s", key_of(mem, some[i].tenant, some[i].channel), mem_printf(mem, "%s %s", some[i].user, l->name));
		}
	talloc_free(mem);
}

void
presence_renew(struct live *l)
{
	size_t count = 0, i = 0;
	struct present *copy;

	for (size_t k = 0; k < BUCKETS; k++)
		for (const struct present *p = buckets[k]; p != NULL; p = p->next)
			count++;
	copy = mem_array(NULL, struct present, count + 1); /* it may change while Redis is waited for */
	for (size_t k = 0; k < BUCKETS; k++)
		for (const struct present *p = buckets[k]; p != NULL; p = p->next)
			copy[i++] = *p;
	for (i = 0; i < count; i += BATCH)
		renew_some(l, copy + i, count - i < BATCH ? count - i : BATCH);
	talloc_free(copy);
}
