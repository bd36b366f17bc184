/* handlers/picture.c - see picture.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "handlers/picture.h"
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

int
picture_check(struct request *rq, int64_t limit)
{
	if (!is_picture_type(rq->content_type))
		return reply_error(rq, ERR_UNSUPPORTED_MEDIA_TYPE, "Send a PNG, JPEG or WebP picture as it is.");
	if (rq->content_length <= 0)
		return reply_error(rq, ERR_BAD_REQUEST, "Content-Length is needed.");
	if (rq->content_length > limit)
		return ERR_PAYLOAD_TOO_LARGE;
	return storage_room(rq->app->conf) < rq->content_length ? ERR_STORAGE_FULL : 0;
}

static const char *
path_of(struct request *rq, const char *name)
{
	return storage_path(rq, rq->app->conf, STORAGE_INCOMING, name);
}

/* What the web server put down is moved; what it hands on as it comes is written. */
int
picture_put_down(struct request *rq, const char *name)
{
	const char *path = path_of(rq, name);
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

void
picture_drop(struct request *rq, const char *name)
{
	if (rq->spool_file != NULL)
		unlink(rq->spool_file);
	if (name != NULL)
		unlink(path_of(rq, name));
}

const char *
picture_name(struct request *rq, const char *prefix)
{
	struct uuid u = uuid_new();
	char id[UUID_TEXT];

	return mem_printf(rq, "%s-%s", prefix, uuid_text(&u, id));
}
