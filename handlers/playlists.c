/* handlers/playlists.c - a person's ordered lists of videos. Whoever changes one locks it first, so that positions are
 * given out one at a time. */
#include "fcgi/answer.h"
#include "fcgi/app.h"

#define VIDEOS_MAX 5000

struct playlist_new {
	const char *name, *description, *visibility;
};

static const struct field playlist_new_fields[] = {
	FIELD(struct playlist_new, name, .required = true, .min = 1, .max = 100, .pattern = "[^ \t\r\n]"),
	FIELD(struct playlist_new, description, .max = 5000),
	FIELD(struct playlist_new, visibility, .one_of = "public|unlisted|private", .dflt = "public"),
	FIELD_END
};

struct playlist_change {
	const char *name, *description, *visibility;
};

static const struct field playlist_change_fields[] = {
	FIELD(struct playlist_change, name, .min = 1, .max = 100, .pattern = "[^ \t\r\n]"),
	FIELD(struct playlist_change, description, .max = 5000),
	FIELD(struct playlist_change, visibility, .one_of = "public|unlisted|private"),
	FIELD_END
};

struct playlist_item {
	struct uuid video_id, after_id;
	bool first;
};

static const struct field playlist_item_fields[] = {
	FIELD(struct playlist_item, video_id, .required = true),
	FIELD(struct playlist_item, after_id, .nullable = true, .doc = "Put it behind this video; otherwise to the end."),
	FIELD(struct playlist_item, first, .doc = "Put it before all others."),
	FIELD_END
};

struct playlist_move {
	struct uuid after_id;
	bool first;
};

static const struct field playlist_move_fields[] = {
	FIELD(struct playlist_move, after_id, .nullable = true, .doc = "Put it behind this video; otherwise to the end."),
	FIELD(struct playlist_move, first, .doc = "Put it before all others."),
	FIELD_END
};

struct playlist_which {
	struct uuid video_id;
};

static const struct field playlist_which_fields[] = {
	FIELD(struct playlist_which, video_id, .required = true),
	FIELD_END
};

static int
show(struct request *rq, int status, struct uuid id)
{
	return reply_query(rq, status, Q_PLAYLIST_BY_ID, uuid_param(id), uuid_param(rq->user.id));
}

static int
playlist_create(struct request *rq)
{
	const struct playlist_new *in = rq->body;
	struct db_result *r;
	struct uuid id;
	char text[UUID_TEXT];
	int err = db_query(&rq->db, &r, Q_PLAYLIST_INSERT, uuid_param(rq->user.id), text_param(in->name),
	    text_param(in->description), text_param(in->visibility));

	if (err != 0)
		return err;
	if (db_rows(r) == 0)
		return reply_error(rq, ERR_CONFLICT, "You have as many playlists as one may have.");
	id = db_uuid(r, 0, "id");
	reply_header(rq, "Location", "/api/v1/playlists/%s", uuid_text(&id, text));
	return show(rq, 201, id);
}

/* Nothing was changed: because it is not theirs, or because it is watch later. */
static int
refuse(struct request *rq, struct uuid id)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_PLAYLIST_LOCK, uuid_param(id), uuid_param(rq->user.id));

	return err != 0 ? err : reply_error(rq, ERR_CONFLICT, "This playlist is built in: only its videos can be changed.");
}

static int
playlist_update(struct request *rq)
{
	const struct playlist_change *in = rq->body;
	struct uuid id = path_uuid(rq, "id");
	int64_t changed;
	int err = db_exec(&rq->db, &changed, Q_PLAYLIST_UPDATE, uuid_param(id), uuid_param(rq->user.id), text_param(in->name),
	    text_param(in->description), text_param(in->visibility));

	return err != 0 ? err : changed == 0 ? refuse(rq, id) : show(rq, 200, id);
}

static int
playlist_delete(struct request *rq)
{
	struct uuid id = path_uuid(rq, "id");
	int64_t changed;
	int err = db_exec(&rq->db, &changed, Q_PLAYLIST_DELETE, uuid_param(id), uuid_param(rq->user.id));

	return err != 0 ? err : changed == 0 ? refuse(rq, id) : reply_empty(rq, 204);
}

/* Where a video goes in a locked playlist. */
static int
position_of(struct request *rq, struct uuid id, struct uuid video, const struct uuid *after, bool first, int64_t *position)
{
	struct db_result *r;
	int err;

	if (!uuid_is_null(after) && first)
		return reply_invalid(rq, "first", "says something else than afterId");
	if (uuid_equal(after, &video))
		return reply_invalid(rq, "afterId", "is the video itself");
	err = db_query_row(&rq->db, &r, Q_PLAYLIST_POSITION, uuid_param(id), uuid_param(video), uuid_or_null_param(after),
	    bool_param(first));
	if (err == 0)
		*position = db_int(r, 0, "position");
	return err == ERR_NOT_FOUND ? reply_invalid(rq, "afterId", "is not in this playlist") : err;
}

