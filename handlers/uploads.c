/* handlers/uploads.c - presigned uploads: an address is asked for, the file is PUT there without a token. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "handlers/video.h"
#include "lib/sign.h"
#include "lib/storage.h"

#define FILE_MAX ((size_t)1 << 40) /* the real limit is upload.max_size, checked with the reservation */

struct upload_url_new {
	const char *file_name, *content_type;
	int64_t size_bytes;
};

static const struct field upload_url_new_fields[] = {
	FIELD(struct upload_url_new, file_name, .max = 255),
	FIELD(struct upload_url_new, content_type, .max = 100),
	FIELD(struct upload_url_new, size_bytes, .min = 1, .max = 1e15),
	FIELD_END
};

struct put_query {
	int64_t expires;
	const char *signature;
};

static const struct field put_query_fields[] = {
	FIELD(struct put_query, expires, .required = true, .min = 0, .max = 1e12),
	FIELD(struct put_query, signature, .required = true, .min = 20, .max = 64),
	FIELD_END
};

static int
reply_address(struct request *rq, const struct upload *up)
{
	struct buf *b = reply_data(rq, 201);
	char id[UUID_TEXT];

	buf_add_literal(b, "{\"videoId\":");
	buf_json_str(b, uuid_text(&up->video_id, id));
	buf_add_literal(b, ",\"uploadUrl\":");
	buf_json_str(b, upload_put_url(rq, up));
	buf_add_literal(b, ",\"expiresAt\":");
	buf_json_time(b, up->expires_us);
	buf_add_char(b, '}');
	reply_header(rq, "Location", "/api/v1/videos/%s", id);
	return 0;
}

/* A video that only its owner sees, until POST /videos tells its title and makes it public. */
static int
upload_url_create(struct request *rq)
{
	const struct upload_url_new *in = rq->body;
	struct video_new draft = { .title = "Untitled", .visibility = "private", .comments_enabled = true };
	struct upload up;
	int err;

	if (in->file_name != NULL && strlen(in->file_name) >= 3)
		draft.title = mem_strndup(rq, in->file_name, strlen(in->file_name) > 100 ? 100 : strlen(in->file_name));
	err = upload_open(rq, UPLOAD_PUT, &draft, in->size_bytes > 0 ? in->size_bytes : -1, in->file_name, NULL, &up);
	return err != 0 ? err : reply_address(rq, &up);
}

static int
replacement_create(struct request *rq)
{
	const struct upload_url_new *in = rq->body;
	struct upload up;
	int err = upload_open_again(rq, path_uuid(rq, "id"), in->size_bytes > 0 ? in->size_bytes : -1, in->file_name, &up);

	return err != 0 ? err : reply_address(rq, &up);
}

static int
check_signature(struct request *rq)
{
	const struct put_query *q = rq->query;
	struct uuid u = path_uuid(rq, "id");
	char id[UUID_TEXT];

	uuid_text(&u, id);
	if (q->expires < time(NULL) ||
	    !text_is_signed(rq->app->signer, "upload",
	        mem_printf(rq, "%s:%s:%lld", rq->tenant->id_text, id, (long long)q->expires), q->signature))
		return ERR_SIGNATURE_INVALID;
	return 0;
}

/* No web server put the body down (Apache): it is written here as it comes. */
static int
receive(struct request *rq, const struct upload *up)
{
	int64_t written = 0;
	int fd = open(up->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640), err;

	if (fd < 0)
		return errno == ENOSPC ? ERR_STORAGE_FULL : ERR_INTERNAL;
	err = upload_append(rq, fd, rq->content_length, &written);
	close(fd);
	if (err == 0 && written != rq->content_length)
		err = reply_error(rq, ERR_BAD_REQUEST, "The file ended too early.");
	if (err != 0)
		unlink(up->path);
	return err;
}

/* A body that the web server put down for a request we refuse. */
static int
drop_spooled(struct request *rq, int err)
{
	if (err != 0 && rq->spool_file != NULL)
		unlink(rq->spool_file);
	return err;
}

