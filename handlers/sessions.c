/* handlers/sessions.c - staying in and going out: refresh with rotation, sign-out, the list of devices. */
#include <openssl/crypto.h>
#include <string.h>

#include "handlers/accounts.h"
#include "lib/refresh.h"

struct refresh {
	const char *refresh_token;
};

static const struct field refresh_fields[] = {
	FIELD(struct refresh, refresh_token, .required = true, .max = 200),
	FIELD_END
};

struct logout {
	const char *refresh_token;
};

static const struct field logout_fields[] = {
	FIELD(struct logout, refresh_token, .max = 200),
	FIELD_END
};

static int
revoke(struct request *rq, struct uuid session, struct uuid user)
{
	struct db_result *r;
	int err = db_query(&rq->db, &r, Q_SESSION_REVOKE, uuid_param(session), uuid_param(user));

	if (err == 0)
		sessions_forget(rq, r);
	return err != 0 ? err : db_rows(r) == 0 ? ERR_NOT_FOUND : 0;
}

/* A token that was used before: somebody has a copy. Who of the two is the owner cannot be told, so both are out. */
static int
revoke_family(struct request *rq, const struct refresh_token *token, const struct db_result *r)
{
	int err = revoke(rq, token->session, db_uuid(r, 0, "user_id"));

	log_warn("refresh_token_reused", LOG_STR("requestId", rq->id));
	if (err != 0)
		return err;
	return mail_queue(rq, (struct mail_order){ .name = "session-reused", .to = db_text(r, 0, "email"),
	    .person = db_text(r, 0, "name"), .locale = db_text(r, 0, "locale"), .detail = db_text(r, 0, "device") });
}

static bool
may_refresh(const struct db_result *r)
{
	return !db_bool(r, 0, "revoked") && !db_bool(r, 0, "expired") && strcmp(db_text(r, 0, "status"), "banned") != 0 &&
	    strcmp(db_text(r, 0, "status"), "deleting") != 0 && strcmp(db_text(r, 0, "status"), "deleted") != 0;
}

static int
rotate(struct request *rq, const struct refresh_token *old, const struct db_result *r)
{
	const struct conf *conf = rq->app->conf;
	struct account who = account_of(r, db_uuid(r, 0, "user_id"));
	struct refresh_token next = { .session = old->session, .generation = old->generation + 1 };
	const char *text = refresh_token_new(rq, conf->main_secret, &next);
	int64_t now_s = time(NULL), not_before_s = db_int(r, 0, "not_before_s");
	uint8_t hash[SECRET_HASH];
	int err;

	secret_hash(text, hash);
	err = db_exec(&rq->db, NULL, Q_SESSION_ROTATE, uuid_param(next.session), bytes_param(hash, sizeof(hash)),
	    int_param(next.generation), text_param(rq->user.address), text_param(user_agent(rq)),
	    int_param(conf->auth_refresh_token_ttl));
	/* later than what outdated the former tokens, even within the same second */
	return err != 0 ? err : session_reply(rq, &who, next.session, text, now_s > not_before_s ? now_s : not_before_s + 1);
}

/* Inside the transaction. *answer is what the client is told; what was written stays also when that is an error. */
static int
refresh_try(struct request *rq, const struct refresh_token *token, const char *text, int *answer)
{
	uint8_t hash[SECRET_HASH];
	struct db_result *r;
	const void *kept;
	size_t length;
	int err = db_exec(&rq->db, NULL, Q_SESSION_LOCK, uuid_param(token->session));

	if (err == 0)
		err = db_query(&rq->db, &r, Q_SESSION_BY_ID, uuid_param(token->session));
	if (err != 0)
		return err;
	*answer = reply_error(rq, ERR_TOKEN_INVALID, "This refresh token is not valid: sign in again.");
	if (db_rows(r) == 0 || !may_refresh(r))
		return 0;
	secret_hash(text, hash);
	kept = db_bytes(r, 0, "_refresh_hash", &length);
	if (token->generation != db_int(r, 0, "generation") || length != sizeof(hash) ||
	    CRYPTO_memcmp(kept, hash, sizeof(hash)) != 0)
		return revoke_family(rq, token, r);
	*answer = 0;
	return rotate(rq, token, r);
}

static int
session_refresh(struct request *rq)
{
	const struct refresh *in = rq->body;
	struct refresh_token token;
	int err, answer = 0;

	if (!refresh_token_read(rq, rq->app->conf->main_secret, in->refresh_token, &token))
		return reply_error(rq, ERR_TOKEN_INVALID, "This refresh token is not valid: sign in again.");
	err = db_begin(&rq->db);
	if (err == 0)
		err = refresh_try(rq, &token, in->refresh_token, &answer);
	if (err != 0) {
		db_rollback(&rq->db);
		return err;
	}
	err = db_commit(&rq->db);
	return err != 0 ? err : answer;
}

/* By the access token, or, when that has expired, by the refresh token. */
static int
session_logout(struct request *rq)
{
	const struct logout *in = rq->body;
	struct refresh_token token;
	struct db_result *r;
	int err;

	if (is_signed_in(rq)) {
		err = revoke(rq, rq->user.session_id, rq->user.id);
	} else if (in != NULL && in->refresh_token != NULL &&
	    refresh_token_read(rq, rq->app->conf->main_secret, in->refresh_token, &token)) {
		err = db_query_row(&rq->db, &r, Q_SESSION_BY_ID, uuid_param(token.session));
		if (err == 0)
			err = revoke(rq, token.session, db_uuid(r, 0, "user_id"));
	} else {
		return ERR_UNAUTHENTICATED;
	}
	return err != 0 && err != ERR_NOT_FOUND ? err : reply_empty(rq, 204);
}

static int
session_logout_all(struct request *rq)
{
	struct db_result *r;
	int err = db_query(&rq->db, &r, Q_SESSIONS_REVOKE_ALL, uuid_param(rq->user.id), null_param());

	if (err != 0)
		return err;
	sessions_forget(rq, r);
	return reply_empty(rq, 204);
}

static int
session_list(struct request *rq)
{
	return reply_list(rq, Q_SESSION_LIST, uuid_param(rq->user.id), uuid_or_null_param(&rq->user.session_id));
}

static int
session_delete(struct request *rq)
{
	int err = revoke(rq, path_uuid(rq, "id"), rq->user.id);

	return err != 0 ? err : reply_empty(rq, 204);
}

const struct route sessions_routes[] = {
	{ POST, "/auth/refresh", PUBLIC, .body = SCHEMA(refresh), .run = session_refresh,
	  .doc = "A new pair of tokens for a refresh token, which ends with it. Using one twice ends the session." },
	{ POST, "/auth/logout", PUBLIC, .body = SCHEMA(logout), .transaction = true, .run = session_logout,
	  .doc = "End this session." },
	{ POST, "/auth/logout-all", SIGNED_IN, .transaction = true, .run = session_logout_all,
	  .doc = "End all sessions of the caller, this one too." },
	{ GET, "/auth/sessions", SIGNED_IN, .run = session_list, .doc = "Where the caller is signed in." },
	{ DELETE, "/auth/sessions/{id:uuid}", SIGNED_IN, .transaction = true, .run = session_delete,
	  .doc = "End one session of the caller." },
	ROUTE_END
};