/* What is in it already stays where it is. */
static int
playlist_add(struct request *rq)
{
	const struct playlist_item *in = rq->body;
	struct uuid id = path_uuid(rq, "id");
	struct db_result *r;
	int64_t position, added;
	int err = db_query_row(&rq->db, &r, Q_PLAYLIST_LOCK, uuid_param(id), uuid_param(rq->user.id));

	if (err == 0 && db_int(r, 0, "video_count") >= VIDEOS_MAX)
		return reply_error(rq, ERR_CONFLICT, "A playlist holds %d videos at most.", VIDEOS_MAX);
	if (err == 0)
		err = db_query(&rq->db, &r, Q_PLAYLIST_HAS, uuid_param(id), uuid_param(in->video_id));
	if (err != 0 || db_rows(r) > 0)
		return err != 0 ? err : show(rq, 200, id);
	err = position_of(rq, id, in->video_id, &in->after_id, in->first, &position);
	if (err == 0)
		err = db_exec(&rq->db, &added, Q_PLAYLIST_ADD, uuid_param(id), uuid_param(rq->user.id), uuid_param(in->video_id),
		    int_param(position));
	if (err != 0 || added == 0)
		return err != 0 ? err : ERR_NOT_FOUND;
	return show(rq, 201, id);
}

static int
playlist_move(struct request *rq)
{
	const struct playlist_move *in = rq->body;
	struct uuid id = path_uuid(rq, "id"), video = path_uuid(rq, "videoId");
	struct db_result *r;
	int64_t position;
	int err = db_query_row(&rq->db, &r, Q_PLAYLIST_LOCK, uuid_param(id), uuid_param(rq->user.id));

	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_PLAYLIST_HAS, uuid_param(id), uuid_param(video));
	if (err == 0)
		err = position_of(rq, id, video, &in->after_id, in->first, &position);
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_PLAYLIST_MOVE, uuid_param(id), uuid_param(video), int_param(position));
	return err != 0 ? err : reply_empty(rq, 204);
}

static int
take_out(struct request *rq, struct uuid video)
{
	struct uuid id = path_uuid(rq, "id");
	struct db_result *r;
	int64_t removed;
	int err = db_query_row(&rq->db, &r, Q_PLAYLIST_LOCK, uuid_param(id), uuid_param(rq->user.id));

	if (err == 0)
		err = db_exec(&rq->db, &removed, Q_PLAYLIST_REMOVE, uuid_param(id), uuid_param(video));
	return err != 0 ? err : removed == 0 ? ERR_NOT_FOUND : reply_empty(rq, 204);
}

static int
playlist_remove(struct request *rq)
{
	return take_out(rq, path_uuid(rq, "videoId"));
}

static int
playlist_remove_named(struct request *rq)
{
	return take_out(rq, ((const struct playlist_which *)rq->query)->video_id);
}

/* The list is not there for whom the playlist is not. */
static int
playlist_videos(struct request *rq)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_PLAYLIST_BY_ID, uuid_param(path_uuid(rq, "id")),
	    is_signed_in(rq) ? uuid_param(rq->user.id) : null_param());

	return err != 0 ? err : answer_query(rq);
}

const struct route playlists_routes[] = {
	{ POST, "/playlists", SIGNED_IN, .idempotent = true, .transaction = true, .body = SCHEMA(playlist_new),
	  .run = playlist_create, .doc = "Make a playlist." },
	{ GET, "/playlists/{id:uuid}", PUBLIC, .query = Q_PLAYLIST_BY_ID, .doc = "A playlist, as far as the caller may see it." },
	{ PATCH, "/playlists/{id:uuid}", SIGNED_IN, .transaction = true, .body = SCHEMA(playlist_change),
	  .run = playlist_update, .doc = "Change one's playlist; what is not named stays." },
	{ PUT, "/playlists/{id:uuid}", SIGNED_IN, .transaction = true, .body = SCHEMA(playlist_change),
	  .run = playlist_update, .doc = "The same as PATCH." },
	{ DELETE, "/playlists/{id:uuid}", SIGNED_IN, .transaction = true, .run = playlist_delete, .status = 204,
	  .doc = "Delete one's playlist. Its videos stay where they are." },
	{ GET, "/playlists/{id:uuid}/videos", PUBLIC, .query = Q_PLAYLIST_VIDEOS, .answer = ANSWER_CURSOR,
	  .run = playlist_videos, .doc = "The videos of a playlist in their order, as far as the caller may see them." },
	{ POST, "/playlists/{id:uuid}/videos", SIGNED_IN, .transaction = true, .body = SCHEMA(playlist_item),
	  .run = playlist_add, .doc = "Put a video into one's playlist. One that is in it already stays where it is." },
	{ DELETE, "/playlists/{id:uuid}/videos", SIGNED_IN, .transaction = true, .query_string = SCHEMA(playlist_which),
	  .run = playlist_remove_named, .status = 204, .doc = "Take a video (videoId) out of one's playlist." },
	{ PATCH, "/playlists/{id:uuid}/videos/{videoId:uuid}", SIGNED_IN, .transaction = true,
	  .body = SCHEMA(playlist_move), .run = playlist_move, .status = 204, .doc = "Move a video within one's playlist." },
	{ DELETE, "/playlists/{id:uuid}/videos/{videoId:uuid}", SIGNED_IN, .transaction = true, .run = playlist_remove,
	  .status = 204, .doc = "Take a video out of one's playlist." },
	{ GET, "/users/me/playlists", SIGNED_IN, .query = Q_PLAYLIST_MINE, .answer = ANSWER_CURSOR,
	  .doc = "The caller's playlists: watch later, then the newest." },
	ROUTE_END
};
