/* handlers/thumbnails.c - a video's own thumbnail: a picture, or what is shown at a time. The worker makes it. */
#include <strings.h>

#include "fcgi/gates.h"
#include "handlers/picture.h"

#define JSON_MAX 1024

struct frame_time {
	double time;
};

static const struct field frame_time_fields[] = {
	FIELD(struct frame_time, time, .required = true, .min = 0, .max = 86400, .doc = "Seconds from the beginning of what plays."),
	FIELD_END
};

static int
may_change(struct request *rq, bool *has_file)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_THUMBNAIL_MAY, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id),
	    bool_param(role_may(rq->user.role, MAY_VIDEO_EDIT_ANY)));

	*has_file = err == 0 && db_bool(r, 0, "has_file");
	return err;
}

static int
ask(struct request *rq, const char *source, struct param time)
{
	return reply_query(rq, 202, Q_THUMBNAIL_PUT, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id), text_param(source), time,
	    text_param(rq->trace_parent));
}

static int
put_time(struct request *rq)
{
	const void *body;
	bool has_file;
	int err = request_json(rq, SCHEMA(frame_time), JSON_MAX, &body);

	if (err == 0)
		err = may_change(rq, &has_file);
	if (err == 0 && !has_file)
		err = reply_error(rq, ERR_CONFLICT, "The file of this video has not arrived yet.");
	if (err == 0)
		err = ask(rq, picture_name(rq, "frame"), double_param(((const struct frame_time *)body)->time));
	picture_drop(rq, NULL); /* the web server put the JSON down */
	return err;
}

static int
put_picture(struct request *rq)
{
	const char *name = picture_name(rq, "thumbnail");
	bool has_file;
	int err = picture_check(rq, rq->app->conf->upload_avatar_max_size);

	if (err == 0)
		err = may_change(rq, &has_file);
	if (err == 0)
		err = picture_put_down(rq, name);
	if (err == 0)
		err = ask(rq, name, text_param(NULL));
	if (err != 0)
		picture_drop(rq, name);
	return err;
}

static int
thumbnail_put(struct request *rq)
{
	if (rq->content_type != NULL && strncasecmp(rq->content_type, "application/json", 16) == 0)
		return put_time(rq);
	return put_picture(rq);
}

const struct route thumbnails_routes[] = {
	{ PUT, "/videos/{id:uuid}/thumbnail", SIGNED_IN, .rate = RATE_UPLOAD, .body_kind = BODY_STREAM, .body_limit = (size_t)1 << 30,
	  .body = SCHEMA(frame_time), .status = 202, .run = thumbnail_put,
	  .doc = "A thumbnail and poster of one's own: a PNG, JPEG or WebP picture as the body, or {time} as JSON for what is shown then. "
	         "GET tells when it is there, or why not." },
	{ GET, "/videos/{id:uuid}/thumbnail", SIGNED_IN, .query = Q_THUMBNAIL_STATE,
	  .doc = "What shows for a video, and what is being made of the last one that was put." },
	{ DELETE, "/videos/{id:uuid}/thumbnail", SIGNED_IN, .query = Q_THUMBNAIL_DROP, .answer = ANSWER_NONE, .drops_answers = true,
	  .doc = "Back to the one that was made of the video." },
	ROUTE_END
};
