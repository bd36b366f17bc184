/* worker/picture.c - see picture.h. */
#include "worker/picture.h"

#include <string.h>

#include "lib/json.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "worker/confine.h"

const char *
payload_text(struct job *job, const char *member)
{
	struct json_object *payload, *v;
	const char *why;

	if (json_parse(job->mem, job->payload, strlen(job->payload), &payload, &why) != 0 || !json_object_object_get_ex(payload, member, &v))
		return NULL;
	return mem_strdup(job->mem, json_object_get_string(v));
}

int
picture_run(struct job *job, const char *source, const char *folder,
    int (*make)(void *arg, const char *source, const char *folder, struct media_failure *failure), void *arg)
{
	struct media_failure failure = { 0 };
	int rc = confine((const char *const[]){ source, NULL }, folder);

	if (rc != 0) {
		log_error("confine_failed", LOG_INT("errno", -rc));
		return job_fail(job, "NOT_CONFINED", "The work on this could not begin.", false);
	}
	rc = make(arg, source, folder, &failure);
	if (rc == MEDIA_OK)
		return 0;
	log_info("picture_refused", LOG_STR("reason", failure.reason), LOG_STR("detail", failure.detail));
	return job_fail(job, failure.reason, failure.message, rc == MEDIA_NOT_PICTURE || rc == MEDIA_PICTURE_TOO_LARGE);
}
