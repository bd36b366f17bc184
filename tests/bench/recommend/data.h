/* tests/bench/recommend/data.h - people and what they watched: planted, or read from a file. */
#ifndef ATELIER_TESTS_BENCH_RECOMMEND_DATA_H
#define ATELIER_TESTS_BENCH_RECOMMEND_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch {
	uint32_t user, item;
	double at; /* any unit of time that grows */
};

struct data {
	struct watch *watches; /* by user, the newest first; a user watches an item once */
	size_t count;
	uint32_t users, items;
	double days;                     /* of one unit of time */
	uint32_t *cluster, *creator;     /* of an item; NULL: not known */
	uint32_t tastes;                 /* how many clusters */
};

/* People with one or two of `tastes` tastes; a fifth of what they watch is whatever is popular or chance. */
void data_plant(void *mem, struct data *d, uint32_t users, uint32_t items, uint32_t watches_each, uint32_t tastes, uint64_t seed);

/* Lines `user,item,timestamp`, the names any text, the time in seconds; a line that is none is passed over. False: cannot be read. */
bool data_read(void *mem, struct data *d, const char *path);

/* 0 to 1. */
double chance(uint64_t *state);

#endif
