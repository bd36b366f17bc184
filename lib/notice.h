/*
 * lib/notice.h - what a push and a line of the digest say, in the reader's language. The words are in
 * templates/notices/LANGUAGE.xml, by kind and by how many people are in it.
 */
#ifndef ATELIER_NOTICE_H
#define ATELIER_NOTICE_H

#include <stdint.h>

struct conf;

struct notice {
	const char *kind;
	const char *actor, *second; /* people's names; NULL where there is none */
	int64_t actor_count;
	const char *title, *text; /* of the video, of the comment; NULL where there is none */
};

/* The words of one language; NULL when they cannot be read. locale as "pt-BR"; unknown ones are English. */
struct notice_words *notice_words_open(void *context, const struct conf *conf, const char *locale);

/* One sentence on context; never NULL. A kind without words of its own says that there is something new. */
const char *notice_text(void *context, const struct notice_words *words, const struct notice *n);

#endif
