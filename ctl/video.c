/* ctl/video.c - atelierctl video reprocess: streams are made anew from the originals. */
#include <string.h>

#include "ctl/people.h"
#include "lib/mem.h"

/* Which videos: one id, or all of a community with --all or --failed. */
struct choice {
	struct uuid id;
	bool only_failed;
};

static int
choose(struct ctl *ctl, struct choice *out)
{
	bool all = ctl_flag(ctl, "all");

	*out = (struct choice){ .only_failed = ctl_flag(ctl, "failed") };
	if (ctl->argc == 0)
		return all || out->only_failed ? 0 : 2;
	if (ctl->argc != 1 || all || out->only_failed)
		return 2;
	if (!uuid_parse(ctl->argv[0], strlen(ctl->argv[0]), &out->id))
		return ctl_fail("\"%s\" is not the id of a video", ctl->argv[0]);
	return 0;
}

static int
reprocess(struct ctl *ctl)
{
	const char *tenant = ctl_option(ctl, "tenant");
	struct choice which;
	struct db_session s;
	struct db_result *r;
	int err, status = choose(ctl, &which);

	if (status != 0)
		return status;
	db_session_init(&s, ctl_db(ctl), ctl->mem, (struct uuid){ { 0 } }, ctl_deadline_ms());
	err = db_begin(&s);
	if (err == 0)
		err = db_query(&s, &r, Q_VIDEO_REPROCESS, uuid_or_null_param(&which.id), text_param(tenant),
		    bool_param(which.only_failed));
	if (err == 0 && !ctl->dry_run)
		err = db_commit(&s);
	else
		db_rollback(&s);
	if (err != 0)
		return ctl_db_fail(&s, err);
	if (!uuid_is_null(&which.id) && db_int(r, 0, "count") == 0)
		return ctl_fail("there is no such video with an original, or it is being worked on");
	printf(ctl->json ? "{\"queued\":%lld}\n" : "%lld queued\n", (long long)db_int(r, 0, "count"));
	return 0;
}

const struct command video_commands[] = {
	{ "reprocess", "ID | --all | --failed [--tenant SLUG]", "Make streams anew; what plays goes on playing meanwhile.",
	  reprocess, false },
	COMMAND_END
};
