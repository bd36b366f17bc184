/* handlers/groups.c - named groups of people, whom their owner shows videos as one (handlers/sharing.c). */
#include <string.h>

#include "fcgi/answer.h"
#include "fcgi/app.h"

#define MEMBERS_MAX 1000

struct group_new {
	const char *name;
};

static const struct field group_new_fields[] = {
	FIELD(struct group_new, name, .required = true, .min = 1, .max = 100, .pattern = "[^ \t\r\n]"),
	FIELD_END
};

struct group_filter {
	const char *as;
};

static const struct field group_filter_fields[] = {
	FIELD(struct group_filter, as, .one_of = "owner|member", .dflt = "owner"),
	FIELD_END
};

static int
group_create(struct request *rq)
{
	const struct group_new *in = rq->body;
	struct db_result *r;
	struct uuid id;
	char text[UUID_TEXT];
	int err = db_query(&rq->db, &r, Q_GROUP_INSERT, uuid_param(rq->user.id), text_param(in->name));

	if (err != 0)
		return err;
	if (db_rows(r) == 0)
		return reply_error(rq, ERR_CONFLICT, "You have as many groups as one may have.");
	id = db_uuid(r, 0, "id");
	reply_header(rq, "Location", "/api/v1/groups/%s", uuid_text(&id, text));
	return reply_query(rq, 201, Q_GROUP_BY_ID, uuid_param(id), uuid_param(rq->user.id));
}

static int
group_list(struct request *rq)
{
	const struct group_filter *in = rq->query;

	return answer_query_of(rq, strcmp(in->as, "member") == 0 ? Q_GROUP_PAGE_JOINED : Q_GROUP_PAGE);
}

static int
member_list(struct request *rq)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_GROUP_OWNED, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id));

	return err != 0 ? err : answer_query(rq);
}

static int
member_add(struct request *rq)
{
	struct param id = uuid_param(path_uuid(rq, "id")), me = uuid_param(rq->user.id);
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_GROUP_LOCK, id, me);

	if (err == 0 && db_int(r, 0, "members") >= MEMBERS_MAX)
		return reply_error(rq, ERR_CONFLICT, "A group has %d people at most.", MEMBERS_MAX);
	return err != 0 ? err : reply_query(rq, 200, Q_GROUP_MEMBER_PUT, id, text_param(path_text(rq, "user")), me);
}

const struct route groups_routes[] = {
	{ POST, "/groups", SIGNED_IN, .idempotent = true, .transaction = true, .body = SCHEMA(group_new), .run = group_create,
	  .doc = "Make a group of people to share videos with." },
	{ GET, "/groups", SIGNED_IN, .query_string = SCHEMA(group_filter), .query = Q_GROUP_PAGE, .answer = ANSWER_CURSOR,
	  .run = group_list, .doc = "The caller's groups (as=owner), or those of others that the caller is in (member); the newest first." },
	{ GET, "/groups/{id:uuid}", SIGNED_IN, .query = Q_GROUP_BY_ID, .doc = "A group that the caller owns or is in." },
	{ PATCH, "/groups/{id:uuid}", SIGNED_IN, .body = SCHEMA(group_new), .query = Q_GROUP_RENAME, .doc = "Give one's group another name." },
	{ DELETE, "/groups/{id:uuid}", SIGNED_IN, .query = Q_GROUP_DELETE, .answer = ANSWER_NONE, .status = 204,
	  .doc = "Delete one's group. What was shared with it is shared with it no longer." },
	{ GET, "/groups/{id:uuid}/members", SIGNED_IN, .query = Q_GROUP_MEMBER_PAGE, .answer = ANSWER_CURSOR, .run = member_list,
	  .doc = "Who is in one's group, latest first." },
	{ PUT, "/groups/{id:uuid}/members/{user:user}", SIGNED_IN, .transaction = true, .run = member_add,
	  .doc = "Put somebody into one's group. What is shared with it is shared with them, too." },
	{ DELETE, "/groups/{id:uuid}/members/{user:user}", SIGNED_IN, .query = Q_GROUP_MEMBER_DELETE, .answer = ANSWER_NONE,
	  .status = 204, .doc = "Take somebody out of one's group, or leave somebody's." },
	ROUTE_END
};
