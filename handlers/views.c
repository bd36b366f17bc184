/* handlers/views.c - counting views: once per session, in one round trip to Redis; the worker flushes them (worker/job_view_flush.c). */
#include <time.h>

#include "fcgi/seen.h"
#include "handlers/visitor.h"
#include "lib/uniques.h"
#include "lib/wait.h"

#define VIEW_TTL_S 1800 /* the same session's next view counts after half an hour */

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

static struct redis_script view_script = { .text = "if redis.call('set', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then\n"
						   "  redis.call('rpush', KEYS[2], ARGV[2])\n"
						   "  if redis.call('pfadd', KEYS[3], ARGV[3]) == 1 then\n"
						   "    redis.call('expire', KEYS[3], ARGV[4], 'NX')\n"
						   "  end\n"
						   "  return 1\n"
						   "end\n"
						   "return 0\n" };

static int
check_visible(struct request *rq, struct uuid id)
{
	struct db_result *r;
	int err;

	if (seen_recently(rq->app->seen, &rq->tenant->id, &id))
		return 0;
	err = db_query_row(&rq->db, &r, Q_VIDEO_IS_VISIBLE, uuid_param(id), uuid_or_null_param(&rq->user.id));
	if (err == 0 && db_bool(r, 0, "is_public"))
		seen_add(rq->app->seen, &rq->tenant->id, &id);
	return err;
}

/* Today in UTC as YYYYMMDD; made once a day, not once a view. */
static const char *
today(time_t now)
{
	static char text[9];
	static time_t day = -1;
	struct tm tm;

	if (now / 86400 != day) {
		day = now / 86400;
		gmtime_r(&now, &tm);
		strftime(text, sizeof(text), "%Y%m%d", &tm);
	}
	return text;
}

static int
count(struct request *rq, struct uuid id, const char *session, const char *device, const char *referrer)
{
	char video[UUID_TEXT], key[160], ttl[16], kept[16];
	const char *who = visitor_name(rq, session);
	time_t now = time(NULL);
	struct buf event;
	struct redis_reply *counted;
	int err = check_visible(rq, id);

	if (err != 0)
		return err;
	uuid_text(&id, video);
	snprintf(key, sizeof(key), "viewed:%s:%.64s", video, session != NULL && *session != '\0' ? session : who);
	snprintf(ttl, sizeof(ttl), "%d", VIEW_TTL_S);
	snprintf(kept, sizeof(kept), "%d", UNIQUES_KEPT_DAYS * 86400);
	buf_init(&event, rq, 320);
	buf_printf(&event, "{\"tenant\":\"%s\",\"video\":\"%s\",\"at\":", rq->tenant->id_text, video);
	buf_json_time(&event, (int64_t)now * 1000000);
	visitor_write(rq, &event, session, device, referrer);
	buf_add_char(&event, '}');
	err = redis_eval(rq->app->redis, rq, &counted, rq->deadline_ms, &view_script, 3, 7,
	    (const char *[]){ key, "views:pending", uniques_key(rq, video, today(now)), ttl, buf_cstr(&event), who, kept });
	if (err != 0)
		return err;
	buf_printf(reply_data(rq, 200), "{\"recorded\":%s}", counted->integer == 1 ? "true" : "false");
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
