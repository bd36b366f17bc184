/*
 * lib/token.c - access tokens by libjwt, and a small memory of those that were verified: the same token comes with
 * every request of a session, and one SHA-256 then replaces base64, two JSON documents and a signature.
 */
#include "lib/token.h"

#include <jwt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "lib/base64.h"
#include "lib/errors.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/random.h"
#include "lib/token_key.h"

#define TOKEN_MAX 4096 /* characters */
#define CACHE_SETS 512
#define CACHE_WAYS 2
#define DIGEST 32

struct verified {
	unsigned char digest[DIGEST]; /* SHA-256 of the token */
	struct token_claims claims;   /* expires_s 0: the place is free */
};

struct keyring {
	struct token_key *signing, *previous; /* previous may be NULL */
	const char *issuer, *audience;
	int64_t ttl_s;
	EVP_MD *sha256;
	EVP_MD_CTX *digest;
	struct verified cache[CACHE_SETS][CACHE_WAYS]; /* the newer one first */
};

static int
keyring_free(struct keyring *k)
{
	EVP_MD_CTX_free(k->digest);
	EVP_MD_free(k->sha256);
	return 0;
}

struct keyring *
keyring_open(void *context, const struct conf *conf, const char **why)
{
	struct keyring *k = mem_new(context, struct keyring);
	const char *signing = *conf->auth_signing_key != '\0' ? conf->auth_signing_key : NULL;

	talloc_set_destructor(k, keyring_free);
	k->issuer = mem_strdup(k, conf->auth_issuer);
	k->audience = mem_strdup(k, conf->auth_audience);
	k->ttl_s = conf->auth_access_token_ttl;
	k->sha256 = mem_checked(EVP_MD_fetch(NULL, "SHA256", NULL));
	k->digest = mem_checked(EVP_MD_CTX_new());
	if (signing == NULL && strcmp(conf->auth_algorithm, "HS256") == 0)
		signing = conf->main_secret;
	if (signing == NULL)
		*why = mem_strdup(context, "auth.signing_key is missing");
	else
		k->signing = token_key_new(k, context, conf->auth_algorithm, signing, true, why);
	if (k->signing != NULL && *conf->auth_previous_key != '\0') {
		k->previous = token_key_new(k, context, NULL, conf->auth_previous_key, false, why);
		if (k->previous == NULL)
			k->signing = NULL;
	}
	if (k->signing != NULL)
		return k;
	talloc_free(k);
	return NULL;
}

void
keyring_write_jwks(const struct keyring *keys, struct buf *out)
{
	buf_add_literal(out, "{\"keys\":[");
	token_key_write_jwk(keys->signing, out);
	if (keys->previous != NULL)
		token_key_write_jwk(keys->previous, out);
	buf_add_literal(out, "]}");
}

/* --- issue --- */

static void
add_uuid(jwt_t *jwt, const char *claim, const struct uuid *u)
{
	char text[UUID_TEXT];

	jwt_add_grant(jwt, claim, uuid_text(u, text));
}

char *
token_issue(struct keyring *keys, void *mem, struct token_claims *claims)
{
	const struct token_key *key = keys->signing;
	char *encoded, *token;
	jwt_t *jwt;

	if (claims->issued_s == 0)
		claims->issued_s = time(NULL);
	claims->expires_s = claims->issued_s + keys->ttl_s;
	if (jwt_new(&jwt) != 0)
		mem_out_of_memory();
	jwt_add_header(jwt, "kid", key->kid);
	add_uuid(jwt, "sub", &claims->subject);
	add_uuid(jwt, "tenant", &claims->tenant);
	add_uuid(jwt, "sid", &claims->session);
	jwt_add_grant(jwt, "role", role_name(claims->role));
	jwt_add_grant(jwt, "iss", keys->issuer);
	jwt_add_grant(jwt, "aud", keys->audience);
	jwt_add_grant_int(jwt, "iat", (long)claims->issued_s);
	jwt_add_grant_int(jwt, "exp", (long)claims->expires_s);
	if (jwt_set_alg(jwt, key->algorithm, key->sign, (int)key->sign_length) != 0 || (encoded = jwt_encode_str(jwt)) == NULL)
		mem_out_of_memory();
	token = mem_strdup(mem, encoded);
	free(encoded);
	jwt_free(jwt);
	return token;
}

/* --- verify --- */

/* The key that the header names, if its algorithm is that key's: "none" and every mix-up end here, before libjwt sees
 * the token. */
