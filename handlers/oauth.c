/*
 * handlers/oauth.c - signing in through others. The state that goes with the browser is sealed and bound to it by a
 * cookie, so nothing is kept here; it holds the nonce and the PKCE verifier.
 */
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "handlers/accounts.h"
#include "handlers/oauth_json.h"
#include "handlers/oauth_provider.h"
#include "handlers/oauth_state.h"
#include "lib/http.h"
#include "lib/seal.h"
#include "lib/totp.h"

#define FORM_MAX 16384
#define TICKET_TTL_S 300

static const char *
callback_url(struct request *rq, const char *provider)
{
	return mem_printf(rq, "%s/api/v1/auth/oauth/%s/callback", rq->tenant->base_url, provider);
}

static int
oauth_start(struct request *rq)
{
	struct oauth_provider *p = oauth_find(rq->app->oauth, path_text(rq, "provider"));
	const char *redirect = form_value(rq, rq->query_text, "redirect"), *why = "", *state;
	bool has_pkce = p != NULL && p->kind != OAUTH_LINKEDIN;
	struct oauth_state s;

	if (p == NULL)
		return ERR_NOT_FOUND;
	if (redirect != NULL && !is_own_page(rq, redirect))
		return reply_invalid(rq, "redirect", "is not a page of this community");
	if (oauth_discover(rq, p, &why) != 0) {
		log_warn("oauth_provider_away", LOG_STR("provider", p->name), LOG_STR("why", why));
		return reply_error(rq, ERR_UNAVAILABLE, "%s cannot be reached right now.", p->name);
	}
	state = oauth_state_begin(rq, p->name, redirect, p->kind == OAUTH_APPLE, &s);
	const struct http_pair query[] = { { "response_type", "code" }, { "client_id", p->client_id },
		{ "redirect_uri", callback_url(rq, p->name) }, { "scope", p->scope }, { "state", state },
		{ "nonce", p->kind == OAUTH_GITHUB ? NULL : s.nonce },
		{ "code_challenge", has_pkce ? oauth_challenge(rq, s.verifier) : NULL },
		{ "code_challenge_method", has_pkce ? "S256" : NULL }, { "response_mode", p->kind == OAUTH_APPLE ? "form_post" : NULL },
		{ NULL, NULL } };
	reply_header(rq, "Location", "%s%c%s", p->authorize_url, strchr(p->authorize_url, '?') != NULL ? '&' : '?',
	    http_form(rq, query));
	return reply_empty(rq, 302);
}

/* A user name out of an address or a name: what is allowed of it, at least three characters. */
static const char *
wanted_username(struct request *rq, const struct oauth_person *who)
{
	char *name = mem_size(rq, 26);
	size_t n = 0;

	for (const char *p = who->email; *p != '\0' && *p != '@' && n < 25; p++)
		if (isalnum((unsigned char)*p) || *p == '_')
			name[n++] = *p;
	name[n] = '\0';
	return n >= 3 ? name : mem_printf(rq, "user_%s", name);
}

static int
account_new(struct request *rq, const struct oauth_person *who, struct account *out)
{
	struct uuid id = uuid_new();
	struct db_result *r;
	int err;

	if (rq->tenant->is_registration_closed)
		return reply_error(rq, ERR_FORBIDDEN, "This community takes no new members by itself.");
	if (who->email == NULL || !who->is_email_verified)
		return reply_error(rq, ERR_FORBIDDEN, "Your account there has no confirmed e-mail address; confirm it there first.");
	err = db_query_row(&rq->db, &r, Q_USERNAME_FREE, text_param(wanted_username(rq, who)));
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_USER_INSERT_VERIFIED, uuid_param(id), text_param(db_text(r, 0, "name")),
		    text_param(who->email), text_param(who->name), text_param(rq->tenant->locale));
	*out = (struct account){ id, ROLE_USER, false, false };
	return err;
}

