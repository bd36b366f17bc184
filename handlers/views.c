/* handlers/views.c - counting views, once per session and half hour: into Redis, from where the worker takes them (worker/job_view_flush.c). */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "fcgi/seen.h"
#include "handlers/visitor.h"
#include "lib/redis_spool.h"
#include "lib/sign.h"

struct view_new {
	const char *session_id, *device, *referrer;
	int64_t watched_ms;
	bool completed;
};

static const struct field view_new_fields[] = {
	FIELD(struct view_new, session_id, .max = SESSION_MAX),
	FIELD(struct view_new, watched_ms, .min = 0, .max = 1e9),
	FIELD(struct view_new, completed),
	FIELD(struct view_new, device, .one_of = DEVICES),
	FIELD(struct view_new, referrer, .max = REFERRER_MAX),
	FIELD_END
};

struct view_of {
	struct uuid video_id;
	const char *session_id, *device, *referrer;
};

static const struct field view_of_fields[] = {
	FIELD(struct view_of, video_id, .required = true),
	FIELD(struct view_of, session_id, .max = SESSION_MAX),
	FIELD(struct view_of, device, .one_of = DEVICES),
	FIELD(struct view_of, referrer, .max = REFERRER_MAX),
	FIELD_END
};

static int
check_visible(struct request *rq, struct uuid id)
{
	struct db_result *r;
	int err;

	if (seen_recently(rq->app->seen, &rq->tenant->id, &id))
		return 0;
	rq->db.may_repeat = true; /* a look, though we have a POST: with others of this turn */
	err = db_query_row(&rq->db, &r, Q_VIDEO_IS_VISIBLE, uuid_param(id), uuid_or_null_param(&rq->user.id));
	rq->db.may_repeat = false;
	if (err == 0 && db_bool(r, 0, "is_public"))
		seen_add(rq->app->seen, &rq->tenant->id, &id);
	return err;
}

/* Of whom this is a view: the same for the same visitor of the same video, on every machine. */
static uint64_t
print_of(struct request *rq, const struct uuid *id, const char *visitor)
{
	char text[sizeof(id->b) + SESSION_MAX];
	size_t length = strnlen(visitor, SESSION_MAX);

	memcpy(text, id->b, sizeof(id->b));
	memcpy(text + sizeof(id->b), visitor, length);
	return text_print(rq->app->signer, "view", text, sizeof(id->b) + length);
}

/* The line that the worker gets: the print and the event. */
static int
note(struct request *rq, const struct uuid *id, uint64_t print, const char *session, const char *device, const char *referrer)
{
	char video[UUID_TEXT], mark[24];
	struct buf line;

	buf_init(&line, rq, 384);
	buf_add(&line, mark, (size_t)snprintf(mark, sizeof(mark), "%016" PRIx64 " ", print));
	buf_add_literal(&line, "{\"tenant\":\"");
	buf_add_str(&line, rq->tenant->id_text);
	buf_add_literal(&line, "\",\"video\":\"");
	buf_add(&line, uuid_text(id, video), UUID_TEXT - 1);
	buf_add_literal(&line, "\",\"at\":");
	buf_json_time(&line, (int64_t)time(NULL) * 1000000);
	visitor_write(rq, &line, session, device, referrer);
	buf_add_char(&line, '}');
	return redis_spool_add(rq->app->views, line.data, line.length, 1, rq->deadline_ms);
}

/* Answered without a word with Redis: whether this visitor was counted is known to this machine, or found by the worker. */
static int
count(struct request *rq, struct uuid id, const char *session, const char *device, const char *referrer)
{
	struct seen *seen = rq->app->seen;
	uint64_t print;
	bool is_new;
	int err = check_visible(rq, id);

	if (err != 0)
		return err;
	print = print_of(rq, &id, session != NULL && *session != '\0' ? session : visitor_name(rq, session));
	is_new = seen_claim(seen, print, time(NULL));
	if (is_new && (err = note(rq, &id, print, session, device, referrer)) != 0) {
		seen_unclaim(seen, print);
		return err;
	}
	buf_add_str(reply_data(rq, 200), is_new ? "{\"recorded\":true}" : "{\"recorded\":false}");
	return 0;
}

static int
view_create(struct request *rq)
{
	const struct view_new *in = rq->body;

	return count(rq, path_uuid(rq, "id"), in->session_id, in->device, in->referrer);
}

static int
view_create_of(struct request *rq)
{
	const struct view_of *in = rq->body;

	return count(rq, in->video_id, in->session_id, in->device, in->referrer);
}

const struct route views_routes[] = {
	{ POST, "/videos/{id:uuid}/view", PUBLIC, .body = SCHEMA(view_new), .status = 200, .run = view_create,
	  .doc = "Count a view, once per session." },
	{ POST, "/analytics/view", PUBLIC, .body = SCHEMA(view_of), .status = 200, .run = view_create_of,
	  .doc = "The same, with the video in the body." },
	ROUTE_END
};
