/* handlers/upload_store.c - what the three ways in have in common: room, bytes, the file's place, the job. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handlers/video.h"
#include "lib/counter.h"
#include "lib/sign.h"
#include "lib/storage.h"
#include "lib/wait.h"

/* What a file and its renditions take together, at the most: a ladder is seldom larger than its source. */
#define LADDER_FACTOR 2
#define CHUNK (256 * 1024)

static const char *const kind_names[] = { [UPLOAD_PUT] = "put", [UPLOAD_TUS] = "tus", [UPLOAD_MULTIPART] = "multipart" };

static int64_t
reservation(int64_t size)
{
	return size > 0 ? size * LADDER_FACTOR : 0;
}

int64_t
upload_most(const struct request *rq)
{
	int64_t most = rq->app->conf->upload_max_size;

	return rq->tenant->max_video_bytes < most ? rq->tenant->max_video_bytes : most;
}

/* The limits that need no database. Quotas are checked by it when the reservation is written. */
static int
check_size(struct request *rq, int64_t size)
{
	int64_t most = upload_most(rq);

	if (size > most)
		return reply_error(rq, ERR_PAYLOAD_TOO_LARGE, "A video may have at most %lld MB here.",
		    (long long)(most / 1000000));
	if (reservation(size) > storage_room(rq->app->conf))
		return ERR_STORAGE_FULL;
	return 0;
}

/* What was promised and has not been written yet must fit beside what is free. Behind the reservation, in its transaction:
 * those of one community wait for each other there, so that two never see the same room. */
static int
check_promised(struct request *rq)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_UPLOAD_PROMISED);

	return err == 0 && db_int(r, 0, "bytes") > storage_room(rq->app->conf) ? ERR_STORAGE_FULL : err;
}

int
upload_would_fit(struct request *rq, struct uuid user, int64_t size)
{
	struct db_result *r;
	int err = check_size(rq, size);

	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_UPLOAD_FITS, uuid_param(user), int_param(reservation(size)));
	return err == 0 && !db_bool(r, 0, "fits") ? ERR_QUOTA_EXCEEDED : err;
}

/* The database refuses a reservation beyond a quota with SQLSTATE AT413. */
static int
quota_error(struct request *rq, int err)
{
	return strcmp(rq->db.error.sqlstate, "AT413") == 0 ? ERR_QUOTA_EXCEEDED : err;
}

static int
insert_video(struct request *rq, struct uuid id, const struct video_new *v)
{
	return db_exec(&rq->db, NULL, Q_VIDEO_INSERT, uuid_param(id), uuid_param(rq->user.id), text_param(v->title),
	    text_param(v->description), text_array_param(v->tags.items, v->tags.count),
	    text_array_param(v->hashtags.items, v->hashtags.count), text_param(v->category), text_param(v->visibility),
	    uuid_or_null_param(&v->challenge_id), text_param(v->language), text_param(v->license),
	    bool_param(v->comments_enabled), bool_param(v->download_enabled), text_param(v->scheduled_at));
}

/* The row of an upload for a video that is there. */
static int
insert_upload(struct request *rq, enum upload_kind kind, int64_t size, const char *file_name, struct upload *out)
{
	struct db_result *r;
	char id[UUID_TEXT];
	int err;

	uuid_text(&out->id, id);
	out->path = storage_path(rq, rq->app->conf, STORAGE_INCOMING, id);
	err = db_query_row(&rq->db, &r, Q_UPLOAD_INSERT, uuid_param(out->id), uuid_param(out->video_id),
	    uuid_param(rq->user.id), text_param(kind_names[kind]), size < 0 ? null_param() : int_param(size),
	    int_param(reservation(size)), text_param(id), text_param(file_name), text_param(out->metadata),
	    int_param(kind == UPLOAD_PUT ? rq->app->conf->upload_url_ttl : rq->app->conf->upload_expires));
	if (err != 0)
		return quota_error(rq, err);
	out->expires_us = db_time_us(r, 0, "expires_at");
	return size > 0 ? check_promised(rq) : 0;
}

int
upload_open(struct request *rq, enum upload_kind kind, const struct video_new *video, int64_t size,
    const char *file_name, const char *metadata, struct upload *out)
{
	int err = check_size(rq, size);

	*out = (struct upload){ .id = uuid_new(), .video_id = uuid_new(), .user_id = rq->user.id, .size = size,
		.metadata = metadata };
	if (err == 0)
		err = insert_video(rq, out->video_id, video);
	return err != 0 ? quota_error(rq, err) : insert_upload(rq, kind, size, file_name, out);
}

int
upload_open_again(struct request *rq, struct uuid video_id, int64_t size, const char *file_name, struct upload *out)
{
	struct db_result *r;
	int err = check_size(rq, size);

	*out = (struct upload){ .id = uuid_new(), .video_id = video_id, .user_id = rq->user.id, .size = size };
	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_UPLOAD_REPLACES, uuid_param(video_id), uuid_param(rq->user.id));
	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_UPLOAD_IS_BUSY, uuid_param(video_id));
	if (err == 0 && db_bool(r, 0, "is_busy"))
		err = reply_error(rq, ERR_CONFLICT, "Another file for this video is on its way, or is still worked on.");
	return err != 0 ? err : insert_upload(rq, UPLOAD_PUT, size, file_name, out);
}

