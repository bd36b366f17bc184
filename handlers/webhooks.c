/* handlers/webhooks.c - a community's own programs hear of what happens: where, of what, and how it went. */
#include "fcgi/answer.h"
#include "handlers/accounts.h"
#include "lib/seal.h"
#include "lib/webhook.h"

struct webhook_new {
	const char *url, *description;
	struct text_list events;
};

static const struct field webhook_new_fields[] = {
	FIELD(struct webhook_new, url, .required = true, .format = FORMAT_URL, .max = 2000),
	FIELD(struct webhook_new, events, .required = true, .min_items = 1, .max_items = 50, .max_each = 64),
	FIELD(struct webhook_new, description, .max = 500),
	FIELD_END
};

struct webhook_change {
	const char *url, *description;
	struct text_list events;
	bool is_active, has_is_active;
};

static const struct field webhook_change_fields[] = {
	FIELD(struct webhook_change, url, .format = FORMAT_URL, .max = 2000),
	FIELD(struct webhook_change, events, .min_items = 1, .max_items = 50, .max_each = 64),
	FIELD(struct webhook_change, description, .max = 500),
	FIELD(struct webhook_change, is_active, GIVEN(struct webhook_change, has_is_active)),
	FIELD_END
};

/* Both may be NULL. */
static int
check(struct request *rq, const char *url, const struct text_list *events)
{
	struct db_result *r;
	const char *why;
	int err = 0, listed = 0;

	if (url != NULL && !webhook_url_is_fine(rq->app->conf, url, &why))
		err = reply_invalid(rq, "url", why);
	if (events->items != NULL)
		listed = db_query(&rq->db, &r, Q_WEBHOOK_UNKNOWN_EVENT, text_array_param(events->items, events->count));
	if (listed == 0 && events->items != NULL && db_rows(r) > 0)
		err = reply_invalid(rq, "events", mem_printf(rq, "has no \"%s\"", db_text(r, 0, "event")));
	return listed != 0 ? listed : err;
}

/* The secret is told this once; kept sealed. */
static int
reply_with_secret(struct request *rq, int status, const char *secret, const struct db_result *r)
{
	struct buf *b = reply_data(rq, status);

	buf_add_literal(b, "{\"secret\":");
	buf_json_str(b, secret);
	buf_add_char(b, ',');
	db_write_members(b, r, 0);
	buf_add_char(b, '}');
	return 0;
}

static const char *
sealed(struct request *rq, const char *secret)
{
	return seal_text(rq, rq->app->conf->main_secret, WEBHOOK_SEAL, secret);
}

static int
webhook_create(struct request *rq)
{
	const struct webhook_new *in = rq->body;
	const char *secret = webhook_secret_new(rq);
	struct uuid id = uuid_new();
	struct db_result *r;
	char text[UUID_TEXT];
	int err = check(rq, in->url, &in->events);

	if (err == 0)
		err = db_query(&rq->db, &r, Q_WEBHOOK_INSERT, uuid_param(id), uuid_param(rq->user.id), text_param(in->url),
		    text_array_param(in->events.items, in->events.count), text_param(in->description), text_param(sealed(rq, secret)));
	if (err == 0 && db_rows(r) == 0)
		return reply_error(rq, ERR_CONFLICT, "A community has a hundred webhooks at most.");
	if (err == 0)
		err = audit(rq, "webhook.created", "webhook", id, NULL, NULL);
	if (err != 0)
		return err;
	reply_header(rq, "Location", "/api/v1/webhooks/%s", uuid_text(&id, text));
	return reply_with_secret(rq, 201, secret, r);
}

static int
webhook_update(struct request *rq)
{
	const struct webhook_change *in = rq->body;
	struct uuid id = path_uuid(rq, "id");
	int err = check(rq, in->url, &in->events);

	if (err == 0)
		err = reply_query(rq, 200, Q_WEBHOOK_UPDATE, uuid_param(id), text_param(in->url),
		    text_array_param(in->events.items, in->events.count), text_param(in->description),
		    in->has_is_active ? bool_param(in->is_active) : null_param());
	return err != 0 ? err : audit(rq, "webhook.changed", "webhook", id, NULL, NULL);
}

static int
webhook_delete(struct request *rq)
{
	struct uuid id = path_uuid(rq, "id");
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_WEBHOOK_DELETE, uuid_param(id));

	if (err == 0)
		err = audit(rq, "webhook.deleted", "webhook", id, NULL, NULL);
	return err != 0 ? err : reply_empty(rq, 204);
}

static int
webhook_rotate(struct request *rq)
{
	const char *secret = webhook_secret_new(rq);
	struct uuid id = path_uuid(rq, "id");
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_WEBHOOK_SET_SECRET, uuid_param(id), text_param(sealed(rq, secret)));

	if (err == 0)
		err = audit(rq, "webhook.secret_changed", "webhook", id, NULL, NULL);
	return err != 0 ? err : reply_with_secret(rq, 200, secret, r);
}

static int
webhook_deliveries(struct request *rq)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_WEBHOOK_BY_ID, uuid_param(path_uuid(rq, "id")));

	return err != 0 ? err : answer_query(rq);
}

const struct route webhooks_routes[] = {
	{ POST, "/webhooks", MAY_WEBHOOK_MANAGE, .confirmed = true, .transaction = true, .body = SCHEMA(webhook_new), .run = webhook_create,
	  .doc = "Have events sent to an address. The answer has the secret that signs them, this once." },
	{ GET, "/webhooks", MAY_WEBHOOK_MANAGE, .query = Q_WEBHOOK_LIST, .answer = ANSWER_LIST, .doc = "The community's webhooks." },
	{ GET, "/webhooks/events", MAY_WEBHOOK_MANAGE, .query = Q_WEBHOOK_EVENTS, .answer = ANSWER_LIST,
	  .doc = "The events that there are." },
	{ GET, "/webhooks/{id:uuid}", MAY_WEBHOOK_MANAGE, .query = Q_WEBHOOK_BY_ID, .doc = "One webhook." },
	{ PATCH, "/webhooks/{id:uuid}", MAY_WEBHOOK_MANAGE, .confirmed = true, .transaction = true, .body = SCHEMA(webhook_change),
	  .run = webhook_update, .doc = "Change a webhook, or switch it off and on; what is not named stays." },
	{ DELETE, "/webhooks/{id:uuid}", MAY_WEBHOOK_MANAGE, .transaction = true, .run = webhook_delete, .status = 204,
	  .doc = "Delete a webhook and the log of its deliveries." },
	{ POST, "/webhooks/{id:uuid}/secret", MAY_WEBHOOK_MANAGE, .confirmed = true, .transaction = true, .run = webhook_rotate,
	  .doc = "A new secret, in place of the former one at once." },
	{ POST, "/webhooks/{id:uuid}/ping", MAY_WEBHOOK_MANAGE, .query = Q_WEBHOOK_PING, .status = 202,
	  .doc = "Send the event webhook.ping, to see whether it arrives." },
	{ GET, "/webhooks/{id:uuid}/deliveries", MAY_WEBHOOK_MANAGE, .query = Q_WEBHOOK_DELIVERIES, .answer = ANSWER_CURSOR,
	  .run = webhook_deliveries, .doc = "What was sent to it in the last month, with each attempt, the latest first." },
	{ POST, "/webhooks/{id:uuid}/deliveries/{delivery:uuid}/replay", MAY_WEBHOOK_MANAGE, .query = Q_WEBHOOK_REPLAY,
	  .status = 202, .doc = "Send one again, with the same id and body. One that still waits is not there (404)." },
	ROUTE_END
};
