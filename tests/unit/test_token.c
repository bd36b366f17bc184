/* tests/unit/test_token.c - access tokens: issued, verified, and every forgery refused; keys in rotation; secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "lib/base64.h"
#include "lib/errors.h"
#include "lib/mem.h"
#include "lib/token.h"
#include "lib/token_key.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define OTHER_SECRET "fedcba9876543210fedcba9876543210"

struct fixture {
	struct conf conf;
	struct keyring *keys;
	struct token_claims claims;
	char *token;
};

static struct keyring *
open_keys(struct fixture *f)
{
	const char *why = NULL;
	struct keyring *keys = keyring_open(f, &f->conf, &why);

	if (keys == NULL)
		fail_msg("%s", why);
	return keys;
}

static int
setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	f->conf = (struct conf){ .main_secret = SECRET, .auth_algorithm = "HS256", .auth_signing_key = "", .auth_previous_key = "",
		.auth_issuer = "atelier", .auth_audience = "atelier", .auth_access_token_ttl = 900 };
	f->keys = open_keys(f);
	f->claims = (struct token_claims){ .subject = uuid_new(), .tenant = uuid_new(), .session = uuid_new(), .role = ROLE_COACH };
	f->token = token_issue(f->keys, f, &f->claims);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

static void
verifies_its_own(void **state)
{
	struct fixture *f = *state;
	struct token_claims out;

	for (int i = 0; i < 3; i++) { /* slowly, then from memory */
		memset(&out, 0, sizeof(out));
		assert_int_equal(token_verify(f->keys, f->token, &out), 0);
		assert_true(uuid_equal(&out.subject, &f->claims.subject));
		assert_true(uuid_equal(&out.tenant, &f->claims.tenant));
		assert_true(uuid_equal(&out.session, &f->claims.session));
		assert_int_equal(out.role, ROLE_COACH);
		assert_int_equal(out.expires_s - out.issued_s, 900);
	}
	for (int i = 0; i < 3000; i++) { /* more than memory holds */
		char *token;

		f->claims.subject = uuid_new();
		token = token_issue(f->keys, f, &f->claims);
		assert_int_equal(token_verify(f->keys, token, &out), 0);
		assert_true(uuid_equal(&out.subject, &f->claims.subject));
		talloc_free(token);
	}
}

/* A signed token with these parts. */
static char *
forge(struct fixture *f, jwt_alg_t alg, const void *key, size_t key_length, const char *kid, const char *claim,
    const char *value, long exp)
{
	char sub[UUID_TEXT], *text, *token;
	jwt_t *jwt;

	jwt_new(&jwt);
	if (kid != NULL)
		jwt_add_header(jwt, "kid", kid);
	uuid_text(&f->claims.subject, sub);
	jwt_add_grant(jwt, "sub", sub);
	jwt_add_grant(jwt, "tenant", sub);
	jwt_add_grant(jwt, "sid", sub);
	jwt_add_grant(jwt, "role", "admin");
	jwt_add_grant(jwt, "iss", "atelier");
	jwt_add_grant(jwt, "aud", "atelier");
	jwt_add_grant_int(jwt, "iat", time(NULL));
	jwt_add_grant_int(jwt, "exp", exp);
	if (claim != NULL) {
		jwt_del_grants(jwt, claim);
		if (value != NULL)
			jwt_add_grant(jwt, claim, value);
	}
	assert_int_equal(jwt_set_alg(jwt, alg, key, (int)key_length), 0);
	text = jwt_encode_str(jwt);
	assert_non_null(text);
	token = mem_strdup(f, text);
	free(text);
	jwt_free(jwt);
	return token;
}