/* Who comes back is: the one who is linked; else the one with that address if both sides confirmed it (else whoever
 * registered somebody's address first would get their visits); else somebody new. */
static int
account_find(struct request *rq, const struct oauth_provider *p, const struct oauth_person *who, struct account *out)
{
	struct db_result *r;
	bool is_linked;
	int err = db_query(&rq->db, &r, Q_IDENTITY_ACCOUNT, text_param(p->name), text_param(who->subject), text_param(who->email));

	if (err != 0)
		return err;
	is_linked = db_rows(r) > 0 && db_bool(r, 0, "linked");
	if (db_rows(r) == 0) {
		err = account_new(rq, who, out);
	} else {
		*out = account_of(r, db_uuid(r, 0, "id"));
		if (!is_linked && !(who->is_email_verified && db_bool(r, 0, "verified")))
			return reply_error(rq, ERR_CONFLICT,
			    "An account has this address already, and it is not confirmed on both sides: sign in with the password.");
		if (strcmp(db_text(r, 0, "status"), "banned") == 0)
			return ERR_ACCOUNT_LOCKED;
	}
	if (err == 0 && !is_linked)
		err = db_exec(&rq->db, NULL, Q_IDENTITY_INSERT, uuid_param(out->id), text_param(p->name),
		    text_param(who->subject), text_param(who->email));
	if (err == 0 && !is_linked)
		err = audit(rq, "user.identity_linked", "user", out->id, NULL, NULL);
	return err;
}

/* A code that is good once for tokens: for pages of ours, and for who still owes a second factor. */
static int
give_ticket(struct request *rq, const struct account *who, const char *redirect)
{
	char ticket[SECRET_TEXT];
	uint8_t hash[SECRET_HASH];
	int err;

	secret_new(ticket, hash);
	err = db_exec(&rq->db, NULL, Q_OAUTH_TICKET_INSERT, bytes_param(hash, sizeof(hash)), uuid_param(who->id),
	    int_param(TICKET_TTL_S));
	if (err != 0)
		return err;
	if (redirect != NULL) {
		reply_header(rq, "Location", "%s%ccode=%s", redirect, strchr(redirect, '?') != NULL ? '&' : '?', ticket);
		return reply_empty(rq, 302);
	}
	buf_printf(reply_data(rq, 200), "{\"code\":\"%s\",\"mfaRequired\":true}", ticket);
	return 0;
}

/* Apple tells the name once, on the first visit, beside the signed token: good for a name that is shown, no more. */
static const char *
apple_name(struct request *rq, const char *user)
{
	struct json_object *o = user != NULL ? json_tokener_parse(user) : NULL, *name = NULL;
	const char *first, *last;
	char *whole = NULL;

	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, "name", &name);
	first = json_text(name, "firstName");
	last = json_text(name, "lastName");
	if (first != NULL || last != NULL)
		whole = mem_printf(rq, "%s%s%s", first != NULL ? first : "", first != NULL && last != NULL ? " " : "", last != NULL ? last : "");
	for (char *p = whole; p != NULL && *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = ' ';
	json_object_put(o);
	return whole;
}

static int
oauth_finish(struct request *rq, const char *form)
{
	struct oauth_provider *p = oauth_find(rq->app->oauth, path_text(rq, "provider"));
	const char *code = form_value(rq, form, "code"), *why = "";
	struct oauth_person person;
	struct oauth_state s;
	struct account who = { 0 };
	int err;

	if (p == NULL)
		return ERR_NOT_FOUND;
	if (!oauth_state_end(rq, p->name, form_value(rq, form, "state"), &s))
		return reply_error(rq, ERR_BAD_REQUEST, "This sign-in was not begun in this browser, or too long ago.");
	if (code == NULL)
		return reply_error(rq, ERR_FORBIDDEN, "%s did not let you in.", p->name);
	if (oauth_discover(rq, p, &why) != 0 ||
	    oauth_identify(rq, p, code, s.verifier, s.nonce, callback_url(rq, p->name), &person, &why) != 0) {
		log_warn("oauth_refused", LOG_STR("provider", p->name), LOG_STR("why", why));
		return reply_error(rq, ERR_CREDENTIALS_INVALID, "%s did not confirm who you are.", p->name);
	}
	if (p->kind == OAUTH_APPLE && person.name == NULL)
		person.name = apple_name(rq, form_value(rq, form, "user"));
	err = account_find(rq, p, &person, &who);
	if (err != 0)
		return err;
	return s.redirect != NULL || who.mfa_enabled ? give_ticket(rq, &who, s.redirect) : session_open(rq, who.id);
}

