/*
 * worker/attend.c - one job, from claim to end: starts its child, hears its reports, renews its lease, ends it when it
 * hangs, and writes the outcome with whatever follows from it in one transaction.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/json.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"
#include "worker/child.h"
#include "worker/supervisor.h"

#define LINE_MAX_BYTES (256 * 1024)
#define CALL_MS 15000 /* a database call of ours */
#define PROGRESS_MS 1000 /* how often progress is written down at most */
#define POSTPONE_S 60
#define TRIES 20      /* to write an outcome while the database is away; then the lease runs out and tells it */

enum ending { RUNNING, DONE, FAILED, CANCELLED, LOST, RELEASED, POSTPONED };

struct attending {
	struct supervisor *supervisor;
	struct attendance *attendance;
	struct job *job;
	pid_t pid;
	uv_poll_t poll;
	bool polling, closed;
	int fd;
	struct buf input;
	enum ending ending;
	bool said_done;
	bool is_final;
	const char *code, *reason;
	const char *log; /* of a failure: the last lines of the child, or what the kernel says of it */
	int progress, written_progress;
	int64_t started_ms, heard_ms, renewed_ms, stop_ms;
};

static void
session(struct attending *a, struct db_session *db, void *mem)
{
	db_session_init(db, a->supervisor->db, mem, a->job->tenant, now_ms() + CALL_MS);
}

static void
stop_waiting(struct attendance *attendance)
{
	struct wait *w = attendance->waiting;

	attendance->waiting = NULL;
	if (w != NULL)
		wait_done(w);
}

void
attendances_call(struct supervisor *s)
{
	for (struct attendance *at = s->attended; at != NULL; at = at->next) {
		at->is_called = true;
		stop_waiting(at);
	}
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct attending *a = poll->data;
	ssize_t n;

	(void)status;
	(void)events;
	buf_grow(&a->input, 65536);
	n = read(a->fd, a->input.data + a->input.length, 65536);
	if (n > 0)
		a->input.length += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		a->closed = true;
	if (a->input.length > LINE_MAX_BYTES || a->closed)
		uv_poll_stop(poll);
	stop_waiting(a->attendance);
}

static void
end_with(struct attending *a, enum ending ending, const char *code, const char *reason, bool is_final)
{
	if (a->ending != RUNNING)
		return;
	a->ending = ending;
	a->code = code;
	a->reason = reason;
	a->is_final = is_final;
}

static const char *
member_text(struct attending *a, struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? mem_strdup(a->job, json_object_get_string(v)) : NULL;
}

static void
take_failure(struct attending *a, struct json_object *value)
{
	struct json_object *final;

	a->log = member_text(a, value, "log");
	end_with(a, FAILED, member_text(a, value, "code"), member_text(a, value, "reason"),
	    json_object_object_get_ex(value, "final", &final) && json_object_get_boolean(final));
}

static void
take_report(struct attending *a, void *mem, const char *type, struct json_object *value)
{
	struct db_session db;
	int err = 0;

	if (strcmp(type, "progress") == 0) {
		int percent = json_object_get_int(value);

		a->progress = percent < 0 ? 0 : percent > 100 ? 100 : percent;
		return;
	}
	if (strcmp(type, "done") == 0) {
		a->said_done = true;
		return;
	}
	if (strcmp(type, "failed") == 0) {
		take_failure(a, value);
		return;
	}
	if (a->job->kind->report == NULL)
		return;
	session(a, &db, mem);
	for (int i = 0; i < TRIES; i++) {
		db.deadline_ms = now_ms() + CALL_MS;
		err = a->job->kind->report(a->job, &db, type, value);
		if (err != ERR_UNAVAILABLE && err != ERR_TIMEOUT)
			break;
		wait_sleep(500);
	}
	db_session_end(&db);
	a->heard_ms = now_ms(); /* it may have waited for us, not we for it */
	if (err != 0)
		end_with(a, err == ERR_CONFLICT ? LOST : FAILED, "REPORT_FAILED", "The result could not be written down.", false);
}

/* A confined child may have been taken over by its input: its words are parsed as strictly as a client's. */
static void
take_line(struct attending *a, const char *line, size_t length)
{
	void *mem = talloc_named_const(a->job->mem, 0, "report");
	struct json_object *o, *type, *value;
	const char *why;

	a->heard_ms = now_ms();
	if (json_parse(mem, line, length, &o, &why) == 0 && json_object_object_get_ex(o, "type", &type) &&
	    json_object_object_get_ex(o, "value", &value))
		take_report(a, mem, json_object_get_string(type), value);
	else
		log_warn("report_malformed");
	talloc_free(mem);
}

