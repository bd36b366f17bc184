/* handlers/edits.c - trim, crop, rotate, mute: a new edition from the original, which is kept. */
#include "fcgi/app.h"

struct trim {
	double start, end;
};

static const struct field trim_fields[] = {
	FIELD(struct trim, start, .min = 0, .max = 86400, .doc = "Seconds of the original."),
	FIELD(struct trim, end, .min = 0, .max = 86400, .doc = "Seconds of the original; without it, its end."),
	FIELD_END
};

struct crop {
	double x, y, width, height;
};

static const struct field crop_fields[] = {
	FIELD(struct crop, x, .required = true, .min = 0, .max = 1),
	FIELD(struct crop, y, .required = true, .min = 0, .max = 1),
	FIELD(struct crop, width, .required = true, .min = 0.01, .max = 1),
	FIELD(struct crop, height, .required = true, .min = 0.01, .max = 1),
	FIELD_END
};

struct edit_new {
	const struct trim *trim;
	const struct crop *crop;
	int64_t rotate;
	bool mute;
};

static const struct field edit_new_fields[] = {
	FIELD_OBJECT(struct edit_new, trim, trim, .nullable = true),
	FIELD_OBJECT(struct edit_new, crop, crop, .nullable = true,
	    .doc = "In parts of the sides of the original's upright picture, 0 to 1 from the top left."),
	FIELD(struct edit_new, rotate, .min = 0, .max = 270, .dflt = "0", .doc = "0, 90, 180 or 270 degrees clockwise, after the crop."),
	FIELD(struct edit_new, mute, .dflt = "false"),
	FIELD_END
};

/* What the fields alone cannot say. duration_s: of the original. */
static int
check(struct request *rq, const struct edit_new *in, double duration_s)
{
	int err = 0;

	if (in->rotate % 90 != 0)
		err = reply_invalid(rq, "rotate", "must be 0, 90, 180 or 270");
	if (in->trim != NULL && in->trim->end > 0 && in->trim->end - in->trim->start < 0.1)
		err = reply_invalid(rq, "trim.end", "must be at least a tenth of a second after start");
	if (in->trim != NULL && duration_s > 0 && in->trim->start >= duration_s)
		err = reply_invalid(rq, "trim.start", "must be before the end of the original");
	if (in->crop != NULL && (in->crop->x + in->crop->width > 1.000001 || in->crop->y + in->crop->height > 1.000001))
		err = reply_invalid(rq, "crop", "must lie within the picture");
	if (err == 0 && in->trim == NULL && in->crop == NULL && in->rotate == 0 && !in->mute)
		err = reply_invalid(rq, "trim", "say what is to change: trim, crop, rotate or mute");
	return err;
}

/* One change of a video's edition at a time. */
static int
begin_change(struct request *rq, double *duration_s)
{
	struct param id = uuid_param(path_uuid(rq, "id"));
	struct db_result *r, *busy;
	int err = db_query_row(&rq->db, &r, Q_EDIT_LOCK, id, uuid_param(rq->user.id), bool_param(role_may(rq->user.role, MAY_VIDEO_EDIT_ANY)));

	if (err == 0)
		err = db_query_row(&rq->db, &busy, Q_UPLOAD_IS_BUSY, id);
	if (err != 0)
		return err;
	if (db_bool(busy, 0, "is_busy"))
		return reply_error(rq, ERR_CONFLICT, "This video is being worked on. Try again when it is ready.");
	if (!db_bool(r, 0, "is_there"))
		return reply_error(rq, ERR_CONFLICT, "The original of this video is not there, so that nothing can be made of it.");
	*duration_s = db_double(r, 0, "duration");
	return 0;
}

static int
make_edition(struct request *rq)
{
	return db_exec(&rq->db, NULL, Q_VIDEO_TRANSCODE_ENQUEUE, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id),
	    text_param(rq->trace_parent));
}

static const char *
crop_json(struct request *rq, const struct crop *c)
{
	struct buf b;

	if (c == NULL)
		return NULL;
	buf_init(&b, rq, 128);
	buf_add_literal(&b, "{\"x\":");
	buf_json_double(&b, c->x);
	buf_json_key(&b, "y");
	buf_json_double(&b, c->y);
	buf_json_key(&b, "width");
	buf_json_double(&b, c->width);
	buf_json_key(&b, "height");
	buf_json_double(&b, c->height);
	buf_add_char(&b, '}');
	return buf_cstr(&b);
}

static int
edit_create(struct request *rq)
{
	const struct edit_new *in = rq->body;
	const struct trim *t = in->trim;
	double duration_s;
	int err = begin_change(rq, &duration_s);

	if (err == 0)
		err = check(rq, in, duration_s);
	if (err == 0)
		err = reply_query(rq, 202, Q_EDIT_INSERT, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id),
		    t != NULL ? double_param(t->start) : text_param(NULL), t != NULL && t->end > 0 ? double_param(t->end) : text_param(NULL),
		    json_param(crop_json(rq, in->crop)), int_param(in->rotate), bool_param(in->mute));
	return err != 0 ? err : make_edition(rq);
}

static int
edit_undo(struct request *rq)
{
	double duration_s;
	int err = begin_change(rq, &duration_s);

	if (err == 0)
		err = reply_query(rq, 202, Q_EDIT_UNDO, uuid_param(path_uuid(rq, "id")));
	return err != 0 ? err : make_edition(rq);
}

const struct route edits_routes[] = {
	{ POST, "/videos/{id:uuid}/edits", SIGNED_IN, .rate = RATE_UPLOAD, .transaction = true, .idempotent = true,
	  .body = SCHEMA(edit_new), .status = 202, .run = edit_create,
	  .doc = "Show another part of the original: all of what is to be shown is said, in times and sides of the original. What plays "
	         "goes on playing until the new edition is whole." },
	{ GET, "/videos/{id:uuid}/edits", SIGNED_IN, .query = Q_EDIT_LIST, .doc = "A video's original and its edits, the newest first." },
	{ DELETE, "/videos/{id:uuid}/edits/latest", SIGNED_IN, .rate = RATE_UPLOAD, .transaction = true, .status = 202, .run = edit_undo,
	  .doc = "Take the last edit back: the one before it shows again, or the whole original." },
	ROUTE_END
};