static int
oauth_callback(struct request *rq)
{
	return oauth_finish(rq, rq->query_text);
}

/* Apple sends its answer as a form. */
static int
oauth_callback_form(struct request *rq)
{
	char *form = mem_size(rq, FORM_MAX + 1);
	size_t length = 0;
	ssize_t n;

	while ((n = request_read(rq, form + length, FORM_MAX - length)) > 0)
		length += (size_t)n;
	form[length] = '\0';
	return n < 0 || strlen(form) != length ? ERR_BAD_REQUEST : oauth_finish(rq, form);
}

struct oauth_ticket {
	const char *code, *totp;
};

static const struct field oauth_ticket_fields[] = {
	FIELD(struct oauth_ticket, code, .required = true, .max = 100),
	FIELD(struct oauth_ticket, totp, .max = 20),
	FIELD_END
};

/* The ticket ends only when the code fits: a typing error is no new round at the provider. The class of the row
 * limits guesses. */
static int
oauth_token(struct request *rq)
{
	const struct oauth_ticket *in = rq->body;
	uint8_t hash[SECRET_HASH];
	struct db_result *r;
	struct account who;
	int err;

	secret_hash(in->code, hash);
	err = db_query(&rq->db, &r, Q_OAUTH_TICKET_TAKE, bytes_param(hash, sizeof(hash)));
	if (err != 0)
		return err;
	if (db_rows(r) == 0)
		return reply_error(rq, ERR_CREDENTIALS_INVALID, "This code was used or is too old.");
	who = account_of(r, db_uuid(r, 0, "id"));
	if (who.mfa_enabled && in->totp == NULL)
		return ERR_MFA_REQUIRED;
	err = who.mfa_enabled ? second_factor_take(rq, in->totp, r) : 0;
	return err != 0 ? err : session_open(rq, who.id);
}

static int
oauth_list(struct request *rq)
{
	struct buf *b = reply_data(rq, 200);

	oauth_write_names(rq->app->oauth, b);
	return 0;
}

const struct route oauth_routes[] = {
	{ GET, "/auth/oauth", PUBLIC, .run = oauth_list, .doc = "Through whom one can sign in here." },
	{ GET, "/auth/oauth/{provider:text}", PUBLIC, .blocks = true, .run = oauth_start,
	  .doc = "Go to a provider to sign in; ?redirect= is the page of ours that gets the code in the end." },
	{ GET, "/auth/oauth/{provider:text}/callback", PUBLIC, .rate = RATE_LOGIN, .transaction = true, .blocks = true,
	  .run = oauth_callback, .doc = "Where a provider sends the browser back to." },
	{ POST, "/auth/oauth/{provider:text}/callback", PUBLIC, .rate = RATE_LOGIN, .transaction = true, .blocks = true,
	  .body_kind = BODY_STREAM, .body_limit = FORM_MAX, .run = oauth_callback_form,
	  .doc = "The same for providers that answer with a form (Apple)." },
	{ POST, "/auth/oauth/token", PUBLIC, .rate = RATE_LOGIN, .body = SCHEMA(oauth_ticket), .transaction = true,
	  .run = oauth_token, .doc = "Tokens for the code that the sign-in ended with, and the second factor if there is one." },
	ROUTE_END
};
