/*
 * handlers/recommendations.c - what the worker has chosen: for a person, like a video. It keeps lists of ids in Redis
 * (worker/job_recommend.c); here they become cards, and what the caller may not see is left out again.
 */
#include "handlers/recommendations.h"

#include <stdlib.h>
#include <string.h>

#include "fcgi/answer.h"
#include "fcgi/app.h"
#include "lib/sign.h"
#include "lib/wait.h"

#define LIST_MAX 500    /* ids of a list that are looked at */
#define KEPT_S 3600     /* somebody who pages goes on in the list that the first page was of */
#define REDIS_MS 200
#define PART_END "\x1f"

/* The feed goes on with what was seen before, so that it never ends early; recommendations are new to their reader. */
struct chosen {
	const char *name; /* a cursor's */
	enum query_id show, rest;
};

static const struct chosen in_feed = { "foryou", Q_VIDEO_FEED_OF, Q_VIDEO_FEED_REST };
static const struct chosen recommended = { "recommended", Q_RECOMMENDED_OF, Q_RECOMMENDED_REST };

/* Where a reader of the list chosen for them is: behind the first `position` ids of the list kept as `kept`; at its end,
 * behind a video of the latest that are not in it. */
struct place {
	const char *kept, *after_at, *after_id;
	int64_t position;
};

static int
place_open(struct request *rq, const struct chosen *of, struct place *at)
{
	const char *parts[4] = { NULL };
	char *p = rq->cursor != NULL ? cursor_open(rq, rq->app->signer, of->name, rq->cursor) : NULL;

	*at = (struct place){ 0 };
	if (rq->cursor == NULL)
		return 0;
	for (size_t i = 0; i < 4 && p != NULL; i++) {
		parts[i] = p;
		p = strchr(p, *PART_END);
		if (p != NULL)
			*p++ = '\0';
	}
	if (parts[1] == NULL)
		return ERR_INVALID_CURSOR;
	*at = (struct place){ .kept = parts[0], .position = strtoll(parts[1], NULL, 10), .after_at = parts[2], .after_id = parts[3] };
	return 0;
}

static const char *
place_seal(struct request *rq, const struct chosen *of, const struct place *at)
{
	const char *payload = mem_printf(rq, "%s" PART_END "%lld", at->kept, (long long)at->position);

	if (at->after_at != NULL)
		payload = mem_printf(rq, "%s" PART_END "%s" PART_END "%s", payload, at->after_at, at->after_id);
	return cursor_seal(rq, rq->app->signer, of->name, payload);
}

static const char *
list_key(struct request *rq, const char *kept)
{
	char user[UUID_TEXT];

	uuid_text(&rq->user.id, user);
	return kept == NULL ? mem_printf(rq, "rec:foryou:%s:%s", rq->tenant->id_text, user)
			    : mem_printf(rq, "rec:foryou:%s:%s:%s", rq->tenant->id_text, user, kept);
}

/* The ids under a key, behind those that are there already; returns a hash of them. Without Redis there are none. */
static uint64_t
ids_read(struct request *rq, const char *key, struct uuid_list *ids)
{
	struct redis_reply *r;
	uint64_t hash = 14695981039346656037u;

	if (redis_command(rq->app->redis, rq, &r, now_ms() + REDIS_MS, "LRANGE %s 0 %d", key, LIST_MAX - 1) != 0 || r->type != REDIS_LIST)
		return hash;
	for (size_t i = 0; i < r->count && ids->count < LIST_MAX; i++) {
		for (size_t c = 0; r->items[i].text != NULL && c < r->items[i].length; c++)
			hash = (hash ^ (unsigned char)r->items[i].text[c]) * 1099511628211u;
		if (r->items[i].text != NULL && uuid_parse(r->items[i].text, r->items[i].length, &ids->items[ids->count]))
			ids->count++;
	}
	return hash;
}

/* What trends in a language or, when nothing is in it, at all. Returns the key it stands under. */
static const char *
trending_read(struct request *rq, const char *language, struct uuid_list *ids, uint64_t *hash)
{
	size_t before = ids->count;
	const char *key = mem_printf(rq, "rec:trending:%s:%s", rq->tenant->id_text, language != NULL ? language : "");

	*hash = ids_read(rq, key, ids);
	if (ids->count == before && language != NULL && *language != '\0')
		return trending_read(rq, NULL, ids, hash);
	return key;
}

/* The caller's language, or else the community's ("pt" of "pt-BR"). */
static int
language_of(struct request *rq, const char **language)
{
	struct db_result *r;
	int err = db_query(&rq->db, &r, Q_RECOMMENDED_LANGUAGE, uuid_param(rq->user.id));

	if (err != 0)
		return err;
	*language = db_text(r, 0, "language");
	if (*language == NULL)
		*language = mem_strndup(rq, rq->tenant->locale, strcspn(rq->tenant->locale, "-_"));
	return 0;
}

/* The ids of the list, which the worker renews at any time: the one that the first page was made from is kept under its
 * hash, so that the next pages neither repeat nor lose a video. Who has none yet is shown what trends in their language. */
static int
list_read(struct request *rq, struct place *at, struct uuid_list *ids)
{
	const char *key = list_key(rq, at->kept), *language;
	uint64_t hash = ids_read(rq, key, ids);
	int err = 0;

	if (at->kept != NULL)
		return 0;
	if (ids->count == 0) {
		err = language_of(rq, &language);
		if (err == 0)
			key = trending_read(rq, language, ids, &hash);
	}
	at->kept = mem_printf(rq, "%016llx", (unsigned long long)hash);
	redis_send(rq->app->redis, "COPY %s %s", key, list_key(rq, at->kept));
	redis_send(rq->app->redis, "EXPIRE %s %d", list_key(rq, at->kept), KEPT_S);
	return err;
}

