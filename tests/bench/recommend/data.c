/* tests/bench/recommend/data.c - people and what they watched: planted, or read from a file. */
#include "tests/bench/recommend/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define NAMES_BITS 24

double
chance(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

static void
add(void *mem, struct data *d, struct watch w)
{
	if (d->count == 0 || (d->count >= 1024 && (d->count & (d->count - 1)) == 0))
		d->watches = mem_checked(realloc(d->watches, (d->count == 0 ? 1024 : d->count * 2) * sizeof(w)));
	d->watches[d->count++] = w;
	(void)mem;
}

static int
by_user_and_item(const void *a, const void *b)
{
	const struct watch *x = a, *y = b;

	if (x->user != y->user)
		return x->user < y->user ? -1 : 1;
	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int
newest_first(const void *a, const void *b)
{
	const struct watch *x = a, *y = b;

	if (x->user != y->user)
		return x->user < y->user ? -1 : 1;
	return x->at > y->at ? -1 : x->at < y->at;
}

/* Of what somebody watched more than once the first time counts. */
static void
put_in_order(struct data *d)
{
	size_t kept = 0;

	qsort(d->watches, d->count, sizeof(*d->watches), by_user_and_item);
	for (size_t i = 0; i < d->count; i++)
		if (kept == 0 || d->watches[kept - 1].user != d->watches[i].user || d->watches[kept - 1].item != d->watches[i].item)
			d->watches[kept++] = d->watches[i];
	d->count = kept;
	qsort(d->watches, d->count, sizeof(*d->watches), newest_first);
}

/* Within a taste popularity has a long tail: the items of taste c are c, c + tastes, c + 2 tastes ... */
static uint32_t
planted_item(const struct data *d, uint32_t taste, uint64_t *state)
{
	uint32_t own = d->items / d->tastes;
	double tail = pow(chance(state), 2.5);

	return taste + d->tastes * (uint32_t)(tail * own);
}

void
data_plant(void *mem, struct data *d, uint32_t users, uint32_t items, uint32_t watches_each, uint32_t tastes, uint64_t seed)
{
	*d = (struct data){ .users = users, .items = items, .tastes = tastes, .days = 1 };
	d->cluster = mem_array(mem, uint32_t, items);
	d->creator = mem_array(mem, uint32_t, items);
	for (uint32_t i = 0; i < items; i++) {
		d->cluster[i] = i % tastes;
		d->creator[i] = (uint32_t)(chance(&seed) * (items / 10.0 + 1));
	}
	for (uint32_t u = 0; u < users; u++) {
		uint32_t liked[2] = { (uint32_t)(chance(&seed) * tastes), (uint32_t)(chance(&seed) * tastes) };
		uint32_t n = 3 + (uint32_t)(-log(1 - chance(&seed)) * (watches_each > 3 ? watches_each - 3 : 1));

		for (uint32_t k = 0; k < n; k++) {
			uint32_t taste = chance(&seed) < 0.2 ? (uint32_t)(chance(&seed) * tastes) : liked[chance(&seed) < 0.35];

			add(mem, d, (struct watch){ u, planted_item(d, taste, &seed), 30 * chance(&seed) });
		}
	}
	put_in_order(d);
}

/* --- a file: names become numbers by a table of their hashes (64 bits: two names are one as good as never) --- */

struct names {
	uint64_t *hash;
	uint32_t *number, count;
};

static uint32_t
number_of(struct names *n, const char *name, size_t length)
{
	uint64_t hash = 14695981039346656037u;
	size_t at;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * 1099511628211u;
	hash |= 1;
	for (at = hash >> (64 - NAMES_BITS); n->hash[at] != 0 && n->hash[at] != hash; at = (at + 1) & ((1u << NAMES_BITS) - 1))
		;
	if (n->hash[at] == 0) {
		n->hash[at] = hash;
		n->number[at] = n->count++;
	}
	return n->number[at];
}

bool
data_read(void *mem, struct data *d, const char *path)
{
	struct names users = { mem_array(mem, uint64_t, 1u << NAMES_BITS), mem_array(mem, uint32_t, 1u << NAMES_BITS), 0 };
	struct names items = { mem_array(mem, uint64_t, 1u << NAMES_BITS), mem_array(mem, uint32_t, 1u << NAMES_BITS), 0 };
	FILE *f = fopen(path, "r");
	char *line = NULL, *comma, *second, *end;
	size_t room = 0;

	*d = (struct data){ .days = 1 / 86400.0 };
	if (f == NULL)
		return false;
	while (getline(&line, &room, f) > 0) {
		double at;

		comma = strchr(line, ',');
		second = comma != NULL ? strchr(comma + 1, ',') : NULL;
		at = second != NULL ? strtod(second + 1, &end) : 0;
		if (second == NULL || end == second + 1)
			continue;
		add(mem, d, (struct watch){ number_of(&users, line, (size_t)(comma - line)),
		    number_of(&items, comma + 1, (size_t)(second - comma - 1)), at });
	}
	free(line);
	fclose(f);
	d->users = users.count;
	d->items = items.count;
	put_in_order(d);
	return true;
}
