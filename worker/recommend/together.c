/*
 * worker/recommend/together.c - what is watched together: for each item its nearest by the people they share. Counted item
 * by item over one row of numbers, so that memory does not grow with the square of anything.
 */
#include <math.h>

#include "lib/mem.h"
#include "worker/recommend/internal.h"

#define SHRINK 1.0f /* one person in common says little */

struct watched {
	struct span *of; /* by item, in by */
	uint32_t *by;    /* users */
};

/* An item's users, at most `watchers` of them. */
static void
turn_round(struct taste *t, struct watched *w)
{
	uint32_t total = 0;

	w->of = mem_array(t, struct span, t->item_count);
	for (uint32_t item = 0; item < t->item_count; item++) {
		float n = t->items[item].popularity;

		w->of[item].first = total;
		total += n < (float)t->options.watchers ? (uint32_t)n : t->options.watchers;
	}
	w->by = mem_array(t, uint32_t, total);
	for (uint32_t user = 0; user < t->user_count; user++)
		for (uint32_t e = t->users[user].first_event; e < taste_events_end(t, user); e++) {
			struct span *s = &w->of[t->events[e].item];

			if (s->count < t->options.watchers)
				w->by[s->first + s->count++] = user;
		}
}

/* Who watches everything says less about two items than who watches little. */
static void
count_others(struct taste *t, const struct watched *w, uint32_t item)
{
	t->touched_count = 0;
	for (uint32_t i = 0; i < w->of[item].count; i++) {
		uint32_t user = w->by[w->of[item].first + i], from = t->users[user].first_event;
		uint32_t to = taste_events_end(t, user);
		float says;

		if (to - from > t->options.history)
			to = from + t->options.history;
		says = 1 / logf(2 + (float)(to - from));
		for (uint32_t e = from; e < to; e++) {
			uint32_t other = t->events[e].item;

			if (other == item)
				continue;
			if (t->together[other] <= 0)
				t->touched[t->touched_count++] = other;
			t->together[other] += says;
		}
	}
}

static size_t
nearest(struct taste *t, uint32_t item, struct scored *best)
{
	size_t n = 0;

	for (size_t i = 0; i < t->touched_count; i++) {
		uint32_t other = t->touched[i];
		float shared = t->together[other];

		t->together[other] = 0;
		heap_offer(best, &n, t->options.neighbours,
		    (struct scored){ shared / (shared + SHRINK) * shared / sqrtf(t->items[item].popularity * t->items[other].popularity), other });
	}
	return n;
}

void
together_learn(struct taste *t)
{
	struct scored *best = mem_array(t, struct scored, t->options.neighbours);
	struct watched w;
	size_t total = 0;

	t->neighbour = mem_array(t, struct span, t->item_count);
	turn_round(t, &w);
	for (size_t at = 0; at < t->item_count && total + t->options.neighbours <= ROOM_MAX; at++) {
		uint32_t item = t->trending[at].item;
		size_t n;

		if (w.of[item].count == 0)
			continue;
		t->neighbour[item].first = (uint32_t)total;
		count_others(t, &w, item);
		n = nearest(t, item, best);
		for (size_t i = 0; i < n; i++) {
			taste_grow(t, &t->neighbours, total, sizeof(*t->neighbours));
			t->neighbours[total++] = best[i];
		}
		t->neighbour[item].count = (uint32_t)n;
	}
	t->touched_count = 0;
	talloc_free(best);
	talloc_free(w.of);
	talloc_free(w.by);
}
