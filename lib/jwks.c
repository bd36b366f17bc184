/* lib/jwks.c - JWK to EVP_PKEY, and the signature of a compact JWS. */
#include "lib/jwks.h"

#include <json-c/json.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdbool.h>

#include "lib/base64.h"
#include "lib/mem.h"

#define TOKEN_MAX 32768
#define ES256_HALF 32

static const char *
text_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string) ? json_object_get_string(v) : "";
}

static struct json_object *
parse_part(void *mem, const char *part, size_t length)
{
	size_t n;
	char *bytes = base64url_decode(mem, part, length, &n);
	struct json_object *o = bytes != NULL ? json_tokener_parse(mem_strndup(mem, bytes, n)) : NULL;

	if (o != NULL && !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		o = NULL;
	}
	return o;
}

static EVP_PKEY *
build_key(const char *type, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *
rsa_key(void *mem, struct json_object *jwk)
{
	const char *n64 = text_of(jwk, "n"), *e64 = text_of(jwk, "e");
	size_t n_length = 0, e_length = 0;
	uint8_t *n = base64url_decode(mem, n64, strlen(n64), &n_length), *e = base64url_decode(mem, e64, strlen(e64), &e_length);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *bn = NULL, *be = NULL;
	EVP_PKEY *key = NULL;

	if (n != NULL && e != NULL && n_length >= 256 && e_length > 0) {
		bn = BN_bin2bn(n, (int)n_length, NULL);
		be = BN_bin2bn(e, (int)e_length, NULL);
		if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn) == 1 &&
		    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, be) == 1)
			key = build_key("RSA", build);
	}
	OSSL_PARAM_BLD_free(build);
	BN_free(bn);
	BN_free(be);
	return key;
}

static EVP_PKEY *
ec_key(void *mem, struct json_object *jwk)
{
	const char *x64 = text_of(jwk, "x"), *y64 = text_of(jwk, "y");
	size_t x_length = 0, y_length = 0;
	uint8_t *x = base64url_decode(mem, x64, strlen(x64), &x_length), *y = base64url_decode(mem, y64, strlen(y64), &y_length);
	uint8_t point[1 + 2 * ES256_HALF] = { 4 };
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	if (x != NULL && y != NULL && x_length == ES256_HALF && y_length == ES256_HALF && strcmp(text_of(jwk, "crv"), "P-256") == 0) {
		memcpy(point + 1, x, ES256_HALF);
		memcpy(point + 1 + ES256_HALF, y, ES256_HALF);
		if (OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
		    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1)
			key = build_key("EC", build);
	}
	OSSL_PARAM_BLD_free(build);
	return key;
}

/* ES256 signatures travel as r and s side by side; OpenSSL takes DER. */
static uint8_t *
ecdsa_der(const uint8_t *raw, size_t length, size_t *der_length)
{
	ECDSA_SIG *sig;
	uint8_t *der = NULL;
	int n;

	if (length != 2 * ES256_HALF)
		return NULL;
	sig = ECDSA_SIG_new();
	ECDSA_SIG_set0(sig, BN_bin2bn(raw, ES256_HALF, NULL), BN_bin2bn(raw + ES256_HALF, ES256_HALF, NULL));
	n = i2d_ECDSA_SIG(sig, &der);
	ECDSA_SIG_free(sig);
	*der_length = n > 0 ? (size_t)n : 0;
	return n > 0 ? der : NULL;
}

static bool
is_signed_by(EVP_PKEY *key, const char *text, size_t length, const uint8_t *sig, size_t sig_length)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool good = EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestVerify(md, sig, sig_length, (const uint8_t *)text, length) == 1;

	EVP_MD_CTX_free(md);
	return good;
}

/* The key of that id (or the only one of its kind when the token names none), for that algorithm. */
static struct json_object *
find_key(struct json_object *jwks, const char *kid, const char *type, const char *alg)
{
	struct json_object *keys, *found = NULL;

	if (!json_object_object_get_ex(jwks, "keys", &keys) || !json_object_is_type(keys, json_type_array))
		return NULL;
	for (size_t i = 0; i < json_object_array_length(keys); i++) {
		struct json_object *k = json_object_array_get_idx(keys, i);

		if (!json_object_is_type(k, json_type_object) || strcmp(text_of(k, "kty"), type) != 0 ||
		    (text_of(k, "alg")[0] != '\0' && strcmp(text_of(k, "alg"), alg) != 0) || strcmp(text_of(k, "use"), "enc") == 0)
			continue;
		if (kid[0] == '\0' ? found != NULL : strcmp(text_of(k, "kid"), kid) != 0) {
			if (kid[0] == '\0')
				return NULL;
			continue;
		}
		found = k;
		if (kid[0] != '\0')
			break;
	}
	return found;
}

static enum jwks_result
check(void *mem, struct json_object *jwks, struct json_object *header, const char *token, const char *dot)
{
	const char *alg = text_of(header, "alg");
	bool is_rsa = strcmp(alg, "RS256") == 0, good;
	size_t raw_length, sig_length;
	uint8_t *raw = base64url_decode(mem, dot + 1, strlen(dot + 1), &raw_length), *sig;
	struct json_object *jwk;
	EVP_PKEY *key;

	if (raw == NULL || (!is_rsa && strcmp(alg, "ES256") != 0))
		return JWKS_INVALID;
	jwk = find_key(jwks, text_of(header, "kid"), is_rsa ? "RSA" : "EC", alg);
	if (jwk == NULL)
		return JWKS_UNKNOWN_KEY;
	key = is_rsa ? rsa_key(mem, jwk) : ec_key(mem, jwk);
	sig_length = raw_length;
	sig = is_rsa ? raw : ecdsa_der(raw, raw_length, &sig_length);
	good = key != NULL && sig != NULL && is_signed_by(key, token, (size_t)(dot - token), sig, sig_length);
	if (!is_rsa)
		OPENSSL_free(sig);
	EVP_PKEY_free(key);
	return good ? JWKS_VALID : JWKS_INVALID;
}

enum jwks_result
jwks_verify(struct json_object *jwks, const char *token, struct json_object **claims)
{
	const char *first = strchr(token, '.'), *second = first != NULL ? strchr(first + 1, '.') : NULL;
	struct json_object *header;
	enum jwks_result result = JWKS_INVALID;
	void *mem;

	if (second == NULL || strchr(second + 1, '.') != NULL || strlen(token) > TOKEN_MAX)
		return JWKS_INVALID;
	mem = talloc_new(NULL);
	header = parse_part(mem, token, (size_t)(first - token));
	if (header != NULL)
		result = check(mem, jwks, header, token, second);
	if (result == JWKS_VALID) {
		*claims = parse_part(mem, first + 1, (size_t)(second - first - 1));
		if (*claims == NULL)
			result = JWKS_INVALID;
	}
	json_object_put(header);
	talloc_free(mem);
	return result;
}
