/* handlers/desk.c - the lists that moderators and operators work with, for the pages under /admin and any other client. */
#include <string.h>
#include <sys/statvfs.h>

#include "fcgi/app.h"
#include "handlers/accounts.h"
#include "handlers/desk.h"
#include "lib/csv.h"
#include "lib/storage.h"

struct list_filter {
	const char *q, *state;
};

static const struct field list_filter_fields[] = {
	FIELD(struct list_filter, q, .min = 1, .max = 200, .doc = "An id, @name of the author, or words."),
	FIELD(struct list_filter, state, .one_of = "ready|hidden|failed|underWay"),
	FIELD_END
};

struct comment_filter {
	const char *q, *state;
};

static const struct field comment_filter_fields[] = {
	FIELD(struct comment_filter, q, .min = 1, .max = 200, .doc = "@name of the author, or words among the newest ten thousand."),
	FIELD(struct comment_filter, state, .one_of = "hidden"),
	FIELD_END
};

struct job_filter {
	const char *state, *kind, *reason_code;
	struct uuid subject_id;
};

static const struct field job_filter_fields[] = {
	FIELD(struct job_filter, state, .one_of = "queued|running|done|dead|cancelled"),
	FIELD(struct job_filter, kind, .max = 40),
	FIELD(struct job_filter, reason_code, .max = 60),
	FIELD(struct job_filter, subject_id),
	FIELD_END
};

struct jobs_retry {
	const char *kind, *reason_code;
};

static const struct field jobs_retry_fields[] = {
	FIELD(struct jobs_retry, kind, .required = true, .min = 1, .max = 40),
	FIELD(struct jobs_retry, reason_code, .max = 60),
	FIELD_END
};

const struct field audit_filter_fields[] = {
	FIELD(struct audit_filter, q, .min = 1, .max = 200, .doc = "Anywhere in the row."),
	FIELD(struct audit_filter, actor, .min = 2, .max = 60, .doc = "@name or id."),
	FIELD(struct audit_filter, action, .min = 1, .max = 60, .doc = "How it begins: user. or video.removed"),
	FIELD(struct audit_filter, target),
	FIELD(struct audit_filter, from, .format = FORMAT_DAY),
	FIELD(struct audit_filter, until, .format = FORMAT_DAY),
	FIELD_END
};

/* Signed out everywhere: the access tokens end here at once. */
static int
sessions_end(struct request *rq)
{
	struct db_result *r, *person;
	int err = db_query_row(&rq->db, &person, Q_PERSON, text_param(path_text(rq, "id")));

	if (err == 0)
		err = reply_query(rq, 200, Q_DESK_SESSIONS_END, text_param(path_text(rq, "id")), uuid_param(rq->user.id), text_param(rq->user.address),
		    text_param(rq->id));
	if (err == 0)
		err = db_query(&rq->db, &r, Q_SESSIONS_TOLD, uuid_param(db_uuid(person, 0, "id")));
	if (err == 0)
		sessions_forget(rq, r);
	return err;
}

/* The same of one session. */
static int
session_end(struct request *rq)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_DESK_SESSION_END, text_param(path_text(rq, "id")), uuid_param(path_uuid(rq, "session")),
	    uuid_param(rq->user.id), text_param(rq->user.address), text_param(rq->id));

	if (err != 0)
		return err;
	sessions_forget(rq, r);
	return reply_empty(rq, 204);
}

#define EXPORT_PAGES 100 /* of a thousand rows */

static int
export_page(struct request *rq, struct buf *b, struct param *at, struct param *id, int *rows)
{
	static const char *const text[] = { "action", "actor", "actor_role", "target_kind", "target", "before", "after", "note", "address" };
	const struct audit_filter *in = rq->query;
	struct db_result *r;
	int err = db_query(&rq->db, &r, Q_AUDIT_EXPORT, text_param(in->q), text_param(in->actor), text_param(in->action),
	    uuid_or_null_param(&in->target), text_param(in->from), text_param(in->until), *at, *id);

	*rows = err == 0 ? db_rows(r) : 0;
	for (int i = 0; i < *rows; i++) {
		struct buf time;

		buf_init(&time, rq, 40);
		buf_json_time(&time, db_time_us(r, i, "at"));
		time.data[time.length - 1] = '\0';
		csv_cell(b, time.data + 1, false);
		for (size_t k = 0; k < sizeof(text) / sizeof(text[0]); k++)
			csv_cell(b, db_text(r, i, text[k]), false);
		csv_cell(b, db_text(r, i, "request_id"), true);
		*at = text_param(time.data + 1);
		*id = uuid_param(db_uuid(r, i, "id"));
	}
	return err;
}

int
audit_export(struct request *rq)
{
	struct buf *b = reply_raw(rq, 200, "text/csv; charset=utf-8");
	struct param at = null_param(), id = null_param();
	int err = 0, rows = 1000;

	buf_add_literal(b, "at,action,actor,role,target,target id,before,after,note,address,request\r\n");
	for (int page = 0; err == 0 && rows == 1000 && page < EXPORT_PAGES; page++)
		err = export_page(rq, b, &at, &id, &rows);
	reply_header(rq, "Content-Disposition", "attachment; filename=\"audit.csv\"");
	reply_header(rq, "X-Content-Type-Options", "nosniff");
	return err;
}

