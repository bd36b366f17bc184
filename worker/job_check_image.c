/* worker/job_check_image.c - shows the stills of a video to the classifier of pictures. They are JPEGs of our own making and
 * are handed on as they are: nothing of a person's file is decoded here. */
#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/scorer.h"

#define CALL_MS 15000
#define STILL_MAX (4 << 20)

/* -1: the job has failed. A still that is gone with its edition is skipped. */
static int
classify(struct job *job, const char *key, double *worst, const char **labels)
{
	FILE *f = fopen(storage_path(job->mem, job->conf, STORAGE_PUBLIC, key), "rbe");
	char *bytes = mem_size(job->mem, STILL_MAX);
	const char *said;
	size_t length;
	double score;

	if (f == NULL)
		return 0;
	length = fread(bytes, 1, STILL_MAX, f);
	fclose(f);
	if (scorer_ask(job, &(struct http_post){ .url = job->conf->moderation_image_classifier_url, .content_type = "image/jpeg",
	        .body = bytes, .length = length }, &score, &said) != 0)
		return -1;
	talloc_free(bytes);
	if (score >= *worst) {
		*worst = score;
		*labels = said;
	}
	job_report_progress(job, 50);
	return 0;
}

static int
check_image_run(struct job *job)
{
	struct db_session db;
	struct db_result *r;
	const char **keys, *labels = "null";
	size_t count = 0;
	double worst = 0;
	int err, rc = 0;

	if (job->conf->moderation_image_classifier_url[0] == '\0')
		return 0;
	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_CHECK_IMAGES, uuid_param(job->subject));
	keys = err == 0 ? db_text_array(r, 0, "keys", &count) : NULL;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = classify(job, keys[i], &worst, &labels);
	if (rc == 0 && count > 0)
		err = db_query(&db, &r, Q_IMAGES_SCORED, uuid_param(job->subject), double_param(worst), json_param(labels));
	db_session_end(&db);
	if (rc == 0 && err != 0 && err != ERR_NOT_FOUND)
		rc = job_fail(job, "NOT_CHECKED", "The database did not answer.", false);
	return rc;
}

const struct job_kind job_check_image = { .name = "check_image", .slots = 2, .timeout_s = 300, .run = check_image_run };
