/* handlers/sharing.c - with whom one's video is shared: named people, and groups of them (handlers/groups.c). */
#include "fcgi/answer.h"
#include "fcgi/app.h"

struct access_grant {
	const char *access;
};

static const struct field access_grant_fields[] = {
	FIELD(struct access_grant, access, .one_of = "viewer|editor", .dflt = "viewer"),
	FIELD_END
};

/* The lists are not there for whom the video is not. */
static int
access_list(struct request *rq)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_VIDEO_ACCESS_OWNED, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id),
	    bool_param(role_may(rq->user.role, MAY_VIDEO_EDIT_ANY)));

	return err != 0 ? err : answer_query(rq);
}

const struct route sharing_routes[] = {
	{ GET, "/videos/{id:uuid}/access", SIGNED_IN, .query = Q_VIDEO_ACCESS_PAGE, .answer = ANSWER_CURSOR, .run = access_list,
	  .doc = "With whom one's video is shared, latest first." },
	{ GET, "/videos/{id:uuid}/access/{user:user}", SIGNED_IN, .query = Q_VIDEO_ACCESS_GET,
	  .doc = "Whether one's video is shared with a person, and as what." },
	{ PUT, "/videos/{id:uuid}/access/{user:user}", SIGNED_IN, .body = SCHEMA(access_grant), .query = Q_VIDEO_ACCESS_PUT,
	  .doc = "Share one's video, also a private one, with a person: to watch (viewer) or to change, too (editor)." },
	{ DELETE, "/videos/{id:uuid}/access/{user:user}", SIGNED_IN, .query = Q_VIDEO_ACCESS_DELETE, .answer = ANSWER_NONE,
	  .status = 204, .doc = "Share a video with a person no longer." },
	{ GET, "/videos/{id:uuid}/groups", SIGNED_IN, .query = Q_VIDEO_GROUP_PAGE, .answer = ANSWER_CURSOR, .run = access_list,
	  .doc = "With which of one's groups one's video is shared, latest first." },
	{ PUT, "/videos/{id:uuid}/groups/{group:uuid}", SIGNED_IN, .body = SCHEMA(access_grant), .query = Q_VIDEO_GROUP_PUT,
	  .doc = "Share one's video with all who are in one of one's groups, now and later: to watch (viewer) or to change, too (editor)." },
	{ DELETE, "/videos/{id:uuid}/groups/{group:uuid}", SIGNED_IN, .query = Q_VIDEO_GROUP_DELETE, .answer = ANSWER_NONE,
	  .status = 204, .doc = "Share a video with a group no longer." },
	{ GET, "/users/me/shared", SIGNED_IN, .query = Q_VIDEO_SHARED_WITH_ME, .answer = ANSWER_CURSOR,
	  .doc = "Videos that others share with the caller, latest first, and as what (viewer, editor)." },
	ROUTE_END
};
