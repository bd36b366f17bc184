/* worker/recommend/internal.h - the model's inside, for the files of this folder alone. */
#ifndef ATELIER_WORKER_RECOMMEND_INTERNAL_H
#define ATELIER_WORKER_RECOMMEND_INTERNAL_H

#include "worker/recommend/taste.h"

#define FEATURE_BITS 20
#define FEATURES (1u << FEATURE_BITS)
#define ROOM_MAX (1u << 24) /* features, events, neighbours: what is more is left out */

struct item {
	uint32_t creator, category, language;
	uint32_t first_feature; /* to the next item's */
	float trend, popularity;
};

struct user {
	uint32_t creator, language;
	uint32_t first_event; /* to the next user's */
};

struct event {
	uint32_t item;
	float weight, age_days;
};

/* An item with a number: a score, or what a feature weighs in it. */
struct scored {
	float score;
	uint32_t item;
};

struct span {
	uint32_t first, count;
};

struct taste {
	struct taste_options options;
	struct item *items;
	struct user *users;
	struct event *events;
	struct taste_feature *features;
	size_t item_count, user_count, event_count, feature_count;

	/* learnt */
	struct scored *trending;    /* all items, the most trending first */
	float *rarity;              /* of a feature */
	struct span *posting;       /* of a feature, in postings */
	struct scored *postings;
	struct span *neighbour;     /* of an item, in neighbours */
	struct scored *neighbours;

	/* of one list in the making */
	float *content, *together;  /* by item; zero between two lists */
	uint32_t *touched;          /* items with either, or that trend */
	size_t touched_count;
	uint32_t *state, turn;      /* by item: turn: touched; turn + 1: not to be shown */
	float *profile;             /* by feature; zero between two lists */
	uint32_t *profiled;
	size_t profiled_count;
};

/* Makes room for one more at *array, which hangs on t. */
void taste_grow(struct taste *t, void *array, size_t count, size_t size);

uint32_t taste_features_end(const struct taste *t, uint32_t item);
uint32_t taste_events_end(const struct taste *t, uint32_t user);

void content_learn(struct taste *t);
void together_learn(struct taste *t);
void scratch_open(struct taste *t);

/* Best first: for qsort. */
int scored_compare(const void *a, const void *b);

/* Keeps the best `most` in heap, whose root is the worst of them. */
void heap_offer(struct scored *heap, size_t *count, size_t most, struct scored one);

#endif
