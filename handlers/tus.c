/*
 * handlers/tus.c - resumable uploads by the tus 1.0 protocol: creation, creation-with-upload, termination, checksum,
 * expiration. The offset is the size of the file on disk and nothing else, so it is right after any crash; see
 * doc/uploads.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fcgi/tus_headers.h"
#include "handlers/video.h"
#include "lib/storage.h"
#include "lib/wait.h"

#define CHUNK_MAX ((size_t)1 << 40)
#define TUS_VERSION "1.0.0"

static void
tus_headers(struct request *rq)
{
	reply_header(rq, "Tus-Resumable", TUS_VERSION);
}

static int
check_version(struct request *rq)
{
	const char *v = request_header(rq, "HTTP_TUS_RESUMABLE");

	tus_headers(rq);
	if (v != NULL && strcmp(v, TUS_VERSION) == 0)
		return 0;
	reply_header(rq, "Tus-Version", TUS_VERSION);
	return ERR_TUS_VERSION;
}

static int
header_number(struct request *rq, const char *name, const char *header, int64_t *out)
{
	return tus_number_parse(request_header(rq, header), out)
	           ? 0
	           : reply_error(rq, ERR_BAD_REQUEST, "%s is missing or no whole number.", name);
}

static void
expires_header(struct request *rq, int64_t expires_us)
{
	time_t t = (time_t)(expires_us / 1000000);
	char text[64];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	reply_header(rq, "Upload-Expires", "%s", text);
}

/* The file of an upload, locked: two PATCHes of one upload never mix. */
static int
open_locked(struct request *rq, const struct upload *up, int flags, int *fd, int64_t *size)
{
	struct stat st;

	*fd = open(up->path, flags | O_CLOEXEC, 0640);
	if (*fd < 0)
		return errno == ENOSPC ? ERR_STORAGE_FULL : ERR_NOT_FOUND;
	if (flock(*fd, LOCK_EX | LOCK_NB) != 0 || fstat(*fd, &st) != 0) {
		close(*fd);
		return reply_error(rq, ERR_CONFLICT, "Another request is still writing to this upload.");
	}
	*size = st.st_size;
	return 0;
}

/* Compares what was just written, from..to of the file. */
static int
verify_checksum(struct request *rq, const struct tus_checksum *sum, int fd, int64_t from, int64_t to)
{
	unsigned char have[EVP_MAX_MD_SIZE], *block;
	EVP_MD_CTX *md;

	if (sum->kind == TUS_CHECKSUM_NONE)
		return 0;
	block = mem_size(rq, 1 << 16);
	md = mem_checked(EVP_MD_CTX_new());
	EVP_DigestInit_ex(md, sum->kind == TUS_SHA1 ? EVP_sha1() : EVP_sha256(), NULL);
	for (ssize_t n; from < to; from += n) {
		n = pread(fd, block, (size_t)(to - from < 1 << 16 ? to - from : 1 << 16), from);
		if (n <= 0)
			break;
		EVP_DigestUpdate(md, block, (size_t)n);
	}
	EVP_DigestFinal_ex(md, have, NULL);
	EVP_MD_CTX_free(md);
	return memcmp(have, sum->wanted, sum->length) == 0 ? 0 : ERR_CHECKSUM_MISMATCH;
}

/* Takes the body at the end of the file. What arrived before a cut stays, except with a checksum: then all or nothing. */
static int
append(struct request *rq, const struct upload *up, int fd, int64_t offset)
{
	struct tus_checksum sum;
	int64_t size = offset;
	int err;

	if (!tus_checksum_parse(request_header(rq, "HTTP_UPLOAD_CHECKSUM"), &sum))
		return reply_error(rq, ERR_BAD_REQUEST, "Upload-Checksum is not sha1 or sha256 with Base64 of its length.");
	err = lseek(fd, offset, SEEK_SET) == offset ? upload_append(rq, fd, up->size, &size) : ERR_INTERNAL;
	if (sum.kind != TUS_CHECKSUM_NONE && err == 0)
		err = verify_checksum(rq, &sum, fd, offset, size);
	if (sum.kind != TUS_CHECKSUM_NONE && err != 0 && ftruncate(fd, offset) == 0)
		size = offset;
	if (err != 0)
		return err;
	reply_header(rq, "Upload-Offset", "%lld", (long long)size);
	if (size == up->size)
		return upload_finish(rq, up, up->path);
	return db_exec(&rq->db, NULL, Q_UPLOAD_OFFSET, uuid_param(up->id), int_param(size));
}

