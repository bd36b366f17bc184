/* worker/job_content_remove.c - the files of a report that was deleted or has expired; payload {"folder":KEY}. */
#include <string.h>

#include "lib/json.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "worker/job.h"

static int
content_remove_run(struct job *job)
{
	char tenant[UUID_TEXT];
	const char *mine = mem_printf(job->mem, "%s/reports/", uuid_text(&job->tenant, tenant)), *folder = NULL, *why;
	struct json_object *payload, *v;

	if (json_parse(job->mem, job->payload, strlen(job->payload), &payload, &why) == 0 && json_object_object_get_ex(payload, "folder", &v))
		folder = json_object_get_string(v);
	if (folder == NULL || strncmp(folder, mine, strlen(mine)) != 0 || strstr(folder, "..") != NULL || folder[strlen(mine)] == '\0')
		return job_fail(job, "MALFORMED", "This is no folder of a report.", true);
	return storage_remove(storage_path(job->mem, job->conf, STORAGE_PUBLIC, folder)) == 0 ? 0 :
	    job_fail(job, "NOT_PURGED", "The files could not be removed.", false);
}

const struct job_kind job_content_remove = { .name = "content_remove", .run = content_remove_run };
