/* ctl/recount.c - atelierctl recount: counters against what they count. */
#include "ctl/people.h"
#include "lib/wait.h"

#define LONGEST_MS 3600000

static int
recount(struct ctl *ctl)
{
	static const char *const columns[] = { "counter", "id", "kept", "counted", NULL };
	struct db_options options = { .url = ctl->conf->main_database_url, .name = "atelierctl", .statement_timeout_ms = LONGEST_MS };
	struct db_session s;
	struct db_result *r;
	int err;

	if (ctl->argc != 0)
		return 2;
	db_session_init(&s, db_open(ctl->mem, &options), ctl->mem, (struct uuid){ { 0 } }, now_ms() + LONGEST_MS);
	err = ctl->dry_run ? db_query(&s, &r, Q_COUNTERS_OFF) : db_query(&s, &r, Q_COUNTERS_MEND);
	if (err != 0)
		return ctl_db_fail(&s, err);
	ctl_print(ctl, r, columns);
	if (!ctl->json)
		printf("%d %s\n", db_rows(r), ctl->dry_run ? "would be mended" : "mended");
	return 0;
}

const struct command recount_commands[] = {
	{ "", "[--dry-run]", "Compare every counter with what it counts, and mend it.", recount, false },
	COMMAND_END
};
