/* live/presence.c - who is at a channel. A sorted set of Redis: "USER DAEMON" with the time until which that is believed; each daemon
 * renews what it has, so that one that dies takes its people along. */
#include <string.h>

#include "lib/fiber.h"
#include "live/live.h"

#define BELIEVED_MS 75000
#define RENEW_MS 25000
#define PEOPLE_MAX 500 /* of a channel that are listed */

/* Somebody of this daemon at a channel, by how many sockets. */
struct present {
	struct present *next;
	struct uuid tenant;
	int sockets;
	char channel[CHANNEL_MAX], user[UUID_TEXT];
};
static struct present *all;

static struct redis_script join_script = {
	.text = "redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, ARGV[3]) local was = 0 "
		"local all = redis.call('ZRANGE', KEYS[1], 0, 500) "
		"for _, m in ipairs(all) do if m:sub(1, 36) == ARGV[1] then was = 1 end end "
		"redis.call('ZADD', KEYS[1], ARGV[4], ARGV[1] .. ' ' .. ARGV[2]) redis.call('PEXPIRE', KEYS[1], 150000) "
		"if was == 0 then all[#all + 1] = ARGV[1] .. ' ' .. ARGV[2] end table.insert(all, 1, tostring(was)) return all",
};
static struct redis_script leave_script = {
	.text = "redis.call('ZREM', KEYS[1], ARGV[1] .. ' ' .. ARGV[2]) "
		"for _, m in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do if m:sub(1, 36) == ARGV[1] then return 0 end end return 1",
};

static struct present *
find(struct uuid tenant, const char *channel, const char *user)
{
	struct present *p = all;

	while (p != NULL && (!uuid_equal(&p->tenant, &tenant) || strcmp(p->channel, channel) != 0 || strcmp(p->user, user) != 0))
		p = p->next;
	return p;
}

static const char *
key_of(void *mem, struct uuid tenant, const char *channel)
{
	char t[UUID_TEXT];

	return mem_printf(mem, "live:here:%s:%s", uuid_text(&tenant, t), channel);
}

static const char *
number(void *mem, int64_t n)
{
	return mem_printf(mem, "%lld", (long long)n);
}

static int
renew(struct live *l, void *mem, struct uuid tenant, const char *channel, const char *user, struct redis_reply **reply)
{
	int64_t now = (int64_t)time(NULL) * 1000;
	const char *words[5] = { key_of(mem, tenant, channel), user, l->name, number(mem, now), number(mem, now + BELIEVED_MS) };

	return redis_eval(l->redis, mem, reply, now_ms() + CALL_MS, &join_script, 1, 5, words);
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

int
presence_join(struct live *l, void *mem, struct uuid tenant, const char *channel, const char *user, bool *is_new, const char ***users, size_t *count)
{
	struct present *p = find(tenant, channel, user);
	struct redis_reply *reply;
	int err;

	if (p == NULL) {
		p = mem_new(l, struct present);
		p->tenant = tenant;
		snprintf(p->channel, sizeof(p->channel), "%s", channel);
		snprintf(p->user, sizeof(p->user), "%s", user);
		p->next = all;
		all = p;
	}
	p->sockets++;
	err = renew(l, mem, tenant, channel, user, &reply);
	if (err != 0)
		return err;
	*is_new = reply->count > 0 && strcmp(reply->items[0].text, "0") == 0;
	take_users(mem, reply->items, 1, reply->count, users, count);
	return 0;
}

int
presence_list(struct live *l, void *mem, struct uuid tenant, const char *channel, const char ***users, size_t *count)
{
	struct redis_reply *reply;
	int err = redis_command(l->redis, mem, &reply, now_ms() + CALL_MS, "ZRANGEBYSCORE %s %lld +inf LIMIT 0 %d", key_of(mem, tenant, channel),
	    (long long)time(NULL) * 1000, PEOPLE_MAX);

	if (err == 0)
		take_users(mem, reply->items, 0, reply->count, users, count);
	return err;
}

int
presence_leave(struct live *l, void *mem, struct uuid tenant, const char *channel, const char *user, bool *is_gone)
{
	struct present *p = find(tenant, channel, user), **at = &all;
	const char *words[3] = { key_of(mem, tenant, channel), user, l->name };
	struct redis_reply *reply;
	int err;

	*is_gone = false;
	if (p == NULL || --p->sockets > 0)
		return 0;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	talloc_free(p);
	err = redis_eval(l->redis, mem, &reply, now_ms() + CALL_MS, &leave_script, 1, 3, words);
	if (err == 0)
		*is_gone = reply->integer == 1;
	return err;
}

/* --- of a socket that is closed: in a fiber of its own --- */

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
	bool is_gone;
	struct buf b;

	if (presence_leave(g->live, g, g->tenant, g->channel, g->user, &is_gone) == 0 && is_gone) {
		buf_init(&b, g, 200);
		buf_printf(&b, "{\"event\":\"presence.left\",\"data\":{\"userId\":\"%s\"", g->user);
		buf_json_key(&b, "userName");
		buf_json_str(&b, g->name);
		buf_add_literal(&b, "}}");
		hub_tell(g->live, g, g->tenant, g->channel, buf_cstr(&b), false);
	}
	talloc_free(g);
}

void
presence_gone(struct live *l, struct uuid tenant, const char *channel, const char *user, const char *name)
{
	struct going *g = mem_new(l, struct going);

	g->live = l;
	g->tenant = tenant;
	g->name = mem_strdup(g, name);
	snprintf(g->channel, sizeof(g->channel), "%s", channel);
	snprintf(g->user, sizeof(g->user), "%s", user);
	if (fiber_spawn(go, g) == NULL)
		talloc_free(g);
}

static void
renew_all(struct live *l)
{
	void *mem = talloc_new(NULL);
	struct present *p;
	size_t count = 0, i = 0;
	struct present *copy;

	for (p = all; p != NULL; p = p->next)
		count++;
	copy = mem_array(mem, struct present, count + 1);
	for (p = all; p != NULL; p = p->next)
		copy[i++] = *p;
	for (i = 0; i < count; i++)
		if (find(copy[i].tenant, copy[i].channel, copy[i].user) != NULL)
			renew(l, mem, copy[i].tenant, copy[i].channel, copy[i].user, NULL);
	talloc_free(mem);
}

void
presence_start(struct live *l)
{
	live_every(l, RENEW_MS, renew_all);
}
