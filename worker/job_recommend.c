/*
 * worker/job_recommend.c - lists of what to show to whom, into Redis (doc/recommendations.md): for each person who was there
 * lately, for each video that is watched, and what trends in each language. Between two whole renewals only for whom, and
 * for what, something has changed. When Redis was emptied its notes are gone too, and the next run makes all.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"
#include "worker/recommend_load.h"

#define CALL_MS 30000
#define WHOLE_S 86400          /* everything is made anew after it */
#define KEPT_S (3 * 86400)     /* a list that is made no more */
#define PERSON_LATELY_S (30 * 86400)
#define FOR_YOU_ITEMS 100
#define SIMILAR_ITEMS 20
#define TRENDING_ITEMS 200
#define SIMILAR_LISTS 100000   /* for the videos that trend most; others are shown what trends */
#define OVERLAP_S 120          /* views come in batches: looked back upon a little further than the last run */

static struct redis_script put_script = { .text = "redis.call('del', KEYS[1])\n"
						  "if #ARGV > 1 then\n"
						  "  redis.call('rpush', KEYS[1], unpack(ARGV, 2))\n"
						  "  redis.call('expire', KEYS[1], ARGV[1])\n"
						  "end\n"
						  "return 1\n" };

struct run {
	struct job *job;
	struct recommend *r;
	const char *tenant;
	bool is_whole;
	int64_t lists;
};

static int
put(struct run *run, void *mem, const char *key, const uint32_t *items, size_t count)
{
	const char **words = mem_array(mem, const char *, count + 2);
	char (*texts)[UUID_TEXT] = mem_size(mem, (count + 1) * UUID_TEXT);
	struct redis_reply *done;

	words[0] = key;
	words[1] = mem_printf(mem, "%d", KEPT_S);
	for (size_t i = 0; i < count; i++)
		words[i + 2] = uuid_text(&run->r->videos[items[i]], texts[i]);
	run->lists++;
	return redis_eval(run->job->redis, mem, &done, now_ms() + CALL_MS, &put_script, 1, (int)count + 2, words);
}

static int
put_for_person(struct run *run, uint32_t person)
{
	uint32_t items[FOR_YOU_ITEMS];
	char id[UUID_TEXT];
	void *mem = talloc_new(run->r);
	size_t n = taste_for_user(run->r->taste, person, items, FOR_YOU_ITEMS);
	int err = put(run, mem, mem_printf(mem, "rec:foryou:%s:%s", run->tenant, uuid_text(&run->r->people[person], id)), items, n);

	talloc_free(mem);
	return err;
}

static int
put_like_video(struct run *run, uint32_t video)
{
	uint32_t items[SIMILAR_ITEMS];
	char id[UUID_TEXT];
	void *mem = talloc_new(run->r);
	size_t n = taste_similar(run->r->taste, video, items, SIMILAR_ITEMS);
	int err = put(run, mem, mem_printf(mem, "rec:similar:%s:%s", run->tenant, uuid_text(&run->r->videos[video], id)), items, n);

	talloc_free(mem);
	return err;
}

static int
put_people(struct run *run)
{
	double limit_s = run->is_whole ? PERSON_LATELY_S : run->r->changed_s;
	int err = 0;

	for (uint32_t i = 0; i < run->r->person_count && err == 0; i++) {
		if ((double)run->r->person_age_s[i] > limit_s)
			continue;
		err = put_for_person(run, i);
		job_report_progress(run->job, 50);
	}
	return err;
}

static int
put_videos(struct run *run)
{
	uint32_t *most = mem_array(run->r, uint32_t, SIMILAR_LISTS);
	size_t n = taste_trending(run->r->taste, 0, most, SIMILAR_LISTS);
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		if (!run->is_whole && !run->r->is_watched[most[i]] && (double)run->r->video_age_s[most[i]] > run->r->changed_s)
			continue;
		err = put_like_video(run, most[i]);
		job_report_progress(run->job, 80);
	}
	return err;
}

/* What trends in no language in particular is under the empty name. */
static int
put_trending(struct run *run)
{
	uint32_t items[TRENDING_ITEMS];
	int err = 0;

	for (size_t i = 0; i <= run->r->language_count && err == 0; i++) {
		const char *language = i < run->r->language_count ? run->r->languages[i] : "";
		void *mem = talloc_new(run->r);
		size_t n = taste_trending(run->r->taste, *language != '\0' ? recommend_language(language) : 0, items, TRENDING_ITEMS);

		err = put(run, mem, mem_printf(mem, "rec:trending:%s:%s", run->tenant, language), items, n);
		talloc_free(mem);
	}
	return err;
}

/* Seconds since a moment noted in Redis; a long time when there is none. */
static int
since(struct run *run, void *mem, const char *what, double *out)
{
	struct redis_reply *note;
	int err = redis_command(run->job->redis, mem, &note, now_ms() + CALL_MS, "GET rec:%s:%s", what, run->tenant);

	*out = 1e12;
	if (err == 0 && note->type == REDIS_TEXT)
		*out = (double)(time(NULL) - strtoll(note->text, NULL, 10));
	return err;
}

static int
note(struct run *run, void *mem, const char *what, time_t at)
{
	return redis_command(run->job->redis, mem, NULL, now_ms() + CALL_MS, "SET rec:%s:%s %lld", what, run->tenant, (long long)at);
}

static int
renew(struct job *job, struct uuid tenant)
{
	void *mem = talloc_new(job->mem);
	char id[UUID_TEXT];
	struct run run = { .job = job, .tenant = uuid_text(&tenant, id) };
	time_t began = time(NULL);
	double ran_s, whole_s;
	int err = since(&run, mem, "ran", &ran_s);

	if (err == 0)
		err = since(&run, mem, "whole", &whole_s);
	if (err == 0) {
		run.is_whole = whole_s > WHOLE_S;
		err = recommend_load(job, mem, tenant, ran_s + OVERLAP_S, &run.r);
	}
	if (err == 0) {
		taste_learn(run.r->taste);
		err = put_trending(&run);
	}
	if (err == 0)
		err = put_people(&run);
	if (err == 0)
		err = put_videos(&run);
	if (err == 0)
		err = note(&run, mem, "ran", began);
	if (err == 0 && run.is_whole)
		err = note(&run, mem, "whole", began);
	if (err == 0)
		log_info("recommended", LOG_STR("community", id), LOG_INT("lists", run.lists), LOG_INT("whole", run.is_whole),
		    LOG_INT("seconds", (int64_t)(time(NULL) - began)));
	talloc_free(mem);
	return err;
}

static int
renew_all(struct job *job)
{
	struct db_session db;
	struct db_result *tenants;
	int err;

	db_session_init(&db, job->db, job->mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
	err = db_query(&db, &tenants, Q_RECOMMEND_TENANTS);
	for (int i = 0; err == 0 && i < db_rows(tenants); i++)
		err = renew(job, db_uuid(tenants, i, "id"));
	db_session_end(&db);
	return err;
}

static int
recommend_run(struct job *job)
{
	int err = uuid_is_null(&job->tenant) ? renew_all(job) : renew(job, job->tenant);

	return err == 0 ? 0 : job_fail(job, "NOT_RENEWED", "Redis or the database did not answer.", false);
}

const struct job_kind job_recommend = { .name = "recommend", .slots = 1, .run = recommend_run };