static void
refuses_forgeries(void **state)
{
	static const char *const wrong[][2] = { { "iss", "other" }, { "aud", "other" }, { "iss", NULL }, { "aud", NULL },
		{ "role", "emperor" }, { "role", NULL }, { "sub", "1" }, { "sub", NULL }, { "tenant", NULL }, { "sid", NULL },
		{ "exp", NULL }, { "exp", "later" } };
	struct fixture *f = *state;
	const char *why, *t;
	struct token_key *key = token_key_new(f, f, "HS256", SECRET, true, &why);
	struct token_key *other = token_key_new(f, f, "HS256", OTHER_SECRET, true, &why);
	long later = time(NULL) + 900;
	struct token_claims out;

	t = forge(f, JWT_ALG_HS256, key->sign, key->sign_length, key->kid, NULL, NULL, later);
	assert_int_equal(token_verify(f->keys, t, &out), 0); /* so it is the claim below that is refused */
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		t = forge(f, JWT_ALG_HS256, key->sign, key->sign_length, key->kid, wrong[i][0], wrong[i][1], later);
		assert_int_equal(token_verify(f->keys, t, &out), ERR_TOKEN_INVALID);
	}
	t = forge(f, JWT_ALG_HS256, other->sign, other->sign_length, key->kid, NULL, NULL, later);
	assert_int_equal(token_verify(f->keys, t, &out), ERR_TOKEN_INVALID);
	t = forge(f, JWT_ALG_HS256, key->sign, key->sign_length, NULL, NULL, NULL, later);
	assert_int_equal(token_verify(f->keys, t, &out), ERR_TOKEN_INVALID);
	t = forge(f, JWT_ALG_HS512, key->sign, key->sign_length, key->kid, NULL, NULL, later);
	assert_int_equal(token_verify(f->keys, t, &out), ERR_TOKEN_INVALID);
	t = forge(f, JWT_ALG_NONE, NULL, 0, key->kid, NULL, NULL, later);
	assert_int_equal(token_verify(f->keys, t, &out), ERR_TOKEN_INVALID);
	t = forge(f, JWT_ALG_HS256, key->sign, key->sign_length, key->kid, NULL, NULL, time(NULL) - 1);
	assert_int_equal(token_verify(f->keys, t, &out), ERR_TOKEN_EXPIRED);
	assert_int_equal(token_verify(f->keys, t, &out), ERR_TOKEN_EXPIRED); /* from memory, too */
}

/* The header of one, the rest of another; none in every spelling; parts that miss. */
static void
refuses_broken_text(void **state)
{
	static const char *const headers[] = { "{\"alg\":\"none\"}", "{\"alg\":\"None\",\"typ\":\"JWT\"}", "{}", "[]", "", "x",
		"{\"alg\":null,\"kid\":null}", "{\"alg\":\"HS256\"}" };
	struct fixture *f = *state;
	size_t length = strlen(f->token), head = strcspn(f->token, ".");
	struct token_claims out;

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		const char *h = base64url_encode(f, headers[i], strlen(headers[i]));

		assert_int_equal(token_verify(f->keys, mem_printf(f, "%s%s", h, f->token + head), &out), ERR_TOKEN_INVALID);
		assert_int_equal(token_verify(f->keys, mem_printf(f, "%s.%s.", h, h), &out), ERR_TOKEN_INVALID);
	}
	for (size_t i = 0; i < length; i++)
		assert_int_equal(token_verify(f->keys, mem_strndup(f, f->token, i), &out), ERR_TOKEN_INVALID);
	for (size_t i = 0; i + 1 < length; i++) { /* the last character may carry bits that mean nothing */
		char *t = mem_strdup(f, f->token);

		t[i] = t[i] == 'A' ? 'B' : 'A';
		assert_int_equal(token_verify(f->keys, t, &out), ERR_TOKEN_INVALID);
	}
	char *huge = mem_size(f, 100001);
	memset(huge, 'a', 100000);
	huge[100000] = '\0';
	assert_int_equal(token_verify(f->keys, huge, &out), ERR_TOKEN_INVALID);
}

static char *
pem(void *mem, EVP_PKEY *key, bool is_private)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long n;

	if (is_private)
		PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	else
		PEM_write_bio_PUBKEY(bio, key);
	n = BIO_get_mem_data(bio, &data);
	text = mem_strndup(mem, data, (size_t)n);
	BIO_free(bio);
	return text;
}

