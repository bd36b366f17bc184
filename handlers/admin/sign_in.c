/* handlers/admin/sign_in.c - in and out of the pages: the API's login, whose session the cookie then names. */
#include <json-c/json.h>
#include <string.h>

#include "fcgi/call.h"
#include "fcgi/page_session.h"
#include "handlers/admin/page.h"
#include "handlers/admin/refused.h"
#include "handlers/admin/xml.h"
#include "handlers/oauth_state.h"
#include "lib/token.h"

static const struct page sign_in_page = { "sign-in", { { NULL, NULL } } };

/* A form of another site has another origin; without one, a browser says nothing that could be compared. */
static bool
is_own_origin(struct request *rq)
{
	const char *origin = request_header(rq, "HTTP_ORIGIN"), *host = request_header(rq, "HTTP_HOST"), *scheme;

	if (origin == NULL || host == NULL)
		return true;
	scheme = strstr(origin, "://");
	return scheme != NULL && strcasecmp(scheme + 3, host) == 0;
}

static const char *
encoded_pair(struct request *rq, const char *name, const char *value)
{
	struct buf b;

	buf_init(&b, rq, 128);
	buf_add_str(&b, name);
	buf_add_char(&b, '=');
	buf_add_percent(&b, value, strlen(value));
	return buf_cstr(&b);
}

/* The session of the tokens that the API gave; the tokens themselves are forgotten. */
static bool
session_of(struct request *rq, struct json_object *answer, struct uuid *session)
{
	struct json_object *data, *token;
	struct token_claims claims;

	if (answer == NULL || !json_object_object_get_ex(answer, "data", &data) || !json_object_object_get_ex(data, "accessToken", &token) ||
	    token_verify(rq->app->keys, json_object_get_string(token), &claims) != 0)
		return false;
	*session = claims.session;
	return true;
}

static const char *
login_fields(struct request *rq, const char *form)
{
	const char *name = form_value(rq, form, "name"), *password = form_value(rq, form, "password"), *code = form_value(rq, form, "code");
	bool is_recovery = code != NULL && strlen(code) > 6;

	return mem_printf(rq, "%s&%s%s%s", encoded_pair(rq, name != NULL && strchr(name, '@') != NULL ? "email" : "username", name != NULL ? name : ""),
	    encoded_pair(rq, "password", password != NULL ? password : ""), code != NULL && *code != '\0' ? "&" : "",
	    code != NULL && *code != '\0' ? encoded_pair(rq, is_recovery ? "recoveryCode" : "totp", code) : "");
}

/* The page again, with the name that was typed. Password and code are not even told to it. */
static int
refuse(struct request *rq, const char *form, const char *next, int err, struct json_object *answer)
{
	const struct error_info *e = error_info((enum error_code)err);
	const char *name = form_value(rq, form, "name"), *next_pair = encoded_pair(rq, "next", next);
	struct refused refused = { .rq = rq, .to = "/admin/sign-in", .problem = answer != NULL ? xml_error_text(rq, answer) : e->message,
		.answer = answer, .status = e->status };

	refused.form = mem_printf(rq, "%s&%s", next_pair, encoded_pair(rq, "name", name != NULL ? name : ""));
	return page_again(rq, mem_printf(rq, "/admin/sign-in?%s", next_pair), &refused);
}

static int
sign_in(struct request *rq)
{
	const char *form = page_form(rq), *next;
	struct json_object *answer = NULL;
	struct call call = { .method = POST, .path = "/auth/login" };
	struct uuid session;
	int err;

	if (form == NULL || !is_own_origin(rq))
		return reply_error(rq, ERR_FORBIDDEN, "This form came from another site.");
	next = page_back(form_value(rq, form, "next"), "/admin");
	rq->user = (struct caller){ .address = rq->user.address };
	call.form = login_fields(rq, form);
	err = request_call(rq, &call, &answer);
	if (err == 0 && session_of(rq, answer, &session)) {
		page_session_give(rq, session);
		return page_redirect(rq, next);
	}
	if (err == 0 || err == ERR_INTERNAL || err == ERR_UNAVAILABLE)
		return err == 0 ? ERR_INTERNAL : err;
	return refuse(rq, form, next, err, answer);
}

static int
sign_out(struct request *rq)
{
	const char *form = page_form(rq);
	struct json_object *answer;
	int err;

	if (form == NULL || !page_csrf_is_good(rq, form_value(rq, form, "csrf")))
		return reply_error(rq, ERR_FORBIDDEN, "This form is too old. Go back, load the page again and repeat what you did.");
	err = request_call(rq, &(struct call){ .method = POST, .path = "/auth/logout" }, &answer);
	if (err != 0)
		return err;
	rq->user.role = ROLE_NONE;
	page_redirect(rq, "/admin/sign-in");
	page_session_end(rq);
	return 0;
}

const struct route admin_sign_in_routes[] = {
	{ GET, "/admin/sign-in", PUBLIC, PAGE_ROW(sign_in_page), .doc = "Sign in to the pages." },
	{ POST, "/admin/sign-in", PUBLIC, .rate = RATE_LOGIN, FORM_ROW(sign_in), .doc = "Its form." },
	{ POST, "/admin/sign-out", SIGNED_IN, FORM_ROW(sign_out), .doc = "Sign out." },
	ROUTE_END
};