static void
take_lines(struct attending *a)
{
	size_t at = 0;

	while (at < a->input.length && a->ending == RUNNING) {
		char *line = a->input.data + at, *end = memchr(line, '\n', a->input.length - at);
		size_t length = end != NULL ? (size_t)(end - line) : 0;

		if (end == NULL)
			break;
		at += length + 1;
		take_line(a, line, length); /* may wait, and the buffer grow and move meanwhile */
	}
	memmove(a->input.data, a->input.data + at, a->input.length - at);
	a->input.length -= at;
	if (a->input.length > LINE_MAX_BYTES)
		end_with(a, FAILED, "REPORT_TOO_LONG", "The program that worked on this went wrong.", true);
}

/* Where the kind shows its progress, beside the job itself. An error is no reason to end: the next one comes soon. */
static void
tell_progress(struct attending *a, struct db_session *db)
{
	struct json_object *percent;

	if (a->progress == a->written_progress)
		return;
	if (a->job->kind->report != NULL) {
		percent = json_object_new_int(a->progress);
		a->job->kind->report(a->job, db, "progress", percent);
		json_object_put(percent);
	}
	a->written_progress = a->progress;
}

/* The lease, the progress, and whether someone asked for an end. */
static void
renew(struct attending *a)
{
	void *mem = talloc_named_const(a->job->mem, 0, "renew");
	struct db_session db;
	struct db_result *r;
	int err;

	session(a, &db, mem);
	err = db_query(&db, &r, Q_JOB_HEARTBEAT, uuid_param(a->job->id), text_param(a->job->worker),
	    int_param(a->job->attempt), int_param(a->progress), int_param(a->job->conf->worker_lease));
	if (err == 0 && db_rows(r) == 0)
		end_with(a, LOST, NULL, NULL, false);
	else if (err == 0 && db_bool(r, 0, "cancel_requested"))
		end_with(a, CANCELLED, "CANCELLED", "Cancelled.", true);
	if (err == 0) {
		a->renewed_ms = now_ms();
		if (a->ending == RUNNING)
			tell_progress(a, &db);
	} else if (now_ms() - a->renewed_ms > a->job->conf->worker_lease * 1000)
		end_with(a, LOST, NULL, NULL, false); /* another worker may have it by now */
	db_session_end(&db);
	talloc_free(mem);
}

static void
check_limits(struct attending *a)
{
	const struct job_kind *k = a->job->kind;
	int64_t stall_s = k->stall_s != 0 ? k->stall_s : a->job->conf->worker_job_stall;
	int64_t timeout_s = k->timeout_s != 0 ? k->timeout_s : a->job->conf->worker_job_timeout, now = now_ms();

	if (now - a->heard_ms > stall_s * 1000)
		end_with(a, FAILED, "STALLED", "The work on this made no progress for too long.", false);
	else if (now - a->started_ms > timeout_s * 1000)
		end_with(a, FAILED, "TIMED_OUT", "The work on this took too long.", true);
	if (a->supervisor->stopping && a->stop_ms == 0)
		a->stop_ms = now + a->job->conf->worker_grace * 1000;
	if (a->stop_ms != 0 && now >= a->stop_ms)
		end_with(a, RELEASED, NULL, NULL, false);
}

static bool
is_renewal_due(struct attending *a, int64_t beat_ms)
{
	int64_t age_ms = now_ms() - a->renewed_ms;
	bool is_called = a->attendance->is_called;

	a->attendance->is_called = false;
	return is_called || age_ms >= beat_ms || (a->progress != a->written_progress && age_ms >= PROGRESS_MS);
}

static void
listen_until_the_end(struct attending *a)
{
	int64_t beat_ms = a->job->conf->worker_lease * 1000 / 5;

	while (a->ending == RUNNING) {
		struct wait w;

		take_lines(a);
		if (a->ending != RUNNING || a->closed)
			break;
		wait_init(&w);
		a->attendance->waiting = &w;
		wait_for(&w, now_ms() + (beat_ms < 1000 ? beat_ms : 1000));
		a->attendance->waiting = NULL;
		check_limits(a);
		if (a->ending == RUNNING && is_renewal_due(a, beat_ms))
			renew(a);
	}
}

static void
on_closed(uv_handle_t *handle)
{
	wait_done(handle->data);
}

static void
close_poll(struct attending *a)
{
	struct wait w;

	if (!a->polling)
		return;
	wait_init(&w);
	uv_poll_stop(&a->poll);
	a->poll.data = &w;
	uv_close((uv_handle_t *)&a->poll, on_closed);
	wait_for_surely(&w, WAIT_FOREVER);
	close(a->fd);
}

/* What the kernel says of a child that did not tell itself. */
static void
judge_exit(struct attending *a, int status)
{
	if (a->ending != RUNNING)
		return;
	if (a->said_done && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		end_with(a, DONE, NULL, NULL, true);
	else if (WIFSIGNALED(status))
		end_with(a, FAILED, "CRASHED", "The program that worked on this stopped unexpectedly.", false);
	else
		end_with(a, FAILED, "UNEXPLAINED", "The program that worked on this ended without a result.", false);
	if (a->ending == FAILED) {
		a->log = WIFSIGNALED(status) ? mem_printf(a->job, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status))) :
		    mem_printf(a->job, "exit status %d", WEXITSTATUS(status));
		log_error("job_child_died",
		    LOG_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
		    LOG_INT("exit", WIFEXITED(status) ? WEXITSTATUS(status) : 0));
	}
}

