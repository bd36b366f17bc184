/* worker/job_code_run.c - a program of a dojo is run in the sandbox; its subject is the row of dojo_runs. */
#include "lib/buf.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"
#include "worker/job.h"
#include "worker/sandbox/sandbox.h"

#define CALL_MS 20000
#define PROCESSES 48
#define DISK_BYTES (32 << 20)
#define WALL_MAX_S 50 /* the job itself has a minute */

static const char *const words[] = { "SUCCESS", "ERROR", "TIMEOUT", "ERROR" };

static const char *
error_of(struct job *job, const struct sandbox_answer *a)
{
	struct buf b;

	if (a->status == SANDBOX_SUCCESS)
		return NULL;
	buf_init(&b, job->mem, 400);
	buf_printf(&b, "{\"exitStatus\":%d", a->exit_status);
	buf_json_key(&b, "message");
	buf_json_str(&b, a->message);
	if (a->line > 0)
		buf_printf(&b, ",\"line\":%d", a->line);
	if (a->column > 0)
		buf_printf(&b, ",\"column\":%d", a->column);
	buf_printf(&b, ",\"isCut\":%s}", a->is_cut ? "true" : "false");
	return buf_cstr(&b);
}

static int
finish(struct job *job, struct db_session *db, const struct sandbox_answer *a)
{
	return db_exec(db, NULL, Q_DOJO_RUN_DONE, uuid_param(job->subject), text_param(words[a->status]), text_param(a->output), text_param(a->errors),
	    json_param(error_of(job, a)), int_param(a->wall_ms), int_param(a->cpu_ms), int_param(a->memory_bytes));
}

/* Why is the operator's to know; the people of the dojo only that it is not their program. */
static void
tell_operator(struct sandbox_answer *a)
{
	log_error("sandbox_not_made", LOG_STR("why", a->message));
	a->message = "Programs cannot be run here at the moment.";
	*a->errors = '\0';
}

static int
code_run_run(struct job *job)
{
	const struct conf *conf = job->conf;
	struct sandbox_answer answer = { .status = SANDBOX_ERROR, .output = mem_strdup(job->mem, ""), .errors = mem_strdup(job->mem, "") };
	struct sandbox_ask ask = { .wall_ms = (int)(conf->code_timeout < WALL_MAX_S ? conf->code_timeout : WALL_MAX_S) * 1000, .memory_bytes = conf->code_memory, .disk_bytes = DISK_BYTES,
		.output_bytes = (size_t)conf->code_output, .processes = PROCESSES };
	struct db_session db;
	struct db_result *r;
	int err;

	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_DOJO_RUN_WORK, uuid_param(job->subject));
	if (err == 0) {
		ask.language = sandbox_language_find(job->mem, conf->code_languages_dir, db_text(r, 0, "language"));
		ask.code = db_text(r, 0, "code");
		ask.input = db_text(r, 0, "stdin");
		if (ask.language != NULL)
			sandbox_run(job->mem, &ask, &answer);
		else
			answer.message = "This language is not known here.";
		if (answer.status == SANDBOX_REFUSED)
			tell_operator(&answer);
		db.deadline_ms = now_ms() + CALL_MS;
		err = finish(job, &db, &answer);
	}
	db_session_end(&db);
	return err == 0 || err == ERR_NOT_FOUND ? 0 : job_fail(job, "DATABASE", "The result could not be written.", false);
}

/* Where it could not be done, also because the worker was lost, the database answers: dojo_run_lost() of 0190_dojo_runs.sql. */
const struct job_kind job_code_run = { .name = "code_run", .slots = 2, .stall_s = 60, .timeout_s = 60, .run = code_run_run };
