/*
 * handlers/search.c - finding videos and people, completing what was begun to be typed, and what others look for.
 *
 * To add a kind of thing: a trigger that calls search_put() (migration 0080), a query like SEARCH_VIDEOS, a line in
 * `kinds` and in the one_of of `type`.
 */
#include <string.h>
#include <time.h>

#include "fcgi/answer.h"
#include "fcgi/app.h"
#include "lib/wait.h"

#define QUERY_MAX 200
#define REDIS_MS 100
#define SEARCHED_TTL_S 86400     /* who asks again on the same day counts once */
#define SUGGEST_DAYS 7
#define SUGGEST_LEAST "3"        /* what fewer people asked for is nobody else's business */
#define SUGGEST_MOST 10
#define SUGGEST_SEEN 500         /* of which those that begin with what was typed are taken */

struct search_query {
	const char *q, *type, *category, *duration, *uploaded, *sort;
};

static const struct field search_query_fields[] = {
	FIELD(struct search_query, q, .required = true, .min = 1, .max = QUERY_MAX),
	FIELD(struct search_query, type, .one_of = "videos|users|pocs", .dflt = "videos"),
	FIELD(struct search_query, category, .min = 1, .max = 100),
	FIELD(struct search_query, duration, .one_of = "short|medium|long"),
	FIELD(struct search_query, uploaded, .one_of = "day|week|month|year"),
	FIELD(struct search_query, sort, .one_of = "relevance|-views|-date", .dflt = "relevance"),
	FIELD_END
};

struct complete_query {
	const char *q;
};

static const struct field complete_query_fields[] = {
	FIELD(struct complete_query, q, .required = true, .min = 1, .max = 100),
	FIELD_END
};

struct suggest_query {
	const char *q;
};

static const struct field suggest_query_fields[] = {
	FIELD(struct suggest_query, q, .max = 100),
	FIELD_END
};

static const struct kind {
	const char *type, *kind;
	enum query_id show;
} kinds[] = {
	{ "videos", "video", Q_SEARCH_VIDEOS },
	{ "users", "user", Q_SEARCH_USERS },
	{ "pocs", "poc", Q_SEARCH_POCS },
};

static const struct kind *
kind_of(const char *type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].type, type) == 0)
			return &kinds[i];
	return &kinds[0];
}

static int
find(struct request *rq, const struct kind *k, const char *words, struct db_result **found)
{
	const struct search_query *q = rq->query;

	return db_query_row(&rq->db, found, Q_SEARCH_FIND, uuid_or_null_param(&rq->user.id), text_param(k->kind), text_param(words),
	    text_param(q->category), text_param(q->duration), text_param(q->uploaded), text_param(q->sort),
	    int_param((int64_t)(rq->page - 1) * rq->limit), int_param(rq->limit));
}

/* Looks for the words as they were typed and, when nothing has them, as they may have been meant. */
static int
find_or_correct(struct request *rq, const struct kind *k, struct db_result **found, const char **words, bool *is_corrected)
{
	const struct search_query *q = rq->query;
	struct db_result *r;
	const char *corrected;
	int err = find(rq, k, q->q, found);

	*words = q->q;
	*is_corrected = false;
	if (err != 0 || db_int(*found, 0, "_total") > 0)
		return err;
	err = db_query_row(&rq->db, &r, Q_SEARCH_CORRECTED, text_param(q->q));
	corrected = err == 0 ? db_text(r, 0, "corrected") : NULL;
	if (corrected == NULL)
		return err;
	*words = corrected;
	*is_corrected = true;
	return find(rq, k, corrected, found);
}

/* --- what others look for: by day, counted once for each who asks --- */

static struct redis_script searched_script = { .text = "if redis.call('set', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then\n"
						       "  redis.call('zincrby', KEYS[2], 1, ARGV[2])\n"
						       "  redis.call('expire', KEYS[2], ARGV[3])\n"
						       "  if redis.call('zcard', KEYS[2]) > 20000 then\n"
						       "    redis.call('zremrangebyrank', KEYS[2], 0, 9999)\n"
						       "  end\n"
						       "end\n"
						       "return 1\n" };

static const char *
day_key(struct request *rq, int days_ago)
{
	return mem_printf(rq, "searches:%s:%lld", rq->tenant->id_text, (long long)time(NULL) / 86400 - days_ago);
}

