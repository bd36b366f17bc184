/* worker/fcm.c - a service account signs a JWT, Google gives an access token for it, and messages go out with that. */
#include "worker/fcm.h"

#include <jwt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/http.h"
#include "lib/mem.h"
#include "lib/seal.h"
#include "lib/wait.h"

#define SCOPE "https://www.googleapis.com/auth/firebase.messaging"
#define GRANT "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define TOKEN_URL "https://oauth2.googleapis.com/token"
#define ASSERTION_S 3600
#define SPARE_S 120 /* a token that is about to end is not used */
#define REDIS_MS 500
#define PURPOSE "push access token"

static const char *
text_of(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, json_type_string) ?
	    json_object_get_string(value) : NULL;
}

static int
read_account(struct job *job, struct fcm *out)
{
	struct json_object *account = json_tokener_parse(job->conf->push_service_account);

	*out = (struct fcm){ .project = mem_strdup(job->mem, text_of(account, "project_id")),
		.email = mem_strdup(job->mem, text_of(account, "client_email")),
		.key = mem_strdup(job->mem, text_of(account, "private_key")),
		.key_id = mem_strdup(job->mem, text_of(account, "private_key_id")),
		.token_url = mem_strdup(job->mem, text_of(account, "token_uri")) };
	json_object_put(account);
	if (out->token_url == NULL)
		out->token_url = TOKEN_URL;
	return out->project != NULL && out->email != NULL && out->key != NULL ? 0 : -1;
}

static const char *
assertion_of(struct job *job, const struct fcm *fcm)
{
	const char *out = NULL;
	char *encoded = NULL;
	jwt_t *jwt = NULL;

	if (jwt_new(&jwt) != 0)
		return NULL;
	if ((fcm->key_id == NULL || jwt_add_header(jwt, "kid", fcm->key_id) == 0) &&
	    jwt_add_grant(jwt, "iss", fcm->email) == 0 && jwt_add_grant(jwt, "scope", SCOPE) == 0 &&
	    jwt_add_grant(jwt, "aud", fcm->token_url) == 0 && jwt_add_grant_int(jwt, "iat", time(NULL)) == 0 &&
	    jwt_add_grant_int(jwt, "exp", time(NULL) + ASSERTION_S) == 0 &&
	    jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)fcm->key, (int)strlen(fcm->key)) == 0)
		encoded = jwt_encode_str(jwt);
	if (encoded != NULL)
		out = mem_strdup(job->mem, encoded);
	free(encoded);
	jwt_free(jwt);
	return out;
}

/* A token belongs to the account and key that it was made for. */
static const char *
cache_key(struct job *job, const struct fcm *fcm)
{
	return mem_printf(job->mem, "push:token:%s:%s", fcm->email, fcm->key_id != NULL ? fcm->key_id : "");
}

static bool
token_from_cache(struct job *job, struct fcm *fcm)
{
	struct redis_reply *r;

	if (redis_command(job->redis, job->mem, &r, now_ms() + REDIS_MS, "GET %s", cache_key(job, fcm)) != 0 ||
	    r->type != REDIS_TEXT)
		return false;
	fcm->access_token = seal_open(job->mem, job->conf->main_secret, PURPOSE, r->text);
	return fcm->access_token != NULL;
}

static int
token_exchange(struct job *job, struct fcm *fcm, const char **why, bool *may_help)
{
	const char *assertion = assertion_of(job, fcm);
	const struct http_pair form[] = { { "grant_type", GRANT }, { "assertion", assertion }, { NULL, NULL } };
	struct json_object *answer, *life;
	struct http_reply reply;

	*may_help = false;
	*why = "the private key of the service account cannot be used";
	if (assertion == NULL)
		return -1;
	*may_help = true;
	if (http_post_form(job->mem, fcm->token_url, NULL, form, &reply, why) != 0)
		return -1;
	*why = "no access token was given for the service account";
	*may_help = reply.status == 429 || reply.status >= 500;
	answer = reply.status == 200 ? json_tokener_parse(reply.body) : NULL;
	fcm->access_token = mem_strdup(job->mem, text_of(answer, "access_token"));
	if (fcm->access_token != NULL && json_object_object_get_ex(answer, "expires_in", &life) &&
	    json_object_get_int(life) > SPARE_S)
		redis_command(job->redis, job->mem, NULL, now_ms() + REDIS_MS, "SET %s %s EX %d", cache_key(job, fcm),
		    seal_text(job->mem, job->conf->main_secret, PURPOSE, fcm->access_token), json_object_get_int(life) - SPARE_S);
	json_object_put(answer);
	return fcm->access_token != NULL ? 0 : -1;
}

int
fcm_open(struct job *job, struct fcm *out, const char **why, bool *may_help)
{
	*may_help = false;
	*why = "push.service_account is not the JSON of a service account";
	if (read_account(job, out) != 0)
		return -1;
	return token_from_cache(job, out) ? 0 : token_exchange(job, out, why, may_help);
}

/* What a refusal is called: the errorCode of its details, else the status. */
static const char *
error_code(struct job *job, const struct http_reply *reply)
{
	struct json_object *answer = json_tokener_parse(reply->body), *error, *details;
	const char *code = NULL;

	if (json_object_object_get_ex(answer, "error", &error)) {
		code = text_of(error, "status");
		if (json_object_object_get_ex(error, "details", &details) && json_object_is_type(details, json_type_array))
			for (size_t i = 0; i < json_object_array_length(details); i++) {
				const char *one = text_of(json_object_array_get_idx(details, i), "errorCode");

				code = one != NULL ? one : code;
			}
	}
	code = mem_strdup(job->mem, code != NULL ? code : "");
	json_object_put(answer);
	return code;
}

static enum fcm_result
judge(struct job *job, const struct http_reply *reply, const char **why)
{
	const char *code = error_code(job, reply);

	*why = mem_printf(job->mem, "%ld %s", reply->status, code);
	if (reply->status == 200)
		return FCM_SENT;
	if (strcmp(code, "UNREGISTERED") == 0 || strcmp(code, "SENDER_ID_MISMATCH") == 0)
		return FCM_DEAD_TOKEN;
	/* no app of this name, or its token is none: as Google answers a token that it never gave out */
	if (reply->status == 400 && strstr(reply->body, "registration token") != NULL)
		return FCM_DEAD_TOKEN;
	return reply->status == 429 || reply->status >= 500 ? FCM_LATER : FCM_REFUSED;
}

enum fcm_result
fcm_send(struct job *job, struct fcm *fcm, const char *message, long *retry_after_s, const char **why)
{
	const char *url = mem_printf(job->mem, "%s/v1/projects/%s/messages:send", job->conf->push_url, fcm->project);
	struct http_reply reply;
	bool may_help;

	*retry_after_s = 0;
	for (int attempt = 0;; attempt++) {
		const struct http_pair headers[] = { { "Authorization", mem_printf(job->mem, "Bearer %s", fcm->access_token) },
			{ NULL, NULL } };

		if (http_post(job->mem, &(struct http_post){ .url = url, .content_type = "application/json", .body = message,
		    .length = strlen(message), .headers = headers }, &reply, why) != 0)
			return FCM_LATER;
		if (reply.status != 401 || attempt > 0)
			break;
		/* the kept token ended before its time */
		redis_command(job->redis, job->mem, NULL, now_ms() + REDIS_MS, "DEL %s", cache_key(job, fcm));
		if (token_exchange(job, fcm, why, &may_help) != 0)
			return may_help ? FCM_LATER : FCM_REFUSED;
	}
	*retry_after_s = reply.retry_after_s;
	return judge(job, &reply, why);
}
