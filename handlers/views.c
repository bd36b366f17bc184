/* handlers/views.c - counting views: once per session, in one round trip to Redis; the worker takes them from there (worker/job_view_flush.c). */
#include <time.h>

#include "fcgi/seen.h"
#include "handlers/visitor.h"
#include "lib/redis_together.h"

#define VIEW_TTL_S "1800" /* the same session's next view counts after half an hour */

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

/* Of each view: the mark of its session and what is noted of it. Those of one turn of the loop go to Redis together. */
static struct redis_together view_calls = {
	.words = 2,
	.script.text = "local counted, new = {}, {}\n"
		       "for i = 1, #ARGV, 2 do\n"
		       "  local is_new = redis.call('set', ARGV[i], '1', 'NX', 'EX', " VIEW_TTL_S ")\n"
		       "  if is_new then new[#new + 1] = ARGV[i + 1] end\n"
		       "  counted[#counted + 1] = is_new and 1 or 0\n"
		       "end\n"
		       "if #new > 0 then redis.call('rpush', 'views:pending', unpack(new)) end\n"
		       "return counted\n",
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

static int
count(struct request *rq, struct uuid id, const char *session, const char *device, const char *referrer)
{
	char video[UUID_TEXT], key[160];
	struct buf event;
	int64_t is_counted;
	int err = check_visible(rq, id);

	if (err != 0)
		return err;
	uuid_text(&id, video);
	snprintf(key, sizeof(key), "viewed:%s:%.64s", video, session != NULL && *session != '\0' ? session : visitor_name(rq, session));
	buf_init(&event, rq, 320);
	buf_printf(&event, "{\"tenant\":\"%s\",\"video\":\"%s\",\"at\":", rq->tenant->id_text, video);
	buf_json_time(&event, (int64_t)time(NULL) * 1000000);
	visitor_write(rq, &event, session, device, referrer);
	buf_add_char(&event, '}');
	err = redis_call_together(rq->app->redis, &view_calls, rq->deadline_ms, (const char *[]){ key, buf_cstr(&event) }, &is_counted);
	if (err != 0)
		return err;
	buf_printf(reply_data(rq, 200), "{\"recorded\":%s}", is_counted == 1 ? "true" : "false");
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
