/*
 * lib/redis_together.c - see redis_together.h. The calls of a turn are a round: the first of them makes it, a hook before the
 * loop sleeps sends it, in a fiber of its own, so that nobody's leaving ends it for the others. A call lies on its caller's
 * stack; who gives up takes it out of its round.
 */
#include "lib/redis_together.h"

#include <string.h>

#include "lib/fiber.h"
#include "lib/mem.h"
#include "lib/wait.h"

#define CALLS_MAX 200 /* then the round goes out: a script holds up everybody else's commands while it runs */

struct call {
	struct wait wait;
	const char *const *words;
	unsigned place;
	int64_t deadline_ms, number;
	int err;
};

struct redis_round {
	struct wait_hook hook;
	struct redis *redis;
	struct redis_together *together;
	unsigned count;
	struct call *calls[CALLS_MAX]; /* NULL: it was given up */
};

static int
eval(struct redis *r, void *mem, struct redis_together *t, int64_t deadline_ms, const char **words, unsigned calls, const struct redis_reply **out)
{
	struct redis_reply *reply;
	int err = redis_eval(r, mem, &reply, deadline_ms, &t->script, 0, (int)(calls * t->words), words);

	*out = reply;
	return err == 0 && (reply->type != REDIS_LIST || reply->count != calls) ? ERR_INTERNAL : err;
}

/* The words of all calls that are still there, copied: a caller may leave while Redis works. */
static const char **
words_of(struct redis_round *round, int64_t *deadline_ms)
{
	unsigned each = round->together->words, kept = 0;
	const char **words = mem_array(round, const char *, round->count * each + 1);

	*deadline_ms = 0;
	for (unsigned i = 0; i < round->count; i++) {
		struct call *c = round->calls[i];

		if (c == NULL)
			continue;
		for (unsigned w = 0; w < each; w++)
			words[kept * each + w] = mem_strdup(round, c->words[w]);
		*deadline_ms = c->deadline_ms > *deadline_ms ? c->deadline_ms : *deadline_ms;
		c->place = kept;
		round->calls[kept++] = c;
	}
	round->count = kept;
	return words;
}

static void
round_run(void *arg)
{
	struct redis_round *round = arg;
	const struct redis_reply *reply;
	int64_t deadline_ms;
	const char **words = words_of(round, &deadline_ms);
	int err = 0;

	if (round->count > 0)
		err = eval(round->redis, round, round->together, deadline_ms, words, round->count, &reply);
	for (unsigned i = 0; i < round->count; i++) {
		struct call *c = round->calls[i];

		if (c == NULL)
			continue;
		c->err = err;
		c->number = err == 0 ? reply->items[i].integer : 0;
		wait_done(&c->wait);
	}
	talloc_free(round);
}

static void
round_send(struct redis_round *round)
{
	round->together->open = NULL;
	wait_hook_withdraw(&round->hook);
	if (fiber_spawn(round_run, round) != NULL)
		return;
	for (unsigned i = 0; i < round->count; i++) {
		if (round->calls[i] == NULL)
			continue;
		round->calls[i]->err = ERR_UNAVAILABLE;
		wait_done(&round->calls[i]->wait);
	}
	talloc_free(round);
}

static void
on_hook(struct wait_hook *hook)
{
	round_send((struct redis_round *)((char *)hook - offsetof(struct redis_round, hook)));
}

static struct redis_round *
round_open(struct redis *r, struct redis_together *t)
{
	struct redis_round *round = t->open;

	if (round != NULL && round->redis == r && round->count < CALLS_MAX)
		return round;
	if (round != NULL)
		round_send(round);
	round = mem_new(NULL, struct redis_round);
	round->redis = r;
	round->together = t;
	round->hook.fn = on_hook;
	wait_before_sleep(&round->hook);
	t->open = round;
	return round;
}

static int
call_alone(struct redis *r, struct redis_together *t, int64_t deadline_ms, const char *const *words, int64_t *number)
{
	void *mem = talloc_new(NULL);
	const char **copy = mem_array(mem, const char *, t->words + 1);
	const struct redis_reply *reply;
	int err;

	memcpy(copy, words, t->words * sizeof(*words));
	err = eval(r, mem, t, deadline_ms, copy, 1, &reply);
	*number = err == 0 ? reply->items[0].integer : 0;
	talloc_free(mem);
	return err;
}

int
redis_call_together(struct redis *r, struct redis_together *t, int64_t deadline_ms, const char *const *words, int64_t *number)
{
	struct call c = { .words = words, .deadline_ms = deadline_ms };
	struct redis_round *round;

	if (fiber_current() == NULL)
		return call_alone(r, t, deadline_ms, words, number);
	round = round_open(r, t);
	c.place = round->count;
	round->calls[round->count++] = &c;
	if (wait_for(&c.wait, deadline_ms) != 0) {
		round->calls[c.place] = NULL;
		return ERR_TIMEOUT;
	}
	*number = c.number;
	return c.err;
}
