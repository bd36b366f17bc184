/*
 * lib/http.h - asking other servers, by libcurl. The calls block: only in pools and jobs that may (.blocks).
 * Redirects are not followed, answers are cut at a megabyte, certificates are checked.
 */
#ifndef ATELIER_HTTP_H
#define ATELIER_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct http_reply {
	long status;
	long retry_after_s; /* what the server asked for; 0: nothing */
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

/* A body of any type. */
struct http_post {
	const char *url;
	const char *content_type;
	const void *body;
	size_t length;
	const struct http_pair *headers; /* may be NULL */
	bool public_only; /* refuse to connect to addresses of this machine or of private networks, whatever the name says */
};
int http_post(void *context, const struct http_post *post, struct http_reply *out, const char **why);

/* Is it an address on the public Internet? family: AF_INET or AF_INET6; address: in network order. */
bool http_address_is_public(int family, const void *address);

/* "a=1&b=x%20y" of pairs. */
const char *http_form(void *context, const struct http_pair *form);

#endif
