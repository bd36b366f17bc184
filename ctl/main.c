/* ctl/main.c - atelierctl: finds the command, reads the configuration, runs it. */
#include <stdarg.h>

#include "ctl/ctl.h"
#include "lib/log.h"
#include "lib/mem.h"

#define X(noun) extern const struct command noun##_commands[];
#include "ctl/nouns.def"
#undef X

const struct noun nouns[] = {
#define X(noun) { #noun, noun##_commands },
#include "ctl/nouns.def"
#undef X
	{ NULL, NULL },
};

int
ctl_fail(const char *fmt, ...)
{
	va_list ap;

	fputs("atelierctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return 1;
}

static void
words_remove(struct ctl *ctl, int i, int count)
{
	memmove(ctl->argv + i, ctl->argv + i + count, (size_t)(ctl->argc - i - count) * sizeof(*ctl->argv));
	ctl->argc -= count;
}

const char *
ctl_option(struct ctl *ctl, const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < ctl->argc; i++) {
		const char *word = ctl->argv[i], *value = NULL;

		if (strcmp(word, "--") == 0)
			break;
		if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, n) != 0)
			continue;
		if (word[2 + n] == '=') {
			value = word + 3 + n;
			words_remove(ctl, i, 1);
		} else if (word[2 + n] == '\0' && i + 1 < ctl->argc) {
			value = ctl->argv[i + 1];
			words_remove(ctl, i, 2);
		}
		if (value != NULL)
			return value;
	}
	return NULL;
}

bool
ctl_flag(struct ctl *ctl, const char *name)
{
	for (int i = 0; i < ctl->argc; i++) {
		if (strcmp(ctl->argv[i], "--") == 0)
			break;
		if (strncmp(ctl->argv[i], "--", 2) == 0 && strcmp(ctl->argv[i] + 2, name) == 0) {
			words_remove(ctl, i, 1);
			return true;
		}
	}
	return false;
}

struct db *
ctl_db(struct ctl *ctl)
{
	static struct db *db;

	if (db == NULL)
		db = db_open(ctl->mem, &(struct db_options){ .url = ctl->conf->main_database_url, .name = "atelierctl" });
	return db;
}

static void
usage(FILE *to)
{
	fputs("usage: atelierctl [--config PATH] NOUN VERB ... [--json] [--dry-run]\n\n", to);
	for (const struct noun *n = nouns; n->name != NULL; n++) {
		for (const struct command *c = n->commands; c->verb != NULL; c++)
			fprintf(to, "  %s %s%s%s\n      %s\n", n->name, c->verb, *c->usage != '\0' ? " " : "", c->usage, c->doc);
	}
}

static const struct command *
find(const char *noun, const char *verb)
{
	for (const struct noun *n = nouns; n->name != NULL; n++) {
		if (strcmp(n->name, noun) != 0)
			continue;
		for (const struct command *c = n->commands; c->verb != NULL; c++) {
			if (strcmp(c->verb, verb) == 0)
				return c;
		}
	}
	return NULL;
}

static int
run(struct ctl *ctl, const struct command *c, const char *config, const char *noun)
{
	struct conf *conf = NULL;
	char *problems = NULL;
	int status;

	if (!c->needs_no_conf && conf_read(ctl->mem, config, &conf, &problems) != 0)
		return ctl_fail("the configuration has problems:\n%s", problems);
	ctl->conf = conf;
	status = c->run(ctl);
	if (status == 2)
		fprintf(stderr, "usage: atelierctl %s %s %s\n", noun, c->verb, c->usage);
	return status;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = { .mem = talloc_new(NULL), .argc = argc - 1, .argv = argv + 1 };
	const char *config = ctl_option(&ctl, "config");
	const struct command *c;
	const char *noun;
	int status;

	log_open("atelierctl", LOG_WARN);
	ctl.json = ctl_flag(&ctl, "json");
	ctl.dry_run = ctl_flag(&ctl, "dry-run");
	if (ctl_flag(&ctl, "help") || ctl.argc == 0) {
		usage(stdout);
		return ctl.argc == 0 ? 0 : 2;
	}
	if (ctl.argc == 1 && ctl_flag(&ctl, "version")) {
		puts("atelierctl " PACKAGE_VERSION);
		return 0;
	}
	noun = ctl.argv[0];
	c = ctl.argc >= 2 ? find(noun, ctl.argv[1]) : NULL;
	if (c == NULL && (c = find(noun, "")) == NULL) { /* "doctor", "openapi": a noun that is its own verb */
		usage(stderr);
		return 2;
	}
	words_remove(&ctl, 0, *c->verb == '\0' ? 1 : 2);
	status = run(&ctl, c, config, noun);
	talloc_free(ctl.mem);
	return status;
}
