/* handlers/content.c - what the worker makes on request: reports. Asked for here, made by worker/job_document.c. */
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "fcgi/app.h"

#define YEAR_S (365 * 86400)

struct report_new {
	const char *title, *kind, *from_date, *to_date, *group_by, *format;
	struct text_list include_tags, exclude_tags;
	bool mail_when_ready;
};

static const struct field report_new_fields[] = {
	FIELD(struct report_new, title, .required = true, .min = 1, .max = 200),
	FIELD(struct report_new, kind, .one_of = "pocs|videos|moderation", .dflt = "pocs",
	    .doc = "One's projects, one's videos, or (for those who moderate) what was decided in the community."),
	FIELD(struct report_new, from_date, .format = FORMAT_TIME, .doc = "Left out: a year before toDate."),
	FIELD(struct report_new, to_date, .format = FORMAT_TIME, .doc = "Left out: now."),
	FIELD(struct report_new, include_tags, .max_items = 20, .max_each = 50, .doc = "With at least one of them."),
	FIELD(struct report_new, exclude_tags, .max_items = 20, .max_each = 50),
	FIELD(struct report_new, group_by, .one_of = "language|tag|month", .dflt = "month"),
	FIELD(struct report_new, format, .required = true, .one_of = "PDF|EXCEL|CSV"),
	FIELD(struct report_new, mail_when_ready, .dflt = "false"),
	FIELD_END
};

static const char *
day(struct request *rq, time_t t)
{
	char *text = mem_size(rq, 40);
	struct tm tm;

	strftime(text, 40, "%Y-%m-%dT00:00:00Z", gmtime_r(&t, &tm));
	return text;
}

/* Tomorrow's first moment: the day that runs is in it, and the same question has the same answer all day. */
static const char *
end_of(struct request *rq, const struct report_new *in)
{
	return in->to_date != NULL ? in->to_date : day(rq, time(NULL) + 86400);
}

static const char *
start_of(struct request *rq, const struct report_new *in)
{
	struct tm tm = { 0 };

	if (in->from_date != NULL)
		return in->from_date;
	return in->to_date != NULL && strptime(in->to_date, "%Y-%m-%d", &tm) != NULL ? day(rq, timegm(&tm) - YEAR_S) : day(rq, time(NULL) + 86400 - YEAR_S);
}

static void
add_list(struct json_object *options, const char *name, const struct text_list *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < list->count; i++)
		json_object_array_add(array, json_object_new_string(list->items[i]));
	json_object_object_add(options, name, array);
}

static const char *
options_of(struct request *rq, const struct report_new *in)
{
	struct json_object *o = json_object_new_object();
	const char *text;

	json_object_object_add(o, "kind", json_object_new_string(in->kind));
	json_object_object_add(o, "format", json_object_new_string(in->format));
	json_object_object_add(o, "groupBy", json_object_new_string(in->group_by));
	json_object_object_add(o, "from", json_object_new_string(start_of(rq, in)));
	json_object_object_add(o, "until", json_object_new_string(end_of(rq, in)));
	if (in->include_tags.count > 0)
		add_list(o, "includeTags", &in->include_tags);
	if (in->exclude_tags.count > 0)
		add_list(o, "excludeTags", &in->exclude_tags);
	text = mem_strdup(rq, json_object_to_json_string(o));
	json_object_put(o);
	return text;
}

static int
report_create(struct request *rq)
{
	const struct report_new *in = rq->body;
	int err;

	if (strcmp(in->kind, "moderation") == 0 && !role_may(rq->user.role, MAY_REPORT_REVIEW))
		return reply_error(rq, ERR_FORBIDDEN, "Reports of moderation are for those who moderate.");
	if (strcmp(in->kind, "pocs") == 0 && !(rq->tenant->modules >> MODULE_POCS & 1))
		return reply_invalid(rq, "kind", "projects are not switched on here");
	if (strcmp(start_of(rq, in), end_of(rq, in)) >= 0)
		return reply_invalid(rq, "fromDate", "must be before toDate");
	err = db_exec(&rq->db, NULL, Q_CONTENT_LOCK, uuid_param(rq->user.id));
	if (err != 0)
		return err;
	return reply_query(rq, 202, Q_CONTENT_ASK, uuid_param(rq->user.id), text_param("report"), text_param(in->title), json_param(options_of(rq, in)),
	    bool_param(in->mail_when_ready), text_param(rq->trace_parent));
}

const struct route content_routes[] = {
	{ POST, "/content/reports", SIGNED_IN, .rate = RATE_UPLOAD, .transaction = true, .idempotent = true, .body = SCHEMA(report_new), .status = 202,
	  .run = report_create, .doc = "Ask for a report. The same asked for twice within a minute is one." },
	{ GET, "/content/reports", SIGNED_IN, .query = Q_CONTENT_REPORTS, .answer = ANSWER_CURSOR, .doc = "One's reports, newest first." },
	{ GET, "/content/reports/{id:uuid}", SIGNED_IN, .query = Q_CONTENT_REPORT, .doc = "How far it is, and where it is." },
	{ POST, "/content/reports/{id:uuid}/cancel", SIGNED_IN, .query = Q_CONTENT_CANCEL, .status = 200, .doc = "Make it no more." },
	{ DELETE, "/content/reports/{id:uuid}", SIGNED_IN, .query = Q_CONTENT_DELETE, .answer = ANSWER_NONE, .doc = "Delete it with its file." },
	ROUTE_END
};
