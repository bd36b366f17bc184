/* lib/rate.c - see rate.h. */
#include "lib/rate.h"

#include "lib/mem.h"
#include "lib/redis.h"
#include "lib/wait.h"

#define REDIS_MS 250

const struct rate_row rate_rows[RATE_COUNT] = {
#define X(name, by, limit, window_s, burst) [RATE_##name] = { #name, BY_##by, limit, window_s, burst },
#include "lib/rate.def"
#undef X
};

/*
 * One bucket: tokens left and when that was true. KEYS[1]: bucket; ARGV: capacity, tokens per window, window in ms,
 * tokens wanted. Grants as many of the wanted as there are. Answers granted, left, ms until one more, ms until full.
 */
static const char script[] =
    "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) "
    "local capacity, rate, want = tonumber(ARGV[1]), tonumber(ARGV[2]) / tonumber(ARGV[3]), tonumber(ARGV[4]) "
    "local b = redis.call('HMGET', KEYS[1], 'left', 'at') "
    "local left = math.min(capacity, (tonumber(b[1]) or capacity) + math.max(0, now - (tonumber(b[2]) or now)) * rate) "
    "local granted = math.min(want, math.floor(left)) "
    "left = left - granted "
    "local full = math.ceil((capacity - left) / rate) "
    "redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.0f', now)) "
    "redis.call('PEXPIRE', KEYS[1], full + 1000) "
    "return { granted, math.floor(left), math.ceil(math.max(0, 1 - left) / rate), full }";

const char *
rate_key(void *mem, enum rate_class class, const char *tenant, const char *subject)
{
	return mem_printf(mem, "rate:%s:%s:%s", rate_rows[class].name, tenant, subject);
}

int
rate_take(struct redis *redis, void *mem, enum rate_class class, const char *key, int64_t scale, int64_t want, struct rate_grant *out)
{
	static struct redis_script take = { .text = script };
	const struct rate_row *row = &rate_rows[class];
	const char *words[5] = { key, mem_printf(mem, "%lld", (long long)((row->limit + row->burst) * scale)), mem_printf(mem, "%lld", (long long)(row->limit * scale)),
		mem_printf(mem, "%lld", (long long)row->window_s * 1000), mem_printf(mem, "%lld", (long long)want) };
	struct redis_reply *reply;
	int err = redis_eval(redis, mem, &reply, now_ms() + REDIS_MS, &take, 1, 5, words);

	if (err != 0)
		return err;
	if (reply->type != REDIS_LIST || reply->count != 4)
		return ERR_INTERNAL;
	*out = (struct rate_grant){ reply->items[0].integer, reply->items[1].integer, reply->items[2].integer, reply->items[3].integer };
	return 0;
}
