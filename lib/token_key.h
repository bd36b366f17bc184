/* lib/token_key.h - one key that signs or verifies access tokens; of lib/token.c alone. */
#ifndef ATELIER_TOKEN_KEY_H
#define ATELIER_TOKEN_KEY_H

#include <jwt.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

struct evp_pkey_st;

#define KID_SIZE 12

struct token_key {
	jwt_alg_t algorithm;
	char kid[KID_SIZE]; /* from the key itself: the same key has the same kid everywhere */
	/* What libjwt takes: a secret, or PEM. sign is NULL for a key that only verifies. */
	const unsigned char *sign, *verify;
	size_t sign_length, verify_length;
	struct evp_pkey_st *pkey; /* NULL for HS256 */
};

/* text: PEM, or a secret for HS256. algorithm NULL: PEM tells RS256 or ES256, anything else is HS256.
 * NULL with *why on why_mem when the key does not fit. */
struct token_key *token_key_new(void *context, void *why_mem, const char *algorithm, const char *text, bool must_sign,
    const char **why);

/* The public key as a JWK behind what out holds, with a comma where one is due; nothing for HS256. */
void token_key_write_jwk(const struct token_key *key, struct buf *out);

#endif
