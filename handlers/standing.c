/* handlers/standing.c - a person's standing, in the hands of those who manage people: the list, roles, suspensions, bans.
 * What is allowed is said by the functions of db/migrations/0055_standing.sql. */
#include <string.h>

#include "fcgi/revoked.h"
#include "handlers/accounts.h"

struct people_filter {
	const char *q, *role, *status, *sort;
};

static const struct field people_filter_fields[] = {
	FIELD(struct people_filter, q, .min = 1, .max = 100, .doc = "A part of the name, the address or the displayed name."),
	FIELD(struct people_filter, role, .one_of = "user|creator|coach|employer|moderator|admin|operator"),
	FIELD(struct people_filter, status, .one_of = "active|suspended|banned|deleted"),
	FIELD(struct people_filter, sort, .one_of = "-createdAt|createdAt|username", .dflt = "-createdAt"),
	FIELD_END
};

struct role_change {
	const char *role;
};

static const struct field role_change_fields[] = {
	FIELD(struct role_change, role, .required = true, .one_of = "user|creator|coach|employer|moderator|admin|operator"),
	FIELD_END
};

struct suspension {
	const char *until, *reason;
};

static const struct field suspension_fields[] = {
	FIELD(struct suspension, until, .format = FORMAT_TIME, .doc = "When it ends; left out: when somebody ends it."),
	FIELD(struct suspension, reason, .required = true, .min = 3, .max = 1000),
	FIELD_END
};

struct ban {
	const char *reason;
};

static const struct field ban_fields[] = {
	FIELD(struct ban, reason, .required = true, .min = 3, .max = 1000),
	FIELD_END
};

/* The person of the path whom the caller may decide on; *before: their standing as JSON. */
static int
standing_begin(struct request *rq, struct uuid *id, const char **before)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_PERSON, text_param(path_text(rq, "id")));

	if (err != 0)
		return err;
	*id = db_uuid(r, 0, "id");
	err = db_exec(&rq->db, NULL, Q_USER_ACT_CHECK, uuid_param(rq->user.id), uuid_param(*id));
	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_USER_STANDING, uuid_param(*id));
	if (err == 0)
		*before = db_text(r, 0, "_state");
	return err;
}

/* The access tokens that ended are refused from here on, before the other machines hear of it. */
static int
sessions_tell(struct request *rq, struct uuid user)
{
	struct db_result *r;
	int err = db_query(&rq->db, &r, Q_SESSIONS_TOLD, uuid_param(user));

	for (int i = 0; err == 0 && i < db_rows(r); i++) {
		struct uuid session = db_uuid(r, i, "id");

		revoked_add(rq->app->revoked, &session,
		    db_is_null(r, i, "_not_before_s") ? REVOKED_FOR_EVER : db_int(r, i, "_not_before_s"),
		    rq->app->conf->auth_access_token_ttl);
	}
	return err;
}

static int
standing_end(struct request *rq, const char *action, struct uuid id, const char *before)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_USER_STANDING, uuid_param(id));

	if (err == 0)
		err = audit(rq, action, "user", id, before, db_text(r, 0, "_state"));
	if (err == 0)
		err = sessions_tell(rq, id);
	if (err == 0)
		db_write_object(reply_data(rq, 200), r, 0);
	return err;
}

static int
user_set_role(struct request *rq)
{
	const struct role_change *in = rq->body;
	const char *before;
	struct uuid id;
	int err = standing_begin(rq, &id, &before);

	if (err == 0 && role_parse(in->role) == ROLE_OPERATOR && rq->user.role != ROLE_OPERATOR)
		return reply_error(rq, ERR_FORBIDDEN, "Only an operator makes operators.");
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_USER_SET_ROLE, uuid_param(id), text_param(in->role));
	return err != 0 ? err : standing_end(rq, "user.role_set", id, before);
}

static int
user_suspend(struct request *rq)
{
	const struct suspension *in = rq->body;
	const char *before;
	struct uuid id;
	int err = standing_begin(rq, &id, &before);

	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_USER_SUSPEND, uuid_param(id), text_param(in->until), text_param(in->reason));
	return err != 0 ? err : standing_end(rq, "user.suspended", id, before);
}

static int
user_unsuspend(struct request *rq)
{
	const char *before;
	struct uuid id;
	int err = standing_begin(rq, &id, &before);

	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_USER_UNSUSPEND, uuid_param(id));
	return err != 0 ? err : standing_end(rq, "user.unsuspended", id, before);
}

static int
user_ban(struct request *rq)
{
	const struct ban *in = rq->body;
	const char *before;
	struct uuid id;
	int err = standing_begin(rq, &id, &before);

	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_USER_BAN, uuid_param(id), text_param(in->reason));
	return err != 0 ? err : standing_end(rq, "user.banned", id, before);
}

static int
user_unban(struct request *rq)
{
	const char *before;
	struct uuid id;
	int err = standing_begin(rq, &id, &before);

	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_USER_UNBAN, uuid_param(id));
	return err != 0 ? err : standing_end(rq, "user.unbanned", id, before);
}

const struct route standing_routes[] = {
	{ GET, "/users", MAY_USER_MANAGE, .query = Q_USER_PAGE, .answer = ANSWER_PAGE, .query_string = SCHEMA(people_filter),
	  .doc = "The people of this community, by name, role and status." },
	{ PUT, "/users/{id:user}/role", MAY_USER_MANAGE, .confirmed = true, .body = SCHEMA(role_change), .transaction = true, .run = user_set_role,
	  .doc = "Give a person a role. Their access tokens end; the next refresh knows the new one." },
	{ POST, "/users/{id:user}/suspend", MAY_USER_MANAGE, .confirmed = true, .body = SCHEMA(suspension), .transaction = true, .run = user_suspend,
	  .doc = "From now on they read and appeal, and nothing else." },
	{ POST, "/users/{id:user}/unsuspend", MAY_USER_MANAGE, .confirmed = true, .transaction = true, .run = user_unsuspend, .doc = "End a suspension." },
	{ POST, "/users/{id:user}/ban", MAY_USER_MANAGE, .confirmed = true, .body = SCHEMA(ban), .transaction = true, .run = user_ban,
	  .drops_answers = true, .doc = "Signed out everywhere, and no way in." },
	{ POST, "/users/{id:user}/unban", MAY_USER_MANAGE, .confirmed = true, .transaction = true, .run = user_unban, .drops_answers = true,
	  .doc = "Let them in again." },
	ROUTE_END
};
