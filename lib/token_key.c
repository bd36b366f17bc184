/* lib/token_key.c - keys of access tokens: from the configuration's text to what libjwt and a JWKS want. */
#include "lib/token_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "lib/base64.h"
#include "lib/mem.h"

#define HS_LABEL "atelier access token 1"
#define HS_KEY 32
#define HS_SECRET_MIN 32
#define RSA_BITS_MIN 2048
#define EC_COORDINATE 32 /* bytes, on P-256 */
#define NUMBER_MAX 1024  /* bytes of an RSA modulus */

static int
token_key_free(struct token_key *k)
{
	EVP_PKEY_free(k->pkey);
	return 0;
}

static void
set_kid(struct token_key *k, const void *data, size_t length)
{
	unsigned char digest[32];

	if (EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL) != 1)
		mem_out_of_memory();
	base64url_put(k->kid, digest, 8);
	k->kid[KID_SIZE - 1] = '\0';
}

/* --- HS256 --- */

/* The secret signs other things too: tokens get a key of their own from it. */
static const char *
take_secret(struct token_key *k, const char *secret)
{
	unsigned char *key = mem_size(k, HS_KEY);
	unsigned length;

	if (strlen(secret) < HS_SECRET_MIN)
		return "the key for HS256 must have 32 bytes or more";
	if (HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)HS_LABEL, sizeof(HS_LABEL) - 1, key,
		&length) == NULL)
		mem_out_of_memory();
	k->algorithm = JWT_ALG_HS256;
	k->sign = k->verify = key;
	k->sign_length = k->verify_length = HS_KEY;
	set_kid(k, key, HS_KEY);
	return NULL;
}

/* --- PEM --- */

static EVP_PKEY *
parse_pem(const char *text, bool *is_private)
{
	BIO *bio = mem_checked(BIO_new_mem_buf(text, -1));
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"");

	*is_private = key != NULL;
	if (key == NULL) {
		BIO_free(bio);
		bio = mem_checked(BIO_new_mem_buf(text, -1));
		key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	}
	BIO_free(bio);
	return key;
}

/* The public key in PEM, as libjwt verifies with. */
static void
set_verify(struct token_key *k)
{
	BIO *bio = mem_checked(BIO_new(BIO_s_mem()));
	char *data;
	long length;

	if (PEM_write_bio_PUBKEY(bio, k->pkey) != 1)
		mem_out_of_memory();
	length = BIO_get_mem_data(bio, &data);
	k->verify = (const unsigned char *)mem_strndup(k, data, (size_t)length);
	k->verify_length = (size_t)length;
	set_kid(k, k->verify, k->verify_length);
	BIO_free(bio);
}

static const char *
take_pem(struct token_key *k, const char *text, bool must_sign)
{
	char group[32] = "";
	bool is_private;

	k->pkey = parse_pem(text, &is_private);
	if (k->pkey == NULL)
		return "the key is not PEM, or has a passphrase";
	if (must_sign && !is_private)
		return "the signing key must be a private key";
	if (EVP_PKEY_is_a(k->pkey, "RSA")) {
		k->algorithm = JWT_ALG_RS256;
		if (EVP_PKEY_get_bits(k->pkey) < RSA_BITS_MIN || EVP_PKEY_get_bits(k->pkey) > 8 * NUMBER_MAX)
			return "an RSA key must have 2048 to 8192 bits";
	} else if (EVP_PKEY_is_a(k->pkey, "EC")) {
		k->algorithm = JWT_ALG_ES256;
		EVP_PKEY_get_group_name(k->pkey, group, sizeof(group), NULL);
		if (strcmp(group, "prime256v1") != 0)
			return "an EC key for ES256 must be on P-256 (prime256v1)";
	} else {
		return "the key is neither RSA nor EC";
	}
	if (is_private) {
		k->sign = (const unsigned char *)mem_strdup(k, text);
		k->sign_length = strlen(text);
	}
	set_verify(k);
	return NULL;
}

struct token_key *
token_key_new(void *context, void *why_mem, const char *algorithm, const char *text, bool must_sign, const char **why)
{
	struct token_key *k = mem_new(context, struct token_key);
	bool is_pem = strstr(text, "-----BEGIN ") != NULL;
	jwt_alg_t wanted = algorithm != NULL ? jwt_str_alg(algorithm) : is_pem ? JWT_ALG_NONE : JWT_ALG_HS256;
	const char *problem;

	talloc_set_destructor(k, token_key_free);
	if (algorithm != NULL && wanted != JWT_ALG_HS256 && wanted != JWT_ALG_RS256 && wanted != JWT_ALG_ES256)
		problem = "auth.algorithm is none of HS256, RS256, ES256";
	else if (wanted == JWT_ALG_HS256)
		problem = is_pem ? "auth.algorithm is HS256, but the key is PEM" : take_secret(k, text);
	else
		problem = take_pem(k, text, must_sign);
	if (problem == NULL && algorithm != NULL && k->algorithm != wanted)
		problem = "the key is not of auth.algorithm's kind";
	if (problem == NULL)
		return k;
	*why = mem_strdup(why_mem, problem);
	talloc_free(k);
	return NULL;
}

/* --- JWK --- */

/* A number of the key, big-endian; size 0: as many bytes as it has. */
static void
add_number(struct buf *out, const struct token_key *key, const char *name, const char *param, int size)
{
	unsigned char bytes[NUMBER_MAX];
	BIGNUM *n = NULL;

	if (EVP_PKEY_get_bn_param(key->pkey, param, &n) != 1)
		mem_out_of_memory();
	if (size == 0)
		size = BN_num_bytes(n);
	if (BN_bn2binpad(n, bytes, size) != size)
		mem_out_of_memory();
	BN_free(n);
	buf_json_key(out, name);
	buf_add_char(out, '"');
	buf_grow(out, BASE64URL_LENGTH((size_t)size));
	base64url_put(out->data + out->length, bytes, (size_t)size);
	out->length += BASE64URL_LENGTH((size_t)size);
	buf_add_char(out, '"');
}

void
token_key_write_jwk(const struct token_key *key, struct buf *out)
{
	if (key->pkey == NULL)
		return;
	if (out->length > 0 && out->data[out->length - 1] == '}')
		buf_add_char(out, ',');
	buf_add_literal(out, "{\"use\":\"sig\",\"alg\":");
	buf_json_str(out, jwt_alg_str(key->algorithm));
	buf_json_key(out, "kid");
	buf_json_str(out, key->kid);
	if (key->algorithm == JWT_ALG_RS256) {
		buf_add_literal(out, ",\"kty\":\"RSA\"");
		add_number(out, key, "n", OSSL_PKEY_PARAM_RSA_N, 0);
		add_number(out, key, "e", OSSL_PKEY_PARAM_RSA_E, 0);
	} else {
		buf_add_literal(out, ",\"kty\":\"EC\",\"crv\":\"P-256\"");
		add_number(out, key, "x", OSSL_PKEY_PARAM_EC_PUB_X, EC_COORDINATE);
		add_number(out, key, "y", OSSL_PKEY_PARAM_EC_PUB_Y, EC_COORDINATE);
	}
	buf_add_char(out, '}');
}
