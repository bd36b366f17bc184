/* handlers/avatars.c - a person's picture. What comes is put down and looked at by the worker, never here. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handlers/video.h"
#include "lib/storage.h"
#include "lib/wait.h"

struct take {
	const char *from, *to;
};

static int
take(void *arg)
{
	struct take *t = arg;

	return storage_take(t->from, t->to);
}

static bool
is_picture_type(const char *type)
{
	static const char *const types[] = { "image/png", "image/jpeg", "image/webp" };

	for (size_t i = 0; type != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(type, types[i]) == 0)
			return true;
	return false;
}

/* What the web server put down is moved; what it hands on as it comes is written. */
static int
put_down(struct request *rq, const char *path)
{
	int64_t written = 0;
	int fd, err;

	if (rq->spool_file != NULL) {
		struct take t = { rq->spool_file, path };
		int rc = wait_offload(take, &t);

		return rc == 0 ? 0 : rc == -ENOSPC ? ERR_STORAGE_FULL : ERR_INTERNAL;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return errno == ENOSPC ? ERR_STORAGE_FULL : ERR_INTERNAL;
	err = upload_append(rq, fd, rq->content_length, &written);
	close(fd);
	return err == 0 && written != rq->content_length ? reply_error(rq, ERR_BAD_REQUEST, "The file ended too early.") : err;
}

static int
check(struct request *rq)
{
	if (!is_picture_type(rq->content_type))
		return reply_error(rq, ERR_UNSUPPORTED_MEDIA_TYPE, "Send a PNG, JPEG or WebP picture as it is.");
	if (rq->content_length <= 0)
		return reply_error(rq, ERR_BAD_REQUEST, "Content-Length is needed.");
	if (rq->content_length > rq->app->conf->upload_avatar_max_size)
		return ERR_PAYLOAD_TOO_LARGE;
	return storage_room(rq->app->conf) < rq->content_length ? ERR_STORAGE_FULL : 0;
}

static int
avatar_put(struct request *rq)
{
	struct uuid u = uuid_new();
	char id[UUID_TEXT];
	const char *name = mem_printf(rq, "avatar-%s", uuid_text(&u, id));
	const char *path = storage_path(rq, rq->app->conf, STORAGE_INCOMING, name);
	int err = check(rq);

	if (err == 0)
		err = put_down(rq, path);
	if (err == 0)
		err = reply_query(rq, 202, Q_AVATAR_PUT, uuid_param(rq->user.id), text_param(name), text_param(rq->trace_parent));
	if (err != 0) {
		if (rq->spool_file != NULL)
			unlink(rq->spool_file);
		unlink(path);
	}
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
