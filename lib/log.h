/*
 * lib/log.h - one JSON object a line on stderr. A line is an event name with keys, never a sentence
 * with values in it. Secrets and people's addresses are never logged.
 *
 *	log_info("job_done", LOG_STR("kind", job->kind), LOG_INT("ms", ms));
 */
#ifndef ATELIER_LOG_H
#define ATELIER_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVEL_UNKNOWN };

struct log_field {
	const char *key;
	enum { LOG_FIELD_STR, LOG_FIELD_INT, LOG_FIELD_MS } type; /* MS: microseconds, written as ms with three decimals */
	const char *str; /* NULL fields are left out */
	int64_t num;
};

#define LOG_STR(k, v) ((struct log_field){ .key = (k), .type = LOG_FIELD_STR, .str = (v) })
#define LOG_INT(k, v) ((struct log_field){ .key = (k), .type = LOG_FIELD_INT, .num = (v) })
#define LOG_US(k, v) ((struct log_field){ .key = (k), .type = LOG_FIELD_MS, .num = (v) })

/* program: "atelier-fcgi"; lines below level are dropped. Call again after fork to set the pid. */
void log_open(const char *program, enum log_level level);

/* "debug", "info", "warn", "error"; LOG_LEVEL_UNKNOWN when it is none of them. */
enum log_level log_level_parse(const char *name);

/* Fields that every line carries until they are set again (request id, trace id, job id). They belong to the
 * running fiber, or to the process outside of one; the array must live until log_context(NULL, 0). */
void log_context(const struct log_field *fields, size_t count);

/* Keeps lines below warn until the loop sleeps (lib/wait.h), to write them at once: a process that serves thousands of
 * requests a second spends a tenth of its time on writing single lines. A crash loses those of its last turn. */
void log_gather(bool on);
void log_flush(void);

/* Keeps the last lines of this process from now on (about 4 KB of whole ones), for whoever will ask how it ended. */
void log_remember(void);
const char *log_remembered(void); /* "" when there are none */

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);

#define LOG_AT(level, event, ...)                                                                                      \
	log_write((level), (event), (const struct log_field[]){ { 0 }, ##__VA_ARGS__ } + 1,                            \
	    sizeof((const struct log_field[]){ { 0 }, ##__VA_ARGS__ }) / sizeof(struct log_field) - 1)
#define log_debug(...) LOG_AT(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) LOG_AT(LOG_INFO, __VA_ARGS__)
#define log_warn(...) LOG_AT(LOG_WARN, __VA_ARGS__)
#define log_error(...) LOG_AT(LOG_ERROR, __VA_ARGS__)

#endif
