/* handlers/oauth_identify.c - from a code to a person: token exchange, ID token, or GitHub's API. */
#include <jwt.h>

#include "handlers/oauth_json.h"
#include "handlers/oauth_provider.h"
#include "lib/http.h"
#include "lib/jwks.h"
#include "lib/mem.h"
#include "lib/wait.h"

#define JWKS_MIN_MS 30000 /* a made-up kid must not make us ask the provider each time */
#define CLOCK_SKEW_S 60
#define APPLE_SECRET_S 300
#define KEY_FILE_MAX 8192

/* Apple's client secret is a token that we sign with the key they gave us. */
static const char *
apple_secret(void *mem, const struct oauth_provider *p)
{
	char pem[KEY_FILE_MAX];
	FILE *f = p->key_file != NULL ? fopen(p->key_file, "re") : NULL;
	size_t n = f != NULL ? fread(pem, 1, sizeof(pem), f) : 0;
	const char *secret = NULL;
	char *encoded = NULL;
	jwt_t *jwt = NULL;

	if (f != NULL)
		fclose(f);
	if (n == 0 || n == sizeof(pem) || p->team_id == NULL || p->key_id == NULL || jwt_new(&jwt) != 0)
		return NULL;
	if (jwt_add_header(jwt, "kid", p->key_id) == 0 && jwt_add_grant(jwt, "iss", p->team_id) == 0 &&
	    jwt_add_grant(jwt, "sub", p->client_id) == 0 && jwt_add_grant(jwt, "aud", p->issuer) == 0 &&
	    jwt_add_grant_int(jwt, "iat", time(NULL)) == 0 && jwt_add_grant_int(jwt, "exp", time(NULL) + APPLE_SECRET_S) == 0 &&
	    jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)pem, (int)n) == 0)
		encoded = jwt_encode_str(jwt);
	if (encoded != NULL)
		secret = mem_strdup(mem, encoded);
	free(encoded);
	jwt_free(jwt);
	return secret;
}

static struct json_object *
exchange(void *mem, struct oauth_provider *p, const char *code, const char *verifier, const char *redirect_uri,
    const char **why)
{
	const char *secret = p->kind == OAUTH_APPLE ? apple_secret(mem, p) : p->client_secret;
	const struct http_pair form[] = { { "grant_type", "authorization_code" }, { "code", code },
		{ "redirect_uri", redirect_uri }, { "client_id", p->client_id }, { "client_secret", secret },
		{ "code_verifier", p->kind == OAUTH_LINKEDIN ? NULL : verifier }, { NULL, NULL } };
	struct http_reply reply;
	struct json_object *tokens;

	if (http_post_form(mem, p->token_url, NULL, form, &reply, why) != 0)
		return NULL;
	tokens = json_tokener_parse(reply.body);
	*why = tokens != NULL && json_text(tokens, "error") != NULL ? mem_strdup(mem, json_text(tokens, "error")) :
	                                                              "the provider refused the code";
	if (reply.status == 200 && tokens != NULL && json_text(tokens, "error") == NULL)
		return tokens;
	json_object_put(tokens);
	return NULL;
}

static int
fetch_jwks(void *mem, struct oauth_provider *p, const char **why)
{
	struct http_reply reply;
	struct json_object *keys;

	if (p->jwks_ms != 0 && now_ms() - p->jwks_ms < JWKS_MIN_MS)
		return 0;
	if (http_get(mem, p->jwks_url, NULL, &reply, why) != 0)
		return -1;
	*why = "the provider's keys cannot be read";
	keys = reply.status == 200 ? json_tokener_parse(reply.body) : NULL;
	if (keys == NULL)
		return -1;
	json_object_put(p->jwks);
	p->jwks = keys;
	p->jwks_ms = now_ms();
	return 0;
}

/* aud is a text or a list; in a list of several, azp must be us as well. */
static bool
is_for_us(struct json_object *claims, const char *client_id)
{
	struct json_object *aud;
	const char *azp = json_text(claims, "azp");

	if (!json_object_object_get_ex(claims, "aud", &aud) || (azp != NULL && strcmp(azp, client_id) != 0))
		return false;
	if (json_object_is_type(aud, json_type_string))
		return strcmp(json_object_get_string(aud), client_id) == 0;
	for (size_t i = 0; json_object_is_type(aud, json_type_array) && i < json_object_array_length(aud); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(aud, i)), client_id) == 0)
			return json_object_array_length(aud) == 1 || azp != NULL;
	return false;
}

