/* handlers/stream.c - where a video plays: its addresses, and the web server's question whether they may pass. */
#include <time.h>

#include "fcgi/media_url.h"
#include "fcgi/seen.h"
#include "handlers/video.h"
#include "lib/sign.h"
#include "lib/wait.h"

static void
write_media_list(struct buf *b, const char *key, const char **keys, size_t count)
{
	buf_json_key(b, key);
	buf_add_char(b, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		media_url_write(b, keys[i], strlen(keys[i]));
	}
	buf_add_char(b, ']');
}

static void
write_renditions(struct buf *b, const struct db_result *r)
{
	size_t names, keys;
	const char **name = db_text_array(r, 0, "_names", &names), **key = db_text_array(r, 0, "_keys", &keys);

	buf_add_literal(b, ",\"mp4Urls\":{");
	for (size_t i = 0; i < names && i < keys; i++) {
		buf_json_key(b, name[i]);
		media_url_write(b, key[i], strlen(key[i]));
	}
	buf_add_literal(b, "},\"qualities\":[");
	for (size_t i = 0; i < names; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		buf_json_str(b, name[i]);
	}
	buf_add_char(b, ']');
}

static int
stream_show(struct request *rq)
{
	struct db_result *r;
	const char **thumbnails;
	size_t count;
	struct buf *b;
	int err = db_query_row(&rq->db, &r, Q_VIDEO_STREAM, uuid_param(path_uuid(rq, "id")), uuid_or_null_param(&rq->user.id),
	    bool_param(role_may(rq->user.role, MAY_VIDEO_EDIT_ANY)));

	if (err != 0)
		return err;
	thumbnails = db_text_array(r, 0, "_thumbnails", &count);
	b = reply_data(rq, 200);
	buf_add_char(b, '{');
	db_write_members(b, r, 0);
	write_renditions(b, r);
	write_media_list(b, "thumbnails", thumbnails, count);
	buf_add_char(b, '}');
	return 0;
}

/* "/media/<token>/<key>" of Apache's REQUEST_URI; nginx has taken it apart already. */
static bool
media_parts(struct request *rq, const char **token, size_t *token_length, const char **key)
{
	const char *t = request_header(rq, "MEDIA_TOKEN"), *slash;
	size_t base = strlen(rq->app->conf->media_base_path);

	*key = request_header(rq, "MEDIA_KEY");
	if (t == NULL || *key == NULL) {
		if (strncmp(rq->path, rq->app->conf->media_base_path, base) != 0 || rq->path[base] != '/')
			return false;
		t = rq->path + base + 1;
		slash = strchr(t, '/');
		if (slash == NULL)
			return false;
		*token = t;
		*token_length = (size_t)(slash - t);
		*key = slash + 1;
		return true;
	}
	*token = t;
	*token_length = strlen(t);
	return true;
}

static size_t
folder_length(const char *key)
{
	size_t n = 0;

	for (int parts = 0; key[n] != '\0'; n++)
		if (key[n] == '/' && ++parts == 3)
			return n;
	return 0;
}

/* May this media address pass? The signature says that we gave it out; the database, that the thing is still there. */
static int
media_authorize(struct request *rq)
{
	const char *token, *key;
	size_t token_length, folder;
	struct uuid tenant, video;
	struct db_result *r;
	int err;

	if (!media_parts(rq, &token, &token_length, &key) || (folder = folder_length(key)) == 0 ||
	    !media_token_is_valid(rq->app->signer, key, folder, token, token_length, time(NULL)))
		return ERR_SIGNATURE_INVALID;
	if (!uuid_parse(key, 36, &tenant) || key[36] != '/')
		return ERR_SIGNATURE_INVALID;
	if (strncmp(key + 37, "avatars/", 8) == 0 || !uuid_parse(key + 37, 36, &video))
		return reply_empty(rq, rq->is_authorizer ? 200 : 204);
	rq->db.tenant = tenant;
	/* nginx keeps the answer until this second is over: max-age=1 would be up to two. */
	reply_header(rq, "X-Accel-Expires", "@%lld", (long long)time(NULL));
	err = db_query(&rq->db, &r, Q_VIDEO_MEDIA_ALIVE, uuid_param(video), text_param(mem_strndup(rq, key, folder)),
	    int_param(media_url_sight(media_token_expiry(token, token_length))));
	if (err == 0 && db_rows(r) == 0)
		err = ERR_SIGNATURE_INVALID;
	return err != 0 ? err : reply_empty(rq, rq->is_authorizer ? 200 : 204);
}

const struct route stream_routes[] = {
	{ GET, "/videos/{id:uuid}/stream", PUBLIC, .cache_s = 1, .shared_cache_s = 5, .run = stream_show,
	  .doc = "Where a video plays: HLS, one MP4 per quality, thumbnails, storyboard. Signed, good for hours." },
	{ GET, "/videos/{id:uuid}/stream-url", PUBLIC, .cache_s = 1, .shared_cache_s = 5, .run = stream_show, .doc = "The same as /stream." },
	{ GET, "/_authorize", PUBLIC, .root = true, .any_tenant = true, .rate = RATE_NONE, .hidden = true,
	  .authorizer = true, .run = media_authorize, .doc = "Asked by the web server: may this media address pass?" },
	ROUTE_END
};