static int
is_offset_stream(struct request *rq)
{
	return rq->content_type != NULL && strcasecmp(rq->content_type, "application/offset+octet-stream") == 0;
}

/* creation, and with a body creation-with-upload */
static int
tus_create(struct request *rq)
{
	struct video_new video;
	struct upload up;
	const char *name;
	char id[UUID_TEXT], video_id[UUID_TEXT];
	int64_t size, offset;
	int fd, err = check_version(rq);

	if (err == 0)
		err = header_number(rq, "Upload-Length", "HTTP_UPLOAD_LENGTH", &size);
	if (err == 0)
		err = tus_metadata_read(rq, request_header(rq, "HTTP_UPLOAD_METADATA"), &video, &name);
	if (err == 0)
		err = db_begin(&rq->db);
	if (err == 0)
		err = upload_open(rq, UPLOAD_TUS, &video, size, name, request_header(rq, "HTTP_UPLOAD_METADATA"), &up);
	if (err == 0)
		err = open_locked(rq, &up, O_RDWR | O_CREAT | O_EXCL, &fd, &offset);
	if (err != 0)
		return err;
	err = db_commit(&rq->db);
	if (err == 0 && (size == 0 || (is_offset_stream(rq) && rq->content_length != 0)))
		err = append(rq, &up, fd, 0);
	close(fd);
	if (err != 0)
		return err;
	reply_header(rq, "Location", "%s/api/v1/uploads/%s", rq->tenant->base_url, uuid_text(&up.id, id));
	reply_header(rq, "X-Video-Id", "%s", uuid_text(&up.video_id, video_id));
	expires_header(rq, up.expires_us);
	return reply_empty(rq, 201);
}

/* The file was taken over, and the client has not heard so: nothing more can come, and nothing more is needed. */
static int
patch_finished(struct request *rq, const struct upload *up, int64_t offset)
{
	if (offset != up->size)
		return reply_error(rq, ERR_OFFSET_CONFLICT, "The upload is whole.");
	reply_header(rq, "Upload-Offset", "%lld", (long long)offset);
	return reply_empty(rq, 204);
}

static int
tus_patch(struct request *rq)
{
	struct upload up;
	int64_t offset, size;
	int fd, err = check_version(rq);

	if (err == 0 && !is_offset_stream(rq))
		err = ERR_UNSUPPORTED_MEDIA_TYPE;
	if (err == 0)
		err = header_number(rq, "Upload-Offset", "HTTP_UPLOAD_OFFSET", &offset);
	if (err == 0)
		err = upload_find(rq, path_uuid(rq, "id"), &rq->user.id, &up);
	if (err == 0 && up.is_finished)
		return patch_finished(rq, &up, offset);
	if (err == 0)
		err = open_locked(rq, &up, O_RDWR, &fd, &size);
	if (err != 0)
		return err;
	if (offset != size)
		err = reply_error(rq, ERR_OFFSET_CONFLICT, "The upload is at byte %lld.", (long long)size);
	else
		err = append(rq, &up, fd, offset);
	close(fd);
	if (err != 0)
		return err;
	expires_header(rq, up.expires_us);
	return reply_empty(rq, 204);
}

#define FINISH_PATIENCE 50 /* turns of 100 ms */

/* All bytes are here and nobody said so: the process that wrote the last one died. Or it is saying so right now. */
static int
finish_whole(struct request *rq, struct upload *up)
{
	int fd = -1, err = 0;

	for (int turn = 0; turn < FINISH_PATIENCE; turn++) {
		if (turn > 0 && wait_sleep(100) != 0)
			return ERR_UNAVAILABLE;
		err = upload_find(rq, up->id, &rq->user.id, up);
		if (err != 0 || up->is_finished)
			return err;
		fd = open(up->path, O_RDWR | O_CLOEXEC);
		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
			break;
		close(fd);
		fd = -1;
		err = ERR_UNAVAILABLE;
	}
	if (err == 0)
		err = upload_finish(rq, up, up->path);
	if (fd >= 0)
		close(fd);
	if (err == ERR_NOT_FOUND) /* somebody was quicker */
		err = upload_find(rq, up->id, &rq->user.id, up);
	return err;
}

