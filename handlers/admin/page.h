/*
 * handlers/admin/page.h - a page is a row of routes, a list of what it asks the API for, and a style sheet:
 *
 *	static const struct page queue_page = { "queue", { { "cases", "/moderation/queue", PASSES_QUERY } } };
 *	{ GET, "/admin/queue", MAY_REPORT_REVIEW, PAGE_ROW(queue_page), .doc = "…" },
 *
 * templates/admin/queue.xsl gets <page>…<cases><data><row>…</row></data><meta>…</meta></cases></page>: the answers of the
 * API under the names of the parts, member by member. Forms go to /admin/do and name the call of the API that they are
 * (do.c). So no rule, permission or query is said twice. doc/admin-pages.md tells how to add one.
 */
#ifndef ATELIER_ADMIN_PAGE_H
#define ATELIER_ADMIN_PAGE_H

#include <libxml/tree.h>

#include "fcgi/app.h"

#define PAGE_PARTS_MAX 8

enum part_query { NO_QUERY, PASSES_QUERY };

struct page_part {
	const char *name;
	const char *path;      /* of the API, with {id} for the page's own; may have a query string */
	enum part_query query; /* PASSES_QUERY: the page's query string goes along, instead of path's own, if there is one */
	const char *words;     /* its members that are English words of ours, "|name|title|": they come in the reader's language; NULL: none */
	bool optional;         /* what is not there, or not for this person, is left out */
};

struct page {
	const char *sheet; /* templates/admin/SHEET.xsl */
	struct page_part parts[PAGE_PARTS_MAX];
};

int page_show(struct request *rq);

/* The page of an error, or the way to the sign-in. */
int page_refuse(struct request *rq, int err);

#define PAGE_ROW(p) .root = true, .blocks = true, .hidden = true, .run = page_show, .refuse = page_refuse, .page = &(p)
#define FORM_ROW(fn)                                                                                                   \
	.root = true, .blocks = true, .hidden = true, .body_kind = BODY_STREAM, .body_limit = PAGE_FORM_MAX, .run = fn,    \
	.refuse = page_refuse
#define PAGE_FORM_MAX ((size_t)256 * 1024)

struct refused;

/* The page at a path below /admin (with its query string) as the answer to a form of it that was refused (refused.h). An ERR_ when it is
 * no page, or none for this person; nothing is answered then. */
int page_again(struct request *rq, const char *where, struct refused *refused);

/* For pages that are made otherwise: the document <page> with what all pages have, and the answer made of it, which frees it. */
xmlDocPtr page_document(struct request *rq, const char *sheet, const char **language);
int page_write(struct request *rq, int status, const char *sheet, const char *language, xmlDocPtr doc);

/* 303. */
int page_redirect(struct request *rq, const char *to);
/* Headers of every page. */
void page_headers(struct request *rq);

/* What the next page says first. is_good: it was done. text: a code of templates/admin/layout.xsl, or words. */
void page_flash(struct request *rq, bool is_good, const char *text);

/* Is it a field that is about a form, and none of its call? */
bool form_field_is_own(const char *name, size_t length);

/* A form as it came, url-encoded; NULL when it is none or too long. */
const char *page_form(struct request *rq);

/* Where a form may lead back to: a path below /admin, else `otherwise`. */
const char *page_back(const char *path, const char *otherwise);

#endif