/* Without Redis nothing is remembered, and nobody is held up. */
static void
remember(struct request *rq, const char *words)
{
	char user[UUID_TEXT], ttl[16], kept[16];
	const char *who = rq->user.address;
	struct redis_reply *done;

	if (strlen(words) < 3 || strlen(words) > 60)
		return;
	if (is_signed_in(rq))
		who = uuid_text(&rq->user.id, user);
	snprintf(ttl, sizeof(ttl), "%d", SEARCHED_TTL_S);
	snprintf(kept, sizeof(kept), "%d", (SUGGEST_DAYS + 1) * 86400);
	redis_eval(rq->app->redis, rq, &done, now_ms() + REDIS_MS, &searched_script, 2, 5,
	    (const char *[]){ mem_printf(rq, "searched:%s:%s:%s", rq->tenant->id_text, who, words), day_key(rq, 0), ttl, words, kept });
}

static struct redis_script suggest_script = { .text = "if redis.call('exists', KEYS[1]) == 0 then\n"
						      "  redis.call('zunionstore', KEYS[1], #KEYS - 1, unpack(KEYS, 2))\n"
						      "  redis.call('expire', KEYS[1], 60)\n"
						      "end\n"
						      "return redis.call('zrevrangebyscore', KEYS[1], '+inf', ARGV[1], 'LIMIT', 0, ARGV[2])\n" };

static int
suggest(struct request *rq)
{
	const struct suggest_query *q = rq->query;
	const char *args[SUGGEST_DAYS + 3], *begun = q->q != NULL ? q->q : "";
	struct redis_reply *found = NULL;
	struct buf *out;
	int shown = 0;
	char most[16];

	args[0] = mem_printf(rq, "searches:%s:top", rq->tenant->id_text);
	for (int day = 0; day < SUGGEST_DAYS; day++)
		args[1 + day] = day_key(rq, day);
	args[SUGGEST_DAYS + 1] = SUGGEST_LEAST;
	snprintf(most, sizeof(most), "%d", SUGGEST_SEEN);
	args[SUGGEST_DAYS + 2] = most;
	if (redis_eval(rq->app->redis, rq, &found, now_ms() + REDIS_MS, &suggest_script, SUGGEST_DAYS + 1, SUGGEST_DAYS + 3, args) != 0)
		found = NULL;
	out = reply_data(rq, 200);
	buf_add_char(out, '[');
	for (size_t i = 0; found != NULL && found->type == REDIS_LIST && i < found->count && shown < SUGGEST_MOST; i++) {
		const char *text = found->items[i].text;

		if (text == NULL || strncasecmp(text, begun, strlen(begun)) != 0)
			continue;
		buf_add_str(out, shown++ > 0 ? ",{\"text\":" : "{\"text\":");
		buf_json_str(out, text);
		buf_add_char(out, '}');
	}
	buf_add_char(out, ']');
	return 0;
}

/* --- search --- */

static int
search_run(struct request *rq)
{
	const struct search_query *q = rq->query;
	const struct kind *k = kind_of(q->type);
	struct db_result *found, *rows;
	const char *words;
	bool is_corrected;
	struct buf *meta;
	int err = find_or_correct(rq, k, &found, &words, &is_corrected);

	if (err != 0)
		return err;
	rq->db.page = rq->limit;
	err = db_query_params(&rq->db, &rows, k->show,
	    (const struct param[]){ uuid_or_null_param(&rq->user.id), text_param(db_text(found, 0, "_ids")), text_param(words) }, 3);
	if (err != 0)
		return err;
	if (rq->page == 1 && db_rows(rows) > 0)
		remember(rq, words);
	db_write_array(reply_data(rq, 200), rows, rq->limit);
	meta = answer_page_meta(rq, db_int(found, 0, "_total"));
	buf_add_literal(meta, ",\"correctedTo\":");
	buf_json_str(meta, is_corrected ? words : NULL);
	buf_add_char(meta, ',');
	db_write_members(meta, found, 0);
	return 0;
}

const struct route search_routes[] = {
	{ GET, "/search", PUBLIC, .cache_s = 1, .query_string = SCHEMA(search_query), .answer = ANSWER_PAGE, .query = Q_SEARCH_VIDEOS,
	  .run = search_run, .doc = "Videos or people by their words, with facets; words found are marked, the rest of a text is escaped for HTML." },
	{ GET, "/videos/search", PUBLIC, .cache_s = 1, .query_string = SCHEMA(search_query), .answer = ANSWER_PAGE, .query = Q_SEARCH_VIDEOS,
	  .run = search_run, .doc = "The same as /search." },
	{ GET, "/search/autocomplete", PUBLIC, .cache_s = 1, .query_string = SCHEMA(complete_query), .query = Q_SEARCH_COMPLETE,
	  .answer = ANSWER_LIST, .doc = "Titles, words and people that begin with what was typed." },
	{ GET, "/search/suggestions", PUBLIC, .cache_s = 1, .query_string = SCHEMA(suggest_query), .run = suggest,
	  .doc = "What people look for these days, as far as several do." },
	ROUTE_END
};
