/* worker/scorer.c - see scorer.h. */
#include "worker/scorer.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"

#define LABELS_MAX 4096

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
		ok = isfinite(*score) && *score >= 0 && *score <= 1 && strlen(*labels) < LABELS_MAX;
	}
	json_object_put(answer);
	return ok;
}

int
scorer_ask(struct job *job, const struct http_post *question, double *score, const char **labels)
{
	struct http_reply reply;
	const char *why;

	if (http_post(job->mem, question, &reply, &why) != 0)
		return job_fail(job, "SCORER_AWAY", "The scorer did not answer.", false);
	if (reply.status == 200 && read_answer(job, reply.body, score, labels))
		return 0;
	log_warn("scorer_answer_odd", LOG_INT("status", reply.status));
	return job_fail(job, "SCORER_ODD", "The scorer gave no score.", false);
}
