/* ctl/storage.c - atelierctl storage verify | gc: media against the database. */
#include "ctl/people.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/storage_audit.h"

static void
found(void *ctl, enum finding what, const char *path, int64_t bytes)
{
	static const char *const words[] = { "missing", "damaged", "unneeded" };

	if (!((struct ctl *)ctl)->json)
		printf("%s\t%s\t%lld\n", words[what], path, (long long)bytes);
}

static int
begin(struct ctl *ctl, struct db_session *s, struct storage_audit *a)
{
	if (ctl->argc != 0)
		return 2;
	if (storage_check(ctl->conf) != 0)
		return ctl_fail("%s is not there, or not writable for this user", ctl->conf->media_root);
	db_session_init(s, ctl_db(ctl), ctl->mem, (struct uuid){ { 0 } }, ctl_deadline_ms());
	*a = (struct storage_audit){ .conf = ctl->conf, .db = s, .found = found, .arg = ctl };
	return 0;
}

static int
verify(struct ctl *ctl)
{
	struct storage_audit a;
	struct db_session s;
	int err, status = begin(ctl, &s, &a);

	if (status != 0)
		return status;
	err = storage_audit_expected(&a);
	if (err == 0)
		err = storage_audit_unneeded(&a);
	if (err != 0)
		return ctl_db_fail(&s, err);
	printf(ctl->json ? "{\"files\":%lld,\"missing\":%lld,\"unneeded\":%lld,\"unneededBytes\":%lld}\n" :
	                   "%lld files, %lld missing or damaged, %lld not needed (%lld bytes)\n",
	    (long long)a.files, (long long)a.missing, (long long)a.unneeded, (long long)a.unneeded_bytes);
	return a.missing > 0 ? 1 : 0;
}

static int
gc(struct ctl *ctl)
{
	struct storage_audit a;
	struct db_session s;
	int err, status = begin(ctl, &s, &a);

	if (status != 0)
		return status;
	a.remove_unneeded = !ctl->dry_run;
	err = storage_audit_unneeded(&a);
	if (err != 0)
		return ctl_db_fail(&s, err);
	printf(ctl->json ? "{\"unneeded\":%lld,\"bytes\":%lld,\"removed\":%lld}\n" :
	                   "%lld not needed (%lld bytes), %lld removed\n",
	    (long long)a.unneeded, (long long)a.unneeded_bytes, (long long)a.removed);
	return !ctl->dry_run && a.removed != a.unneeded ? 1 : 0;
}

const struct command storage_commands[] = {
	{ "verify", "", "Is every file there that a row names, and whole? Which ones does nothing need?", verify, false },
	{ "gc", "[--dry-run]", "Remove what nothing needs and nobody touched for a day.", gc, false },
	COMMAND_END
};
