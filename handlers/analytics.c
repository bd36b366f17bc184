/* handlers/analytics.c - figures for those who made a video, and for those who may see all figures. */
#include "fcgi/app.h"
#include "lib/uniques.h"
#include "lib/wait.h"

#define REDIS_MS 300
#define SUM_MS 2000          /* for very many videos and days */
#define SUM_MOST 50000       /* of them; the figure of more is not known here, but in a report */
#define SUM_REMEMBERED "60"  /* s */
#define DAY "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

struct analytics_range {
	const char *from, *to;
};

static const struct field analytics_range_fields[] = {
	FIELD(struct analytics_range, from, .pattern = DAY, .doc = "First day, UTC; without it 28 days are shown, and never more than a year."),
	FIELD(struct analytics_range, to, .pattern = DAY, .doc = "Last day, UTC; today without it."),
	FIELD_END
};

/* How many different people watched in these days. Without Redis nobody knows: null. */
static void
write_uniques(struct request *rq, struct buf *out, const char *video, const struct db_result *r)
{
	size_t count;
	const char **days = db_text_array(r, 0, "_days", &count);
	const char **words = mem_array(rq, const char *, (unsigned)count + 1);
	struct redis_reply *n;

	words[0] = "PFCOUNT";
	for (size_t i = 0; i < count; i++)
		words[i + 1] = uniques_key(rq, video, days[i]);
	buf_add_literal(out, ",\"uniqueViewers\":");
	if (count == 0)
		buf_add_char(out, '0');
	else if (redis_command_argv(rq->app->redis, rq, &n, now_ms() + REDIS_MS, (int)count + 1, words, NULL) == 0 && n->type == REDIS_INT)
		buf_printf(out, "%lld", (long long)n->integer);
	else
		buf_add_literal(out, "null");
}

static int
analytics_video(struct request *rq)
{
	const struct analytics_range *range = rq->query;
	struct uuid id = path_uuid(rq, "id");
	char video[UUID_TEXT];
	struct db_result *r;
	struct buf *out;
	int err = db_query_row(&rq->db, &r, Q_ANALYTICS_VIDEO, uuid_param(id), uuid_or_null_param(&rq->user.id),
	    bool_param(role_may(rq->user.role, MAY_METRICS_VIEW)), bool_param(role_may(rq->user.role, MAY_VIDEO_EDIT_ANY)),
	    text_param(range->from), text_param(range->to));

	if (err != 0)
		return err;
	if (!db_bool(r, 0, "_may"))
		return ERR_FORBIDDEN;
	out = reply_data(rq, 200);
	buf_add_char(out, '{');
	db_write_members(out, r, 0);
	write_uniques(rq, out, uuid_text(&id, video), r);
	buf_add_char(out, '}');
	return 0;
}

/* The viewers of all these videos and days together. False when nobody knows. */
static bool
sum_uniques(struct request *rq, const struct db_result *viewed, int64_t *count)
{
	struct uniques *u = uniques_open(rq, rq->app->redis);
	int64_t deadline_ms = now_ms() + SUM_MS;
	int rows = db_rows(viewed);

	if (rows > SUM_MOST || db_bool(viewed, 0, "is_gone"))
		return false;
	for (int i = 0; i < rows; i++)
		uniques_add(u, db_text(viewed, i, "video"), db_text(viewed, i, "day"), deadline_ms);
	return rows == 0 || uniques_count(u, deadline_ms, count) == 0;
}

/* How many different people watched any of somebody's videos in these days; null as above. Remembered for a minute: it is a sum of many. */
static int
write_creator_uniques(struct request *rq, struct buf *out, const struct db_result *r)
{
	const char *first = db_text(r, 0, "from"), *last = db_text(r, 0, "to");
	const char *key = mem_printf(rq, "uniques:of:%s:%s:%s", db_text(r, 0, "userId"), first, last);
	struct redis_reply *known;
	struct db_result *viewed;
	int64_t count = 0;
	const char *text;
	int err;

	buf_add_literal(out, ",\"uniqueViewers\":");
	if (redis_command(rq->app->redis, rq, &known, now_ms() + REDIS_MS, "GET %s", key) != 0) {
		buf_add_literal(out, "null");
		return 0;
	}
	if (known->type == REDIS_TEXT) {
		buf_add_str(out, known->text);
		return 0;
	}
	err = db_query(&rq->db, &viewed, Q_ANALYTICS_CREATOR_VIEWED, text_param(db_text(r, 0, "userId")), text_param(first), text_param(last),
	    int_param(UNIQUES_KEPT_DAYS));
	if (err != 0)
		return err;
	text = sum_uniques(rq, viewed, &count) ? mem_printf(rq, "%lld", (long long)count) : "null";
	buf_add_str(out, text);
	redis_send(rq->app->redis, "SET %s %s EX " SUM_REMEMBERED, key, text);
	return 0;
}

static int
analytics_creator(struct request *rq)
{
	const struct analytics_range *range = rq->query;
	struct db_result *r;
	struct buf *out;
	int err = db_query_row(&rq->db, &r, Q_ANALYTICS_CREATOR, text_param(path_text(rq, "id")), uuid_or_null_param(&rq->user.id),
	    bool_param(role_may(rq->user.role, MAY_METRICS_VIEW)), text_param(range->from), text_param(range->to));

	if (err != 0)
		return err;
	if (!db_bool(r, 0, "_may"))
		return ERR_FORBIDDEN;
	out = reply_data(rq, 200);
	buf_add_char(out, '{');
	db_write_members(out, r, 0);
	err = write_creator_uniques(rq, out, r);
	buf_add_char(out, '}');
	return err;
}

const struct route analytics_routes[] = {
	{ GET, "/analytics/video/{id:uuid}", SIGNED_IN, .query_string = SCHEMA(analytics_range), .run = analytics_video,
	  .doc = "Views, viewers, watch time, how far people watch, and where they come from, for the video's author." },
	{ GET, "/analytics/creator/{id:user}", SIGNED_IN, .query_string = SCHEMA(analytics_range), .run = analytics_creator,
	  .doc = "The same for all videos of one person together, with the best of them. uniqueViewers is null when nobody knows: Redis is away, "
	          "or it is about more than 400 days back or more than 50,000 videos and days." },
	ROUTE_END
};
