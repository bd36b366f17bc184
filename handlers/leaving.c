/* handlers/leaving.c - taking one's data along (GDPR archive) and taking one's leave. */
#include <string.h>

#include "handlers/accounts.h"

#define DAY_S 86400

struct leave {
	const char *password;
};

static const struct field leave_fields[] = {
	FIELD(struct leave, password, .required = true, .max = 1024),
	FIELD_END
};

/* The account is gone for everybody at once; the job anonymises it when the time to change one's mind is over. */
static int
account_delete(struct request *rq)
{
	const struct leave *in = rq->body;
	int64_t days = (rq->app->conf->account_deletion_delay + DAY_S - 1) / DAY_S;
	struct db_result *r, *sessions;
	char id[UUID_TEXT];
	int err = password_confirm(rq, in->password);

	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_USER_DELETE, uuid_param(rq->user.id), int_param(days));
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_USER_VIDEOS_HIDE, uuid_param(rq->user.id));
	if (err == 0)
		err = db_query(&rq->db, &sessions, Q_SESSIONS_REVOKE_ALL, uuid_param(rq->user.id), null_param());
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_ACCOUNT_JOB, text_param("account_purge"),
		    json_param(mem_printf(rq, "{\"userId\":\"%s\"}", uuid_text(&rq->user.id, id))), text_param(id),
		    uuid_param(rq->user.id), int_param(days * DAY_S));
	if (err == 0)
		err = audit(rq, "user.deleted", "user", rq->user.id, NULL, NULL);
	if (err == 0)
		err = mail_queue(rq, (struct mail_order){ .name = "account-deleted", .to = db_text(r, 0, "_email"),
		    .person = db_text(r, 0, "_name"), .locale = db_text(r, 0, "_locale"), .detail = db_text(r, 0, "_day") });
	if (err != 0)
		return err;
	sessions_forget(rq, sessions);
	db_write_object(reply_data(rq, 202), r, 0);
	return 0;
}

static int
export_start(struct request *rq)
{
	struct db_result *r;
	char id[UUID_TEXT];
	int err = db_query(&rq->db, &r, Q_ACCOUNT_JOB, text_param("account_export"),
	    json_param(mem_printf(rq, "{\"userId\":\"%s\"}", uuid_text(&rq->user.id, id))), text_param(id),
	    uuid_param(rq->user.id), int_param(0));

	if (err == 0)
		err = audit(rq, "user.export_asked", "user", rq->user.id, NULL, NULL);
	if (err != 0)
		return err;
	buf_printf(reply_data(rq, 202), "{\"status\":\"%s\",\"message\":\"A mail with the link comes when the archive is ready.\"}",
	    db_rows(r) > 0 ? "PENDING" : "PROCESSING");
	return 0;
}

const struct route leaving_routes[] = {
	{ DELETE, "/users/me", SIGNED_IN, .rate = RATE_LOGIN, .body = SCHEMA(leave), .drops_answers = true, .transaction = true, .blocks = true,
	  .run = account_delete, .doc = "Delete one's account: gone from sight at once, anonymised by the day that is told." },
	{ POST, "/users/me/export", SIGNED_IN, .transaction = true, .idempotent = true, .run = export_start,
	  .doc = "Ask for an archive of everything that is kept about oneself." },
	ROUTE_END
};
