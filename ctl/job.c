/* ctl/job.c - atelierctl job list | retry | cancel: the queue, over all communities. */
#include <string.h>

#include "ctl/people.h"
#include "lib/mem.h"

/* A session without a community: the queue's functions see every one's jobs. */
static void
queue_session(struct ctl *ctl, struct db_session *s)
{
	db_session_init(s, ctl_db(ctl), ctl->mem, (struct uuid){ { 0 } }, ctl_deadline_ms());
}

static int
list(struct ctl *ctl)
{
	static const char *const columns[] = { "id", "kind", "state", "progress", "attempts", "createdAt", "reasonCode", "reason",
		NULL };
	const char *state = ctl_option(ctl, "state"), *kind = ctl_option(ctl, "kind");
	const char *reason = ctl_option(ctl, "reason"), *about = ctl_option(ctl, "video");
	struct uuid subject = { { 0 } };
	struct db_session s;
	struct db_result *r;
	int err;

	if (ctl->argc != 0)
		return 2;
	if (about != NULL && !uuid_parse(about, strlen(about), &subject))
		return ctl_fail("\"%s\" is not the id of a video", about);
	queue_session(ctl, &s);
	err = db_query(&s, &r, Q_JOB_SEARCH, text_param(state), text_param(kind), text_param(reason),
	    uuid_or_null_param(&subject));
	if (err != 0)
		return ctl_db_fail(&s, err);
	ctl_print(ctl, r, columns);
	return 0;
}

/* The word as a job's id. 0, or 1 after ctl_fail. */
static int
job_id(const char *word, struct uuid *id)
{
	return uuid_parse(word, strlen(word), id) ? 0 : ctl_fail("\"%s\" is not the id of a job", word);
}

static void
say_count(struct ctl *ctl, const char *what, int64_t count)
{
	if (ctl->json)
		printf("{\"%s\":%lld}\n", what, (long long)count);
	else
		printf("%lld %s%s\n", (long long)count, ctl->dry_run ? "would be " : "", what);
}

/* With --dry-run the same is done in a transaction that is taken back. */
static int
retry(struct ctl *ctl)
{
	const char *kind = ctl_option(ctl, "kind"), *reason = ctl_option(ctl, "reason");
	bool all = ctl_flag(ctl, "all");
	struct uuid id = { { 0 } };
	struct db_session s;
	struct db_result *r;
	int err;

	if (ctl->argc > 1 || (ctl->argc == 0 && kind == NULL && reason == NULL && !all))
		return 2;
	if (ctl->argc == 1 && job_id(ctl->argv[0], &id) != 0)
		return 1;
	queue_session(ctl, &s);
	err = db_begin(&s);
	if (err == 0)
		err = db_query(&s, &r, Q_JOB_RETRY, uuid_or_null_param(&id), text_param(kind), text_param(reason), null_param());
	if (err == 0 && !ctl->dry_run)
		err = db_commit(&s);
	else
		db_rollback(&s);
	if (err != 0)
		return ctl_db_fail(&s, err);
	say_count(ctl, "retried", db_int(r, 0, "count"));
	return 0;
}

static int
cancel_one(struct ctl *ctl, struct db_session *s, const char *word, int64_t *count)
{
	struct db_result *r;
	struct uuid id;
	int err;

	if (job_id(word, &id) != 0)
		return 1;
	err = db_query(s, &r, Q_JOB_CANCEL, uuid_param(id), null_param());
	if (err != 0)
		return ctl_db_fail(s, err);
	if (db_is_null(r, 0, "state"))
		return ctl_fail("%s neither waits nor runs", word);
	if (!ctl->json)
		printf("%s %s\n", word, strcmp(db_text(r, 0, "state"), "running") == 0 ? "is asked to stop" : "cancelled");
	++*count;
	return 0;
}

static int
cancel(struct ctl *ctl)
{
	struct db_session s;
	int64_t count = 0;
	int status = 0;

	if (ctl->argc == 0)
		return 2;
	queue_session(ctl, &s);
	for (int i = 0; i < ctl->argc; i++)
		status |= cancel_one(ctl, &s, ctl->argv[i], &count);
	if (ctl->json)
		say_count(ctl, "cancelled", count);
	return status;
}

const struct command job_commands[] = {
	{ "list", "[--state queued|running|done|dead|cancelled] [--kind KIND] [--reason CODE] [--video ID]",
	  "The newest jobs, 200 at most.", list, false },
	{ "retry", "ID | [--kind KIND] [--reason CODE] [--all]", "Run again what ended badly: one job, or all that fit.", retry,
	  false },
	{ "cancel", "ID…", "Drop what waits, stop what runs.", cancel, false },
	COMMAND_END
};
