/* worker/job_push.c - a notification goes to a person's devices. A device whose push has to wait gets a job of its own,
 * so that the others are not pushed to twice. */
#include <string.h>

#include "lib/buf.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/notice.h"
#include "lib/wait.h"
#include "worker/fcm.h"

#define CALL_MS 30000
#define TRIES_MAX 6
#define WAIT_S 30 /* before the second try; then twice as long each time */
#define WAIT_MAX_S 86400

struct order {
	struct uuid notification, device; /* device: all zeros for all of them */
	int tries;
};

static struct order
order_read(struct job *job)
{
	struct json_object *payload = json_tokener_parse(job->payload), *v;
	struct order o = { 0 };

	if (json_object_object_get_ex(payload, "notificationId", &v))
		uuid_parse(json_object_get_string(v), (size_t)json_object_get_string_len(v), &o.notification);
	if (json_object_object_get_ex(payload, "deviceId", &v))
		uuid_parse(json_object_get_string(v), (size_t)json_object_get_string_len(v), &o.device);
	if (json_object_object_get_ex(payload, "tries", &v))
		o.tries = json_object_get_int(v);
	json_object_put(payload);
	return o;
}

static void
pair(struct buf *b, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_json_key(b, key);
	buf_json_str(b, value);
}

static void
open_object(struct buf *b, const char *key)
{
	buf_json_key(b, key);
	buf_add_char(b, '{');
}

/* The same notification replaces itself on the device (collapse keys): a push that went out twice shows once. */
static const char *
message_of(struct job *job, const struct db_result *n, const char *text, const char *token, int64_t unread)
{
	const char *id = db_text(n, 0, "id");
	struct buf b;

	buf_init(&b, job->mem, 1024);
	buf_add_char(&b, '{');
	open_object(&b, "message");
	pair(&b, "token", token);
	open_object(&b, "notification");
	pair(&b, "title", db_text(n, 0, "site"));
	pair(&b, "body", text);
	buf_add_char(&b, '}');
	open_object(&b, "data");
	pair(&b, "notificationId", id);
	pair(&b, "kind", db_text(n, 0, "kind"));
	pair(&b, "subjectKind", db_text(n, 0, "subject_kind"));
	pair(&b, "subjectId", db_text(n, 0, "subject_id"));
	pair(&b, "videoId", db_text(n, 0, "video_id"));
	pair(&b, "unread", mem_printf(job->mem, "%lld", (long long)unread));
	buf_add_char(&b, '}');
	open_object(&b, "android");
	pair(&b, "collapse_key", id);
	open_object(&b, "notification");
	pair(&b, "tag", id);
	buf_add_literal(&b, "}}");
	open_object(&b, "apns");
	open_object(&b, "headers");
	pair(&b, "apns-collapse-id", id);
	buf_add_char(&b, '}');
	open_object(&b, "payload");
	open_object(&b, "aps");
	buf_json_key(&b, "badge");
	buf_printf(&b, "%lld", (long long)unread);
	buf_add_literal(&b, "}}}}}");
	return buf_cstr(&b);
}

static int
again_later(struct job *job, struct db_session *db, const struct order *o, struct uuid device, long retry_after_s)
{
	long wait_s = WAIT_S << o->tries;
	char n[UUID_TEXT], d[UUID_TEXT];

	if (o->tries + 1 >= TRIES_MAX)
		return 0;
	wait_s = retry_after_s > wait_s ? retry_after_s : wait_s;
	uuid_text(&o->notification, n);
	uuid_text(&device, d);
	return db_exec(db, NULL, Q_PUSH_AGAIN, uuid_param(job->user), uuid_param(o->notification),
	    text_param(mem_printf(job->mem, "%s:%s:%d", n, d, o->tries + 1)),
	    json_param(mem_printf(job->mem, "{\"notificationId\":\"%s\",\"deviceId\":\"%s\",\"tries\":%d}", n, d, o->tries + 1)),
	    int_param(wait_s < WAIT_MAX_S ? wait_s : WAIT_MAX_S));
}

static int
push_to(struct job *job, struct db_session *db, const struct order *o, struct fcm *fcm, const struct db_result *devices,
    int row, const char *message)
{
	struct uuid device = db_uuid(devices, row, "id");
	long retry_after_s;
	const char *why = "";

	switch (fcm_send(job, fcm, message, &retry_after_s, &why)) {
	case FCM_SENT:
		return 0;
	case FCM_DEAD_TOKEN:
		log_info("push_device_gone", LOG_STR("why", why));
		return db_exec(db, NULL, Q_PUSH_DEVICE_DEAD, uuid_param(device), text_param(db_text(devices, row, "token")));
	case FCM_LATER:
		log_warn("push_later", LOG_STR("why", why), LOG_INT("retryAfter", retry_after_s));
		return again_later(job, db, o, device, retry_after_s);
	case FCM_REFUSED:
		break;
	}
	log_warn("push_refused", LOG_STR("why", why));
	return 0;
}

static int
push_out(struct job *job, struct db_session *db, const struct order *o, const struct db_result *n,
    const struct db_result *devices)
{
	struct notice_words *words = notice_words_open(job->mem, job->conf, db_text(n, 0, "locale"));
	const struct notice notice = { db_text(n, 0, "kind"), db_text(n, 0, "actor"), db_text(n, 0, "second"),
		db_int(n, 0, "actor_count"), db_text(n, 0, "title"), db_text(n, 0, "text") };
	struct db_result *unread;
	struct fcm fcm;
	const char *why, *text;
	bool may_help;
	int err;

	if (words == NULL)
		return job_fail(job, "NO_WORDS", "The templates of notifications cannot be read.", true);
	if (fcm_open(job, &fcm, &why, &may_help) != 0)
		return job_fail(job, "NO_ACCESS", mem_printf(job->mem, "Firebase gives no access: %s.", why), !may_help);
	text = notice_text(job->mem, words, &notice);
	err = db_query_row(db, &unread, Q_NOTIFICATION_UNREAD, uuid_param(job->user));
	for (int i = 0; err == 0 && i < db_rows(devices); i++) {
		err = push_to(job, db, o, &fcm, devices, i,
		    message_of(job, n, text, db_text(devices, i, "token"), db_int(unread, 0, "unread")));
		job_report_progress(job, 100 * (i + 1) / db_rows(devices));
	}
	return err == 0 ? 0 : job_fail(job, "NOT_PUSHED", "The database did not answer.", false);
}

static int
push_run(struct job *job)
{
	struct order o = order_read(job);
	struct db_result *n, *devices;
	struct db_session db;
	int err, rc = 0;

	if (job->conf->push_service_account == NULL || job->conf->push_service_account[0] == '\0')
		return 0;
	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query(&db, &n, Q_PUSH_NOTICE, uuid_param(o.notification), uuid_param(job->user));
	if (err == 0)
		err = db_query(&db, &devices, Q_PUSH_DEVICES, uuid_param(job->user), uuid_or_null_param(&o.device));
	if (err != 0)
		rc = job_fail(job, "NOT_PUSHED", "The database did not answer.", false);
	else if (db_rows(n) > 0 && db_rows(devices) > 0)
		rc = push_out(job, &db, &o, n, devices);
	db_session_end(&db);
	return rc;
}

const struct job_kind job_push = { .name = "push", .slots = 4, .timeout_s = 300, .run = push_run };