static void
check_public_key_algorithm(struct fixture *f, const char *algorithm, EVP_PKEY *pkey, const char *kty)
{
	const char *private_pem = pem(f, pkey, true), *public_pem = pem(f, pkey, false), *why, *t;
	struct token_claims out;
	struct keyring *keys;
	struct token_key *key;
	struct json_object *jwks, *jwk;
	struct buf b;

	f->conf.auth_algorithm = algorithm;
	f->conf.auth_signing_key = private_pem;
	f->conf.auth_previous_key = SECRET; /* a rotation from HS256 */
	keys = open_keys(f);
	assert_int_equal(token_verify(keys, f->token, &out), 0);
	t = token_issue(keys, f, &f->claims);
	assert_int_equal(token_verify(keys, t, &out), 0);
	assert_int_equal(token_verify(f->keys, t, &out), ERR_TOKEN_INVALID);
	buf_init(&b, f, 0);
	keyring_write_jwks(keys, &b);
	jwks = json_tokener_parse(buf_cstr(&b));
	assert_int_equal(json_object_array_length(json_object_object_get(jwks, "keys")), 1);
	jwk = json_object_array_get_idx(json_object_object_get(jwks, "keys"), 0);
	assert_string_equal(json_object_get_string(json_object_object_get(jwk, "kty")), kty);
	assert_null(json_object_object_get(jwk, "d"));
	json_object_put(jwks);
	/* The mix-up: the public key, which everybody has, as the secret of an HMAC. */
	key = token_key_new(f, f, NULL, public_pem, false, &why);
	t = forge(f, JWT_ALG_HS256, public_pem, strlen(public_pem), key->kid, NULL, NULL, time(NULL) + 900);
	assert_int_equal(token_verify(keys, t, &out), ERR_TOKEN_INVALID);
	/* The old key goes, and its tokens with it; a public key is enough to go on verifying. */
	f->conf.auth_previous_key = "";
	assert_int_equal(token_verify(open_keys(f), f->token, &out), ERR_TOKEN_INVALID);
	t = token_issue(keys, f, &f->claims);
	f->conf.auth_algorithm = "HS256";
	f->conf.auth_signing_key = "";
	f->conf.auth_previous_key = public_pem;
	assert_int_equal(token_verify(open_keys(f), t, &out), 0);
	EVP_PKEY_free(pkey);
}

static void
signs_with_rsa(void **state)
{
	check_public_key_algorithm(*state, "RS256", EVP_RSA_gen(2048), "RSA");
}

static void
signs_with_ec(void **state)
{
	check_public_key_algorithm(*state, "ES256", EVP_EC_gen("P-256"), "EC");
}

static void
refuses_wrong_keys(void **state)
{
	struct fixture *f = *state;
	EVP_PKEY *small = EVP_RSA_gen(1024), *curve = EVP_EC_gen("P-384"), *good = EVP_EC_gen("P-256");
	const char *cases[][2] = { { "ES256", "" }, { "ES256", pem(f, curve, true) }, { "RS256", pem(f, small, true) },
		{ "RS256", pem(f, good, true) }, { "ES256", pem(f, good, false) }, { "HS256", pem(f, good, true) },
		{ "HS256", "short" }, { "none", SECRET }, { "HS512", SECRET }, { "ES256", "-----BEGIN NONSENSE-----" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = NULL;

		f->conf.auth_algorithm = cases[i][0];
		f->conf.auth_signing_key = cases[i][1];
		if (keyring_open(f, &f->conf, &why) != NULL)
			fail_msg("%s took key %zu", cases[i][0], i);
		assert_non_null(why);
	}
	EVP_PKEY_free(small);
	EVP_PKEY_free(curve);
	EVP_PKEY_free(good);
}

static void
makes_secrets(void **state)
{
	char a[SECRET_TEXT], b[SECRET_TEXT];
	uint8_t hash_a[SECRET_HASH], hash_b[SECRET_HASH], again[SECRET_HASH];

	(void)state;
	secret_new(a, hash_a);
	secret_new(b, hash_b);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), 43);
	secret_hash(a, again);
	assert_memory_equal(again, hash_a, SECRET_HASH);
	assert_memory_not_equal(hash_a, hash_b, SECRET_HASH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(verifies_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_forgeries, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_broken_text, setup, teardown),
		cmocka_unit_test_setup_teardown(signs_with_rsa, setup, teardown),
		cmocka_unit_test_setup_teardown(signs_with_ec, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_wrong_keys, setup, teardown),
		cmocka_unit_test(makes_secrets),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