static void
run_child(struct attending *a)
{
	int status = 0;

	a->pid = job_child_start(a->job, &a->fd);
	if (a->pid < 0) {
		end_with(a, FAILED, "NO_PROCESS", "No process could be started for this.", false);
		return;
	}
	uv_poll_init(wait_loop(), &a->poll, a->fd);
	a->poll.data = a;
	a->polling = true;
	uv_poll_start(&a->poll, UV_READABLE | UV_DISCONNECT, on_readable);
	listen_until_the_end(a);
	close_poll(a);
	status = job_child_end(a->pid, a->ending == RUNNING);
	judge_exit(a, status);
}

/* Was the job still this worker's when its end was written? */
static bool
is_ours(const struct db_result *r)
{
	return db_has_column(r, "ok") ? db_bool(r, 0, "ok") : !db_is_null(r, 0, "state");
}

static int
write_outcome(struct attending *a, struct db_session *db)
{
	const struct job *job = a->job;
	struct db_result *r;
	bool is_final = a->is_final || a->ending == DONE;
	int err = db_begin(db);

	if (err == 0 && a->ending == RELEASED)
		err = db_query(db, &r, Q_JOB_RELEASE, uuid_param(job->id), text_param(job->worker), int_param(job->attempt));
	else if (err == 0 && a->ending == POSTPONED)
		err = db_query(db, &r, Q_JOB_POSTPONE, uuid_param(job->id), text_param(job->worker), int_param(job->attempt),
		    int_param(POSTPONE_S), text_param(a->code), text_param(a->reason));
	else if (err == 0 && a->ending == DONE)
		err = db_query(db, &r, Q_JOB_FINISH, uuid_param(job->id), text_param(job->worker), int_param(job->attempt),
		    null_param());
	else if (err == 0)
		err = db_query(db, &r, Q_JOB_FAIL, uuid_param(job->id), text_param(job->worker), int_param(job->attempt),
		    text_param(a->code), text_param(a->reason), bool_param(a->is_final), text_param(a->log));
	if (err == 0 && !is_ours(r))
		err = ERR_CONFLICT;
	if (err == 0 && db_has_column(r, "state"))
		is_final = strcmp(db_text(r, 0, "state"), "queued") != 0;
	if (err == 0 && job->kind->settle != NULL)
		err = job->kind->settle(a->job, db, a->ending == DONE, is_final, a->code, a->reason);
	if (err != 0) {
		db_rollback(db);
		return err;
	}
	return db_commit(db);
}

static void
settle(struct attending *a)
{
	static const char *const words[] = { "running", "done", "failed", "cancelled", "lost", "released",
		"postponed" };
	int err = 0;

	for (int i = 0; i < TRIES && a->ending != LOST; i++) {
		void *mem = talloc_named_const(a->job->mem, 0, "settle");
		struct db_session db;

		session(a, &db, mem);
		err = write_outcome(a, &db);
		db_session_end(&db);
		talloc_free(mem);
		if (err != ERR_UNAVAILABLE && err != ERR_TIMEOUT)
			break;
		wait_sleep(500);
	}
	log_info("job", LOG_STR("ended", err == ERR_CONFLICT ? "lost" : words[a->ending]), LOG_STR("code", a->code),
	    LOG_INT("attempt", a->job->attempt), LOG_INT("ms", now_ms() - a->started_ms),
	    LOG_STR("error", err != 0 && err != ERR_CONFLICT ? error_info((enum error_code)err)->code : NULL));
}

static void
prepare(struct attending *a)
{
	struct db_session db;
	int err;

	if (a->job->kind->prepare == NULL)
		return;
	session(a, &db, a->job->mem);
	err = a->job->kind->prepare(a->job, &db);
	db_session_end(&db);
	if (err == ERR_NOT_FOUND)
		end_with(a, FAILED, "GONE", "What this was about is no longer there.", true);
	else if (err == ERR_STORAGE_FULL)
		end_with(a, POSTPONED, "NO_ROOM", "There is not enough room on the server's disk; this goes on when there is.", false);
	else if (err == ERR_CONFLICT)
		end_with(a, LOST, NULL, NULL, false);
	else if (err != 0)
		end_with(a, FAILED, "NOT_PREPARED", "The work on this could not begin.", false);
}

void
attend(void *arg)
{
	struct attendance *attendance = arg;
	struct attending a = { .supervisor = attendance->supervisor, .attendance = attendance, .job = attendance->job,
		.started_ms = now_ms(), .heard_ms = now_ms(), .renewed_ms = now_ms() };

	job_log_context(a.job);
	buf_init(&a.input, a.job->mem, 65536);
	prepare(&a);
	if (a.ending == RUNNING)
		run_child(&a);
	settle(&a);
	log_context(NULL, 0);
	attendance_end(attendance);
}
