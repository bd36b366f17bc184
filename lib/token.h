/* lib/token.h - access tokens (JWT) and random secrets that are stored as their hash. */
#ifndef ATELIER_TOKEN_H
#define ATELIER_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/permission.h"
#include "lib/uuid.h"

struct keyring; /* signing key, and those that are still accepted */

struct token_claims {
	struct uuid subject, tenant, session;
	enum role role;
	int64_t issued_s, expires_s; /* Unix time */
};

/* Keys from the configuration: HS256 with main.secret, or the key files of [auth]. NULL with *why on context. */
struct keyring *keyring_open(void *context, const struct conf *conf, const char **why);

/* A signed access token on mem. issued_s is now unless it is given; expires_s follows from the configuration. */
char *token_issue(struct keyring *keys, void *mem, struct token_claims *claims);

/* 0, ERR_TOKEN_INVALID or ERR_TOKEN_EXPIRED. Checks signature, algorithm, kid, iss, aud, exp; not the tenant. */
int token_verify(struct keyring *keys, const char *token, struct token_claims *out);

/* The public keys as a JWK Set ({"keys":[]} for HS256). */
struct buf;
void keyring_write_jwks(const struct keyring *keys, struct buf *out);

/* A secret that is given out once: 32 random bytes in base64url, and the SHA-256 that the database keeps. */
#define SECRET_TEXT 44
#define SECRET_HASH 32
void secret_new(char text[SECRET_TEXT], uint8_t hash[SECRET_HASH]);
void secret_hash(const char *text, uint8_t hash[SECRET_HASH]);

#endif
