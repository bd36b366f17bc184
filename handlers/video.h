/* handlers/video.h - what the files about videos and uploads share. */
#ifndef ATELIER_HANDLERS_VIDEO_H
#define ATELIER_HANDLERS_VIDEO_H

#include "fcgi/app.h"

/* What a client may say of a new video, in any of the three ways in. */
struct video_new {
	struct uuid video_id; /* confirms an upload that was announced before */
	const char *title, *description, *category, *visibility, *language, *license, *scheduled_at;
	struct text_list tags, hashtags;
	struct uuid challenge_id;
	bool comments_enabled, download_enabled;
	int64_t size_bytes;
	const char *file_name;
};
extern const struct field video_new_fields[];

enum upload_kind { UPLOAD_PUT, UPLOAD_TUS, UPLOAD_MULTIPART };

/* One upload, whichever way it comes. */
struct upload {
	struct uuid id, video_id, user_id;
	int64_t size; /* bytes; -1: not told yet */
	const char *path; /* of the growing file, absolute */
	int64_t expires_us;
	const char *metadata; /* of tus, as it was sent; or NULL */
	bool is_finished;     /* the file has arrived and was taken over */
};

/* Makes room (quota, disk), a video and an upload row. ERR_PAYLOAD_TOO_LARGE, ERR_QUOTA_EXCEEDED, ERR_STORAGE_FULL.
 * metadata: a tus header to remember, or NULL. Inside a transaction. */
int upload_open(struct request *rq, enum upload_kind kind, const struct video_new *video, int64_t size,
    const char *file_name, const char *metadata, struct upload *out);

/* The same for a file that is to take the place of a video's own: what plays goes on playing until the new one does, too.
 * Also ERR_NOT_FOUND (not the caller's), ERR_CONFLICT (one is on its way). */
int upload_open_again(struct request *rq, struct uuid video_id, int64_t size, const char *file_name, struct upload *out);

/* Reads an upload that is open or finished. user: whose it must be, NULL for any. ERR_NOT_FOUND, ERR_GONE. */
int upload_find(struct request *rq, struct uuid id, const struct uuid *user, struct upload *out);

/* Bytes that one file may have here. */
int64_t upload_most(const struct request *rq);

/* Could a file of this size be taken for user, for all that is known before it comes? Promises nothing. The same errors. */
int upload_would_fit(struct request *rq, struct uuid user, int64_t size);

/* Reserves what the file and its renditions will take, once the size is known. In a transaction of its own. */
int upload_reserve(struct request *rq, const struct upload *up, int64_t size);

/* The whole file lies at `file`: moves it to the originals and queues the transcode, in one transaction. An upload that
 * somebody else finished meanwhile is ERR_NOT_FOUND; one whose file is nowhere, ERR_GONE. May be asked again after any
 * failure or crash: it goes on from where it was. */
int upload_finish(struct request *rq, const struct upload *up, const char *file);

/* Appends the body of the request to the file at path. *written: bytes that are in the file now, also after an error
 * (the client left, the disk is full). limit: most bytes to take. 0, ERR_BAD_REQUEST (client gone), ERR_STORAGE_FULL. */
int upload_append(struct request *rq, int fd, int64_t limit, int64_t *written);

/* The signed address that a file is PUT to. */
const char *upload_put_url(struct request *rq, const struct upload *up);

/* Answers 201 with the video, its Location and, while its file is missing, the uploadUrl. */
int video_reply_created(struct request *rq, struct uuid video_id, const struct upload *up);

/* The fields of a video in a tus Upload-Metadata header (may be NULL), and the file's name if it has one. */
int tus_metadata_read(struct request *rq, const char *header, struct video_new *out, const char **file_name);

/* Counts one more upload of the caller. 0 or ERR_RATE_LIMITED. */
int video_count_upload(struct request *rq);

/* POST /videos with multipart/form-data. */
int video_create_multipart(struct request *rq);

#endif
