/* worker/job_dojos.c - every minute: dojos whose time has come begin, and the people of those that come soon are reminded. */
#include "lib/mail.h"
#include "lib/mem.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 60000

static int
remind(struct job *job, struct uuid tenant, struct uuid dojo, struct uuid user)
{
	char id[UUID_TEXT];
	struct db_session db;
	struct db_result *p;
	int err;

	db_session_init(&db, job->db, job->mem, tenant, now_ms() + CALL_MS);
	err = db_begin(&db);
	if (err == 0)
		err = db_query(&db, &p, Q_DOJO_REMIND, uuid_param(dojo), uuid_param(user));
	if (err == 0 && db_rows(p) == 1) {
		struct mail_order order = { .name = "dojo-soon", .to = db_text(p, 0, "email"), .person = db_text(p, 0, "name"), .site = db_text(p, 0, "site"),
			.locale = db_text(p, 0, "locale"), .detail = db_text(p, 0, "dojo"),
			.link = mem_printf(job->mem, "%s/dojos/%s", db_text(p, 0, "base_url"), uuid_text(&dojo, id)) };

		err = db_exec(&db, NULL, Q_ACCOUNT_JOB, text_param("mail"), json_param(mail_job(job->mem, job->conf, &order)), null_param(), null_param(),
		    int_param(0));
	}
	if (err == 0)
		err = db_commit(&db);
	db_session_end(&db);
	return err;
}

static int
dojos_run(struct job *job)
{
	struct db_session db;
	struct db_result *r;
	int err;

	db_session_init(&db, job->db, job->mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
	err = db_query(&db, &r, Q_DOJOS_DUE);
	for (int i = 0; err == 0 && i < db_rows(r); i++)
		err = remind(job, db_uuid(r, i, "tenant_id"), db_uuid(r, i, "dojo_id"), db_uuid(r, i, "user_id"));
	db_session_end(&db);
	return err == 0 ? 0 : job_fail(job, "DATABASE", "Not all could be reminded.", false);
}

const struct job_kind job_dojos = { .name = "dojos", .slots = 1, .run = dojos_run };
