/* po/words.c - prints the texts of style sheets as a template for translators (atelier.pot). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xslt.h"

#define WORDS_MAX 2000

static char *seen[WORDS_MAX];
static int count;

static void
print(void *arg, const char *text, int line)
{
	for (int i = 0; i < count; i++)
		if (strcmp(seen[i], text) == 0)
			return;
	if (count == WORDS_MAX)
		exit(1);
	seen[count++] = strdup(text);
	printf("\n#: %s:%d\nmsgid \"", (const char *)arg, line);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			putchar('\\');
		putchar(*p);
	}
	printf("\"\nmsgstr \"\"\n");
}

/* What errors say is shown on pages, too. */
static const char *const errors[] = {
#define X(code, status, message) message,
#include "lib/errors.def"
#undef X
};

/* And what reports say. */
static const char *const reports[] = {
#define X(text) text,
#include "worker/report/words.def"
#undef X
};

/* And films. */
static const char *const recaps[] = {
#define X(text) text,
#include "worker/recap/words.def"
#undef X
};

/* And what is said at fields of forms. */
static const char *const wrong[] = {
#define X(text) text,
#include "handlers/admin/wrong.def"
#undef X
};

int
main(int argc, char **argv)
{
	puts("msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"");
	for (int i = 1; i < argc; i++)
		if (xslt_words(argv[i], print, argv[i]) != 0) {
			fprintf(stderr, "%s cannot be read\n", argv[i]);
			return 1;
		}
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		print((void *)"lib/errors.def", errors[i], 0);
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++)
		print((void *)"worker/report/words.def", reports[i], 0);
	for (size_t i = 0; i < sizeof(recaps) / sizeof(recaps[0]); i++)
		print((void *)"worker/recap/words.def", recaps[i], 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		print((void *)"handlers/admin/wrong.def", wrong[i], 0);
	return 0;
}
