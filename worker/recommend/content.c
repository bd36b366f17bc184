/* worker/recommend/content.c - likeness in content: an item is a vector of its features, weighed by how rare they are. */
#include <math.h>

#include "lib/mem.h"
#include "worker/recommend/internal.h"

static void
count_features(struct taste *t, uint32_t *holders)
{
	for (size_t i = 0; i < t->feature_count; i++)
		holders[t->features[i].id]++;
	for (uint32_t f = 0; f < FEATURES; f++) /* what every item has tells nothing */
		t->rarity[f] = holders[f] > 0 ? logf((float)(t->item_count + 1) / (float)holders[f]) : 0;
}

/* From now on a feature's weight is its part of the item's vector, whose length is one. */
static void
normalise(struct taste *t, uint32_t item)
{
	uint32_t from = t->items[item].first_feature, to = taste_features_end(t, item);
	float squares = 0;

	for (uint32_t i = from; i < to; i++) {
		t->features[i].weight *= t->rarity[t->features[i].id];
		squares += t->features[i].weight * t->features[i].weight;
	}
	for (uint32_t i = from; i < to && squares > 0; i++)
		t->features[i].weight /= sqrtf(squares);
}

/* Of each feature the items that have it, the most trending first, and no more than the limit. */
static void
post(struct taste *t, const uint32_t *holders)
{
	uint32_t total = 0;

	for (uint32_t f = 0; f < FEATURES; f++) {
		t->posting[f].first = total;
		total += holders[f] < t->options.postings ? holders[f] : t->options.postings;
	}
	t->postings = mem_array(t, struct scored, total);
	for (size_t at = 0; at < t->item_count; at++) {
		uint32_t item = t->trending[at].item;

		for (uint32_t i = t->items[item].first_feature; i < taste_features_end(t, item); i++) {
			struct span *s = &t->posting[t->features[i].id];

			if (s->count < t->options.postings)
				t->postings[s->first + s->count++] = (struct scored){ t->features[i].weight, item };
		}
	}
}

void
content_learn(struct taste *t)
{
	uint32_t *holders = mem_array(t, uint32_t, FEATURES);

	t->rarity = mem_array(t, float, FEATURES);
	t->posting = mem_array(t, struct span, FEATURES);
	count_features(t, holders);
	for (uint32_t item = 0; item < t->item_count; item++)
		normalise(t, item);
	post(t, holders);
	talloc_free(holders);
}