static int
answer_place(struct request *rq, const struct chosen *of, const struct db_result *rows, const struct place *next)
{
	struct buf *meta;

	db_write_array(reply_data(rq, 200), rows, rq->limit);
	meta = reply_meta(rq);
	buf_add_literal(meta, "\"cursor\":");
	buf_json_str(meta, next != NULL ? place_seal(rq, of, next) : NULL);
	buf_printf(meta, ",\"hasMore\":%s", next != NULL ? "true" : "false");
	return 0;
}

/* Behind the end of the list: the latest that are not in it. */
static int
answer_rest(struct request *rq, const struct chosen *of, const struct uuid_list *ids, struct place *at)
{
	struct db_result *rows;
	int err = db_query_params(&rq->db, &rows, of->rest,
	    (const struct param[]){ uuid_or_null_param(&rq->user.id), uuid_array_param(ids->items, ids->count), text_param(at->after_at),
	        text_param(at->after_id) },
	    4);

	if (err != 0)
		return err;
	if (db_rows(rows) <= rq->limit)
		return answer_place(rq, of, rows, NULL);
	at->position = (int64_t)ids->count;
	at->after_at = db_text(rows, rq->limit - 1, "_after_at");
	at->after_id = db_text(rows, rq->limit - 1, "_after_id");
	return answer_place(rq, of, rows, at);
}

static int
for_you(struct request *rq, const struct chosen *of)
{
	struct place at;
	struct uuid_list ids = { .items = mem_array(rq, struct uuid, LIST_MAX) };
	struct db_result *rows;
	size_t behind;
	int err = place_open(rq, of, &at), shown;

	if (err == 0)
		err = list_read(rq, &at, &ids);
	if (err != 0)
		return err;
	if (at.after_at != NULL || at.position >= (int64_t)ids.count)
		return answer_rest(rq, of, &ids, &at);
	behind = ids.count - (size_t)at.position;
	err = db_query_params(&rq->db, &rows, of->show,
	    (const struct param[]){ uuid_param(rq->user.id), uuid_array_param(ids.items + at.position, behind) }, 2);
	if (err != 0)
		return err;
	if (db_rows(rows) == 0)
		return answer_rest(rq, of, &ids, &at);
	shown = db_rows(rows) < rq->limit ? db_rows(rows) : rq->limit;
	at.position = db_rows(rows) > rq->limit ? at.position + db_int(rows, shown - 1, "_position") : (int64_t)ids.count;
	return answer_place(rq, of, rows, &at);
}

int
feed_for_you(struct request *rq)
{
	return for_you(rq, &in_feed);
}

static int
recommendations_for_you(struct request *rq)
{
	return for_you(rq, &recommended);
}

/* --- like a video --- */

static void
leave_out_repeats(struct uuid_list *ids, const struct uuid *source)
{
	size_t kept = 0;

	for (size_t i = 0; i < ids->count; i++) {
		bool is_there = uuid_equal(&ids->items[i], source);

		for (size_t k = 0; k < kept && !is_there; k++)
			is_there = uuid_equal(&ids->items[k], &ids->items[i]);
		if (!is_there)
			ids->items[kept++] = ids->items[i];
	}
	ids->count = kept;
}

/* One page: what is like it, filled up with what trends in its language, and with the latest where nothing is known. */
static int
recommendations_similar(struct request *rq)
{
	struct uuid id = path_uuid(rq, "id");
	struct uuid_list ids = { .items = mem_array(rq, struct uuid, LIST_MAX) };
	const struct param me = uuid_or_null_param(&rq->user.id);
	struct db_result *source, *rows;
	char text[UUID_TEXT];
	uint64_t hash;
	int err = db_query_row(&rq->db, &source, Q_RECOMMENDED_LIKE, uuid_param(id), me);

	if (err != 0)
		return err;
	ids_read(rq, mem_printf(rq, "rec:similar:%s:%s", rq->tenant->id_text, uuid_text(&id, text)), &ids);
	if (ids.count < (size_t)rq->limit)
		trending_read(rq, db_text(source, 0, "language"), &ids, &hash);
	leave_out_repeats(&ids, &id);
	if (ids.count > 0)
		err = db_query(&rq->db, &rows, Q_RECOMMENDED_OF, me, uuid_array_param(ids.items, ids.count));
	else
		err = db_query(&rq->db, &rows, Q_RECOMMENDED_REST, me, uuid_array_param(&id, 1), null_param(), null_param());
	return err != 0 ? err : answer_place(rq, &recommended, rows, NULL);
}

const struct route recommendations_routes[] = {
	{ GET, "/recommendations/for-you", SIGNED_IN, .query = Q_RECOMMENDED_REST, .answer = ANSWER_CURSOR, .run = recommendations_for_you,
	  .doc = "Videos chosen for the caller that they have not seen; for who is new, what trends in their language." },
	{ GET, "/recommendations/similar/{id:uuid}", PUBLIC, .query = Q_RECOMMENDED_REST, .answer = ANSWER_CURSOR,
	  .run = recommendations_similar, .doc = "Videos like this one, as far as the caller has not seen them: one page." },
	ROUTE_END
};
