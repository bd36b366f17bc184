/*
 * handlers/oauth_provider.h - other places that know people: which ones (auth.oauth_file), where their pages are, and
 * who somebody is who comes back from there. Asks over HTTP: blocks.
 *
 * The file has a section per provider:
 *	[google]                  [apple]                                   [ours]
 *	kind = google             kind = apple                              kind = oidc (or nothing)
 *	client_id = …             client_id = the service's id              issuer = https://id.example.org
 *	client_secret = …         team_id, key_id, key_file = the .p8 file  client_id, client_secret
 * github and linkedin are as google is. Addresses of a provider's own need not be given.
 */
#ifndef ATELIER_OAUTH_PROVIDER_H
#define ATELIER_OAUTH_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf.h"

/* Google is any OpenID provider with its address known; Apple and LinkedIn have ways of their own:
 * Apple: the client secret is a token that we sign; the answer comes as a form, with the name on the first visit only.
 * LinkedIn: no PKCE (it refuses the verifier), and its ID tokens do not repeat the nonce. */
enum oauth_kind { OAUTH_OIDC, OAUTH_GITHUB, OAUTH_APPLE, OAUTH_GOOGLE, OAUTH_LINKEDIN };

struct oauth_provider {
	const char *name;
	enum oauth_kind kind;
	const char *issuer, *client_id, *client_secret, *scope;
	const char *team_id, *key_id, *key_file;                 /* Apple */
	const char *authorize_url, *token_url, *api_url;         /* given, or found by discovery */
	const char *jwks_url;
	int64_t discovered_ms;
	struct json_object *jwks; /* kept until a key is asked for that it does not have */
	int64_t jwks_ms;
	struct oauth_provider *next;
};

struct oauth;

/* NULL when there is no file; problems are logged and that provider is left out. */
struct oauth *oauth_open(void *context, const struct conf *conf);
struct oauth_provider *oauth_find(struct oauth *oauth, const char *name);

struct buf;
void oauth_write_names(const struct oauth *oauth, struct buf *b); /* a JSON array */

/* Knows the provider's addresses afterwards. 0 or -1 with *why. */
int oauth_discover(void *mem, struct oauth_provider *p, const char **why);

struct oauth_person {
	const char *subject, *email, *name;
	bool is_email_verified;
};

/* Exchanges the code and finds out who it is for. nonce: what the ID token must repeat. 0 or -1 with *why. */
int oauth_identify(void *mem, struct oauth_provider *p, const char *code, const char *verifier, const char *nonce,
    const char *redirect_uri, struct oauth_person *out, const char **why);

#endif