static int
tus_head(struct request *rq)
{
	struct upload up;
	struct stat st;
	int64_t offset;
	int err;

	tus_headers(rq);
	err = upload_find(rq, path_uuid(rq, "id"), &rq->user.id, &up);
	if (err != 0)
		return err;
	offset = !up.is_finished && stat(up.path, &st) == 0 ? st.st_size : up.size;
	if (!up.is_finished && offset == up.size)
		err = finish_whole(rq, &up);
	if (err != 0)
		return err;
	reply_header(rq, "Upload-Offset", "%lld", (long long)offset);
	reply_header(rq, "Upload-Length", "%lld", (long long)up.size);
	if (up.metadata != NULL)
		reply_header(rq, "Upload-Metadata", "%s", up.metadata);
	expires_header(rq, up.expires_us);
	return reply_empty(rq, 200);
}

/* The file goes only when nobody is writing to it. */
static int
tus_delete(struct request *rq)
{
	struct upload up;
	int64_t size;
	int fd = -1, err = check_version(rq);

	if (err == 0)
		err = upload_find(rq, path_uuid(rq, "id"), &rq->user.id, &up);
	if (err == 0 && up.is_finished)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = open_locked(rq, &up, O_RDWR, &fd, &size);
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_UPLOAD_CANCEL, uuid_param(up.id), uuid_param(rq->user.id));
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_UPLOAD_CANCELLED_VIDEO, uuid_param(up.video_id));
	if (err == 0)
		unlink(up.path);
	if (fd >= 0)
		close(fd);
	return err != 0 ? err : reply_empty(rq, 204);
}

/* For clients between which and us something stops PATCH. */
static int
tus_override(struct request *rq)
{
	const char *method = request_header(rq, "HTTP_X_HTTP_METHOD_OVERRIDE");
	struct upload up;
	int err;

	if (method != NULL && strcmp(method, "PATCH") == 0)
		return tus_patch(rq);
	err = upload_find(rq, path_uuid(rq, "id"), &rq->user.id, &up);
	if (err != 0)
		return err;
	reply_header(rq, "Allow", "HEAD, PATCH, DELETE, OPTIONS");
	return ERR_METHOD_NOT_ALLOWED;
}

static int
tus_options(struct request *rq)
{
	tus_headers(rq);
	reply_header(rq, "Tus-Version", TUS_VERSION);
	reply_header(rq, "Tus-Extension", "creation,creation-with-upload,termination,checksum,expiration");
	reply_header(rq, "Tus-Checksum-Algorithm", "sha1,sha256");
	reply_header(rq, "Tus-Max-Size", "%lld", (long long)upload_most(rq));
	return reply_empty(rq, 204);
}

const struct route tus_routes[] = {
	{ OPTIONS, "/uploads", PUBLIC, .status = 204, .run = tus_options, .doc = "What the tus endpoint can do." },
	{ POST, "/uploads", MAY_VIDEO_CREATE, .rate = RATE_UPLOAD, .body_kind = BODY_STREAM, .body_limit = CHUNK_MAX,
	  .status = 201, .run = tus_create,
	  .doc = "Begin a resumable upload (tus 1.0). Upload-Metadata: filename, title, description, visibility, tags." },
	{ GET, "/uploads/{id:uuid}", SIGNED_IN, .status = 200, .run = tus_head,
	  .doc = "HEAD: how far an upload has come (tus 1.0)." },
	{ PATCH, "/uploads/{id:uuid}", SIGNED_IN, .body_kind = BODY_STREAM, .body_limit = CHUNK_MAX, .status = 204,
	  .run = tus_patch, .doc = "The next bytes of an upload (tus 1.0)." },
	{ POST, "/uploads/{id:uuid}", SIGNED_IN, .body_kind = BODY_STREAM, .body_limit = CHUNK_MAX, .status = 204,
	  .run = tus_override, .doc = "PATCH for clients that cannot say it: with X-HTTP-Method-Override (tus 1.0)." },
	{ DELETE, "/uploads/{id:uuid}", SIGNED_IN, .transaction = true, .status = 204, .run = tus_delete,
	  .doc = "Give an upload up (tus 1.0)." },
	ROUTE_END
};
