/*
 * tests/bench/recommend/evaluate.c - how well the last thing that people watched is foretold from what they watched before.
 *
 *	evaluate                                   people with planted tastes
 *	evaluate --users N --items N --each N --tastes N [--seed N]
 *	evaluate FILE.csv                          lines `user,item,timestamp` (seconds): public data sets
 *
 * Of everybody with three events or more the last one is left out. A list of 20 is made from the rest; printed are how often
 * it has what was left out (hit rate) and how far up (nDCG: 1 in the first place, 1/log2(place + 1) behind it), beside those
 * of a list of what is most popular, and what learning, a list and the whole process cost.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "lib/mem.h"
#include "tests/bench/recommend/data.h"
#include "worker/recommend/taste.h"

#define PLACES 20
#define ASKED_MOST 20000 /* people whose lists are made: more change the figures in the third digit */
#define WORDS 30         /* a taste's */

struct figures {
	double hits, gain;
	size_t asked;
};

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t
user_end(const struct data *d, size_t from)
{
	size_t to = from;

	while (to < d->count && d->watches[to].user == d->watches[from].user)
		to++;
	return to;
}

/* Three words of the taste (one in three of them wrong), the category, the creator. */
static void
add_items(struct taste *t, const struct data *d)
{
	uint64_t state = 7;

	for (uint32_t i = 0; i < d->items; i++) {
		struct taste_item item = { .creator = TASTE_NONE, .category = TASTE_NONE };
		struct taste_feature features[5];

		if (d->cluster != NULL) {
			for (int k = 0; k < 3; k++) {
				uint32_t of = chance(&state) < 0.33 ? (uint32_t)(chance(&state) * d->tastes) : d->cluster[i];

				features[k] = (struct taste_feature){ of * WORDS + (uint32_t)(chance(&state) * WORDS), 1 };
			}
			features[3] = (struct taste_feature){ 900000 + d->cluster[i] / 4, 0.5f };
			features[4] = (struct taste_feature){ taste_hash((const char *)&d->creator[i], 4), 0.5f };
			item.creator = d->creator[i];
			item.category = d->cluster[i] / 4;
			item.features = features;
			item.feature_count = 5;
		}
		taste_add_item(t, &item);
	}
}

/* Everything but the last of who has three. */
static void
add_people(struct taste *t, const struct data *d, double now)
{
	for (size_t from = 0, to; from < d->count; from = to) {
		to = user_end(d, from);
		taste_add_user(t, &(struct taste_user){ .creator = TASTE_NONE });
		for (size_t i = from + (to - from >= 3); i < to; i++)
			taste_add_event(t, d->watches[i].item, 1, (float)((now - d->watches[i].at) * d->days));
	}
}

static void
judge(struct figures *f, const uint32_t *list, size_t n, uint32_t wanted)
{
	f->asked++;
	for (size_t i = 0; i < n && i < PLACES; i++)
		if (list[i] == wanted) {
			f->hits++;
			f->gain += 1 / log2((double)i + 2);
		}
}

static int
more_watched(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return x[0] > y[0] ? -1 : x[0] < y[0];
}

/* Items by how many watched them: the list of those that the person has not seen. */
static uint32_t (*
popularity(void *mem, const struct data *d))[2]
{
	uint32_t(*by)[2] = mem_size(mem, (size_t)d->items * sizeof(*by));

	for (uint32_t i = 0; i < d->items; i++) {
		by[i][0] = 0;
		by[i][1] = i;
	}
	for (size_t from = 0, to; from < d->count; from = to) {
		to = user_end(d, from);
		for (size_t i = from + (to - from >= 3); i < to; i++)
			by[d->watches[i].item][0]++;
	}
	qsort(by, d->items, sizeof(*by), more_watched);
	return by;
}

static size_t
popular_for(const struct data *d, uint32_t (*by)[2], size_t from, size_t to, uint32_t *out)
{
	size_t n = 0;

	for (uint32_t i = 0; i < d->items && n < PLACES; i++) {
		size_t k = from + 1;

		while (k < to && d->watches[k].item != by[i][1])
			k++;
		if (k == to)
			out[n++] = by[i][1];
	}
	return n;
}

static void
evaluate(void *mem, const struct data *d)
{
	struct taste *t = taste_new(mem, &taste_defaults);
	struct figures ours = { 0 }, theirs = { 0 };
	uint32_t list[PLACES], (*by)[2] = popularity(mem, d), user = 0;
	double now = 0, began = seconds(), learnt, listing = 0;
	struct rusage use;
	size_t step;

	for (size_t i = 0; i < d->count; i++)
		now = fmax(now, d->watches[i].at);
	add_items(t, d);
	add_people(t, d, now);
	taste_learn(t);
	learnt = seconds() - began;
	step = taste_users(t) / ASKED_MOST + 1;
	for (size_t from = 0, to; from < d->count; from = to, user++) {
		to = user_end(d, from);
		if (to - from < 3 || user % step != 0)
			continue;
		began = seconds();
		judge(&ours, list, taste_for_user(t, user, list, PLACES), d->watches[from].item);
		listing += seconds() - began;
		judge(&theirs, list, popular_for(d, by, from, to, list), d->watches[from].item);
	}
	if (ours.asked == 0) {
		puts("skipped: nobody has three events");
		return;
	}
	getrusage(RUSAGE_SELF, &use);
	printf("# %zu people, %zu items, %zu events; asked for %zu people\n", taste_users(t), taste_items(t), taste_events(t), ours.asked);
	printf("# learnt in %.1f s, %.0f us a list, %ld MB\n", learnt, listing / (double)ours.asked * 1e6, use.ru_maxrss / 1024);
	printf("bench hit_rate_at_20 ours %.4f reference %.4f ratio %.2f\n", ours.hits / (double)ours.asked,
	    theirs.hits / (double)ours.asked, theirs.hits > 0 ? ours.hits / theirs.hits : 0);
	printf("bench ndcg_at_20 ours %.4f reference %.4f ratio %.2f\n", ours.gain / (double)ours.asked,
	    theirs.gain / (double)ours.asked, theirs.gain > 0 ? ours.gain / theirs.gain : 0);
}

int
main(int argc, char **argv)
{
	unsigned long n[] = { 5000, 4000, 20, 100, 1 };
	static const char *const names[] = { "--users", "--items", "--each", "--tastes", "--seed" };
	void *mem = talloc_named_const(NULL, 0, "evaluate");
	const char *path = NULL;
	struct data d;

	for (int i = 1; i < argc; i++) {
		int k = 0;

		while (k < 5 && strcmp(argv[i], names[k]) != 0)
			k++;
		if (k < 5 && i + 1 < argc)
			n[k] = strtoul(argv[++i], NULL, 10);
		else
			path = argv[i];
	}
	if (path == NULL)
		data_plant(mem, &d, (uint32_t)n[0], (uint32_t)n[1], (uint32_t)n[2], n[3] > 0 ? (uint32_t)n[3] : 1, n[4]);
	else if (!data_read(mem, &d, path))
		return fprintf(stderr, "%s cannot be read\n", path) < 0 ? 2 : 1;
	evaluate(mem, &d);
	free(d.watches);
	talloc_free(mem);
	return 0;
}
