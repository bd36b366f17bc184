/* handlers/oauth_state.h - what a sign-in through others must remember between going and coming back. */
#ifndef ATELIER_OAUTH_STATE_H
#define ATELIER_OAUTH_STATE_H

#include "fcgi/app.h"

struct oauth_state {
	const char *nonce, *verifier;
	const char *redirect; /* or NULL */
};

/* Sets the cookie and returns the sealed state. cross_site: the provider comes back by a form of its own. */
const char *oauth_state_begin(struct request *rq, const char *provider, const char *redirect, bool cross_site,
    struct oauth_state *out);
/* Was it begun in this browser, for this provider and tenant, some minutes ago at most? */
bool oauth_state_end(struct request *rq, const char *provider, const char *sealed, struct oauth_state *out);

/* PKCE: S256 of a verifier. */
const char *oauth_challenge(struct request *rq, const char *verifier);

/* Is it a page of the tenant, or of an origin that the tenant lists? */
bool is_own_page(const struct request *rq, const char *url);

/* A value of a query string or form, decoded, on the request; NULL when it is not there. */
const char *form_value(struct request *rq, const char *form, const char *name);

#endif
