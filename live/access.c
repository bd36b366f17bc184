/* live/access.c - who is there, and what they may listen to: asked when they come, and again when that may have changed. */
#include <string.h>
#include <time.h>

#include "lib/log.h"
#include "lib/rate.h"
#include "live/live.h"

#define OVERLAP_MS 40000 /* a transaction may commit that long after the time that it wrote */

static bool
refuse(struct peer *c, const char *why)
{
	peer_close(c, CLOSE_AUTH, why);
	return false;
}

static bool
away(struct peer *c)
{
	peer_close(c, CLOSE_AWAY, "The service is away; come back soon.");
	return false;
}

static int
tenant_of(struct peer *c, void *mem, struct uuid *tenant)
{
	struct db_session db;
	struct db_result *r;
	char *colon;
	int err;

	if (c->host == NULL)
		return ERR_TENANT_UNKNOWN;
	colon = strchr(c->host, ':');
	if (colon != NULL)
		*colon = '\0';
	db_session_init(&db, c->live->db, mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_TENANT_BY_HOST, text_param(c->host));
	if (err == 0)
		*tenant = db_uuid(r, 0, "id");
	db_session_end(&db);
	return err;
}

static int
person(struct peer *c, void *mem)
{
	struct db_session db;
	struct db_result *r;
	int err;

	db_session_init(&db, c->live->db, mem, c->who.tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_LIVE_PERSON, uuid_param(c->who.user));
	if (err == 0)
		c->who.name = mem_strdup(c, db_text(r, 0, "display_name"));
	db_session_end(&db);
	return err;
}

static bool
has_too_many(const struct peer *c)
{
	int64_t count = 0;

	for (const struct peer *p = c->live->peers; p != NULL; p = p->next)
		count += uuid_equal(&p->who.user, &c->who.user);
	return count > c->live->conf->live_max_per_user;
}

bool
access_take(struct peer *c)
{
	void *mem = talloc_new(c);
	struct token_claims claims;
	struct uuid tenant;
	int err = c->token != NULL ? token_verify(c->live->keys, c->token, &claims) : ERR_UNAUTHENTICATED;

	if (err == 0)
		err = tenant_of(c, mem, &tenant);
	if (err == 0 && !uuid_equal(&tenant, &claims.tenant))
		err = ERR_TOKEN_INVALID;
	if (err == 0) {
		c->who = (struct who){ .tenant = tenant, .user = claims.subject, .session = claims.session, .role = claims.role, .issued_s = claims.issued_s };
		uuid_text(&c->who.user, c->who.user_text);
		err = person(c, mem);
	}
	talloc_free(mem);
	if (err == ERR_UNAVAILABLE || err == ERR_TIMEOUT)
		return away(c);
	if (err == ERR_NOT_FOUND) /* the account is gone */
		err = ERR_TOKEN_INVALID;
	if (err != 0)
		return refuse(c, error_info((enum error_code)err)->message);
	if (has_too_many(c)) {
		peer_close(c, CLOSE_RATE, "You have too many sockets open.");
		return false;
	}
	return true;
}

static bool
split(const char *channel, const char *kind, struct uuid *id)
{
	size_t n = strlen(kind);

	return strncmp(channel, kind, n) == 0 && channel[n] == ':' && strlen(channel) == n + 1 + 36 && uuid_parse(channel + n + 1, 36, id);
}

static int
may_video(const struct who *who, struct live *l, struct uuid id)
{
	void *mem = talloc_new(NULL);
	struct db_session db;
	struct db_result *r;
	int err;

	db_session_init(&db, l->db, mem, who->tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_LIVE_MAY_VIDEO, uuid_param(id), uuid_param(who->user), bool_param(role_may(who->role, MAY_VIDEO_EDIT_ANY)));
	db_session_end(&db);
	talloc_free(mem);
	return err;
}

int
access_channel(const struct who *who, struct live *l, const char *channel)
{
	struct uuid id;

	if (split(channel, "user", &id))
		return uuid_equal(&id, &who->user) ? 0 : ERR_FORBIDDEN;
	if (strcmp(channel, "moderation") == 0)
		return role_may(who->role, MAY_REPORT_REVIEW) ? 0 : ERR_FORBIDDEN;
	if (split(channel, "video", &id))
		return may_video(who, l, id);
	return ERR_NOT_FOUND;
}

static void
end_sessions(struct live *l, const struct db_result *r)
{
	for (struct peer *c = l->peers; c != NULL; c = c->next)
		for (int i = 0; i < db_rows(r); i++) {
			struct uuid session = db_uuid(r, i, "session_id");

			if (uuid_equal(&session, &c->who.session) && (db_is_null(r, i, "not_before_s") || c->who.issued_s <= db_int(r, i, "not_before_s")))
				peer_close(c, CLOSE_AUTH, "Your session has ended, or what you may do has changed.");
		}
}

/* Signed out, banned, another role: each ends sessions, or makes their tokens outdated. */
void
access_watch(struct live *l)
{
	void *mem = talloc_new(NULL);
	struct db_session db;
	struct db_result *r;
	int64_t now = now_ms();

	db_session_init(&db, l->db, mem, (struct uuid){ { 0 } }, now + CALL_MS);
	if (l->peers != NULL && db_query(&db, &r, Q_SESSIONS_REVOKED_SINCE, int_param((now - l->sessions_known_ms + OVERLAP_MS) / 1000)) == 0) {
		if (db_rows(r) > 0)
			end_sessions(l, r);
		l->sessions_known_ms = now;
	} else if (l->peers == NULL) {
		l->sessions_known_ms = now;
	}
	db_session_end(&db);
	talloc_free(mem);
}

/* What no event tells of: sessions whose time is over, people who are gone. */
void
access_sweep(struct live *l)
{
	void *mem = talloc_new(NULL);
	struct uuid *sessions = mem_array(mem, struct uuid, l->peer_count + 1);
	struct db_session db;
	struct db_result *r;
	size_t count = 0;

	for (const struct peer *c = l->peers; c != NULL; c = c->next)
		if (c->is_open)
			sessions[count++] = c->who.session;
	db_session_init(&db, l->db, mem, (struct uuid){ { 0 } }, now_ms() + CALL_MS);
	if (count > 0 && db_query(&db, &r, Q_LIVE_SESSIONS_OVER, uuid_array_param(sessions, count)) == 0)
		end_sessions(l, r);
	db_session_end(&db);
	talloc_free(mem);
}

bool
access_is_too_often(struct peer *c)
{
	void *mem = talloc_new(NULL);
	int64_t scale = c->live->conf->ratelimit_scale > 0 ? c->live->conf->ratelimit_scale : 1;
	struct rate_grant grant = { .granted = 1 }; /* without Redis there is the limit of frames alone */
	char tenant[UUID_TEXT];
	const char *key = rate_key(mem, RATE_MESSAGE, uuid_text(&c->who.tenant, tenant), c->who.user_text);

	rate_take(c->live->redis, mem, RATE_MESSAGE, key, scale, 1, &grant);
	talloc_free(mem);
	return grant.granted == 0;
}
