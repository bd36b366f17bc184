/* handlers/comments.c - what people say about videos, and about what others said. Two levels: an answer to an answer
 * stands beside it. Whom a comment is told to, and the counters, are triggers' work. */
#include <string.h>

#include "fcgi/answer.h"
#include "handlers/accounts.h"

#define TEXT_MAX 5000
#define NOT_BLANK "[^ \t\r\n]"

struct comment_text {
	const char *text;
};

static const struct field comment_text_fields[] = {
	FIELD(struct comment_text, text, .required = true, .min = 1, .max = TEXT_MAX, .pattern = NOT_BLANK),
	FIELD_END
};

struct comment_new {
	struct uuid video_id, parent_id;
	const char *text;
};

static const struct field comment_new_fields[] = {
	FIELD(struct comment_new, video_id, .required = true),
	FIELD(struct comment_new, parent_id, .nullable = true, .doc = "The comment that is answered."),
	FIELD(struct comment_new, text, .required = true, .min = 1, .max = TEXT_MAX, .pattern = NOT_BLANK),
	FIELD_END
};

struct comment_sort {
	const char *sort;
};

static const struct field comment_sort_fields[] = {
	FIELD(struct comment_sort, sort, .one_of = "top|new", .dflt = "top"),
	FIELD_END
};

static struct param
may_edit_any(const struct request *rq)
{
	return bool_param(role_may(rq->user.role, MAY_VIDEO_EDIT_ANY));
}

static struct param
me_or_null(const struct request *rq)
{
	return is_signed_in(rq) ? uuid_param(rq->user.id) : null_param();
}

static int
show(struct request *rq, int status, struct uuid id)
{
	return reply_query(rq, status, Q_COMMENT_BY_ID, uuid_param(id), uuid_param(rq->user.id), may_edit_any(rq));
}

/* Writes text at a place that Q_COMMENT_PLACE or Q_COMMENT_REPLY_PLACE found. */
static int
write_at(struct request *rq, const struct db_result *place, struct param parent, struct param answered, const char *text)
{
	struct db_result *r;
	struct uuid id;
	char id_text[UUID_TEXT];
	int err;

	if (!db_bool(place, 0, "comments_enabled"))
		return ERR_COMMENTS_DISABLED;
	err = db_query_row(&rq->db, &r, Q_COMMENT_INSERT, uuid_param(db_uuid(place, 0, "video_id")), uuid_param(rq->user.id),
	    parent, answered, text_param(text));
	if (err != 0)
		return err;
	id = db_uuid(r, 0, "id");
	reply_header(rq, "Location", "/api/v1/comments/%s", uuid_text(&id, id_text));
	return show(rq, 201, id);
}

static int
write_on_video(struct request *rq, struct uuid video, const char *text)
{
	struct db_result *place;
	int err = db_query_row(&rq->db, &place, Q_COMMENT_PLACE, uuid_param(video), uuid_param(rq->user.id), may_edit_any(rq));

	return err != 0 ? err : write_at(rq, place, null_param(), null_param(), text);
}

/* video: the one that it must be about, or NULL. */
static int
write_answer(struct request *rq, struct uuid answered, const struct uuid *video, const char *text)
{
	struct db_result *place;
	struct uuid found;
	int err = db_query_row(&rq->db, &place, Q_COMMENT_REPLY_PLACE, uuid_param(answered), uuid_param(rq->user.id),
	    may_edit_any(rq));

	if (err != 0)
		return err;
	found = db_uuid(place, 0, "video_id");
	if (video != NULL && !uuid_equal(video, &found))
		return reply_invalid(rq, "parentId", "is a comment on another video");
	return write_at(rq, place, uuid_param(db_uuid(place, 0, "parent_id")), uuid_param(answered), text);
}

static int
comment_create(struct request *rq)
{
	const struct comment_new *in = rq->body;

	return uuid_is_null(&in->parent_id) ? write_on_video(rq, in->video_id, in->text)
	                                    : write_answer(rq, in->parent_id, &in->video_id, in->text);
}

static int
comment_on_video(struct request *rq)
{
	return write_on_video(rq, path_uuid(rq, "id"), ((const struct comment_text *)rq->body)->text);
}

static int
comment_reply(struct request *rq)
{
	return write_answer(rq, path_uuid(rq, "id"), NULL, ((const struct comment_text *)rq->body)->text);
}

static int
comment_update(struct request *rq)
{
	struct uuid id = path_uuid(rq, "id");
	int64_t changed;
	int err = db_exec(&rq->db, &changed, Q_COMMENT_UPDATE, uuid_param(id), uuid_param(rq->user.id),
	    text_param(((const struct comment_text *)rq->body)->text));

	return err != 0 ? err : changed == 0 ? ERR_NOT_FOUND : show(rq, 200, id);
}