/* How full it is: the community's part by the database, the disk by itself for those who run the installation. */
static int
storage_show(struct request *rq)
{
	struct db_result *r;
	struct statvfs disk;
	struct buf *b;
	int err = db_query_row(&rq->db, &r, Q_DESK_STORAGE);

	if (err != 0)
		return err;
	b = reply_data(rq, 200);
	buf_add_char(b, '{');
	db_write_members(b, r, 0);
	if (role_may(rq->user.role, MAY_TENANT_MANAGE) && statvfs(rq->app->conf->media_root, &disk) == 0)
		buf_printf(b, ",\"disk\":{\"sizeBytes\":%llu,\"freeBytes\":%llu,\"roomBytes\":%lld}",
		    (unsigned long long)disk.f_blocks * disk.f_frsize, (unsigned long long)disk.f_bavail * disk.f_frsize,
		    (long long)storage_room(rq->app->conf));
	buf_add_char(b, '}');
	return 0;
}

const struct route desk_routes[] = {
	{ GET, "/desk/figures", MAY_REPORT_REVIEW, .query = Q_DESK_FIGURES, .doc = "What waits, and the last thirty days." },
	{ GET, "/desk/videos", MAY_REPORT_REVIEW, .query_string = SCHEMA(list_filter), .query = Q_DESK_VIDEOS, .answer = ANSWER_CURSOR,
	  .doc = "Videos in any state, newest first." },
	{ GET, "/desk/videos/{id:uuid}", MAY_REPORT_REVIEW, .query = Q_DESK_VIDEO, .doc = "A video as a moderator sees it." },
	{ GET, "/desk/comments", MAY_REPORT_REVIEW, .query_string = SCHEMA(comment_filter), .query = Q_DESK_COMMENTS, .answer = ANSWER_CURSOR,
	  .doc = "Comments, newest first." },
	{ GET, "/desk/people/{id:user}", MAY_REPORT_REVIEW, .query = Q_DESK_PERSON, .doc = "A person's standing, strikes and history." },
	{ DELETE, "/desk/people/{id:user}/sessions", MAY_USER_MANAGE, .confirmed = true, .transaction = true, .status = 200, .run = sessions_end,
	  .doc = "Sign a person out everywhere." },
	{ DELETE, "/desk/people/{id:user}/sessions/{session:uuid}", MAY_USER_MANAGE, .confirmed = true, .transaction = true, .run = session_end,
	  .doc = "End one session of a person." },
	{ GET, "/desk/colleagues", MAY_REPORT_REVIEW, .query = Q_DESK_COLLEAGUES, .answer = ANSWER_LIST, .doc = "To whom a case may be given." },
	{ GET, "/desk/jobs", MAY_JOB_MANAGE, .query_string = SCHEMA(job_filter), .query = Q_DESK_JOBS, .answer = ANSWER_CURSOR,
	  .doc = "Jobs of the community (of all, for operators), newest first." },
	{ GET, "/desk/jobs/failures", MAY_JOB_MANAGE, .query = Q_DESK_JOB_FAILURES, .answer = ANSWER_LIST, .doc = "Why jobs failed, and how many." },
	{ GET, "/desk/jobs/figures", MAY_TENANT_MANAGE, .query = Q_DESK_JOB_FIGURES, .answer = ANSWER_LIST, .doc = "The queue by kind and state." },
	{ GET, "/desk/jobs/{id:uuid}", MAY_JOB_MANAGE, .query = Q_DESK_JOB_BY_ID, .doc = "One job, and why it failed." },
	{ POST, "/desk/jobs/retry", MAY_JOB_MANAGE, .body = SCHEMA(jobs_retry), .query = Q_DESK_JOBS_RETRY, .status = 200,
	  .doc = "Do again what failed, by kind and reason." },
	{ POST, "/desk/jobs/{id:uuid}/retry", MAY_JOB_MANAGE, .query = Q_DESK_JOB_RETRY, .status = 200, .doc = "Do a job again." },
	{ POST, "/desk/jobs/{id:uuid}/cancel", MAY_JOB_MANAGE, .query = Q_DESK_JOB_CANCEL, .status = 200,
	  .doc = "Cancel a job; one that runs is asked to stop." },
	{ GET, "/desk/storage", MAY_METRICS_VIEW, .run = storage_show, .doc = "How much is stored, by whom, and how much room there is." },
	{ GET, "/audit", MAY_AUDIT_VIEW, .query_string = SCHEMA(audit_filter), .query = Q_AUDIT_PAGE, .answer = ANSWER_CURSOR,
	  .doc = "Who did what, latest first." },
	{ GET, "/audit/export", MAY_AUDIT_VIEW, .query_string = SCHEMA(audit_filter), .run = audit_export,
	  .doc = "The same as CSV, a hundred thousand rows at most." },
	ROUTE_END
};
