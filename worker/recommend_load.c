/* worker/recommend_load.c - fills the model from the database: videos from the newest on, then people with what they did. */
#include "worker/recommend_load.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/wait.h"

#define CALL_MS 60000
#define LANGUAGES_MAX 64
#define WORD_MIN 3
#define DAY_S 86400.0

static uint32_t
number_of(struct uuid u)
{
	return taste_hash((const char *)u.b, sizeof(u.b));
}

static uint32_t
word_number(const char *word)
{
	return word == NULL || *word == '\0' ? 0 : taste_hash(word, strlen(word)) | 1;
}

uint32_t
recommend_language(const char *language)
{
	return word_number(language);
}

/* Words of a text that are not too short to say anything; bytes above ASCII are letters. */
static size_t
add_words(struct taste_feature *features, size_t count, const char *text, float weight)
{
	const unsigned char *p = (const unsigned char *)(text != NULL ? text : "");

	while (*p != '\0' && count < TASTE_FEATURES_MAX - 1) {
		const unsigned char *from = p;

		while (*p >= 0x80 || isalnum(*p))
			p++;
		if (p - from >= WORD_MIN)
			features[count++] = (struct taste_feature){ taste_hash((const char *)from, (size_t)(p - from)), weight };
		if (*p != '\0')
			p++;
	}
	return count;
}

static void
know_language(struct recommend *r, const char *language)
{
	if (language == NULL || *language == '\0')
		return;
	for (size_t i = 0; i < r->language_count; i++)
		if (strcmp(r->languages[i], language) == 0)
			return;
	if (r->language_count < LANGUAGES_MAX)
		r->languages[r->language_count++] = mem_strdup(r, language);
}

static void
add_video(struct recommend *r, const struct db_result *rows, int i)
{
	struct taste_feature features[TASTE_FEATURES_MAX];
	const char *category = db_text(rows, i, "category"), *language = db_text(rows, i, "language");
	struct taste_item item = { .creator = number_of(db_uuid(rows, i, "user_id")), .category = TASTE_NONE, .features = features };

	item.language = word_number(language);
	if (category != NULL && *category != '\0') {
		item.category = word_number(category);
		features[item.feature_count++] = (struct taste_feature){ item.category + 1, 1 };
	}
	features[item.feature_count++] = (struct taste_feature){ item.creator, 0.5f };
	item.feature_count = add_words(features, item.feature_count, db_text(rows, i, "tags"), 2);
	item.feature_count = add_words(features, item.feature_count, db_text(rows, i, "title"), 1);
	know_language(r, language);
	r->videos[r->video_count] = db_uuid(rows, i, "id");
	r->video_age_s[r->video_count++] = (float)db_double(rows, i, "age_s");
	taste_add_item(r->taste, &item);
}

static const struct uuid first_page = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

static int
load_videos(struct job *job, struct recommend *r, struct uuid tenant)
{
	struct uuid before = first_page;
	int err = 0, n = 1;

	while (err == 0 && n > 0 && r->video_count < RECOMMEND_VIDEOS_MOST) {
		void *page = talloc_new(r);
		struct db_session db;
		struct db_result *rows;

		db_session_init(&db, job->db, page, tenant, now_ms() + CALL_MS);
		err = db_query(&db, &rows, Q_RECOMMEND_VIDEOS, uuid_param(before));
		n = err == 0 ? db_rows(rows) : 0;
		r->videos = mem_checked(talloc_realloc(r, r->videos, struct uuid, r->video_count + (size_t)n + 1));
		r->video_age_s = mem_checked(talloc_realloc(r, r->video_age_s, float, r->video_count + (size_t)n + 1));
		for (int i = 0; i < n; i++)
			add_video(r, rows, i);
		if (n > 0)
			before = r->videos[r->video_count - 1];
		db_session_end(&db);
		talloc_free(page);
		job_report_progress(job, 10);
	}
	return err;
}

static int
newer_first(const void *a, const void *b)
{
	return -memcmp(a, b, sizeof(struct uuid));
}

/* Events of videos that no list may show are left out: they would lead to nothing. */
static void
add_event(struct recommend *r, const struct db_result *rows, int i)
{
	struct uuid id = db_uuid(rows, i, "video_id");
	const struct uuid *at = bsearch(&id, r->videos, r->video_count, sizeof(id), newer_first);
	double age_s = db_double(rows, i, "age_s");

	if (at == NULL)
		return;
	taste_add_event(r->taste, (uint32_t)(at - r->videos), (float)db_double(rows, i, "weight"), (float)(age_s / DAY_S));
	if (age_s <= r->changed_s)
		r->is_watched[at - r->videos] = true;
}

static void
add_person(struct recommend *r, const struct db_result *rows, int i)
{
	struct uuid id = db_uuid(rows, i, "user_id");

	if (r->person_count > 0 && uuid_equal(&r->people[r->person_count - 1], &id))
		return;
	r->people = mem_checked(talloc_realloc(r, r->people, struct uuid, r->person_count + 1));
	r->person_age_s = mem_checked(talloc_realloc(r, r->person_age_s, float, r->person_count + 1));
	r->people[r->person_count] = id;
	r->person_age_s[r->person_count++] = (float)db_double(rows, i, "age_s"); /* the latest comes first */
	taste_add_user(r->taste, &(struct taste_user){ number_of(id), word_number(db_text(rows, i, "language")) });
}

static int
load_people(struct job *job, struct recommend *r, struct uuid tenant)
{
	struct uuid before = first_page;
	int err = 0, n = 1;

	r->is_watched = mem_array(r, bool, r->video_count + 1);
	while (err == 0 && n > 0) {
		void *page = talloc_new(r);
		struct db_session db;
		struct db_result *rows;

		db_session_init(&db, job->db, page, tenant, now_ms() + CALL_MS);
		err = db_query(&db, &rows, Q_RECOMMEND_EVENTS, uuid_param(before));
		n = err == 0 ? db_rows(rows) : 0;
		for (int i = 0; i < n; i++) {
			before = db_uuid(rows, i, "user_id");
			if (db_is_null(rows, i, "video_id"))
				continue;
			add_person(r, rows, i);
			add_event(r, rows, i);
		}
		db_session_end(&db);
		talloc_free(page);
		job_report_progress(job, 30);
	}
	return err;
}

int
recommend_load(struct job *job, void *mem, struct uuid tenant, double changed_s, struct recommend **out)
{
	struct recommend *r = mem_new(mem, struct recommend);
	int err;

	r->changed_s = changed_s;
	r->taste = taste_new(r, &taste_defaults);
	r->languages = mem_array(r, const char *, LANGUAGES_MAX);
	err = load_videos(job, r, tenant);
	if (err == 0)
		err = load_people(job, r, tenant);
	*out = r;
	return err;
}
