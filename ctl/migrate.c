/* ctl/migrate.c - atelierctl migrate up | status. */
#include "ctl/ctl.h"
#include "db/migrate.h"
#include "lib/buf.h"
#include "lib/mem.h"

struct progress {
	struct ctl *ctl;
	struct buf names; /* JSON */
};

static const char *
owner_url(struct ctl *ctl)
{
	const char *url = ctl->conf->main_database_owner_url;

	return *url != '\0' ? url : ctl->conf->main_database_url;
}

static void
tell(void *arg, const char *name, int ms)
{
	struct progress *p = arg;

	if (p->ctl->json) {
		if (ms < 0)
			return;
		buf_add_str(&p->names, p->names.length > 0 ? "," : "");
		buf_json_str(&p->names, name);
		return;
	}
	if (ms < 0) {
		printf("%s ...", name);
		fflush(stdout);
	} else if (p->ctl->dry_run) {
		puts(" would be applied");
	} else {
		printf(" applied in %d ms\n", ms);
	}
}

static int
up(struct ctl *ctl)
{
	struct progress p = { .ctl = ctl };
	const char *why = "";
	int done;

	if (ctl->argc > 0)
		return 2;
	buf_init(&p.names, ctl->mem, 256);
	done = migrate_up(ctl->mem, owner_url(ctl), ctl->dry_run, tell, &p, &why);
	if (done < 0) {
		if (!ctl->json)
			putchar('\n');
		return ctl_fail("%s", why);
	}
	if (ctl->json)
		printf("{\"applied\":[%s],\"dryRun\":%s}\n", buf_cstr(&p.names), ctl->dry_run ? "true" : "false");
	else if (done == 0)
		puts("The schema is up to date.");
	return 0;
}

static void
write_status(struct buf *b, bool json, const struct migration_status *s)
{
	static const char *const names[] = { "applied", "pending", "changed", "foreign" };

	if (!json) {
		buf_printf(b, "%-9s %-32s %s\n", names[s->state], s->name, s->applied_at != NULL ? s->applied_at : "");
		return;
	}
	buf_add_str(b, b->length > 1 ? ",{" : "{");
	buf_json_key(b, "name");
	buf_json_str(b, s->name);
	buf_json_key(b, "state");
	buf_json_str(b, names[s->state]);
	buf_json_key(b, "appliedAt");
	buf_json_str(b, s->applied_at);
	buf_add_char(b, '}');
}

/* Exit status 3 when something is pending, so that scripts can ask. */
static int
status(struct ctl *ctl)
{
	struct migration_status *all;
	const char *why = "";
	struct buf b;
	int count, pending = 0, wrong = 0;

	if (ctl->argc > 0)
		return 2;
	if (migrate_status(ctl->mem, owner_url(ctl), &all, &count, &why) != 0)
		return ctl_fail("%s", why);
	buf_init(&b, ctl->mem, 1024);
	if (ctl->json)
		buf_add_char(&b, '[');
	for (int i = 0; i < count; i++) {
		write_status(&b, ctl->json, &all[i]);
		pending += all[i].state == MIGRATION_PENDING;
		wrong += all[i].state == MIGRATION_CHANGED;
	}
	if (ctl->json)
		buf_add_literal(&b, "]\n");
	fputs(buf_cstr(&b), stdout);
	return wrong > 0 ? 1 : pending > 0 ? 3 : 0;
}

const struct command migrate_commands[] = {
	{ "up", "", "Bring the schema up to date (as main.database_owner_url).", up },
	{ "status", "", "Which migrations are applied; exit status 3 when some are pending.", status },
	COMMAND_END
};
