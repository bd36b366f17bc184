/*
 * ctl/ctl.h - atelierctl is a table of NOUN VERB commands.
 *
 * To add one: a row in its noun's table (ctl/NOUN.c). To add a noun: a file with a table, a line in ctl/nouns.def,
 * the file in ctl/Makemodule.am.
 */
#ifndef ATELIER_CTL_H
#define ATELIER_CTL_H

#include <stdbool.h>

#include "db/db.h"
#include "lib/conf.h"

struct ctl {
	void *mem;
	const struct conf *conf;
	bool json;    /* --json: one JSON value on stdout */
	bool dry_run; /* --dry-run: tell, do not do */
	int argc;     /* words behind NOUN VERB, without the options above */
	char **argv;
};

struct command {
	const char *verb;
	const char *usage; /* what comes behind the verb: "[--tenant SLUG] EMAIL", or "" */
	const char *doc;   /* one line */
	/* Returns the exit status: 0 done, 1 failed (after ctl_fail), 2 wrong usage. */
	int (*run)(struct ctl *ctl);
	bool needs_no_conf; /* runs without a configuration file: ctl->conf is NULL */
};

#define COMMAND_END { NULL, NULL, NULL, NULL, false }

struct noun {
	const char *name;
	const struct command *commands;
};

extern const struct noun nouns[]; /* made from ctl/nouns.def, ends with a NULL name */

/* Says why on stderr; returns 1. */
int ctl_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The value of --NAME among the words (removed from them), or NULL: ctl_option(ctl, "tenant"). */
const char *ctl_option(struct ctl *ctl, const char *name);
bool ctl_flag(struct ctl *ctl, const char *name);

/* Connections as the application role, opened on first use. */
struct db *ctl_db(struct ctl *ctl);

#endif
