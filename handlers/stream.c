/* handlers/stream.c - where a video plays: its addresses, the web server's question whether they may pass, views. */
#include <time.h>

#include "fcgi/media_url.h"
#include "fcgi/seen.h"
#include "handlers/video.h"
#include "lib/sign.h"
#include "lib/wait.h"

#define VIEW_TTL_S 1800 /* the same session's next view counts after half an hour */
#define SESSION_MAX 64

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

/* --- views --- */

struct view_new {
	const char *session_id;
	int64_t watched_ms;
	bool completed;
};

static const struct field view_new_fields[] = {
	FIELD(struct view_new, session_id, .max = SESSION_MAX),
	FIELD(struct view_new, watched_ms, .min = 0, .max = 1e9),
	FIELD(struct view_new, completed),
	FIELD_END
};

/* One round trip: count the view unless this session's was counted; the worker flushes the list. */
static struct redis_script view_script = { .text = "if redis.call('set', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then\n"
						   "  redis.call('rpush', KEYS[2], ARGV[2])\n"
						   "  return 1\n"
						   "end\n"
						   "return 0\n" };

static int
check_visible(struct request *rq, struct uuid id)
{
	struct db_result *r;
	int err;

	if (seen_recently(rq->app->seen, &rq->tenant->id, &id))
		return 0;
	err = db_query_row(&rq->db, &r, Q_VIDEO_IS_VISIBLE, uuid_param(id), uuid_or_null_param(&rq->user.id));
	if (err == 0 && db_bool(r, 0, "is_public"))
		seen_add(rq->app->seen, &rq->tenant->id, &id);
	return err;
}

static int
view_create(struct request *rq)
{
	const struct view_new *in = rq->body;
	struct uuid id = path_uuid(rq, "id");
	char video[UUID_TEXT], user[UUID_TEXT] = "", key[160], ttl[16];
	const char *session = in->session_id;
	struct buf event;
	struct redis_reply *counted;
	int err = check_visible(rq, id);

	if (err != 0)
		return err;
	uuid_text(&id, video);
	if (is_signed_in(rq))
		uuid_text(&rq->user.id, user);
	if (session == NULL || *session == '\0')
		session = *user != '\0' ? user : rq->user.address;
	snprintf(key, sizeof(key), "viewed:%s:%.64s", video, session);
	snprintf(ttl, sizeof(ttl), "%d", VIEW_TTL_S);
	buf_init(&event, rq, 256);
	buf_printf(&event, "{\"tenant\":\"%s\",\"video\":\"%s\",\"at\":", rq->tenant->id_text, video);
	buf_json_time(&event, (int64_t)time(NULL) * 1000000);
	if (*user != '\0')
		buf_printf(&event, ",\"user\":\"%s\"", user);
	buf_add_literal(&event, ",\"session\":");
	buf_json_str(&event, session);
	buf_add_char(&event, '}');
	err = redis_eval(rq->app->redis, rq, &counted, rq->deadline_ms, &view_script, 2, 4,
	    (const char *[]){ key, "views:pending", ttl, buf_cstr(&event) });
	if (err != 0)
		return err;
	buf_printf(reply_data(rq, 200), "{\"recorded\":%s}", counted->integer == 1 ? "true" : "false");
	return 0;
}

const struct route stream_routes[] = {
	{ GET, "/videos/{id:uuid}/stream", PUBLIC, .cache_s = 1, .shared_cache_s = 5, .run = stream_show,
	  .doc = "Where a video plays: HLS, one MP4 per quality, thumbnails, storyboard. Signed, good for hours." },
	{ GET, "/videos/{id:uuid}/stream-url", PUBLIC, .cache_s = 1, .shared_cache_s = 5, .run = stream_show, .doc = "The same as /stream." },
	{ POST, "/videos/{id:uuid}/view", PUBLIC, .body = SCHEMA(view_new), .status = 200, .run = view_create,
	  .doc = "Count a view, once per session." },
	{ GET, "/_authorize", PUBLIC, .root = true, .any_tenant = true, .rate = RATE_NONE, .hidden = true,
	  .authorizer = true, .run = media_authorize, .doc = "Asked by the web server: may this media address pass?" },
	ROUTE_END
};
