/* worker/job_check_text.c - asks the community's scorer about a text; payload {"kind":…,"id":…}. The protocol stands in
 * doc/moderation.md. */
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "lib/http.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"
#include "worker/job.h"

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

/* {"score": 0 to 1, "labels": …}: anything else is no answer. */
static bool
read_answer(struct job *job, const char *body, double *score, const char **labels)
{
	struct json_object *answer = json_tokener_parse(body), *v, *l;
	bool ok = json_object_is_type(answer, json_type_object) && json_object_object_get_ex(answer, "score", &v) &&
	    (json_object_is_type(v, json_type_double) || json_object_is_type(v, json_type_int));

	if (ok) {
		*score = json_object_get_double(v);
		*labels = json_object_object_get_ex(answer, "labels", &l) ? mem_strdup(job->mem, json_object_to_json_string(l)) : "null";
		ok = isfinite(*score) && *score >= 0 && *score <= 1 && strlen(*labels) < 4096;
	}
	json_object_put(answer);
	return ok;
}

static int
score(struct job *job, struct db_session *db, const struct subject *s, const char *words)
{
	const char *body = mem_printf(job->mem, "{\"kind\":\"%s\",\"words\":%s}", s->kind, words), *labels, *why;
	struct http_reply reply;
	struct db_result *r;
	double value;

	if (http_post(job->mem, &(struct http_post){ .url = job->conf->moderation_text_scorer_url, .content_type = "application/json",
	        .body = body, .length = strlen(body) }, &reply, &why) != 0)
		return job_fail(job, "SCORER_AWAY", "The scorer of texts did not answer.", false);
	if (reply.status != 200 || !read_answer(job, reply.body, &value, &labels)) {
		log_warn("scorer_answer_odd", LOG_INT("status", reply.status));
		return job_fail(job, "SCORER_ODD", "The scorer of texts gave no score.", false);
	}
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
