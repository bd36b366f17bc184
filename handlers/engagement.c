/* handlers/engagement.c - what players tell while somebody watches: many events at once into Redis, from where the worker takes them. */
#include <time.h>

#include "handlers/visitor.h"
#include "lib/redis_spool.h"

#define EVENTS_MAX 100

struct engagement_event {
	const char *event_type, *session_id, *device, *referrer, *at;
	struct uuid video_id;
	double watch_duration, position;
};

static const struct field engagement_event_fields[] = {
	FIELD(struct engagement_event, event_type, .required = true, .one_of = "play|pause|seek|progress|complete|error"),
	FIELD(struct engagement_event, video_id, .required = true),
	FIELD(struct engagement_event, session_id, .required = true, .min = 1, .max = SESSION_MAX),
	FIELD(struct engagement_event, watch_duration, .min = 0, .max = 3600, .doc = "Seconds watched since the event before."),
	FIELD(struct engagement_event, position, .min = 0, .max = 1e6, .doc = "Seconds from the beginning of the video."),
	FIELD(struct engagement_event, device, .one_of = DEVICES),
	FIELD(struct engagement_event, referrer, .max = REFERRER_MAX),
	FIELD(struct engagement_event, at, .format = FORMAT_TIME, .doc = "When, for events sent later; a day ago at most."),
	FIELD_END
};

struct engagement_new {
	struct object_list events;
};

static const struct field engagement_new_fields[] = {
	FIELD_OBJECTS(struct engagement_new, events, engagement_event, .required = true, .min_items = 1, .max_items = EVENTS_MAX),
	FIELD_END
};

static void
write_event(struct request *rq, struct buf *b, const struct engagement_event *e)
{
	char video[UUID_TEXT];

	buf_printf(b, "{\"tenant\":\"%s\",\"video\":\"%s\",\"type\":\"%s\",\"position\":", rq->tenant->id_text,
	    uuid_text(&e->video_id, video), e->event_type);
	buf_json_double(b, e->position);
	buf_add_literal(b, ",\"watched\":");
	buf_json_double(b, e->watch_duration);
	buf_add_literal(b, ",\"at\":");
	if (e->at != NULL)
		buf_json_str(b, e->at);
	else
		buf_json_time(b, (int64_t)time(NULL) * 1000000);
	visitor_write(rq, b, e->session_id, e->device, e->referrer);
	buf_add_char(b, '}');
}

static int
engagement_create(struct request *rq)
{
	const struct engagement_new *in = rq->body;
	struct buf lines;
	int err;

	buf_init(&lines, rq, in->events.count * 384);
	for (size_t i = 0; i < in->events.count; i++) {
		if (i > 0)
			buf_add_char(&lines, '\n');
		write_event(rq, &lines, in->events.items[i]);
	}
	err = redis_spool_add(rq->app->engagement, lines.data, lines.length, (unsigned)in->events.count, rq->deadline_ms);
	if (err != 0)
		return err;
	buf_printf(reply_data(rq, 202), "{\"accepted\":%zu}", in->events.count);
	return 0;
}

const struct route engagement_routes[] = {
	{ POST, "/analytics/engagement", PUBLIC, .body = SCHEMA(engagement_new), .status = 202, .run = engagement_create,
	  .doc = "What happened while watching, up to a hundred events at once. Events of videos that are not there are dropped." },
	ROUTE_END
};
