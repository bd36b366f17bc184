/* language.c - the languages that there are, and where their errors say that they are. To add one: a line here, or for one
 * installation a file NAME.conf in code.languages_dir. */
#include <ctype.h>
#include <ini.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "worker/sandbox/sandbox.h"

const struct sandbox_language sandbox_languages[] = {
	{ "python", "main.py", "exec /usr/bin/python3 -B main.py", "/usr/bin/python3" },
	{ "javascript", "main.js", "exec /usr/bin/node --max-old-space-size=128 main.js", "/usr/bin/node" },
	{ "c", "main.c", "/usr/bin/gcc -std=c17 -O1 -Wall -o program main.c -lm && exec ./program", "/usr/bin/gcc" },
	{ "bash", "main.sh", "exec /usr/bin/bash main.sh", "/usr/bin/bash" },
	{ "ruby", "main.rb", "exec /usr/bin/ruby main.rb", "/usr/bin/ruby" },
	{ "lua", "main.lua", "exec /usr/bin/lua5.4 main.lua", "/usr/bin/lua5.4" },
	{ NULL, NULL, NULL, NULL },
};

struct reading {
	void *mem;
	struct sandbox_language *language;
};

static int
take(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;

	(void)section;
	if (strcmp(name, "source") == 0 && strchr(value, '/') == NULL)
		r->language->source = mem_strdup(r->mem, value);
	else if (strcmp(name, "command") == 0)
		r->language->command = mem_strdup(r->mem, value);
	else
		return 0;
	return 1;
}

static bool
is_word(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && *p != '-' && *p != '+')
			return false;
	return *name != '\0' && strlen(name) < 40;
}

const struct sandbox_language *
sandbox_language_find(void *mem, const char *folder, const char *name)
{
	struct sandbox_language *own;
	struct reading r;

	for (const struct sandbox_language *l = sandbox_languages; l->name != NULL; l++)
		if (strcasecmp(l->name, name) == 0 || (strcasecmp(name, "js") == 0 && strcmp(l->name, "javascript") == 0))
			return l;
	if (!is_word(name) || folder == NULL || *folder == '\0')
		return NULL;
	own = mem_new(mem, struct sandbox_language);
	own->name = mem_strdup(mem, name);
	r = (struct reading){ mem, own };
	if (ini_parse(mem_printf(mem, "%s/%s.conf", folder, name), take, &r) != 0 || own->source == NULL || own->command == NULL)
		return NULL;
	return own;
}

/* --- where it went wrong --- */

static int
number(const char *text, regmatch_t m)
{
	return m.rm_so < 0 ? 0 : (int)strtol(text + m.rm_so, NULL, 10);
}

static char *
line_from(void *mem, const char *text)
{
	size_t length = strcspn(text, "\r\n");

	return mem_strndup(mem, text, length < 300 ? length : 300);
}

/* The last line with words in it: where Python says what it was. */
static char *
last_line(void *mem, const char *text)
{
	const char *end = text + strlen(text), *begin;

	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	for (begin = end; begin > text && begin[-1] != '\n'; begin--)
		;
	return begin < end ? line_from(mem, begin) : NULL;
}

/* "main.py", line 3 / main.c:3:5: / main.lua:3: / main.sh: line 3: */
void
sandbox_explain(void *mem, const struct sandbox_language *l, struct sandbox_answer *out)
{
	bool is_last = strcmp(l->name, "python") == 0; /* the innermost place stands last */
	const char *text = out->errors, *error;
	regmatch_t m[6];
	regex_t re;

	if (regcomp(&re, mem_printf(mem, "%.*s\\.%s\"?(:|, line|: line)[ ]?([0-9]+)(:([0-9]+))?", (int)strcspn(l->source, "."), l->source,
	                     strchr(l->source, '.') != NULL ? strchr(l->source, '.') + 1 : ""), REG_EXTENDED) != 0)
		return;
	for (const char *at = text; regexec(&re, at, 5, m, 0) == 0; at += m[0].rm_eo) {
		out->line = number(at, m[2]);
		out->column = number(at, m[4]);
		out->message = line_from(mem, at + m[0].rm_eo + strspn(at + m[0].rm_eo, ": "));
		if (!is_last && (out->column > 0 || strcmp(l->name, "javascript") != 0))
			break;
	}
	regfree(&re);
	if (is_last)
		out->message = last_line(mem, text);
	else if (strcmp(l->name, "javascript") == 0 && regcomp(&re, "^[A-Za-z]*Error: .*", REG_EXTENDED | REG_NEWLINE) == 0) {
		if (regexec(&re, text, 1, m, 0) == 0)
			out->message = line_from(mem, text + m[0].rm_so);
		regfree(&re);
	} else if ((error = strstr(text, "error: ")) != NULL && strcmp(l->name, "c") == 0)
		out->message = line_from(mem, error + strlen("error: "));
	if (out->message == NULL || *out->message == '\0')
		out->message = last_line(mem, text);
}
