/* fcgi/page_session.c - see page_session.h. */
#include "fcgi/page_session.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fcgi/app.h"

#define COOKIE "atelier_session"
#define IDLE_S (8 * 3600)

const char *
page_cookie(struct request *rq, const char *name)
{
	const char *header = request_header(rq, "HTTP_COOKIE");
	size_t n = strlen(name);

	for (const char *p = header; p != NULL && *p != '\0'; p += strcspn(p, ";"), p += strspn(p, "; "))
		if (strncmp(p, name, n) == 0 && p[n] == '=')
			return mem_strndup(rq, p + n + 1, strcspn(p + n + 1, ";"));
	return NULL;
}

void
page_cookie_set(struct request *rq, const char *name, const char *value, int max_age_s)
{
	bool is_secure = strncmp(rq->tenant->base_url, "https:", 6) == 0;

	reply_header(rq, "Set-Cookie", "%s=%s; Path=/admin; Max-Age=%d; HttpOnly; SameSite=Lax%s", name, value, max_age_s,
	    is_secure ? "; Secure" : "");
}

static const char *
signed_part(struct request *rq, const char *session, const char *expires)
{
	return mem_printf(rq, "%s:%s:%s", rq->tenant->id_text, session, expires);
}

void
page_session_give(struct request *rq, struct uuid session)
{
	char id[UUID_TEXT], signature[SIGNATURE_SIZE];
	const char *expires = mem_printf(rq, "%lld", (long long)time(NULL) + IDLE_S);

	uuid_text(&session, id);
	text_sign(rq->app->signer, "page-session", signed_part(rq, id, expires), signature);
	page_cookie_set(rq, COOKIE, mem_printf(rq, "%s.%s.%s", id, expires, signature), IDLE_S);
}

void
page_session_end(struct request *rq)
{
	page_cookie_set(rq, COOKIE, "", 0);
}

/* ID.EXPIRES.SIGNATURE, by us and not too old. */
static bool
cookie_read(struct request *rq, const char *text, struct uuid *session)
{
	char *id = mem_strdup(rq, text), *expires = strchr(id, '.'), *signature = expires != NULL ? strchr(expires + 1, '.') : NULL;

	if (signature == NULL)
		return false;
	*expires++ = *signature++ = '\0';
	return uuid_parse(id, strlen(id), session) && text_is_signed(rq->app->signer, "page-session", signed_part(rq, id, expires), signature) &&
	    strtoll(expires, NULL, 10) > time(NULL);
}

int
page_session_take(struct request *rq)
{
	const char *text = page_cookie(rq, COOKIE);
	struct uuid session;
	struct db_result *r;
	int err;

	if (text == NULL || *text == '\0')
		return 0;
	if (!cookie_read(rq, text, &session))
		return ERR_TOKEN_EXPIRED;
	err = db_query(&rq->db, &r, Q_PAGE_CALLER, uuid_param(session));
	if (err != 0)
		return err;
	if (db_rows(r) == 0)
		return ERR_TOKEN_EXPIRED;
	rq->user.id = db_uuid(r, 0, "user_id");
	rq->user.session_id = session;
	rq->user.role = role_in_force(rq->app->conf->auth_mfa_roles, role_parse(db_text(r, 0, "role")), db_bool(r, 0, "suspended"),
	    db_bool(r, 0, "mfa_enabled"));
	return 0;
}

const char *
page_csrf(struct request *rq)
{
	char id[UUID_TEXT], signature[SIGNATURE_SIZE];

	text_sign(rq->app->signer, "page-form", uuid_text(&rq->user.session_id, id), signature);
	return mem_strdup(rq, signature);
}

bool
page_csrf_is_good(struct request *rq, const char *token)
{
	char id[UUID_TEXT];

	return token != NULL && text_is_signed(rq->app->signer, "page-form", uuid_text(&rq->user.session_id, id), token);
}
