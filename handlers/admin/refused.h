/*
 * handlers/admin/refused.h - a form that was refused, shown again in its page: what was typed stands in it, and a field that is wrong
 * says why. It works on the page that a style sheet has made, so no sheet and no form has to know of it.
 */
#ifndef ATELIER_ADMIN_REFUSED_H
#define ATELIER_ADMIN_REFUSED_H

#include <json-c/json.h>
#include <libxml/tree.h>

#include "fcgi/app.h"

struct refused {
	struct request *rq;
	const char *to;             /* where the form is sent to: its action */
	const char *form;           /* as it came, url-encoded */
	const char *problem;        /* in words */
	struct json_object *answer; /* the error of the API, with the fields that are wrong; or NULL */
	int status;

	/* filled in meanwhile */
	const char *language;
	struct sent *sent; /* the fields of form */
	size_t sent_count;
};

/* Into the document that the page is made of: what was written, for the case that its form is not there any more. */
void refused_note(struct refused *r, xmlNodePtr root);

/* Into the page. refused: a struct refused. For xslt_apply_then(). */
void refused_show(void *refused, xmlDocPtr html);

#endif
