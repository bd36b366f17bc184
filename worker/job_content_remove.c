/* worker/job_content_remove.c - files that no row names any more (a report that was deleted or has expired, a picture of a project);
 * payload {"folder":KEY}. */
#include <string.h>

#include "lib/storage.h"
#include "worker/job.h"
#include "worker/picture.h"

/* "TENANT/PLACE/SOMETHING" */
static bool
is_below(const char *folder, const char *tenant, const char *place)
{
	size_t t = strlen(tenant), p = strlen(place);

	return strncmp(folder, tenant, t) == 0 && folder[t] == '/' && strncmp(folder + t + 1, place, p) == 0 && folder[t + 1 + p] == '/' &&
	    folder[t + 2 + p] != '\0';
}

static int
content_remove_run(struct job *job)
{
	char tenant[UUID_TEXT];
	const char *folder = payload_text(job, "folder");

	uuid_text(&job->tenant, tenant);
	if (folder == NULL || strstr(folder, "..") != NULL || !(is_below(folder, tenant, "reports") || is_below(folder, tenant, "films") ||
	    is_below(folder, tenant, "pocs")))
		return job_fail(job, "MALFORMED", "This is no folder that may go.", true);
	return storage_remove(storage_path(job->mem, job->conf, STORAGE_PUBLIC, folder)) == 0 ? 0 :
	    job_fail(job, "NOT_PURGED", "The files could not be removed.", false);
}

const struct job_kind job_content_remove = { .name = "content_remove", .run = content_remove_run };
