/* worker/recommend/rank.c - candidates from what is alike, watched together and trending; their scores; the list, mixed. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/mem.h"
#include "worker/recommend/internal.h"

#define PROFILE_MOST 24    /* features that say most about a taste */
#define TRENDING_MOST 100  /* candidates for everybody */
#define CHOICE 4           /* candidates for each place of a list */
#define FADE 0.95f         /* what is left of an event's say behind each newer one */

void
scratch_open(struct taste *t)
{
	t->content = mem_array(t, float, t->item_count);
	t->together = mem_array(t, float, t->item_count);
	t->touched = mem_array(t, uint32_t, t->item_count);
	t->state = mem_array(t, uint32_t, t->item_count);
	t->profile = mem_array(t, float, FEATURES);
	t->profiled = mem_array(t, uint32_t, FEATURES);
}

static void
begin(struct taste *t)
{
	t->turn += 2;
	t->touched_count = t->profiled_count = 0;
}

static void
touch(struct taste *t, uint32_t item)
{
	if (t->state[item] >= t->turn)
		return;
	t->state[item] = t->turn;
	t->touched[t->touched_count++] = item;
}

static void
leave_out(struct taste *t, uint32_t item)
{
	touch(t, item); /* so that its numbers are cleared with the others' */
	t->state[item] = t->turn + 1;
}

static void
learn_from(struct taste *t, uint32_t item, float say)
{
	for (uint32_t i = t->items[item].first_feature; i < taste_features_end(t, item); i++) {
		const struct taste_feature *f = &t->features[i];

		if (t->profile[f->id] <= 0 && f->weight > 0)
			t->profiled[t->profiled_count++] = f->id;
		t->profile[f->id] += say * f->weight;
	}
	for (uint32_t i = 0; i < t->neighbour[item].count; i++) {
		const struct scored *n = &t->neighbours[t->neighbour[item].first + i];

		touch(t, n->item);
		t->together[n->item] += say * n->score;
	}
}

static void
add_alike(struct taste *t)
{
	struct scored best[PROFILE_MOST];
	size_t n = 0;

	for (size_t i = 0; i < t->profiled_count; i++) {
		uint32_t f = t->profiled[i];

		heap_offer(best, &n, PROFILE_MOST, (struct scored){ t->profile[f], f });
		t->profile[f] = 0;
	}
	for (size_t i = 0; i < n; i++) {
		struct span s = t->posting[best[i].item];

		for (uint32_t p = s.first; p < s.first + s.count; p++) {
			touch(t, t->postings[p].item);
			t->content[t->postings[p].item] += best[i].score * t->postings[p].score;
		}
	}
}

static void
add_trending(struct taste *t, uint32_t language)
{
	uint32_t most[TRENDING_MOST];
	size_t n = taste_trending(t, language, most, TRENDING_MOST);

	for (size_t i = 0; i < n; i++)
		touch(t, most[i]);
}

/* The best candidates, best first. Leaves the rows of numbers empty for the next list. */
static size_t
choose(struct taste *t, uint32_t not_by, struct scored *best, size_t most)
{
	float content_most = 0, together_most = 0;
	size_t n = 0;

	for (size_t i = 0; i < t->touched_count; i++) {
		uint32_t item = t->touched[i];

		if (t->state[item] != t->turn)
			continue;
		content_most = fmaxf(content_most, t->content[item]);
		together_most = fmaxf(together_most, t->together[item]);
	}
	for (size_t i = 0; i < t->touched_count; i++) {
		uint32_t item = t->touched[i];
		const struct item *it = &t->items[item];
		float score = t->options.trending * it->trend;

		if (content_most > 0)
			score += t->options.content * t->content[item] / content_most;
		if (together_most > 0)
			score += t->options.together * t->together[item] / together_most;
		t->content[item] = t->together[item] = 0;
		if (t->state[item] == t->turn && (not_by == TASTE_NONE || it->creator != not_by))
			heap_offer(best, &n, most, (struct scored){ score, item });
	}
	qsort(best, n, sizeof(*best), scored_compare);
	return n;
}

static bool
is_same(uint32_t a, uint32_t b)
{
	return a == b && a != TASTE_NONE;
}

/* One after the other: the best of what is left, after which all that is like it by creator or category counts less. */
static size_t
mix(struct taste *t, struct scored *best, size_t n, uint32_t *out, size_t count)
{
	size_t made = 0;

	while (made < count && made < n) {
		size_t top = made;
		const struct item *it;
		struct scored swap;

		for (size_t i = made + 1; i < n; i++)
			if (scored_compare(&best[i], &best[top]) < 0)
				top = i;
		swap = best[made];
		best[made] = best[top];
		best[top] = swap;
		out[made] = best[made].item;
		it = &t->items[out[made++]];
		for (size_t i = made; i < n; i++) {
			if (is_same(it->creator, t->items[best[i].item].creator))
				best[i].score *= t->options.same_creator;
			if (is_same(it->category, t->items[best[i].item].category))
				best[i].score *= t->options.same_category;
		}
	}
	return made;
}

static size_t
make_list(struct taste *t, uint32_t not_by, uint32_t language, uint32_t *out, size_t count)
{
	struct scored *best = mem_array(t, struct scored, count * CHOICE);
	size_t n;

	add_alike(t);
	add_trending(t, language);
	n = choose(t, not_by, best, count * CHOICE);
	n = mix(t, best, n, out, count);
	talloc_free(best);
	return n;
}

size_t
taste_for_user(struct taste *t, uint32_t user, uint32_t *out, size_t count)
{
	const struct user *u = &t->users[user];
	uint32_t to = taste_events_end(t, user);
	float fade = 1;

	begin(t);
	for (uint32_t e = u->first_event; e < to && e < u->first_event + t->options.history; e++, fade *= FADE)
		learn_from(t, t->events[e].item, fade * t->events[e].weight);
	for (uint32_t e = u->first_event; e < to; e++)
		leave_out(t, t->events[e].item);
	return make_list(t, u->creator, u->language, out, count);
}

size_t
taste_similar(struct taste *t, uint32_t item, uint32_t *out, size_t count)
{
	begin(t);
	learn_from(t, item, 1);
	leave_out(t, item);
	return make_list(t, TASTE_NONE, t->items[item].language, out, count);
}
