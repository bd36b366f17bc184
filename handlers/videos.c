/* handlers/videos.c - videos as things: made, read, changed, deleted, liked. Their bytes come by uploads.c and tus.c. */
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "fcgi/answer.h"
#include "fcgi/gates.h"
#include "fcgi/idempotency.h"
#include "fcgi/rate.h"
#include "fcgi/tus_headers.h"
#include "handlers/video.h"

#define JSON_BODY_MAX ((size_t)64 * 1024)
#define VIDEO_BODY_MAX ((size_t)1 << 40) /* a multipart body brings the file along */

const struct field video_new_fields[] = {
	FIELD(struct video_new, video_id),
	FIELD(struct video_new, title, .required = true, .min = 3, .max = 200),
	FIELD(struct video_new, description, .max = 5000, .dflt = ""),
	FIELD(struct video_new, category, .max = 50),
	FIELD(struct video_new, visibility, .one_of = "public|unlisted|private", .dflt = "public"),
	FIELD(struct video_new, language, .format = FORMAT_LANGUAGE),
	FIELD(struct video_new, license, .max = 50),
	FIELD(struct video_new, scheduled_at, .format = FORMAT_TIME),
	FIELD(struct video_new, tags, .max_items = 10, .max_each = 50),
	FIELD(struct video_new, hashtags, .max_items = 30, .max_each = 50),
	FIELD(struct video_new, challenge_id),
	FIELD(struct video_new, comments_enabled, .dflt = "true"),
	FIELD(struct video_new, download_enabled, .dflt = "false"),
	FIELD(struct video_new, size_bytes, .min = 1, .max = 1e15),
	FIELD(struct video_new, file_name, .max = 255),
	FIELD_END
};

struct video_patch {
	const char *title, *description, *category, *visibility, *language, *license, *scheduled_at;
	struct text_list tags, hashtags;
	bool comments_enabled, comments_enabled_given, download_enabled, download_enabled_given;
};

static const struct field video_patch_fields[] = {
	FIELD(struct video_patch, title, .min = 3, .max = 200),
	FIELD(struct video_patch, description, .max = 5000),
	FIELD(struct video_patch, category, .max = 50),
	FIELD(struct video_patch, visibility, .one_of = "public|unlisted|private"),
	FIELD(struct video_patch, language, .format = FORMAT_LANGUAGE),
	FIELD(struct video_patch, license, .max = 50),
	FIELD(struct video_patch, scheduled_at, .nullable = true, .format = FORMAT_TIME,
	    .doc = "null calls it off: a video that was still waiting for its time becomes private unless `visibility` says otherwise."),
	FIELD(struct video_patch, tags, .max_items = 10, .max_each = 50),
	FIELD(struct video_patch, hashtags, .max_items = 30, .max_each = 50),
	FIELD(struct video_patch, comments_enabled, GIVEN(struct video_patch, comments_enabled_given)),
	FIELD(struct video_patch, download_enabled, GIVEN(struct video_patch, download_enabled_given)),
	FIELD_END
};

static void
tell(void *arg, const char *field, const char *message)
{
	reply_invalid(arg, field, message);
}

/* --- Upload-Metadata of tus as the fields of a video --- */

struct metadata {
	struct buf fields;
	const char *file_name;
	struct request *rq;
};

static bool
metadata_pair(void *arg, const char *key, const char *value)
{
	static const char *const known[] = { "title", "description", "category", "visibility", "language", "license", "tags",
		"hashtags", "challengeId", "commentsEnabled", "downloadEnabled", "scheduledAt" };
	struct metadata *m = arg;

	if (strcmp(key, "filename") == 0 || strcmp(key, "name") == 0)
		m->file_name = mem_strdup(m->rq, value);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(key, known[i]) != 0)
			continue;
		buf_printf(&m->fields, "%s%s=", m->fields.length > 0 ? "&" : "", key);
		buf_add_percent(&m->fields, value, strlen(value));
	}
	return true;
}

int
tus_metadata_read(struct request *rq, const char *header, struct video_new *out, const char **file_name)
{
	struct metadata m = { .rq = rq };
	void *video;
	int err;

	buf_init(&m.fields, rq, 512);
	if (header != NULL && !tus_metadata_parse(header, mem_size(rq, strlen(header) + 1), metadata_pair, &m))
		return reply_error(rq, ERR_BAD_REQUEST, "Upload-Metadata is malformed.");
	if (strstr(buf_cstr(&m.fields), "title=") == NULL)
		metadata_pair(&m, "title", m.file_name != NULL && strlen(m.file_name) >= 3 ? m.file_name : "Untitled");
	err = schema_read_query(SCHEMA(video_new), rq, buf_cstr(&m.fields), &video, tell, rq);
	if (err == 0) {
		*out = *(struct video_new *)video;
		*file_name = m.file_name;
	}
	return err;
}

/* --- making one --- */

int
video_reply_created(struct request *rq, struct uuid video_id, const struct upload *up)
{
	struct db_result *r;
	struct buf *b;
	char id[UUID_TEXT];
	int err = db_query_row(&rq->db, &r, Q_VIDEO_BY_ID, uuid_param(video_id), uuid_param(rq->user.id), bool_param(false));

	if (err != 0)
		return err;
	b = reply_data(rq, 201);
	buf_add_char(b, '{');
	db_write_members(b, r, 0);
	if (up != NULL) {
		buf_add_literal(b, ",\"uploadUrl\":");
		buf_json_str(b, upload_put_url(rq, up));
		buf_add_literal(b, ",\"expiresAt\":");
		buf_json_time(b, up->expires_us);
	}
	buf_add_char(b, '}');
	reply_header(rq, "Location", "/api/v1/videos/%s", uuid_text(&video_id, id));
	return 0;
}

