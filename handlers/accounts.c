/* handlers/accounts.c - the rules that several of the account routes share; no routes here. */
#include "handlers/accounts.h"
#include "lib/refresh.h"

#include <string.h>

#include "fcgi/revoked.h"
#include "lib/common_passwords.h"
#include "lib/password.h"
#include "lib/seal.h"
#include "lib/totp.h"

#define VERIFY_TTL_S (48 * 3600)
#define RESET_TTL_S 3600
#define PASSWORD_MAX 1024 /* argon2 takes more; nobody types more */

struct account
account_of(const struct db_result *r, struct uuid id)
{
	return (struct account){ id, role_parse(db_text(r, 0, "role")), db_bool(r, 0, "mfa_enabled"),
		db_bool(r, 0, "suspended") };
}

bool
is_mfa_missing(const struct conf *conf, const struct account *who)
{
	return !who->mfa_enabled && role_needs_mfa(conf->auth_mfa_roles, who->role);
}

enum role
account_role(const struct conf *conf, const struct account *who)
{
	return role_in_force(conf->auth_mfa_roles, who->role, who->suspended, who->mfa_enabled);
}

const char *
user_agent(const struct request *rq)
{
	const char *agent = request_header(rq, "HTTP_USER_AGENT");

	return agent != NULL ? agent : "unknown";
}

int
session_reply(struct request *rq, const struct account *who, struct uuid session, const char *refresh_token,
    int64_t issued_s)
{
	const struct conf *conf = rq->app->conf;
	struct token_claims claims = { .subject = who->id, .tenant = rq->tenant->id, .session = session,
		.role = account_role(conf, who), .issued_s = issued_s };
	const char *access = token_issue(rq->app->keys, rq, &claims);
	char id[UUID_TEXT];
	struct buf *b = reply_data(rq, 200);

	buf_add_literal(b, "{\"accessToken\":");
	buf_json_str(b, access);
	buf_add_literal(b, ",\"refreshToken\":");
	buf_json_str(b, refresh_token);
	buf_printf(b, ",\"expiresIn\":%lld,\"tokenType\":\"Bearer\",\"userId\":\"%s\",\"mfaSetupRequired\":%s}",
	    (long long)conf->auth_access_token_ttl, uuid_text(&who->id, id), is_mfa_missing(conf, who) ? "true" : "false");
	return 0;
}

int
session_open(struct request *rq, struct uuid user)
{
	const struct conf *conf = rq->app->conf;
	struct refresh_token token = { .session = uuid_new(), .generation = 1 };
	const char *text = refresh_token_new(rq, conf->main_secret, &token);
	uint8_t hash[SECRET_HASH];
	struct db_result *r;
	struct account who;
	int err;

	secret_hash(text, hash);
	err = db_query(&rq->db, &r, Q_SESSION_INSERT, uuid_param(token.session), uuid_param(user),
	    bytes_param(hash, sizeof(hash)), text_param(user_agent(rq)), text_param(rq->user.address),
	    int_param(conf->auth_refresh_token_ttl));
	if (err != 0)
		return err;
	if (db_rows(r) == 0) /* banned or gone a moment ago */
		return ERR_CREDENTIALS_INVALID;
	who = account_of(r, user);
	return session_reply(rq, &who, token.session, text, time(NULL));
}

void
sessions_forget(struct request *rq, const struct db_result *r)
{
	for (int i = 0; i < db_rows(r); i++) {
		struct uuid id = db_uuid(r, i, "id");

		revoked_add(rq->app->revoked, &id, REVOKED_FOR_EVER, rq->app->conf->auth_access_token_ttl);
	}
}

int
second_factor_take(struct request *rq, const char *code, const struct db_result *r)
{
	char plain[RECOVERY_CODE_TEXT];
	uint8_t hash[SECRET_HASH];
	int64_t step, taken = 0;
	const char *secret;
	int err = 0;

	if (recovery_code_parse(code, plain)) {
		secret_hash(plain, hash);
		err = db_exec(&rq->db, &taken, Q_RECOVERY_CODE_TAKE, uuid_param(db_uuid(r, 0, "id")),
		    bytes_param(hash, sizeof(hash)));
	} else {
		secret = seal_open(rq, rq->app->conf->main_secret, "totp", db_text(r, 0, "mfa_secret"));
		if (secret != NULL && totp_check(secret, code, time(NULL), &step))
			err = db_exec(&rq->db, &taken, Q_LOGIN_TOTP_USED, uuid_param(db_uuid(r, 0, "id")), int_param(step));
	}
	if (err != 0)
		return err;
	return taken > 0 ? 0 : reply_error(rq, ERR_CREDENTIALS_INVALID, "The code of the second factor is wrong or was used.");
}

int
password_wrong(struct request *rq)
{
	return reply_error(rq, ERR_CREDENTIALS_INVALID, "The password is wrong.");
}

int
password_find(struct request *rq, const char *password, const char **hash)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_USER_SECRETS, uuid_param(rq->user.id));

	if (err != 0)
		return err;
	*hash = db_text(r, 0, "password_hash");
	if (*hash == NULL)
		return reply_error(rq, ERR_CREDENTIALS_INVALID, "This account has no password yet: ask for one by mail first.");
	return password_verify(*hash, password) ? 0 : password_wrong(rq);
}

int
password_confirm(struct request *rq, const char *password)
{
	const char *hash;

	return password == NULL ? reply_invalid(rq, "password", "is needed again for this") : password_find(rq, password, &hash);
}

int
password_check_new(struct request *rq, const char *field, const char *password)
{
	if (strlen(password) > PASSWORD_MAX)
		return reply_invalid(rq, field, "is too long");
	if (is_common_password(password))
		return reply_invalid(rq, field, "is one of the passwords that are tried first; choose another");
	return 0;
}

int
mail_queue(struct request *rq, struct mail_order order)
{
	if (order.site == NULL)
		order.site = rq->tenant->name;
	if (order.locale == NULL)
		order.locale = rq->tenant->locale;
	return db_exec(&rq->db, NULL, Q_ACCOUNT_JOB, text_param("mail"), json_param(mail_job(rq, rq->app->conf, &order)),
	    text_param(NULL), null_param(), int_param(0));
}

int
mail_token(struct request *rq, const char *kind, const char *email)
{
	bool is_reset = strcmp(kind, "reset") == 0;
	char token[SECRET_TEXT];
	uint8_t hash[SECRET_HASH];
	struct db_result *r;
	int err;

	secret_new(token, hash);
	err = db_query_row(&rq->db, &r, Q_USER_TOKEN_INSERT, bytes_param(hash, sizeof(hash)),
	    text_param(email), text_param(is_reset ? "reset_password" : "verify_email"), int_param(is_reset ? RESET_TTL_S : VERIFY_TTL_S));
	if (err != 0)
		return err;
	return mail_queue(rq, (struct mail_order){ .name = kind, .to = db_text(r, 0, "email"),
	    .person = db_text(r, 0, "name"), .locale = db_text(r, 0, "locale"),
	    .link = mem_printf(rq, "%s/account/%s?token=%s", rq->tenant->base_url,
	        is_reset ? "reset-password" : "verify-email", token) });
}

int
audit(struct request *rq, const char *action, const char *kind, struct uuid subject, const char *before, const char *after)
{
	return db_exec(&rq->db, NULL, Q_AUDIT_INSERT, uuid_or_null_param(&rq->user.id),
	    text_param(role_name(rq->user.role)), text_param(action), text_param(kind), uuid_param(subject), json_param(before), json_param(after),
	    text_param(rq->user.address), text_param(rq->id));
}
