/* worker/content.h - what jobs share that make a file for somebody on request (reports, films): the row that says what was asked for,
 * the place of the file, the end. The file has its name when it is whole, and the row says so in the transaction that ends the job. */
#ifndef ATELIER_WORKER_CONTENT_H
#define ATELIER_WORKER_CONTENT_H

#include "lib/field.h"
#include "worker/job.h"
#include "worker/summary.h"

#define CONTENT_PARAMS_MAX 9

struct content {
	const char *title, *person, *email, *site, *locale, *base_url, *language; /* of po/ */
	const char *period;   /* from and until, in words */
	const char *colour;   /* of the community; NULL: it has none */
	struct json_object *options;
	const char *from, *until; /* times */
	struct text_list include, exclude; /* tags */
	bool tells_by_mail;
	const char *folder, *key; /* storage keys; content_place() */
};

/* In prepare(): reads the row of the job's subject. 0 or an ERR_. */
int content_read(struct job *job, struct db_session *db, struct content *c);

/* One of its options; "" where there is none. */
const char *content_option(const struct content *c, const char *name);

/* Chooses TENANT/place/ITEM/title.ending and makes the folder. 0 or an ERR_. */
int content_place(struct job *job, struct content *c, const char *place, const char *ending);

/* Whose, from, until, with, without: what queries of a person's things ask for; from and until alone for those of a community.
 * Returns how many. */
int content_bind(const struct content *c, const struct job *job, bool is_of_person, struct param params[CONTENT_PARAMS_MAX]);

/* Figures and charts, on job->mem; codes in words of that language (of po/). 0 or an ERR_. */
int content_summary(struct job *job, struct db_session *db, const char *language, enum query_id figures, enum query_id charts, const struct param *params, int count,
    struct summary *out);

/* In settle(), when it is done: the row is COMPLETED, and who wanted a mail gets the one of that name. What was deleted meanwhile
 * loses its folder. 0 or an ERR_. */
int content_done(struct job *job, struct db_session *db, const struct content *c, const char *mime, const char *mail);

#endif