/* The metadata of an upload that was announced by POST /videos/upload-url. */
static int
confirm(struct request *rq, const struct video_new *in)
{
	int64_t rows;
	int err = db_exec(&rq->db, &rows, Q_VIDEO_CONFIRM, uuid_param(in->video_id), uuid_param(rq->user.id),
	    text_param(in->title), text_param(in->description), text_array_param(in->tags.items, in->tags.count),
	    text_array_param(in->hashtags.items, in->hashtags.count), text_param(in->category), text_param(in->visibility),
	    uuid_or_null_param(&in->challenge_id), text_param(in->language), text_param(in->license),
	    bool_param(in->comments_enabled), bool_param(in->download_enabled), text_param(in->scheduled_at));

	if (err == 0 && rows == 0)
		err = ERR_NOT_FOUND;
	return err != 0 ? err : video_reply_created(rq, in->video_id, NULL);
}

static int
create_from_json(struct request *rq)
{
	const void *body;
	const struct video_new *in;
	struct upload up;
	int err = request_json(rq, SCHEMA(video_new), JSON_BODY_MAX, &body);

	in = body;
	if (err == 0)
		err = gate_idempotency(rq); /* only now is the body known */
	if (err != 0 || rq->out.status != 0)
		return err;
	if (uuid_is_null(&in->video_id))
		err = video_count_upload(rq);
	if (err == 0)
		err = db_begin(&rq->db);
	if (err != 0)
		return err;
	if (!uuid_is_null(&in->video_id)) {
		err = confirm(rq, in);
	} else {
		err = upload_open(rq, UPLOAD_PUT, in, in->size_bytes > 0 ? in->size_bytes : -1, in->file_name, NULL, &up);
		if (err == 0)
			err = video_reply_created(rq, up.video_id, &up);
	}
	if (err == 0)
		err = idempotency_store(rq);
	return err != 0 ? err : db_commit(&rq->db);
}

/* Here and not in the row: to confirm what POST /videos/upload-url has announced is no second upload. */
int
video_count_upload(struct request *rq)
{
	char id[UUID_TEXT];

	return gate_rate(rq, RATE_UPLOAD, uuid_text(&rq->user.id, id));
}

static int
video_create(struct request *rq)
{
	if (rq->content_type != NULL && strncasecmp(rq->content_type, "multipart/form-data", 19) == 0)
		return video_create_multipart(rq);
	return create_from_json(rq);
}

static int
video_show(struct request *rq)
{
	return answer_query_of(rq, is_signed_in(rq) ? Q_VIDEO_BY_ID : Q_VIDEO_BY_ID_PUBLIC);
}

static int
video_delete(struct request *rq)
{
	struct uuid id = path_uuid(rq, "id");
	int64_t rows;
	int err = db_exec(&rq->db, &rows, Q_VIDEO_DELETE, uuid_param(id), uuid_param(rq->user.id),
	    bool_param(role_may(rq->user.role, MAY_VIDEO_DELETE_ANY)));

	if (err == 0 && rows == 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_VIDEO_PURGE_ENQUEUE, uuid_param(id), uuid_param(rq->user.id));
	return err != 0 ? err : reply_empty(rq, 204);
}

const struct route videos_routes[] = {
	{ POST, "/videos", MAY_VIDEO_CREATE, .idempotent = true, .body_kind = BODY_STREAM,
	  .body_limit = VIDEO_BODY_MAX, .body = SCHEMA(video_new), .run = video_create,
	  .doc = "Make a video: with its file (multipart/form-data), or without (the answer has an uploadUrl), or for a file "
	         "that was announced before (videoId)." },
	{ GET, "/videos/{id:uuid}", PUBLIC, .cache_s = 1, .shared_cache_s = 5, .query = Q_VIDEO_BY_ID, .run = video_show,
	  .doc = "One video, as far as the caller may see it." },
	{ PATCH, "/videos/{id:uuid}", SIGNED_IN, .drops_answers = true, .body = SCHEMA(video_patch), .query = Q_VIDEO_UPDATE,
	  .doc = "Change some fields of a video. An empty text clears an optional field." },
	{ PUT, "/videos/{id:uuid}", SIGNED_IN, .drops_answers = true, .body = SCHEMA(video_patch), .query = Q_VIDEO_UPDATE,
	  .doc = "The same as PATCH." },
	{ DELETE, "/videos/{id:uuid}", SIGNED_IN, .drops_answers = true, .transaction = true, .status = 204, .run = video_delete,
	  .doc = "Delete a video. Its addresses end at once; the files are removed by the worker." },
	{ POST, "/videos/{id:uuid}/like", SIGNED_IN, .query = Q_VIDEO_LIKE, .status = 200,
	  .doc = "Like a video. Doing it twice is doing it once." },
	{ DELETE, "/videos/{id:uuid}/like", SIGNED_IN, .query = Q_VIDEO_UNLIKE, .status = 200, .doc = "Take a like back." },
	{ GET, "/users/me/videos", SIGNED_IN, .query = Q_VIDEO_MINE, .answer = ANSWER_CURSOR,
	  .doc = "The caller's own videos in every state, newest first." },
	ROUTE_END
};