/* Somebody else's comment, below somebody else's video: that leaves a trace. */
static int
comment_delete(struct request *rq)
{
	struct uuid id = path_uuid(rq, "id");
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_COMMENT_DELETE, uuid_param(id), uuid_param(rq->user.id),
	    bool_param(role_may(rq->user.role, MAY_COMMENT_DELETE_ANY)));

	if (err == 0 && db_bool(r, 0, "is_moderation"))
		err = audit(rq, "comment.deleted", "comment", id, NULL, NULL);
	return err != 0 ? err : reply_empty(rq, 204);
}

static int
comment_pin(struct request *rq)
{
	struct uuid id = path_uuid(rq, "id");
	struct db_result *r;
	int err = db_exec(&rq->db, NULL, Q_COMMENT_PIN_LOCK, uuid_param(id));

	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_COMMENT_PIN_OTHERS, uuid_param(id), uuid_param(rq->user.id));
	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_COMMENT_PIN, uuid_param(id), uuid_param(rq->user.id));
	return err != 0 ? err : reply_empty(rq, 204);
}

/* Below what the caller may not see there is no list, not an empty one. */
static int
comment_list(struct request *rq)
{
	const struct comment_sort *in = rq->query;
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_COMMENT_PLACE, uuid_param(path_uuid(rq, "id")), me_or_null(rq), may_edit_any(rq));

	if (err != 0)
		return err;
	return answer_query_of(rq, strcmp(in->sort, "new") == 0 ? Q_COMMENT_NEW : Q_COMMENT_TOP);
}

static int
comment_replies(struct request *rq)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_COMMENT_BY_ID, uuid_param(path_uuid(rq, "id")), me_or_null(rq), may_edit_any(rq));

	return err != 0 ? err : answer_query(rq);
}

const struct route comments_routes[] = {
	{ POST, "/comments", SIGNED_IN, .rate = RATE_COMMENT, .idempotent = true, .transaction = true,
	  .body = SCHEMA(comment_new), .run = comment_create, .doc = "Comment on a video, or answer a comment (parentId)." },
	{ POST, "/videos/{id:uuid}/comment", SIGNED_IN, .rate = RATE_COMMENT, .idempotent = true, .transaction = true,
	  .body = SCHEMA(comment_text), .run = comment_on_video, .doc = "Comment on a video." },
	{ POST, "/comments/{id:uuid}/reply", SIGNED_IN, .rate = RATE_COMMENT, .idempotent = true, .transaction = true,
	  .body = SCHEMA(comment_text), .run = comment_reply,
	  .doc = "Answer a comment. An answer to an answer stands beside it, below the first comment." },
	{ GET, "/videos/{id:uuid}/comments", PUBLIC, .cache_s = 1, .query_string = SCHEMA(comment_sort),
	  .query = Q_COMMENT_TOP, .answer = ANSWER_CURSOR, .run = comment_list,
	  .doc = "The comments on a video: the most liked first (sort=top), or the latest (sort=new). A pinned one leads the top." },
	{ GET, "/comments/{id:uuid}", PUBLIC, .query = Q_COMMENT_BY_ID, .doc = "One comment." },
	{ GET, "/comments/{id:uuid}/replies", PUBLIC, .query = Q_COMMENT_REPLIES, .answer = ANSWER_CURSOR,
	  .run = comment_replies, .doc = "The answers to a comment, the oldest first." },
	{ PUT, "/comments/{id:uuid}", SIGNED_IN, .transaction = true, .body = SCHEMA(comment_text), .run = comment_update,
	  .doc = "Change one's own comment. It is marked as edited." },
	{ DELETE, "/comments/{id:uuid}", SIGNED_IN, .transaction = true, .run = comment_delete, .status = 204,
	  .doc = "Delete a comment: one's own, or one below one's own video. One with answers keeps its place without its text." },
	{ POST, "/comments/{id:uuid}/like", SIGNED_IN, .query = Q_COMMENT_LIKE, .status = 200,
	  .doc = "Like a comment. Doing it twice is doing it once." },
	{ DELETE, "/comments/{id:uuid}/like", SIGNED_IN, .query = Q_COMMENT_UNLIKE, .status = 200, .doc = "Take a like back." },
	{ POST, "/comments/{id:uuid}/pin", SIGNED_IN, .transaction = true, .run = comment_pin, .status = 204,
	  .doc = "Pin a comment to the top of one's own video, in place of another one." },
	{ DELETE, "/comments/{id:uuid}/pin", SIGNED_IN, .query = Q_COMMENT_UNPIN, .answer = ANSWER_NONE, .doc = "Unpin it." },
	{ POST, "/comments/{id:uuid}/heart", SIGNED_IN, .query = Q_COMMENT_HEART, .answer = ANSWER_NONE,
	  .doc = "Give a comment on one's own video a heart." },
	{ DELETE, "/comments/{id:uuid}/heart", SIGNED_IN, .query = Q_COMMENT_UNHEART, .answer = ANSWER_NONE,
	  .doc = "Take the heart back." },
	ROUTE_END
};