static const struct token_key *
key_of(const struct keyring *keys, void *mem, const char *token)
{
	const struct token_key *const candidates[] = { keys->signing, keys->previous };
	size_t length, n = strcspn(token, ".");
	const char *text = base64url_decode(mem, token, n, &length), *why, *kid, *alg;
	struct json_object *header;

	if (text == NULL || json_parse(mem, text, length, &header, &why) != 0 || !json_object_is_type(header, json_type_object))
		return NULL;
	kid = json_object_get_string(json_object_object_get(header, "kid"));
	alg = json_object_get_string(json_object_object_get(header, "alg"));
	if (kid == NULL || alg == NULL || json_object_object_get(header, "crit") != NULL)
		return NULL;
	for (size_t i = 0; i < 2; i++) {
		if (candidates[i] != NULL && strcmp(candidates[i]->kid, kid) == 0)
			return strcmp(jwt_alg_str(candidates[i]->algorithm), alg) == 0 ? candidates[i] : NULL;
	}
	return NULL;
}

static bool
get_uuid(jwt_t *jwt, const char *claim, struct uuid *out)
{
	const char *text = jwt_get_grant(jwt, claim);

	return text != NULL && uuid_parse(text, strlen(text), out);
}

static bool
is_claim(jwt_t *jwt, const char *claim, const char *expected)
{
	const char *text = jwt_get_grant(jwt, claim);

	return text != NULL && strcmp(text, expected) == 0;
}

static bool
read_claims(const struct keyring *keys, jwt_t *jwt, struct token_claims *out)
{
	const char *role = jwt_get_grant(jwt, "role");

	out->role = role != NULL ? role_parse(role) : ROLE_NONE;
	out->issued_s = jwt_get_grant_int(jwt, "iat");
	out->expires_s = jwt_get_grant_int(jwt, "exp");
	return out->role != ROLE_NONE && out->expires_s > 0 && is_claim(jwt, "iss", keys->issuer) &&
	    is_claim(jwt, "aud", keys->audience) && get_uuid(jwt, "sub", &out->subject) &&
	    get_uuid(jwt, "tenant", &out->tenant) && get_uuid(jwt, "sid", &out->session);
}

static bool
verify_slowly(const struct keyring *keys, const char *token, struct token_claims *out)
{
	void *mem = mem_checked(talloc_new(NULL));
	const struct token_key *key = key_of(keys, mem, token);
	jwt_t *jwt = NULL;
	bool ok = false;

	talloc_free(mem);
	if (key == NULL || jwt_decode(&jwt, token, key->verify, (int)key->verify_length) != 0)
		return false;
	ok = jwt_get_alg(jwt) == key->algorithm && read_claims(keys, jwt, out);
	jwt_free(jwt);
	return ok;
}

static int
check_expiry(const struct token_claims *claims)
{
	return time(NULL) < claims->expires_s ? 0 : ERR_TOKEN_EXPIRED;
}

int
token_verify(struct keyring *keys, const char *token, struct token_claims *out)
{
	size_t length = strnlen(token, TOKEN_MAX + 1);
	unsigned char digest[DIGEST];
	struct verified *set;
	uint16_t index;

	if (length == 0 || length > TOKEN_MAX)
		return ERR_TOKEN_INVALID;
	if (EVP_DigestInit_ex2(keys->digest, keys->sha256, NULL) != 1 || EVP_DigestUpdate(keys->digest, token, length) != 1 ||
	    EVP_DigestFinal_ex(keys->digest, digest, NULL) != 1)
		mem_out_of_memory();
	memcpy(&index, digest, sizeof(index));
	set = keys->cache[index % CACHE_SETS];
	for (int i = 0; i < CACHE_WAYS; i++) {
		if (set[i].claims.expires_s != 0 && memcmp(set[i].digest, digest, DIGEST) == 0) {
			*out = set[i].claims;
			return check_expiry(out);
		}
	}
	if (!verify_slowly(keys, token, out))
		return ERR_TOKEN_INVALID;
	set[1] = set[0];
	memcpy(set[0].digest, digest, DIGEST);
	set[0].claims = *out;
	return check_expiry(out);
}

/* --- random secrets --- */

void
secret_new(char text[SECRET_TEXT], uint8_t hash[SECRET_HASH])
{
	uint8_t bytes[32];

	random_bytes(bytes, sizeof(bytes));
	base64url_put(text, bytes, sizeof(bytes));
	text[SECRET_TEXT - 1] = '\0';
	OPENSSL_cleanse(bytes, sizeof(bytes));
	secret_hash(text, hash);
}

void
secret_hash(const char *text, uint8_t hash[SECRET_HASH])
{
	if (EVP_Digest(text, strlen(text), hash, NULL, EVP_sha256(), NULL) != 1)
		mem_out_of_memory();
}
