/*
 * worker/recommend/taste.h - what to show to whom: a model of who watched what, and the lists that follow from it.
 * Knows neither database nor Redis: the job and the evaluation (tests/bench/recommend) fill it alike.
 *
 *	t = taste_new(mem, &taste_defaults);
 *	taste_add_item(t, &item);              numbers from 0 on
 *	taste_add_user(t, &user); taste_add_event(t, item, weight, age_days); ...   a user's events, the newest first
 *	taste_learn(t);
 *	n = taste_for_user(t, user, items, 100);
 *
 * A score is 0.5 of likeness in content, 0.3 of being watched together, 0.2 of trending, each from 0 to 1; then an item
 * steps back for each one before it that is by the same creator or of the same category.
 *
 * Memory: about 60 bytes an item, 16 a feature of an item, 20 an event and 8 a neighbour, whatever people do: postings,
 * neighbours and histories are cut to the limits below, and beyond 16 million of each no more are taken.
 */
#ifndef ATELIER_WORKER_RECOMMEND_TASTE_H
#define ATELIER_WORKER_RECOMMEND_TASTE_H

#include <stddef.h>
#include <stdint.h>

#define TASTE_NONE UINT32_MAX
#define TASTE_FEATURES_MAX 16 /* of an item; further ones are left out */

struct taste;

struct taste_options {
	float content, together, trending; /* their parts of a score */
	float half_life_days;              /* of what trends */
	float same_creator, same_category; /* what is left of a score behind each other item of the same */
	uint32_t postings;                 /* items of a feature that are looked at: those that trend most */
	uint32_t watchers;                 /* users of an item that are looked at for what is watched together */
	uint32_t history;                  /* events of a user that say what they like */
	uint32_t neighbours;               /* kept of an item */
};

extern const struct taste_options taste_defaults;

struct taste_feature {
	uint32_t id; /* any number: a hash of a word */
	float weight;
};

struct taste_item {
	uint32_t creator, category; /* numbers of the caller's; TASTE_NONE: not known */
	uint32_t language;          /* 0: not known */
	const struct taste_feature *features;
	size_t feature_count;
};

struct taste_user {
	uint32_t creator;  /* the number of their own items' creator, which are not for them; TASTE_NONE: none */
	uint32_t language; /* 0: any */
};

/* A child of mem. */
struct taste *taste_new(void *mem, const struct taste_options *options);

/* Each returns the number of the new one. */
uint32_t taste_add_item(struct taste *t, const struct taste_item *item);
uint32_t taste_add_user(struct taste *t, const struct taste_user *user);

/* Of the user that was added last. weight: what it says about the taste (a view 1). */
void taste_add_event(struct taste *t, uint32_t item, float weight, float age_days);

/* After everything was added, once. */
void taste_learn(struct taste *t);

/* The best first, at most count of them; returns how many. A user's own items and those of their events are left out. */
size_t taste_for_user(struct taste *t, uint32_t user, uint32_t *out, size_t count);
size_t taste_similar(struct taste *t, uint32_t item, uint32_t *out, size_t count);

/* language 0: of all. Items whose language is not known are in every one. */
size_t taste_trending(const struct taste *t, uint32_t language, uint32_t *out, size_t count);

size_t taste_items(const struct taste *t);
size_t taste_users(const struct taste *t);
size_t taste_events(const struct taste *t);

/* A word as a feature's number. */
uint32_t taste_hash(const char *word, size_t length);

#endif
