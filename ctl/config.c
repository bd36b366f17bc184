/* ctl/config.c - atelierctl config check: the configuration is read as the daemons read it. */
#include "ctl/ctl.h"

/* Whatever is wrong with it has been told before a command runs (ctl/main.c). */
static int
check(struct ctl *ctl)
{
	if (ctl->argc != 0)
		return 2;
	if (ctl->json)
		puts("{\"ok\":true}");
	else
		printf("%s is fine.\n", ctl->conf->path != NULL ? ctl->conf->path : "The environment");
	return 0;
}

const struct command config_commands[] = {
	{ "check", "", "Read the configuration; every problem is named.", check, false },
	COMMAND_END
};
