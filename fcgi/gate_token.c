/* fcgi/gate_token.c - who asks (access token or API key), and whether they may. */
#include <string.h>
#include <strings.h>

#include "fcgi/app.h"
#include "fcgi/gates.h"
#include "fcgi/page_session.h"
#include "fcgi/rate.h"
#include "fcgi/revoked.h"
#include "lib/token.h"

#define API_KEY_PREFIX "atl_"

static int
take_access_token(struct request *rq, const char *text)
{
	struct token_claims claims;
	int err = token_verify(rq->app->keys, text, &claims);

	if (err != 0)
		return err;
	if (!uuid_equal(&claims.tenant, &rq->tenant->id))
		return ERR_TOKEN_INVALID;
	revoked_refresh(rq->app, rq);
	if (revoked_is(rq->app->revoked, &claims.session, claims.issued_s))
		return ERR_TOKEN_EXPIRED;
	rq->user.id = claims.subject;
	rq->user.session_id = claims.session;
	rq->user.role = claims.role;
	return 0;
}

static int
take_api_key(struct request *rq, const char *text)
{
	uint8_t hash[SECRET_HASH];
	struct db_result *r;
	const char **scopes;
	size_t count;
	int err;

	secret_hash(text, hash);
	err = db_query(&rq->db, &r, Q_API_KEY_CALLER, bytes_param(hash, sizeof(hash)));
	if (err != 0)
		return err;
	if (db_rows(r) == 0)
		return reply_error(rq, ERR_TOKEN_INVALID, "The API key is not valid.");
	rq->user.id = db_uuid(r, 0, "user_id");
	rq->user.role = role_in_force(rq->app->conf->auth_mfa_roles, role_parse(db_text(r, 0, "role")),
	    db_bool(r, 0, "suspended"), db_bool(r, 0, "mfa_enabled"));
	scopes = db_text_array(r, 0, "scopes", &count);
	rq->user.scopes = mem_array(rq, const char *, count + 1);
	memcpy(rq->user.scopes, scopes, count * sizeof(*scopes));
	return db_exec(&rq->db, NULL, Q_API_KEY_USED, uuid_param(db_uuid(r, 0, "id")));
}

/* A wrong token is a 401 also where none is needed; guessing counts against the address. */
int
gate_token(struct request *rq)
{
	const char *header = request_header(rq, "HTTP_AUTHORIZATION"), *text;
	int err;

	if (rq->route == NULL || rq->route->any_tenant)
		return 0;
	if (rq->route->refuse != NULL) { /* a page: browsers say who they are by a cookie, and only by it */
		err = page_session_take(rq);
		/* one that is good no more does not keep anybody from signing in */
		return err == ERR_TOKEN_EXPIRED && rq->route->may == PUBLIC ? 0 : err;
	}
	if (header == NULL)
		return 0;
	if (strncasecmp(header, "Bearer ", 7) != 0)
		return ERR_TOKEN_INVALID;
	text = header + 7 + strspn(header + 7, " ");
	err = strncmp(text, API_KEY_PREFIX, strlen(API_KEY_PREFIX)) == 0 ? take_api_key(rq, text) : take_access_token(rq, text);
	if (err == ERR_TOKEN_INVALID && gate_rate(rq, RATE_ANON_READ, rate_address(rq)) != 0)
		return ERR_RATE_LIMITED;
	return err;
}

static bool
has_scope(const struct request *rq, const char *name)
{
	for (const char **s = rq->user.scopes; *s != NULL; s++)
		if (strcmp(*s, name) == 0)
			return true;
	return false;
}

/* A key of a service never touches the security of the account that it belongs to. */
static bool
key_may(const struct request *rq)
{
	const struct route *r = rq->route;

	if (rq->user.scopes == NULL)
		return true;
	if (strncmp(r->path, "/auth/", 6) == 0)
		return false;
	return r->may == PUBLIC || has_scope(rq, "write") || (r->method == GET && has_scope(rq, "read")) ||
	    has_scope(rq, permission_name(r->may));
}

/* Suspended: reads go on, and what has a permission of its own that they keep (to appeal); nothing else. */
static bool
suspended_may(const struct request *rq)
{
	return rq->user.role != ROLE_SUSPENDED || rq->route->method == GET || rq->route->may != SIGNED_IN ||
	    strncmp(rq->route->path, "/auth/", 6) == 0;
}

int
gate_permission(struct request *rq)
{
	if (rq->route == NULL)
		return 0;
	if (!role_may(rq->user.role, rq->route->may))
		return is_signed_in(rq) ? ERR_FORBIDDEN : ERR_UNAUTHENTICATED;
	if (!suspended_may(rq))
		return reply_error(rq, ERR_FORBIDDEN, "This account is suspended: it can read and appeal, but nothing else.");
	return key_may(rq) ? 0 : reply_error(rq, ERR_FORBIDDEN, "This API key has no scope for that.");
}

/* A key of a service has no password to give; it was made with one. */
int
gate_confirmed(struct request *rq)
{
	struct db_result *r;
	int err;

	if (rq->route == NULL || !rq->route->confirmed || rq->user.scopes != NULL)
		return 0;
	err = db_query(&rq->db, &r, Q_SESSION_IS_CONFIRMED, uuid_param(rq->user.session_id), int_param(rq->app->conf->auth_confirm_ttl));
	if (err != 0)
		return err;
	return db_rows(r) > 0 && db_bool(r, 0, "confirmed") ? 0 : ERR_CONFIRMATION_REQUIRED;
}
