/* worker/job_webhook.c - delivers one event to one webhook. What fails is tried again for a day and a half. A receiver
 * may see an event twice (its answer was lost): Webhook-Id tells. */
#include "lib/http.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/seal.h"
#include "lib/wait.h"
#include "lib/webhook.h"
#include "worker/job.h"

#include <string.h>
#include <time.h>

#define CALL_MS 30000
#define WAIT_MAX_S 86400

static const int waits_s[] = { 10, 60, 300, 1800, 7200, 28800, 86400 };
#define WAITS ((int)(sizeof(waits_s) / sizeof(waits_s[0])))

static int
post_event(struct job *job, const struct db_result *d, struct http_reply *reply, const char **why)
{
	const char *secret = seal_open(job->mem, job->conf->main_secret, WEBHOOK_SEAL, db_text(d, 0, "secret"));
	const char *body = db_text(d, 0, "body"), *signature;
	int64_t at_s = time(NULL);
	char id[UUID_TEXT];

	uuid_text(&job->subject, id);
	signature = webhook_sign(job->mem, secret, id, at_s, body);
	*why = "the secret cannot be read: make a new one";
	if (signature == NULL)
		return -1;
	const struct http_pair headers[] = { { "Webhook-Id", id }, { "Webhook-Timestamp", mem_printf(job->mem, "%lld", (long long)at_s) },
		{ "Webhook-Signature", signature }, { NULL, NULL } };

	return http_post(job->mem, &(struct http_post){ .url = db_text(d, 0, "url"), .content_type = "application/json", .body = body,
	    .length = strlen(body), .headers = headers, .public_only = !job->conf->webhooks_allow_private }, reply, why);
}

static int
write_down(struct job *job, struct db_session *db, int attempts, const struct http_reply *reply, const char *why, int64_t took_ms)
{
	struct param id = uuid_param(job->subject);
	bool taken = why == NULL && reply->status >= 200 && reply->status < 300, gone = why == NULL && reply->status == 410;
	bool last = attempts >= WAITS || gone;
	long wait_s;
	int err = db_exec(db, NULL, Q_WEBHOOK_ATTEMPT, id, why == NULL ? int_param(reply->status) : null_param(), text_param(why),
	    int_param(took_ms));

	if (err == 0)
		err = db_exec(db, NULL, Q_WEBHOOK_SETTLE, id, text_param(taken ? "delivered" : last ? "failed" : "pending"));
	if (err == 0 && gone)
		err = db_exec(db, NULL, Q_WEBHOOK_DISABLE, id, text_param("The address answered 410 Gone."));
	if (err != 0 || taken || last)
		return err;
	wait_s = why == NULL && reply->retry_after_s > waits_s[attempts] ? reply->retry_after_s : waits_s[attempts];
	return db_exec(db, NULL, Q_WEBHOOK_AGAIN, id, int_param(wait_s < WAIT_MAX_S ? wait_s : WAIT_MAX_S));
}

/* Switched off meanwhile: nothing is sent, and a replay can make up for it. */
static int
deliver(struct job *job, struct db_session *db, const struct db_result *d)
{
	struct http_reply reply = { 0 };
	const char *why = NULL, *told;
	int64_t started_ms = now_ms();
	int err;

	if (!db_bool(d, 0, "is_active"))
		return db_exec(db, NULL, Q_WEBHOOK_SETTLE, uuid_param(job->subject), text_param("failed"));
	if (post_event(job, d, &reply, &told) != 0)
		why = told;
	err = db_begin(db);
	if (err == 0)
		err = write_down(job, db, (int)db_int(d, 0, "attempts"), &reply, why, now_ms() - started_ms);
	return err != 0 ? err : db_commit(db);
}

static int
webhook_run(struct job *job)
{
	struct db_session db;
	struct db_result *d;
	int err;

	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query(&db, &d, Q_WEBHOOK_DELIVERY, uuid_param(job->subject));
	if (err == 0 && db_rows(d) > 0)
		err = deliver(job, &db, d);
	db_session_end(&db);
	return err == 0 ? 0 : job_fail(job, "NOT_WRITTEN", "The database did not answer.", false);
}

const struct job_kind job_webhook = { .name = "webhook", .slots = 4, .timeout_s = 120, .run = webhook_run };