int
upload_find(struct request *rq, struct uuid id, const struct uuid *user, struct upload *out)
{
	struct db_result *r;
	struct uuid owner;
	int err = db_query_row(&rq->db, &r, Q_UPLOAD_BY_ID, uuid_param(id));

	if (err != 0)
		return err;
	owner = db_uuid(r, 0, "user_id");
	if (user != NULL && !uuid_equal(user, &owner))
		return ERR_NOT_FOUND;
	if (db_bool(r, 0, "is_expired"))
		return ERR_GONE;
	*out = (struct upload){ .id = id,
		.user_id = owner,
		.video_id = db_uuid(r, 0, "video_id"),
		.size = db_is_null(r, 0, "size_bytes") ? -1 : db_int(r, 0, "size_bytes"),
		.path = storage_path(rq, rq->app->conf, STORAGE_INCOMING, db_text(r, 0, "path")),
		.metadata = db_text(r, 0, "metadata"),
		.is_finished = db_bool(r, 0, "is_finished"),
		.expires_us = db_time_us(r, 0, "expires_at") };
	return 0;
}

int
upload_reserve(struct request *rq, const struct upload *up, int64_t size)
{
	int err = check_size(rq, size);

	if (err == 0)
		err = db_begin(&rq->db);
	if (err != 0)
		return err;
	err = db_exec(&rq->db, NULL, Q_UPLOAD_RESERVE, uuid_param(up->id), int_param(reservation(size)));
	if (err == 0)
		err = check_promised(rq);
	if (err == 0)
		return db_commit(&rq->db);
	err = quota_error(rq, err);
	db_rollback(&rq->db);
	return err;
}

struct take {
	const char *from, *to;
};

static int
take(void *arg)
{
	struct take *t = arg;

	return storage_take(t->from, t->to);
}

static int
record_finished(struct request *rq, const struct upload *up, const char *key, int64_t size)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_UPLOAD_FINISH, uuid_param(up->id), int_param(size),
	    int_param(reservation(size) - size));

	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_VIDEO_UPLOADED, uuid_param(up->video_id), uuid_param(up->id), text_param(key), int_param(size));
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_VIDEO_TRANSCODE_ENQUEUE, uuid_param(up->video_id), uuid_param(up->user_id),
		    text_param(rq->trace_parent));
	return err;
}

/* Moves the file to its last place. One that lies there already came with an earlier try. */
static int
take_over(struct request *rq, const char *file, const char *key, int64_t *size)
{
	struct take t = { .from = file, .to = storage_path(rq, rq->app->conf, STORAGE_ORIGINALS, key) };
	struct stat st;
	int rc = wait_offload(take, &t);

	request_renew(rq);
	if (rc == -ENOENT && stat(t.to, &st) != 0)
		return ERR_GONE;
	if ((rc != 0 && rc != -ENOENT) || stat(t.to, &st) != 0) {
		log_error("upload_not_taken", LOG_STR("from", t.from), LOG_INT("errno", rc != 0 ? -rc : errno));
		return rc == -ENOSPC ? ERR_STORAGE_FULL : ERR_INTERNAL;
	}
	*size = st.st_size;
	return 0;
}

static int
finish_locked(struct request *rq, const struct upload *up, const char *file, int64_t *size)
{
	char video[UUID_TEXT], upload[UUID_TEXT];
	const char *key = mem_printf(rq, "%s/%s", rq->tenant->id_text, uuid_text(&up->video_id, video));
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_UPLOAD_LOCK, uuid_param(up->id));

	/* beside the file that it is to replace; the end of an id of version 7 is random */
	if (err == 0 && db_bool(r, 0, "is_replacing"))
		key = mem_printf(rq, "%s.%s", key, uuid_text(&up->id, upload) + UUID_TEXT - 9);
	if (err == 0)
		err = take_over(rq, file, key, size);
	return err != 0 ? err : record_finished(rq, up, key, *size);
}

/* The file is moved before the commit: what the database says is there, is there. After a crash in between, the upload
 * is still open, and asking again finds the file at its last place. */
int
upload_finish(struct request *rq, const struct upload *up, const char *file)
{
	bool is_own = rq->db.pinned == NULL;
	int64_t size = 0;
	int err = is_own ? db_begin(&rq->db) : 0;

	if (err == 0)
		err = finish_locked(rq, up, file, &size);
	if (is_own && err == 0)
		err = db_commit(&rq->db);
	else if (is_own)
		db_rollback(&rq->db);
	if (err == 0)
		counter_add(COUNTER_upload_bytes_total, (uint64_t)size);
	return err;
}

int
upload_append(struct request *rq, int fd, int64_t limit, int64_t *written)
{
	char *chunk = mem_size(rq, CHUNK);

	for (;;) {
		ssize_t n = request_read(rq, chunk, CHUNK), done = 0;

		if (n <= 0)
			return n == 0 ? 0 : reply_error(rq, ERR_BAD_REQUEST, "The connection ended before the file did.");
		if (*written + n > limit)
			return reply_error(rq, ERR_PAYLOAD_TOO_LARGE, "More bytes came than were announced.");
		while (done < n) {
			ssize_t w = write(fd, chunk + done, (size_t)(n - done));

			if (w < 0 && errno == EINTR)
				continue;
			if (w < 0) {
				log_error("upload_write_failed", LOG_INT("errno", errno));
				return errno == ENOSPC || errno == EDQUOT ? ERR_STORAGE_FULL : ERR_INTERNAL;
			}
			done += w;
			*written += w;
		}
	}
}

const char *
upload_put_url(struct request *rq, const struct upload *up)
{
	int64_t expires_s = up->expires_us / 1000000;
	char id[UUID_TEXT], signature[SIGNATURE_SIZE];

	uuid_text(&up->id, id);
	text_sign(rq->app->signer, "upload", mem_printf(rq, "%s:%s:%lld", rq->tenant->id_text, id, (long long)expires_s),
	    signature);
	return mem_printf(rq, "%s/api/v1/uploads/%s/file?expires=%lld&signature=%s", rq->tenant->base_url, id,
	    (long long)expires_s, signature);
}
