/* lib/uniques.c - see uniques.h. */
#include "lib/uniques.h"

#include "lib/random.h"

#define AT_ONCE 128   /* sketches of 12 kB at most: a millisecond of Redis, five where all are full */
#define KEPT_S "3600" /* of a sum that nobody came back to */

struct uniques {
	struct redis *redis;
	const char *sum; /* key of the sketch that they are merged into */
	void *keys;      /* of those that wait */
	const char *words[AT_ONCE + 2];
	int count, err;
	bool is_begun;
};

struct uniques *
uniques_open(void *mem, struct redis *redis)
{
	struct uniques *u = mem_new(mem, struct uniques);
	uint64_t name;

	random_bytes(&name, sizeof(name));
	u->redis = redis;
	u->sum = mem_printf(u, "uniques:sum:%016llx", (unsigned long long)name);
	u->keys = talloc_new(u);
	return u;
}

static void
merge(struct uniques *u, int64_t deadline_ms)
{
	u->words[0] = "PFMERGE";
	u->words[1] = u->sum;
	if (u->err == 0)
		u->err = redis_command_argv(u->redis, u->keys, NULL, deadline_ms, u->count + 2, u->words, NULL);
	if (u->err == 0 && !u->is_begun)
		u->err = redis_command(u->redis, u->keys, NULL, deadline_ms, "EXPIRE %s " KEPT_S, u->sum);
	u->is_begun = true;
	u->count = 0;
	talloc_free_children(u->keys);
}

void
uniques_add(struct uniques *u, const char *video, const char *day, int64_t deadline_ms)
{
	u->words[2 + u->count++] = uniques_key(u->keys, video, day);
	if (u->count == AT_ONCE)
		merge(u, deadline_ms);
}

int
uniques_count(struct uniques *u, int64_t deadline_ms, int64_t *count)
{
	struct redis_batch *b;
	struct redis_reply *replies;

	if (u->count > 0)
		merge(u, deadline_ms);
	if (u->err != 0)
		return u->err;
	b = redis_batch(u->redis, u);
	redis_batch_add(b, "PFCOUNT %s", u->sum);
	redis_batch_add(b, "DEL %s", u->sum);
	u->err = redis_batch_run(b, deadline_ms, &replies);
	if (u->err == 0)
		*count = replies[0].integer;
	return u->err;
}
