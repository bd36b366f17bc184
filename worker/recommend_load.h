/* worker/recommend_load.h - fills the model from the database, community by community, page by page. */
#ifndef ATELIER_WORKER_RECOMMEND_LOAD_H
#define ATELIER_WORKER_RECOMMEND_LOAD_H

#include "worker/job.h"
#include "worker/recommend/taste.h"

#define RECOMMEND_VIDEOS_MOST 1000000 /* the newest */

/* A community's people and videos with the model's numbers for them. A child of mem. */
struct recommend {
	struct taste *taste;
	struct uuid *videos, *people;       /* by number */
	float *video_age_s, *person_age_s;  /* since it was published; since their latest event */
	bool *is_watched;                   /* by video: since changed_s ago */
	const char **languages;             /* that videos are in */
	size_t video_count, person_count, language_count;
	double changed_s;
};

/* Events within the last changed_s mark their video as watched. 0 or an ERR_. */
int recommend_load(struct job *job, void *mem, struct uuid tenant, double changed_s, struct recommend **out);

/* The model's number of a language. */
uint32_t recommend_language(const char *language);

#endif
