/* worker/job_check_text.c - asks the community's scorer about a text; payload {"kind":…,"id":…}. The protocol stands in
 * doc/moderation.md. */
#include <json-c/json.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/wait.h"
#include "worker/scorer.h"

#define CALL_MS 15000

struct subject {
	const char *kind, *id;
};

static const char *
member(struct job *job, struct json_object *object, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(object, key, &v) && json_object_is_type(v, json_type_string) ?
	    mem_strdup(job->mem, json_object_get_string(v)) : NULL;
}

static int
score(struct job *job, struct db_session *db, const struct subject *s, const char *words)
{
	const char *body = mem_printf(job->mem, "{\"kind\":\"%s\",\"words\":%s}", s->kind, words), *labels;
	struct db_result *r;
	double value;

	if (scorer_ask(job, &(struct http_post){ .url = job->conf->moderation_text_scorer_url, .content_type = "application/json",
	        .body = body, .length = strlen(body) }, &value, &labels) != 0)
		return -1;
	return db_query(db, &r, Q_TEXT_SCORED, text_param(s->kind), text_param(s->id), double_param(value), json_param(labels)) == 0 ? 0 :
	    job_fail(job, "NOT_CHECKED", "The database did not answer.", false);
}

static int
check_text_run(struct job *job)
{
	struct json_object *payload = json_tokener_parse(job->payload);
	struct subject s = { member(job, payload, "kind"), member(job, payload, "id") };
	struct db_session db;
	struct db_result *r;
	int err, rc = 0;

	json_object_put(payload);
	if (job->conf->moderation_text_scorer_url[0] == '\0' || s.kind == NULL || s.id == NULL)
		return 0;
	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_CHECK_TEXT_OF, text_param(s.kind), text_param(s.id));
	if (err != 0)
		rc = job_fail(job, "NOT_CHECKED", "The database did not answer.", false);
	else if (!db_is_null(r, 0, "words")) /* it is still there */
		rc = score(job, &db, &s, db_text(r, 0, "words"));
	db_session_end(&db);
	return rc;
}

const struct job_kind job_check_text = { .name = "check_text", .slots = 4, .timeout_s = 120, .run = check_text_run };
