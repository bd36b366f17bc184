/* handlers/notifications.c - what a person was told, and how they want to be told. Telling is SQL: notify(). */
#include "fcgi/answer.h"
#include "fcgi/app.h"
#include "lib/sign.h"

struct notification_filter {
	bool unread;
};

static const struct field notification_filter_fields[] = {
	FIELD(struct notification_filter, unread, .doc = "Only what was not read yet."),
	FIELD_END
};

struct notification_channels {
	bool in_app, push, mail, has_in_app, has_push, has_mail;
};

static const struct field notification_channels_fields[] = {
	FIELD(struct notification_channels, in_app, GIVEN(struct notification_channels, has_in_app)),
	FIELD(struct notification_channels, push, GIVEN(struct notification_channels, has_push)),
	FIELD(struct notification_channels, mail, GIVEN(struct notification_channels, has_mail), .doc = "In the digest."),
	FIELD_END
};

static int
notification_list(struct request *rq)
{
	const struct notification_filter *in = rq->query;
	struct db_result *r;
	int err = answer_query_of(rq, in->unread ? Q_NOTIFICATION_PAGE_UNREAD : Q_NOTIFICATION_PAGE);

	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_NOTIFICATION_UNREAD, uuid_param(rq->user.id));
	if (err == 0)
		buf_printf(reply_meta(rq), ",\"unread\":%lld", (long long)db_int(r, 0, "unread"));
	return err;
}

struct unsubscribe {
	struct uuid user;
	const char *signature;
};

static const struct field unsubscribe_fields[] = {
	FIELD(struct unsubscribe, user, .required = true),
	FIELD(struct unsubscribe, signature, .required = true, .max = 100),
	FIELD_END
};

/* From a link in the mail itself: its signature is the right to do it. */
static int
digest_stop(struct request *rq)
{
	const struct unsubscribe *in = rq->query;
	char user[UUID_TEXT];
	int64_t rows;
	int err;

	if (!text_is_signed(rq->app->signer, "unsubscribe", mem_printf(rq, "%s:%s", rq->tenant->id_text, uuid_text(&in->user, user)),
	    in->signature))
		return ERR_SIGNATURE_INVALID;
	err = db_exec(&rq->db, &rows, Q_DIGEST_STOP, uuid_param(in->user));
	return err != 0 ? err : reply_empty(rq, 204);
}

const struct route notifications_routes[] = {
	{ GET, "/notifications", SIGNED_IN, .query = Q_NOTIFICATION_PAGE, .answer = ANSWER_CURSOR,
	  .query_string = SCHEMA(notification_filter), .run = notification_list,
	  .doc = "What the caller was told, latest first. meta.unread counts to 100." },
	{ POST, "/notifications/{id:uuid}/read", SIGNED_IN, .query = Q_NOTIFICATION_READ, .answer = ANSWER_NONE,
	  .doc = "Mark one as read." },
	{ DELETE, "/notifications/{id:uuid}/read", SIGNED_IN, .query = Q_NOTIFICATION_UNREAD_AGAIN, .answer = ANSWER_NONE,
	  .doc = "Mark one as unread." },
	{ POST, "/notifications/read-all", SIGNED_IN, .query = Q_NOTIFICATION_READ_ALL, .doc = "Mark all as read." },
	{ DELETE, "/notifications/{id:uuid}", SIGNED_IN, .query = Q_NOTIFICATION_DELETE, .answer = ANSWER_NONE,
	  .doc = "Remove one from the list." },
	{ DELETE, "/notifications", SIGNED_IN, .query = Q_NOTIFICATION_DELETE_ALL, .doc = "Empty the list." },
	{ GET, "/notifications/preferences", SIGNED_IN, .query = Q_NOTIFICATION_PREFERENCES, .answer = ANSWER_LIST,
	  .doc = "Each kind of notification and the channels that it takes. How often mail comes, and whether pushes come at "
	         "all, is said in /users/me/preferences (digest, emailNotifications, pushNotifications)." },
	{ PATCH, "/notifications/preferences/{kind:text}", SIGNED_IN, .body = SCHEMA(notification_channels),
	  .query = Q_NOTIFICATION_PREFER, .doc = "Choose the channels of one kind; what is not named stays." },
	{ POST, "/mail/unsubscribe", PUBLIC, .query_string = SCHEMA(unsubscribe), .run = digest_stop, .status = 204,
	  .doc = "End the digest: mail programs call this, by the List-Unsubscribe header of each one." },
	ROUTE_END
};
