/*
 * handlers/trending.c - what is watched these days: ids from Redis, where the worker puts them, as cards that the caller
 * may see. Without Redis nobody knows what trends; then it is the latest.
 */
#include "fcgi/answer.h"
#include "fcgi/app.h"
#include "lib/trending.h"
#include "lib/wait.h"

#define REDIS_MS 200

struct trending_query {
	const char *window;
};

static const struct field trending_query_fields[] = {
	FIELD(struct trending_query, window, .one_of = "hour|day|week", .dflt = "day"),
	FIELD_END
};

/* A page of the ids in Redis; *total: of all. */
static int
page_of_trending(struct request *rq, const char *window, struct uuid_list *ids, int64_t *total)
{
	struct redis_reply *found = NULL;
	struct redis_batch *b = redis_batch(rq->app->redis, rq);
	const char *key = trending_key(rq, rq->tenant->id_text, window);
	int first = (rq->page - 1) * rq->limit, err;

	redis_batch_add(b, "ZREVRANGE %s %d %d", key, first, first + rq->limit - 1);
	redis_batch_add(b, "ZCARD %s", key);
	err = redis_batch_run(b, now_ms() + REDIS_MS, &found);
	if (err != 0)
		return err;
	for (size_t i = 0; i < found[0].count; i++)
		ids->count += uuid_parse(found[0].items[i].text, found[0].items[i].length, &ids->items[ids->count]);
	*total = found[1].integer;
	return 0;
}

/* The same of as many of the latest. */
static int
page_of_latest(struct request *rq, struct uuid_list *ids, int64_t *total)
{
	struct db_result *latest;
	int err = db_query(&rq->db, &latest, Q_VIDEO_LATEST, uuid_or_null_param(&rq->user.id), int_param(TRENDING_MOST));

	if (err != 0)
		return err;
	*total = db_rows(latest);
	for (int64_t row = (int64_t)(rq->page - 1) * rq->limit; row < *total && ids->count < (size_t)rq->limit; row++)
		ids->items[ids->count++] = db_uuid(latest, (int)row, "id");
	return 0;
}

static int
trending_list(struct request *rq)
{
	const struct trending_query *q = rq->query;
	struct uuid_list ids = { .items = mem_array(rq, struct uuid, (unsigned)rq->limit) };
	struct db_result *rows;
	int64_t total;
	int err = page_of_trending(rq, q->window, &ids, &total);

	if (err != 0)
		err = page_of_latest(rq, &ids, &total);
	if (err != 0)
		return err;
	rq->db.page = rq->limit;
	err = db_query(&rq->db, &rows, Q_VIDEO_FEED_OF, uuid_or_null_param(&rq->user.id), uuid_array_param(ids.items, ids.count));
	if (err != 0)
		return err;
	db_write_array(reply_data(rq, 200), rows, rq->limit);
	answer_page_meta(rq, total);
	return 0;
}

#define TRENDING_ROW(where)                                                                                                        \
	{ GET, where, PUBLIC, .cache_s = 1, .shared_cache_s = 5, .query_string = SCHEMA(trending_query), .query = Q_VIDEO_FEED_OF, .answer = ANSWER_PAGE,  \
	  .run = trending_list, .doc = "What is watched most within the last hour, day or week; the newer a view, the more it counts. "                     \
	         "While that is not known (Redis is away), the latest." }

const struct route trending_routes[] = {
	TRENDING_ROW("/videos/trending"),
	TRENDING_ROW("/analytics/trending"),
	TRENDING_ROW("/recommendations/trending"),
	ROUTE_END
};