static const char *
claims_problem(struct json_object *claims, const struct oauth_provider *p, const char *nonce)
{
	const char *issuer = json_text(claims, "iss"), *given = json_text(claims, "nonce");
	struct json_object *exp;

	if (issuer == NULL || strcmp(issuer, p->issuer) != 0)
		return "the ID token is of another issuer";
	if (!is_for_us(claims, p->client_id))
		return "the ID token is for another client";
	if (!json_object_object_get_ex(claims, "exp", &exp) || json_object_get_int64(exp) + CLOCK_SKEW_S < time(NULL))
		return "the ID token has expired";
	if (given == NULL ? p->kind != OAUTH_LINKEDIN : strcmp(given, nonce) != 0)
		return "the ID token is of another sign-in";
	return json_text(claims, "sub") == NULL ? "the ID token names nobody" : NULL;
}

static int
identify_by_id_token(void *mem, struct oauth_provider *p, struct json_object *tokens, const char *nonce,
    struct oauth_person *out, const char **why)
{
	const char *id_token = json_text(tokens, "id_token");
	struct json_object *claims = NULL;
	enum jwks_result result;

	*why = "the provider gave no ID token";
	if (id_token == NULL || (p->jwks == NULL && fetch_jwks(mem, p, why) != 0))
		return -1;
	result = jwks_verify(p->jwks, id_token, &claims);
	if (result == JWKS_UNKNOWN_KEY && fetch_jwks(mem, p, why) == 0) /* they have new keys */
		result = jwks_verify(p->jwks, id_token, &claims);
	if (result != JWKS_VALID) {
		*why = "the ID token is not signed by the provider";
		return -1;
	}
	*why = claims_problem(claims, p, nonce);
	if (*why == NULL)
		*out = (struct oauth_person){ mem_strdup(mem, json_text(claims, "sub")), mem_strdup(mem, json_text(claims, "email")),
			mem_strdup(mem, json_text(claims, "name")), json_truth(claims, "email_verified") };
	json_object_put(claims);
	return *why == NULL ? 0 : -1;
}

static struct json_object *
github_get(void *mem, struct oauth_provider *p, const char *path, const char *token, const char **why)
{
	const struct http_pair headers[] = { { "Authorization", mem_printf(mem, "Bearer %s", token) }, { NULL, NULL } };
	struct http_reply reply;

	if (http_get(mem, mem_printf(mem, "%s%s", p->api_url, path), headers, &reply, why) != 0)
		return NULL;
	*why = "the provider does not say who it is";
	return reply.status == 200 ? json_tokener_parse(reply.body) : NULL;
}

/* GitHub has no ID token: the account, and its primary address when that is verified. */
static int
identify_by_github(void *mem, struct oauth_provider *p, struct json_object *tokens, struct oauth_person *out,
    const char **why)
{
	const char *token = json_text(tokens, "access_token");
	struct json_object *user = token != NULL ? github_get(mem, p, "/user", token, why) : NULL, *emails, *id;

	if (user == NULL || !json_object_object_get_ex(user, "id", &id) || json_object_get_int64(id) <= 0) {
		json_object_put(user);
		return -1;
	}
	*out = (struct oauth_person){ .subject = mem_printf(mem, "%lld", (long long)json_object_get_int64(id)),
		.name = mem_strdup(mem, json_text(user, "name") != NULL ? json_text(user, "name") : json_text(user, "login")) };
	json_object_put(user);
	emails = github_get(mem, p, "/user/emails", token, why);
	for (size_t i = 0; json_object_is_type(emails, json_type_array) && i < json_object_array_length(emails); i++) {
		struct json_object *e = json_object_array_get_idx(emails, i);

		if (json_truth(e, "primary") && json_text(e, "email") != NULL) {
			out->email = mem_strdup(mem, json_text(e, "email"));
			out->is_email_verified = json_truth(e, "verified");
		}
	}
	json_object_put(emails);
	return 0;
}

int
oauth_identify(void *mem, struct oauth_provider *p, const char *code, const char *verifier, const char *nonce,
    const char *redirect_uri, struct oauth_person *out, const char **why)
{
	struct json_object *tokens = exchange(mem, p, code, verifier, redirect_uri, why);
	int rc;

	if (tokens == NULL)
		return -1;
	rc = p->kind == OAUTH_GITHUB ? identify_by_github(mem, p, tokens, out, why) :
	                               identify_by_id_token(mem, p, tokens, nonce, out, why);
	json_object_put(tokens);
	return rc;
}
