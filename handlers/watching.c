/* handlers/watching.c - how far people have watched, videos passed on or taken along. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/app.h"
#include "fcgi/media_url.h"
#include "lib/sign.h"
#include "lib/storage.h"

struct progress {
	double position;
};

static const struct field progress_fields[] = {
	FIELD(struct progress, position, .required = true, .min = 0, .max = 1e6, .doc = "Seconds from the beginning."),
	FIELD_END
};

/* What is behind the last dot of the name that the file had, if it could be one. */
static const char *
extension(const char *name)
{
	const char *dot = name != NULL ? strrchr(name, '.') : NULL;
	size_t n = dot != NULL ? strspn(dot + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") : 0;

	return n > 0 && n <= 5 && dot[1 + n] == '\0' ? dot : ".mp4";
}

/* The original appears beside the edition that plays, under a name that only its address tells: it goes with the edition,
 * and the signature of the edition's folder alone does not lead to it. */
static const char *
link_original(struct request *rq, const struct db_result *r)
{
	const char *original = db_text(r, 0, "original_key"), *key;
	char name[SIGNATURE_SIZE];

	if (original == NULL)
		return db_text(r, 0, "media_key");
	text_sign(rq->app->signer, "original", mem_printf(rq, "%s %s", db_text(r, 0, "storage_prefix"), original), name);
	key = mem_printf(rq, "%s/original-%s%s", db_text(r, 0, "storage_prefix"), name, extension(db_text(r, 0, "original_name")));
	if (link(storage_path(rq, rq->app->conf, STORAGE_ORIGINALS, original),
	        storage_path(rq, rq->app->conf, STORAGE_PUBLIC, key)) != 0 &&
	    errno != EEXIST) {
		log_error("original_not_linked", LOG_STR("key", original), LOG_INT("errno", errno));
		return db_text(r, 0, "media_key");
	}
	return key;
}

static int
original_show(struct request *rq)
{
	struct db_result *r;
	const char *key;
	struct buf *b;
	int err = db_query_row(&rq->db, &r, Q_VIDEO_ORIGINAL, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id),
	    bool_param(role_may(rq->user.role, MAY_VIDEO_EDIT_ANY)));

	if (err != 0)
		return err;
	if (!db_bool(r, 0, "may_download"))
		return reply_error(rq, ERR_FORBIDDEN, "Its author does not let this video be downloaded.");
	key = link_original(rq, r);
	if (key == NULL)
		return ERR_GONE;
	b = reply_data(rq, 200);
	buf_add_literal(b, "{\"url\":");
	key = mem_printf(rq, "%s%s", db_text(r, 0, "mark"), key);
	media_url_write(b, key, strlen(key));
	buf_add_literal(b, ",\"fileName\":");
	buf_json_str(b, db_text(r, 0, "original_name"));
	buf_printf(b, ",\"isOriginal\":%s}", db_is_null(r, 0, "original_key") ? "false" : "true");
	return 0;
}

const struct route watching_routes[] = {
	{ PUT, "/videos/{id:uuid}/progress", SIGNED_IN, .body = SCHEMA(progress), .query = Q_WATCH_PROGRESS_PUT,
	  .doc = "Remember how far the caller has watched." },
	{ GET, "/users/me/history", SIGNED_IN, .query = Q_WATCH_HISTORY, .answer = ANSWER_CURSOR,
	  .doc = "What the caller watched, latest first, and how far." },
	{ DELETE, "/users/me/history", SIGNED_IN, .query = Q_WATCH_FORGET_ALL, .answer = ANSWER_NONE, .status = 204,
	  .doc = "Forget all that the caller watched." },
	{ DELETE, "/users/me/history/{id:uuid}", SIGNED_IN, .query = Q_WATCH_FORGET, .answer = ANSWER_NONE, .status = 204,
	  .doc = "Forget that the caller watched a video." },
	{ POST, "/videos/{id:uuid}/share", SIGNED_IN, .query = Q_VIDEO_SHARE,
	  .doc = "Count that a video was passed on. The answer has the address to pass on." },
	{ GET, "/videos/{id:uuid}/original", SIGNED_IN, .rate = RATE_DOWNLOAD, .run = original_show,
	  .doc = "A signed address of the file as it came: one's own, or one whose author lets it be downloaded." },
	ROUTE_END
};
