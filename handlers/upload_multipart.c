/* handlers/upload_multipart.c - a video and its fields in one multipart body, from a stream or from the spooled file. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fcgi/idempotency.h"
#include "fcgi/multipart.h"
#include "handlers/video.h"
#include "lib/storage.h"

#define PIECE (256 * 1024)
#define FIELDS_MAX (64 * 1024)

struct form {
	struct request *rq;
	struct buf fields; /* url-encoded, as the tables read a query string */
	char path[4096];   /* of the file part */
	char file_name[MULTIPART_NAME_MAX];
	int fd, spool_fd;  /* the part's file; the whole body, when the web server put it down */
	int64_t size;
	bool in_file, had_file;
	int err;
};

static bool
fail(struct form *f, int err)
{
	f->err = err;
	return false;
}

static bool
form_begin(void *arg, const struct multipart_part *part)
{
	struct form *f = arg;

	f->in_file = part->is_file;
	if (part->is_file) {
		if (f->had_file)
			return fail(f, reply_invalid(f->rq, part->name, "only one file at a time"));
		f->had_file = true;
		memcpy(f->file_name, part->file_name, sizeof(f->file_name));
		f->fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		return f->fd >= 0 || fail(f, errno == ENOSPC ? ERR_STORAGE_FULL : ERR_INTERNAL);
	}
	if (f->fields.length > 0)
		buf_add_char(&f->fields, '&');
	buf_add_percent(&f->fields, part->name, strlen(part->name));
	buf_add_char(&f->fields, '=');
	return true;
}

static bool
write_all(struct form *f, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(f->fd, data, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(f, errno == ENOSPC || errno == EDQUOT ? ERR_STORAGE_FULL : ERR_INTERNAL);
		data += n;
		length -= (size_t)n;
	}
	return true;
}

static bool
form_data(void *arg, const char *data, size_t length, int64_t offset)
{
	struct form *f = arg;
	int64_t from = offset;

	if (!f->in_file) {
		if (f->fields.length + 3 * length > FIELDS_MAX)
			return fail(f, ERR_PAYLOAD_TOO_LARGE);
		buf_add_percent(&f->fields, data, length);
		return true;
	}
	f->size += (int64_t)length;
	if (f->size > upload_most(f->rq))
		return fail(f, ERR_PAYLOAD_TOO_LARGE);
	/* the kernel moves (or shares) the bytes when both are files */
	if (f->spool_fd >= 0 && copy_file_range(f->spool_fd, &from, f->fd, NULL, length, 0) == (ssize_t)length)
		return true;
	if (f->spool_fd >= 0 && from != offset)
		return write_all(f, data + (from - offset), length - (size_t)(from - offset));
	return write_all(f, data, length);
}

static bool
form_end(void *arg)
{
	struct form *f = arg;

	f->in_file = false;
	return true;
}

static int
read_form(struct request *rq, struct form *f)
{
	struct multipart_events events = { .begin = form_begin, .data = form_data, .end = form_end, .arg = f };
	struct multipart *m = mem_new(rq, struct multipart);
	char *piece = mem_size(rq, PIECE);
	ssize_t n;

	if (!multipart_init(m, rq->content_type, &events))
		return reply_error(rq, ERR_BAD_REQUEST, "The multipart body names no boundary.");
	while ((n = request_read(rq, piece, PIECE)) > 0)
		if (!multipart_feed(m, piece, (size_t)n))
			return f->err != 0 ? f->err : reply_error(rq, ERR_BAD_REQUEST, "The multipart body is malformed.");
	if (n < 0 || !multipart_is_complete(m))
		return reply_error(rq, ERR_BAD_REQUEST, "The multipart body ended too early.");
	return 0;
}

static void
tell(void *arg, const char *field, const char *message)
{
	reply_invalid(arg, field, message);
}

static int
record(struct request *rq, struct form *f, const struct video_new *video, struct upload *up)
{
	int err = db_begin(&rq->db);

	if (err == 0)
		err = upload_open(rq, UPLOAD_MULTIPART, video, f->size, f->file_name, NULL, up);
	if (err == 0)
		err = upload_finish(rq, up, f->path);
	if (err == 0)
		err = video_reply_created(rq, up->video_id, NULL);
	if (err == 0)
		err = idempotency_store(rq);
	return err != 0 ? err : db_commit(&rq->db);
}

/* What makes two forms the same for an Idempotency-Key: fields, and the file's name and size. Not the boundary. */
static void
describe(struct form *f)
{
	f->rq->body_text = mem_printf(f->rq, "%s&%s/%lld", buf_cstr(&f->fields), f->file_name, (long long)f->size);
	f->rq->body_length = strlen(f->rq->body_text);
}

static int
create(struct request *rq, struct form *f)
{
	struct upload up;
	void *video;
	int err = video_count_upload(rq);

	if (err == 0 && rq->content_length > 0)
		err = upload_would_fit(rq, rq->user.id, rq->content_length);
	if (err == 0)
		err = read_form(rq, f);
	if (f->fd >= 0)
		close(f->fd);
	if (err == 0)
		err = schema_read_query(SCHEMA(video_new), rq, buf_cstr(&f->fields), &video, tell, rq);
	if (err == 0 && !f->had_file)
		err = reply_invalid(rq, "file", "the file is missing");
	if (err != 0)
		return err;
	describe(f);
	err = gate_idempotency(rq);
	if (err != 0 || rq->out.status == 0)
		return err != 0 ? err : record(rq, f, video, &up);
	unlink(f->path); /* it came before */
	return 0;
}

int
video_create_multipart(struct request *rq)
{
	struct form *f = mem_new(rq, struct form);
	struct uuid id = uuid_new();
	char name[UUID_TEXT];
	int err;

	f->rq = rq;
	f->fd = -1;
	f->spool_fd = rq->spool_file != NULL ? open(rq->spool_file, O_RDONLY | O_CLOEXEC) : -1;
	buf_init(&f->fields, rq, 1024);
	snprintf(f->path, sizeof(f->path), "%s", storage_path(rq, rq->app->conf, STORAGE_INCOMING, uuid_text(&id, name)));
	err = create(rq, f);
	if (f->spool_fd >= 0)
		close(f->spool_fd);
	if (rq->spool_file != NULL)
		unlink(rq->spool_file);
	if (err != 0)
		unlink(f->path);
	return err;
}
