/* handlers/avatars.c - a person's picture. What comes is put down and looked at by the worker, never here. */
#include "handlers/picture.h"

static int
avatar_put(struct request *rq)
{
	const char *name = picture_name(rq, "avatar");
	int err = picture_check(rq, rq->app->conf->upload_avatar_max_size);

	if (err == 0)
		err = picture_put_down(rq, name);
	if (err == 0)
		err = reply_query(rq, 202, Q_AVATAR_PUT, uuid_param(rq->user.id), text_param(name), text_param(rq->trace_parent));
	if (err != 0)
		picture_drop(rq, name);
	return err;
}

const struct route avatars_routes[] = {
	{ PUT, "/users/me/avatar", SIGNED_IN, .rate = RATE_UPLOAD, .body_kind = BODY_STREAM, .body_limit = (size_t)1 << 30,
	  .status = 202, .run = avatar_put,
	  .doc = "One's picture: PNG, JPEG or WebP. It is made anew as a square; GET /users/me tells when it is there, or why not." },
	{ DELETE, "/users/me/avatar", SIGNED_IN, .query = Q_AVATAR_DROP, .answer = ANSWER_NONE, .drops_answers = true,
	  .doc = "Show no picture any more. Its files go at once." },
	ROUTE_END
};
