/* handlers/preferences.c - how a person wants things; clients keep them here so that every device knows. */
#include <string.h>

#include "handlers/accounts.h"

struct preferences {
	const char *theme, *quality, *captions_language, *digest;
	bool autoplay, captions, reduced_motion, email_notifications, push_notifications, history;
	struct json_text notifications, client;
};

static const struct field preferences_fields[] = {
	FIELD(struct preferences, theme, .nullable = true, .one_of = "system|light|dark"),
	FIELD(struct preferences, quality, .nullable = true, .one_of = "auto|1080p|720p|480p|360p"),
	FIELD(struct preferences, autoplay, .nullable = true),
	FIELD(struct preferences, captions, .nullable = true),
	FIELD(struct preferences, captions_language, .nullable = true, .format = FORMAT_LANGUAGE),
	FIELD(struct preferences, reduced_motion, .nullable = true),
	FIELD(struct preferences, history, .nullable = true, .doc = "Remember what was watched."),
	FIELD(struct preferences, email_notifications, .nullable = true),
	FIELD(struct preferences, push_notifications, .nullable = true),
	FIELD(struct preferences, digest, .nullable = true, .one_of = "off|daily|weekly"),
	FIELD(struct preferences, notifications, .nullable = true, .doc = "{kind: {inApp, push, mail}}, as in /notifications/preferences; replaces all of them."),
	FIELD(struct preferences, client, .nullable = true, .doc = "Whatever a client wants to find again."),
	FIELD_END
};

static int
write_preferences(struct request *rq, const struct db_result *r)
{
	buf_add_str(reply_data(rq, 200), db_text(r, 0, "preferences"));
	return 0;
}

static int
preferences_show(struct request *rq)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_PREFERENCES, uuid_param(rq->user.id));

	return err != 0 ? err : write_preferences(rq, r);
}

/* Kinds of notifications are rows, so that no table of fields can list them. */
static int
check_choice(struct request *rq, const char *choice)
{
	struct db_result *r;
	int err;

	if (choice == NULL || strcmp(choice, "null") == 0)
		return 0;
	err = db_query(&rq->db, &r, Q_NOTIFICATION_CHOICE_PROBLEM, json_param(choice));
	return err != 0 || db_rows(r) == 0 ? err : reply_invalid(rq, "notifications", db_text(r, 0, "problem"));
}

/* The body was checked, so it can be merged as it came. */
static int
preferences_change(struct request *rq)
{
	const struct preferences *in = rq->body;
	struct db_result *r;
	int err = check_choice(rq, in->notifications.text);

	if (err == 0)
		err = db_query(&rq->db, &r, Q_PREFERENCES_MERGE, uuid_param(rq->user.id),
		    json_param(mem_strndup(rq, rq->body_text, rq->body_length)));
	if (err == 0 && db_rows(r) == 0)
		return reply_error(rq, ERR_VALIDATION_ERROR, "The preferences would be too large.");
	return err != 0 ? err : write_preferences(rq, r);
}

const struct route preferences_routes[] = {
	{ GET, "/users/me/preferences", SIGNED_IN, .run = preferences_show, .doc = "The caller's preferences." },
	{ PATCH, "/users/me/preferences", SIGNED_IN, .body = SCHEMA(preferences), .body_limit = 8192,
	  .run = preferences_change, .doc = "Change some preferences; null takes one away." },
	ROUTE_END
};
