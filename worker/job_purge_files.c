/* worker/job_purge_files.c - removes files that a video no longer uses: payload {"public":[key…],"originals":[key…]}. */
#include <string.h>

#include "lib/json.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 30000

/* Only below TENANT/VIDEO of this job, and nothing that is in use (again). */
static bool
may_go(struct job *job, const char *key, const char *used, const char *also_used)
{
	char tenant[UUID_TEXT], video[UUID_TEXT];
	const char *mine = mem_printf(job->mem, "%s/%s", uuid_text(&job->tenant, tenant), uuid_text(&job->subject, video));

	return key != NULL && strncmp(key, mine, strlen(mine)) == 0 && strstr(key, "..") == NULL &&
	    (used == NULL || strcmp(key, used) != 0) && (also_used == NULL || strcmp(key, also_used) != 0);
}

static int
remove_all(struct job *job, struct json_object *payload, const char *member, enum storage_root root, const char *used,
    const char *also_used)
{
	struct json_object *list;
	int rc = 0;

	if (!json_object_object_get_ex(payload, member, &list))
		return 0;
	for (size_t i = 0; i < json_object_array_length(list) && rc == 0; i++) {
		const char *key = json_object_get_string(json_object_array_get_idx(list, i));

		if (may_go(job, key, used, also_used))
			rc = storage_remove(storage_path(job->mem, job->conf, root, key));
		job_report_progress(job, 50);
	}
	return rc;
}

static int
purge_run(struct job *job)
{
	struct json_object *payload;
	struct db_session db;
	struct db_result *r;
	const char *why;
	int err, rc = 0;

	if (json_parse(job->mem, job->payload, strlen(job->payload), &payload, &why) != 0)
		return job_fail(job, "MALFORMED", "The list of files is not readable.", true);
	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query(&db, &r, Q_PURGE_CURRENT, uuid_param(job->subject));
	db_session_end(&db);
	if (err == 0) /* a video that is gone uses nothing */
		rc = remove_all(job, payload, "public", STORAGE_PUBLIC, db_text(r, 0, "storage_prefix"), db_text(r, 0, "own_still_key"));
	if (err == 0 && rc == 0)
		rc = remove_all(job, payload, "originals", STORAGE_ORIGINALS, db_text(r, 0, "original_key"), db_text(r, 0, "replaced_key"));
	if (err != 0 || rc != 0)
		return job_fail(job, "NOT_PURGED", "The files could not be removed.", false);
	return 0;
}

const struct job_kind job_purge_files = { .name = "purge_files", .slots = 1, .run = purge_run };
