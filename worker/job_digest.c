/* worker/job_digest.c - once an hour: a mail for everybody whose digest is due, about what they have not read. The mail is
 * queued in the transaction that marks what it says as told. */
#include "lib/log.h"
#include "lib/mail.h"
#include "lib/mem.h"
#include "lib/notice.h"
#include "lib/sign.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 60000
#define BATCH 200
#define LINES 20

/* Mail programs end it with one click (RFC 8058); no account needed. */
static const char *
unsubscribe_link(struct job *job, struct uuid tenant, struct uuid user, const char *base_url)
{
	struct signer *signer = signer_open(job->mem, job->conf->main_secret);
	char t[UUID_TEXT], u[UUID_TEXT], signature[SIGNATURE_SIZE];

	uuid_text(&tenant, t);
	uuid_text(&user, u);
	text_sign(signer, "unsubscribe", mem_printf(job->mem, "%s:%s", t, u), signature);
	return mem_printf(job->mem, "%s/api/v1/mail/unsubscribe?user=%s&signature=%s", base_url, u, signature);
}

static int
queue_mail(struct job *job, struct db_session *db, struct uuid tenant, struct uuid user, const struct db_result *lines)
{
	const char *items[LINES + 1] = { NULL };
	struct notice_words *words;
	struct db_result *p;
	int err = db_query_row(db, &p, Q_LEAVING_PERSON, uuid_param(user));
	const char *locale;

	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	locale = db_text(p, 0, "locale") != NULL ? db_text(p, 0, "locale") : db_text(p, 0, "site_locale");
	words = notice_words_open(job->mem, job->conf, locale);
	if (words == NULL)
		return ERR_INTERNAL;
	for (int i = 0; i < db_rows(lines) && i < LINES; i++)
		items[i] = notice_text(job->mem, words, &(struct notice){ db_text(lines, i, "kind"), db_text(lines, i, "actor"),
		    db_text(lines, i, "second"), db_int(lines, i, "actor_count"), db_text(lines, i, "title"), db_text(lines, i, "text") });
	return db_exec(db, NULL, Q_ACCOUNT_JOB, text_param("mail"),
	    json_param(mail_job(job->mem, job->conf, &(struct mail_order){ .name = "digest", .to = db_text(p, 0, "email"),
	        .person = db_text(p, 0, "name"), .locale = locale, .site = db_text(p, 0, "site"), .link = db_text(p, 0, "base_url"),
	        .items = items, .unsubscribe = unsubscribe_link(job, tenant, user, db_text(p, 0, "base_url")) })),
	    null_param(), uuid_param(user), int_param(0));
}

static int
digest_of(struct job *job, struct uuid tenant, struct uuid user)
{
	struct db_session db;
	struct db_result *lines;
	int err;

	db_session_init(&db, job->db, job->mem, tenant, now_ms() + CALL_MS);
	err = db_begin(&db);
	if (err == 0)
		err = db_query(&db, &lines, Q_DIGEST_LINES, uuid_param(user));
	if (err == 0 && db_rows(lines) > 0)
		err = queue_mail(job, &db, tenant, user, lines);
	if (err == 0)
		err = db_exec(&db, NULL, Q_DIGEST_DONE, uuid_param(user));
	if (err == 0)
		err = db_commit(&db);
	db_session_end(&db);
	return err;
}

static int
digest_run(struct job *job)
{
	struct uuid after = { { 0 } };
	int64_t done = 0;

	for (;;) {
		struct db_session db;
		struct db_result *due;
		int err;

		db_session_init(&db, job->db, job->mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
		err = db_query(&db, &due, Q_DIGESTS_DUE, uuid_param(after), int_param(BATCH));
		for (int i = 0; err == 0 && i < db_rows(due); i++) {
			after = db_uuid(due, i, "user_id");
			err = digest_of(job, db_uuid(due, i, "tenant_id"), after);
			job_report_progress(job, 50);
			done++;
		}
		db_session_end(&db);
		if (err != 0)
			return job_fail(job, "NOT_TOLD", "The database did not answer.", false);
		if (db_rows(due) < BATCH)
			break;
	}
	if (done > 0)
		log_info("digests_made", LOG_INT("people", done));
	return 0;
}

const struct job_kind job_digest = { .name = "digest", .slots = 1, .run = digest_run };
