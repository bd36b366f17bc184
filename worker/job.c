/* worker/job.c - how a child reports. */
#include "worker/job.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"

/* The trace id within "00-TRACE-SPAN-FLAGS". */
static const char *
trace_id(struct job *job)
{
	const char *t = job->trace_parent;

	return t != NULL && strlen(t) >= 35 ? mem_strndup(job->mem, t + 3, 32) : NULL;
}

void
job_log_context(struct job *job)
{
	struct log_field *fields = mem_array(job->mem, struct log_field, 4);
	char *id = mem_array(job->mem, char, UUID_TEXT), *tenant = mem_array(job->mem, char, UUID_TEXT);

	fields[0] = LOG_STR("job", uuid_text(&job->id, id));
	fields[1] = LOG_STR("kind", job->kind->name);
	fields[2] = LOG_STR("traceId", trace_id(job));
	fields[3] = LOG_STR("tenant", uuid_is_null(&job->tenant) ? NULL : uuid_text(&job->tenant, tenant));
	log_context(fields, 4);
}

/* A supervisor that is gone cannot be told anything: the child ends, its lease is taken over by another. */
static void
send_line(struct job *job, const struct buf *line)
{
	for (size_t at = 0; at < line->length;) {
		ssize_t n = write(job->report_fd, line->data + at, line->length - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			_exit(1);
		at += (size_t)n;
	}
}

void
job_report(struct job *job, const char *type, const char *value)
{
	struct buf line;

	buf_init(&line, job->mem, strlen(value) + 64);
	buf_add_literal(&line, "{\"type\":");
	buf_json_str(&line, type);
	buf_add_literal(&line, ",\"value\":");
	buf_add_str(&line, value);
	buf_add_literal(&line, "}\n");
	send_line(job, &line);
	talloc_free(line.data);
}

void
job_report_progress(struct job *job, int percent)
{
	static int64_t told_ms; /* the child has one job */
	struct timespec ts;
	char value[16];
	int64_t now;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
	if (told_ms != 0 && now - told_ms < 500 && percent < 100)
		return;
	told_ms = now;
	snprintf(value, sizeof(value), "%d", percent);
	job_report(job, "progress", value);
}

int
job_fail(struct job *job, const char *code, const char *reason, bool is_final)
{
	struct buf value;

	buf_init(&value, job->mem, 256);
	buf_add_literal(&value, "{\"code\":");
	buf_json_str(&value, code);
	buf_add_literal(&value, ",\"reason\":");
	buf_json_str(&value, reason);
	buf_add_literal(&value, ",\"log\":");
	buf_json_str(&value, log_remembered());
	buf_printf(&value, ",\"final\":%s}", is_final ? "true" : "false");
	job_report(job, "failed", buf_cstr(&value));
	return -1;
}
