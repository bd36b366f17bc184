/* handlers/oauth_state.c - the sealed state and its cookie. */
#include "handlers/oauth_state.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/seal.h"
#include "lib/token.h"

#define COOKIE "atelier_oauth"
#define LIFE_S 600
#define PURPOSE "oauth state"
#define PARTS 7

const char *
form_value(struct request *rq, const char *form, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = form; *p != '\0'; p += strcspn(p, "&"), p += *p == '&')
		if (strncmp(p, name, n) == 0 && p[n] == '=') {
			size_t length = strcspn(p + n + 1, "&");
			char *value = mem_size(rq, length + 1);

			value[percent_decode(value, p + n + 1, length, true)] = '\0';
			return value;
		}
	return NULL;
}

static bool
is_below(const char *url, const char *origin, size_t length)
{
	return length > 0 && strncmp(url, origin, length) == 0 && (url[length] == '/' || url[length] == '\0');
}

bool
is_own_page(const struct request *rq, const char *url)
{
	if (strpbrk(url, "\r\n\\#") != NULL)
		return false;
	if (is_below(url, rq->tenant->base_url, strlen(rq->tenant->base_url)))
		return true;
	for (const char *p = rq->tenant->cors_origins; p != NULL && *p != '\0'; p += strspn(p, ", ")) {
		size_t n = strcspn(p, ", ");

		if (!(n == 1 && *p == '*') && is_below(url, p, n))
			return true;
		p += n;
	}
	return false;
}

const char *
oauth_challenge(struct request *rq, const char *verifier)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256((const uint8_t *)verifier, strlen(verifier), digest);
	return base64url_encode(rq, digest, sizeof(digest));
}

static const char *
random_text(struct request *rq)
{
	char text[SECRET_TEXT];
	uint8_t hash[SECRET_HASH];

	secret_new(text, hash);
	return mem_strdup(rq, text);
}

const char *
oauth_state_begin(struct request *rq, const char *provider, const char *redirect, bool cross_site, struct oauth_state *out)
{
	const char *binding = random_text(rq);
	bool is_https = strncmp(rq->tenant->base_url, "https:", 6) == 0;

	*out = (struct oauth_state){ random_text(rq), random_text(rq), redirect };
	reply_header(rq, "Set-Cookie", COOKIE "=%s; Path=/api/v1/auth/oauth; Max-Age=%d; HttpOnly; SameSite=%s%s", binding,
	    LIFE_S, cross_site ? "None" : "Lax", is_https || cross_site ? "; Secure" : "");
	return seal_text(rq, rq->app->conf->main_secret, PURPOSE,
	    mem_printf(rq, "%s\n%s\n%lld\n%s\n%s\n%s\n%s", rq->tenant->id_text, provider, (long long)time(NULL) + LIFE_S, binding,
	        out->nonce, out->verifier, redirect != NULL ? redirect : ""));
}

static const char *
cookie_value(struct request *rq)
{
	const char *header = request_header(rq, "HTTP_COOKIE");

	for (const char *p = header; p != NULL && *p != '\0'; p += strspn(p, "; ")) {
		size_t n = strcspn(p, ";");

		if (strncmp(p, COOKIE "=", strlen(COOKIE "=")) == 0)
			return mem_strndup(rq, p + strlen(COOKIE "="), n - strlen(COOKIE "="));
		p += n;
	}
	return NULL;
}

bool
oauth_state_end(struct request *rq, const char *provider, const char *sealed, struct oauth_state *out)
{
	const char *text = sealed != NULL ? seal_open(rq, rq->app->conf->main_secret, PURPOSE, sealed) : NULL;
	const char *cookie = cookie_value(rq), *parts[PARTS];
	char *p = mem_strdup(rq, text);

	if (p == NULL || cookie == NULL)
		return false;
	for (int i = 0; i < PARTS; i++) {
		parts[i] = p;
		p += strcspn(p, "\n");
		if (*p == '\n')
			*p++ = '\0';
	}
	if (strcmp(parts[0], rq->tenant->id_text) != 0 || strcmp(parts[1], provider) != 0 ||
	    strtoll(parts[2], NULL, 10) < time(NULL) || strlen(cookie) != strlen(parts[3]) ||
	    CRYPTO_memcmp(cookie, parts[3], strlen(cookie)) != 0)
		return false;
	*out = (struct oauth_state){ parts[4], parts[5], parts[6][0] != '\0' ? parts[6] : NULL };
	return true;
}
