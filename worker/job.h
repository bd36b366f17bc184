/*
 * worker/job.h - a job and what a kind of job is made of.
 *
 * Each job runs in a forked child. A confined kind (user media) has no database, no network and few system calls: its
 * child only reports, line by line through a pipe, and the supervisor writes. Other kinds open what they need.
 *
 * To add a kind: a file worker/job_NAME.c with a `const struct job_kind`, and a line in worker/kinds.def.
 */
#ifndef ATELIER_WORKER_JOB_H
#define ATELIER_WORKER_JOB_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "lib/buf.h"
#include "lib/conf.h"
#include "lib/redis.h"
#include "lib/uuid.h"

struct job_kind;

struct job {
	void *mem; /* a talloc context that lives as long as the job runs */
	const struct conf *conf;
	const struct job_kind *kind;
	struct uuid id, tenant, user, subject; /* all zeros where there is none */
	const char *payload;                   /* JSON */
	const char *worker;                    /* with id and attempt: the proof that the job is still ours */
	int attempt;
	const char *trace_parent;
	void *prepared;                        /* what prepare() found, for run() */

	/* in the child */
	int report_fd;
	struct db *db;       /* NULL in a confined child */
	struct redis *redis;
};

struct job_kind {
	const char *name;
	bool is_confined; /* reads user media: see above; at most worker.slots of all these kinds at once */
	int slots;       /* of this kind at once in one worker; 0: as many as there are */
	int stall_s;     /* ended after so long without a report; 0: worker.job_stall */
	int timeout_s;   /* ended after so long; 0: worker.job_timeout */

	/* In the supervisor, before the fork: reads what run() needs. ERR_NOT_FOUND: it is gone, and never will be done;
	 * ERR_STORAGE_FULL: not now; another ERR_: the attempt failed. NULL: nothing. */
	int (*prepare)(struct job *job, struct db_session *db);
	/* In the child. 0: done. Anything else: it failed; job_fail() has told why. */
	int (*run)(struct job *job);
	/* In the supervisor: one report of the child (also "progress", once a second). An ERR_ ends the job. NULL: none. */
	int (*report)(struct job *job, struct db_session *db, const char *type, struct json_object *value);
	/* In the supervisor, in the transaction that ends the attempt; may run again when that could not be committed.
	 * is_final: there will be no further attempt. NULL: nothing. */
	int (*settle)(struct job *job, struct db_session *db, bool is_done, bool is_final, const char *code,
	    const char *reason);
};

extern const struct job_kind *const job_kinds[]; /* ends with NULL */
const struct job_kind *job_kind_by_name(const char *name);

/* Lets the log lines of this fiber or process name the job. */
void job_log_context(struct job *job);

/* --- for run(), in the child --- */

/* 0 to 100; also the sign of life that the stall limit looks for. Cheap: tells at most twice a second. */
void job_report_progress(struct job *job, int percent);

/* A report of the kind's own: value is JSON. */
void job_report(struct job *job, const char *type, const char *value);

/* Why it failed: a word for programs, a sentence for people. is_final: trying again would end the same way.
 * Returns -1, for `return job_fail(...)`. */
int job_fail(struct job *job, const char *code, const char *reason, bool is_final);

#endif
