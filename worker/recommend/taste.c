/* worker/recommend/taste.c - what the model is told, and what trends. */
#include "worker/recommend/taste.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/mem.h"
#include "worker/recommend/internal.h"

const struct taste_options taste_defaults = {
	.content = 0.5f,
	.together = 0.3f,
	.trending = 0.2f,
	.half_life_days = 3,
	.same_creator = 0.8f,
	.same_category = 0.985f,
	.postings = 300,
	.watchers = 400,
	.history = 40,
	.neighbours = 20,
};

struct taste *
taste_new(void *mem, const struct taste_options *options)
{
	struct taste *t = mem_new(mem, struct taste);

	t->options = *options;
	return t;
}

void
taste_grow(struct taste *t, void *array, size_t count, size_t size)
{
	void **at = array;

	if (count == 0 || (count >= 64 && (count & (count - 1)) == 0))
		*at = mem_checked(talloc_realloc_size(t, *at, (count == 0 ? 64 : count * 2) * size));
}

uint32_t
taste_add_item(struct taste *t, const struct taste_item *item)
{
	taste_grow(t, &t->items, t->item_count, sizeof(*t->items));
	t->items[t->item_count] = (struct item){ .creator = item->creator, .category = item->category, .language = item->language,
		.first_feature = (uint32_t)t->feature_count };
	for (size_t i = 0; i < item->feature_count && i < TASTE_FEATURES_MAX && t->feature_count < ROOM_MAX; i++) {
		taste_grow(t, &t->features, t->feature_count, sizeof(*t->features));
		t->features[t->feature_count++] =
		    (struct taste_feature){ item->features[i].id & (FEATURES - 1), item->features[i].weight };
	}
	return (uint32_t)t->item_count++;
}

uint32_t
taste_add_user(struct taste *t, const struct taste_user *user)
{
	taste_grow(t, &t->users, t->user_count, sizeof(*t->users));
	t->users[t->user_count] = (struct user){ user->creator, user->language, (uint32_t)t->event_count };
	return (uint32_t)t->user_count++;
}

void
taste_add_event(struct taste *t, uint32_t item, float weight, float age_days)
{
	if (t->event_count >= ROOM_MAX)
		return;
	taste_grow(t, &t->events, t->event_count, sizeof(*t->events));
	t->events[t->event_count++] = (struct event){ item, weight, age_days > 0 ? age_days : 0 };
}

uint32_t
taste_features_end(const struct taste *t, uint32_t item)
{
	return item + 1 < t->item_count ? t->items[item + 1].first_feature : (uint32_t)t->feature_count;
}

uint32_t
taste_events_end(const struct taste *t, uint32_t user)
{
	return user + 1 < t->user_count ? t->users[user + 1].first_event : (uint32_t)t->event_count;
}

int
scored_compare(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->item < y->item ? -1 : x->item > y->item;
}

static bool
is_worse(const struct scored *a, const struct scored *b)
{
	return scored_compare(a, b) > 0;
}

void
heap_offer(struct scored *heap, size_t *count, size_t most, struct scored one)
{
	size_t at, child;

	if (*count < most) {
		for (at = (*count)++; at > 0 && is_worse(&one, &heap[(at - 1) / 2]); at = (at - 1) / 2)
			heap[at] = heap[(at - 1) / 2];
		heap[at] = one;
		return;
	}
	if (most == 0 || !is_worse(&heap[0], &one))
		return;
	for (at = 0; (child = 2 * at + 1) < *count; at = child) {
		if (child + 1 < *count && is_worse(&heap[child + 1], &heap[child]))
			child++;
		if (!is_worse(&heap[child], &one))
			break;
		heap[at] = heap[child];
	}
	heap[at] = one;
}

/* An event counts half after each half-life. What nobody watched comes behind, in the order in which it was added. */
static void
trending_learn(struct taste *t)
{
	for (size_t i = 0; i < t->event_count; i++) {
		struct event *e = &t->events[i];

		t->items[e->item].trend += e->weight * exp2f(-e->age_days / t->options.half_life_days);
		t->items[e->item].popularity += 1;
	}
	t->trending = mem_array(t, struct scored, t->item_count);
	for (uint32_t i = 0; i < t->item_count; i++)
		t->trending[i] = (struct scored){ t->items[i].trend, i };
	qsort(t->trending, t->item_count, sizeof(*t->trending), scored_compare);
	if (t->item_count > 0 && t->trending[0].score > 0)
		for (size_t i = 0, n = t->item_count; i < n; i++) /* from 0 to 1; the root brings the long tail nearer */
			t->items[t->trending[i].item].trend = sqrtf(t->trending[i].score / t->trending[0].score);
}

void
taste_learn(struct taste *t)
{
	trending_learn(t);
	content_learn(t);
	scratch_open(t);
	together_learn(t);
}

size_t
taste_trending(const struct taste *t, uint32_t language, uint32_t *out, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < t->item_count && n < count; i++) {
		uint32_t its = t->items[t->trending[i].item].language;

		if (language == 0 || its == 0 || its == language)
			out[n++] = t->trending[i].item;
	}
	return n;
}

size_t
taste_items(const struct taste *t)
{
	return t->item_count;
}

size_t
taste_users(const struct taste *t)
{
	return t->user_count;
}

size_t
taste_events(const struct taste *t)
{
	return t->event_count;
}

uint32_t
taste_hash(const char *word, size_t length)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)word[i]) * 1099511628211u;
	return (uint32_t)(hash ^ hash >> 32);
}
