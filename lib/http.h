/*
 * lib/http.h - asking other servers, by libcurl. The calls block: only in pools and jobs that may (.blocks).
 * Redirects are not followed, answers are cut at a megabyte, certificates are checked.
 */
#ifndef ATELIER_HTTP_H
#define ATELIER_HTTP_H

#include <stddef.h>

struct http_reply {
	long status;
	const char *body; /* terminated, on the context */
	size_t length;
};

struct http_pair {
	const char *name, *value; /* ends with a NULL name */
};

/* 0, or -1 with *why when there was no answer. headers may be NULL. */
int http_get(void *context, const char *url, const struct http_pair *headers, struct http_reply *out, const char **why);

/* POST as application/x-www-form-urlencoded. */
int http_post_form(void *context, const char *url, const struct http_pair *headers, const struct http_pair *form,
    struct http_reply *out, const char **why);

/* "a=1&b=x%20y" of pairs. */
const char *http_form(void *context, const struct http_pair *form);

#endif
