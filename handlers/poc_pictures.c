/* handlers/poc_pictures.c - thumbnails and screenshots of projects. What comes is put down and looked at by the worker. */
#include "handlers/picture.h"

#define SCREENSHOTS_MAX 10

struct caption {
	const char *caption;
};

static const struct field caption_fields[] = {
	FIELD(struct caption, caption, .max = 200),
	FIELD_END
};

static int
take(struct request *rq, const char *kind, const char *caption)
{
	const char *name = picture_name(rq, "project");
	struct db_result *r;
	int err = picture_check(rq, rq->app->conf->upload_avatar_max_size);

	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_POC_PICTURE_MAY, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id),
		    bool_param(role_may(rq->user.role, MAY_POC_EDIT_ANY)));
	if (err == 0 && kind[0] == 's' && db_int(r, 0, "screenshots") >= SCREENSHOTS_MAX)
		err = reply_error(rq, ERR_CONFLICT, "A project has %d screenshots at most.", SCREENSHOTS_MAX);
	if (err == 0)
		err = picture_put_down(rq, name);
	if (err == 0)
		err = reply_query(rq, 202, Q_POC_PICTURE_PUT, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id), text_param(kind), text_param(caption),
		    text_param(name), text_param(rq->trace_parent));
	if (err != 0)
		picture_drop(rq, name);
	return err;
}

static int
thumbnail_put(struct request *rq)
{
	return take(rq, "thumbnail", NULL);
}

static int
screenshot_add(struct request *rq)
{
	const struct caption *in = rq->query;

	return take(rq, "screenshot", in->caption);
}

static int
picture_list(struct request *rq)
{
	struct param id = uuid_param(path_uuid(rq, "id")), me = uuid_or_null_param(&rq->user.id),
	    may = bool_param(role_may(rq->user.role, MAY_POC_EDIT_ANY));
	struct db_result *poc;
	int err = db_query_row(&rq->db, &poc, Q_POC_BY_ID, id, me, may);

	return err != 0 ? err : reply_list(rq, Q_POC_PICTURE_LIST, id, me, may);
}

const struct route poc_pictures_routes[] = {
	{ PUT, "/pocs/{id:uuid}/thumbnail", SIGNED_IN, .module = MODULE_POCS, .rate = RATE_UPLOAD, .body_kind = BODY_STREAM, .body_limit = (size_t)1 << 30,
	  .status = 202, .run = thumbnail_put, .doc = "A project's thumbnail: PNG, JPEG or WebP. GET …/pictures tells when it is there, or why not." },
	{ POST, "/pocs/{id:uuid}/screenshots", SIGNED_IN, .module = MODULE_POCS, .rate = RATE_UPLOAD, .body_kind = BODY_STREAM,
	  .body_limit = (size_t)1 << 30, .query_string = SCHEMA(caption), .status = 202, .run = screenshot_add, .doc = "Another screenshot; ten at most." },
	{ GET, "/pocs/{id:uuid}/pictures", PUBLIC, .module = MODULE_POCS, .run = picture_list, .doc = "A project's thumbnail and screenshots." },
	{ DELETE, "/pocs/{id:uuid}/pictures/{picture:uuid}", SIGNED_IN, .module = MODULE_POCS, .query = Q_POC_PICTURE_DROP, .answer = ANSWER_NONE,
	  .doc = "Take a picture away, with its files." },
	ROUTE_END
};
