/*
 * lib/mail.h - our mails. A request only says which mail goes to whom (mail_job: the payload of a `mail` job, written
 * in the same transaction as what causes it); the worker composes it (mail_compose) and sends it.
 * The words are in templates/mail/LANGUAGE/NAME.xml, their looks in templates/mail/{html,text}.xsl.
 *
 * To add a mail: NAME.xml in each language folder, and a line in mail_names (lib/mail.c).
 */
#ifndef ATELIER_MAIL_H
#define ATELIER_MAIL_H

#include <stddef.h>

#include "lib/uuid.h"

struct conf;

struct mail_order {
	const char *name;   /* "verify", "reset", ... */
	const char *to;     /* address; NULL: a decoy that the worker drops (equal work for unknown addresses) */
	const char *person; /* how they are called */
	const char *locale; /* "pt-BR"; unknown ones are answered in English */
	const char *site;   /* the community's name */
	const char *link;   /* NULL, or what the button opens; sealed in the payload, since it may carry a token */
	const char *detail; /* NULL, or one more text for <detail/> */
	const char *const *items; /* NULL, or texts for <items/>; ends with NULL */
	const char *unsubscribe;  /* NULL, or what ends mails of this kind when it is POSTed to */
};

/* The job's payload (JSON) on context. */
const char *mail_job(void *context, const struct conf *conf, const struct mail_order *order);

struct mail {
	const char *to;       /* envelope recipient; NULL: nothing to send */
	const char *from;     /* envelope sender: the bare address of mail.from */
	const char *message;  /* RFC 5322, lines end in CRLF */
	size_t length;
};

/* Composes the mail of a payload. id: of the order, so that a mail which is sent again because its first sender died
 * carries the same Message-ID, and is shown once. 0, or -1 with *why set when it can never be composed. */
int mail_compose(void *context, const struct conf *conf, const char *payload, struct uuid id, struct mail *out, const char **why);

/* The names of all mails; ends with NULL. */
const char *const *mail_templates(void);

/* A mail as it would look, with words that stand for those of a real one. part: "html" or "text" (its first line is the
 * subject). On context; NULL when there is no such mail. */
const char *mail_preview(void *context, const struct conf *conf, const char *name, const char *language, const char *part,
    const char *site);

#endif
