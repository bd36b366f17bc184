/* handlers/feed.c - what people see first: the latest, those of whom they follow, and what was chosen for them. */
#include <stdlib.h>
#include <string.h>

#include "fcgi/answer.h"
#include "fcgi/app.h"
#include "lib/sign.h"

#define FOR_YOU_MAX 500   /* ids of a list that are looked at */
#define FOR_YOU_KEPT_S 3600 /* somebody who pages goes on in the list that the first page was of */
#define REDIS_MS 200
#define PART_END "\x1f"

struct feed_query {
	const char *tab;
};

static const struct field feed_query_fields[] = {
	FIELD(struct feed_query, tab, .one_of = "latest|following|foryou", .dflt = "latest"),
	FIELD_END
};

/* Where a reader of the list chosen for them is: behind the first `position` ids of the list kept as `kept`; at its end,
 * behind a video of the latest that are not in it. */
struct place {
	const char *kept, *after_at, *after_id;
	int64_t position;
};

static int
place_open(struct request *rq, struct place *at)
{
	const char *parts[4] = { NULL };
	char *p = rq->cursor != NULL ? cursor_open(rq, rq->app->signer, "foryou", rq->cursor) : NULL;

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
place_seal(struct request *rq, const struct place *at)
{
	const char *payload = mem_printf(rq, "%s" PART_END "%lld", at->kept, (long long)at->position);

	if (at->after_at != NULL)
		payload = mem_printf(rq, "%s" PART_END "%s" PART_END "%s", payload, at->after_at, at->after_id);
	return cursor_seal(rq, rq->app->signer, "foryou", payload);
}

static const char *
list_key(struct request *rq, const char *kept)
{
	char user[UUID_TEXT];

	uuid_text(&rq->user.id, user);
	return kept == NULL ? mem_printf(rq, "rec:foryou:%s:%s", rq->tenant->id_text, user)
			    : mem_printf(rq, "rec:foryou:%s:%s:%s", rq->tenant->id_text, user, kept);
}

/* The ids of the list, which the worker renews at any time: the one that the first page was made from is kept under its
 * hash, so that the next pages neither repeat nor lose a video. Without Redis there is no list. */
static struct uuid_list
list_read(struct request *rq, struct place *at)
{
	struct uuid_list ids = { .items = mem_array(rq, struct uuid, FOR_YOU_MAX) };
	const char *key = list_key(rq, at->kept);
	struct redis_reply *r;
	uint64_t hash = 14695981039346656037u;

	if (redis_command(rq->app->redis, rq, &r, rq->deadline_ms, "LRANGE %s 0 %d", key, FOR_YOU_MAX - 1) != 0 ||
	    r->type != REDIS_LIST)
		r = NULL;
	for (size_t i = 0; r != NULL && i < r->count; i++) {
		for (size_t c = 0; r->items[i].text != NULL && c < r->items[i].length; c++)
			hash = (hash ^ (unsigned char)r->items[i].text[c]) * 1099511628211u;
		if (r->items[i].text != NULL && uuid_parse(r->items[i].text, r->items[i].length, &ids.items[ids.count]))
			ids.count++;
	}
	if (at->kept == NULL) {
		at->kept = mem_printf(rq, "%016llx", (unsigned long long)hash);
		redis_send(rq->app->redis, "COPY %s %s", key, list_key(rq, at->kept));
		redis_send(rq->app->redis, "EXPIRE %s %d", list_key(rq, at->kept), FOR_YOU_KEPT_S);
	}
	return ids;
}

static int
answer_place(struct request *rq, const struct db_result *rows, const struct place *next)
{
	struct buf *meta;

	db_write_array(reply_data(rq, 200), rows, rq->limit);
	meta = reply_meta(rq);
	buf_add_literal(meta, "\"cursor\":");
	buf_json_str(meta, next != NULL ? place_seal(rq, next) : NULL);
	buf_printf(meta, ",\"hasMore\":%s", next != NULL ? "true" : "false");
	return 0;
}

/* Behind the end of the list: the latest that are not in it. */
static int
answer_rest(struct request *rq, const struct uuid_list *ids, struct place *at)
{
	struct db_result *rows;
	int err = db_query(&rq->db, &rows, Q_VIDEO_FEED_REST, uuid_param(rq->user.id), uuid_array_param(ids->items, ids->count),
	    text_param(at->after_at), text_param(at->after_id));

	if (err != 0)
		return err;
	if (db_rows(rows) <= rq->limit)
		return answer_place(rq, rows, NULL);
	at->position = (int64_t)ids->count;
	at->after_at = db_text(rows, rq->limit - 1, "_after_at");
	at->after_id = db_text(rows, rq->limit - 1, "_after_id");
	return answer_place(rq, rows, at);
}

static int
for_you(struct request *rq)
{
	struct place at;
	struct uuid_list ids;
	struct db_result *rows;
	size_t behind;
	int err = place_open(rq, &at), shown;

	if (err != 0)
		return err;
	ids = list_read(rq, &at);
	if (at.after_at != NULL || at.position >= (int64_t)ids.count)
		return answer_rest(rq, &ids, &at);
	behind = ids.count - (size_t)at.position;
	err = db_query(&rq->db, &rows, Q_VIDEO_FEED_OF, uuid_param(rq->user.id),
	    uuid_array_param(ids.items + at.position, behind));
	if (err != 0)
		return err;
	if (db_rows(rows) == 0)
		return answer_rest(rq, &ids, &at);
	shown = db_rows(rows) < rq->limit ? db_rows(rows) : rq->limit;
	at.position = db_rows(rows) > rq->limit ? at.position + db_int(rows, shown - 1, "_position") : (int64_t)ids.count;
	return answer_place(rq, rows, &at);
}

static int
feed_show(struct request *rq)
{
	const struct feed_query *q = rq->query;

	if (strcmp(q->tab, "latest") == 0)
		return answer_query(rq);
	if (!is_signed_in(rq))
		return ERR_UNAUTHENTICATED;
	return strcmp(q->tab, "following") == 0 ? answer_query_of(rq, Q_VIDEO_FEED_FOLLOWING) : for_you(rq);
}

const struct route feed_routes[] = {
	{ GET, "/videos/feed", PUBLIC, .cache_s = 1, .shared_cache_s = 5, .query_string = SCHEMA(feed_query),
	  .query = Q_VIDEO_FEED, .answer = ANSWER_CURSOR, .run = feed_show,
	  .doc = "Videos to watch: the latest public ones (tab=latest), those of the people whom the caller follows (following), "
	         "or what was chosen for the caller (foryou)." },
	ROUTE_END
};