/* All that can be said against a file before it comes. length: -1 when it was not told. */
static int
check_put(struct request *rq, int64_t length, struct upload *up)
{
	int err = check_signature(rq);

	if (err == 0)
		err = upload_find(rq, path_uuid(rq, "id"), NULL, up);
	if (err == 0 && up->is_finished)
		err = ERR_NOT_FOUND;
	if (err == 0 && length >= 0 && up->size >= 0 && length != up->size)
		err = reply_error(rq, ERR_BAD_REQUEST, "%lld bytes were announced, %lld came.", (long long)up->size,
		    (long long)length);
	if (err == 0 && length >= 0 && up->size < 0)
		err = upload_would_fit(rq, up->user_id, length);
	return err;
}

/* The length of a body that the web server has not read yet. */
static int64_t
announced_length(struct request *rq)
{
	const char *v = request_header(rq, "UPLOAD_LENGTH");
	char *end;
	int64_t n;

	if (v == NULL)
		return -1;
	errno = 0;
	n = strtoll(v, &end, 10);
	return errno == 0 && *end == '\0' && n >= 0 ? n : -1;
}

static int
upload_may_spool(struct request *rq)
{
	struct upload up;
	int err = check_put(rq, announced_length(rq), &up);

	return err != 0 ? err : reply_empty(rq, 204);
}

static int
form_may_spool(struct request *rq)
{
	int64_t length = announced_length(rq);
	int err = length >= 0 ? upload_would_fit(rq, rq->user.id, length) : 0;

	return err != 0 ? err : reply_empty(rq, 204);
}

static int
upload_put(struct request *rq)
{
	struct upload up;
	int err = check_put(rq, rq->content_length, &up);

	if (err == 0 && rq->content_length < 0)
		err = reply_error(rq, ERR_BAD_REQUEST, "Content-Length is needed.");
	if (err == 0 && up.size < 0)
		err = upload_reserve(rq, &up, rq->content_length);
	if (err == 0 && rq->spool_file == NULL)
		err = receive(rq, &up);
	if (err == 0)
		err = upload_finish(rq, &up, rq->spool_file != NULL ? rq->spool_file : up.path);
	if (err != 0)
		return drop_spooled(rq, err);
	return reply_empty(rq, 204);
}

const struct route uploads_routes[] = {
	{ POST, "/videos/upload-url", MAY_VIDEO_CREATE, .rate = RATE_UPLOAD, .transaction = true, .idempotent = true,
	  .body = SCHEMA(upload_url_new), .run = upload_url_create,
	  .doc = "An address that a file may be PUT to within the hour; POST /videos with the videoId gives it its title." },
	{ POST, "/videos/{id:uuid}/replace", MAY_VIDEO_CREATE, .rate = RATE_UPLOAD, .transaction = true, .idempotent = true,
	  .body = SCHEMA(upload_url_new), .run = replacement_create,
	  .doc = "An address that another file for one's video may be PUT to. The old one plays until the new one can; all else stays." },
	{ PUT, "/uploads/{id:uuid}/file", PUBLIC, .rate = RATE_NONE, .body_kind = BODY_STREAM, .body_limit = FILE_MAX,
	  .status = 204, .query_string = SCHEMA(put_query), .run = upload_put,
	  .doc = "The file itself, at the signed address. The signature is the permission." },
	/* The web server asks these before it puts a body down: what will be refused is not kept first. */
	{ GET, "/uploads/{id:uuid}/may-spool", PUBLIC, .rate = RATE_NONE, .hidden = true, .status = 204,
	  .query_string = SCHEMA(put_query), .run = upload_may_spool, .doc = "Asked by the web server before a presigned PUT." },
	{ GET, "/videos/may-spool", MAY_VIDEO_CREATE, .rate = RATE_NONE, .hidden = true, .status = 204,
	  .run = form_may_spool, .doc = "Asked by the web server before a multipart body." },
	ROUTE_END
};
