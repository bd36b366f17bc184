/* handlers/passwords.c - mailed tokens: confirming an address, choosing a new password. */
#include <string.h>

#include "fcgi/rate.h"
#include "handlers/accounts.h"
#include "lib/password.h"

#define CHANGE_TTL_S (48 * 3600)

struct address {
	const char *email;
};

static const struct field address_fields[] = {
	FIELD(struct address, email, .required = true, .format = FORMAT_EMAIL, .max = 254),
	FIELD_END
};

struct reset {
	const char *token, *password;
};

static const struct field reset_fields[] = {
	FIELD(struct reset, token, .required = true, .max = 100),
	FIELD(struct reset, password, .required = true, .min = 10, .max = 1024),
	FIELD_END
};

struct verification {
	const char *token;
};

static const struct field verification_fields[] = {
	FIELD(struct verification, token, .required = true, .max = 100),
	FIELD_END
};

struct email_change {
	const char *email, *password;
};

static const struct field email_change_fields[] = {
	FIELD(struct email_change, email, .required = true, .format = FORMAT_EMAIL, .max = 254),
	FIELD(struct email_change, password, .required = true, .max = 1024),
	FIELD_END
};

struct confirmation {
	const char *password;
};

static const struct field confirmation_fields[] = {
	FIELD(struct confirmation, password, .required = true, .max = 1024),
	FIELD_END
};

struct password_change {
	const char *current_password, *new_password;
};

static const struct field password_change_fields[] = {
	FIELD(struct password_change, current_password, .required = true, .max = 1024),
	FIELD(struct password_change, new_password, .required = true, .min = 10, .max = 1024),
	FIELD_END
};

/* The same answer and the same work whether the address is known or not. */
static int
ask_for_mail(struct request *rq, const char *kind)
{
	const struct address *in = rq->body;
	int err = gate_rate(rq, RATE_PASSWORD_MAIL, in->email);

	if (err == 0)
		err = mail_token(rq, kind, in->email);
	if (err != 0)
		return err;
	buf_add_literal(reply_data(rq, 202),
	    "{\"message\":\"If an account has this address, a mail is on its way.\"}");
	return 0;
}

static int
password_forgotten(struct request *rq)
{
	return ask_for_mail(rq, "reset");
}

static int
verification_resend(struct request *rq)
{
	return ask_for_mail(rq, "verify");
}

int
token_take(struct request *rq, const char *token, const char *kind, struct uuid *user)
{
	uint8_t hash[SECRET_HASH];
	struct db_result *r;
	int err;

	secret_hash(token, hash);
	err = db_query(&rq->db, &r, Q_USER_TOKEN_TAKE, bytes_param(hash, sizeof(hash)), text_param(kind));
	if (err != 0)
		return err;
	if (db_rows(r) == 0)
		return reply_error(rq, ERR_BAD_REQUEST, "This link was used, is too old, or was replaced by a newer one.");
	*user = db_uuid(r, 0, "user_id");
	return 0;
}

/* What follows a new password of the person in r: the other devices are signed out (all, when except is all zeros), a mail tells. */
static int
password_was_set(struct request *rq, const struct db_result *r, struct uuid except, int *signed_out)
{
	struct uuid user = db_uuid(r, 0, "id");
	struct db_result *sessions;
	int err = db_query(&rq->db, &sessions, Q_SESSIONS_REVOKE_ALL, uuid_param(user), uuid_or_null_param(&except));

	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_LOGIN_SUCCEEDED, bytes_param(user.b, sizeof(user.b)));
	if (err == 0)
		err = audit(rq, "user.password_set", "user", user, NULL, NULL);
	if (err == 0)
		err = mail_queue(rq, (struct mail_order){ .name = "password-changed", .to = db_text(r, 0, "email"),
		    .person = db_text(r, 0, "name"), .locale = db_text(r, 0, "locale") });
	if (err != 0)
		return err;
	sessions_forget(rq, sessions);
	*signed_out = db_rows(sessions);
	return 0;
}

int
password_set(struct request *rq, struct uuid user, const char *password, int *signed_out)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_USER_SET_PASSWORD, uuid_param(user),
	    text_param(password_hash(rq, rq->app->conf, password)));

	return err != 0 ? err : password_was_set(rq, r, (struct uuid){ { 0 } }, signed_out);
}

static int
answer_signed_out(struct request *rq, struct uuid user, int signed_out)
{
	char id[UUID_TEXT];

	buf_printf(reply_data(rq, 200), "{\"userId\":\"%s\",\"signedOut\":%d}", uuid_text(&user, id), signed_out);
	return 0;
}

static int
password_reset(struct request *rq)
{
	const struct reset *in = rq->body;
	struct uuid user;
	int err = password_check_new(rq, "password", in->password), signed_out;

	if (err == 0)
		err = token_take(rq, in->token, "reset_password", &user);
	if (err == 0)
		err = password_set(rq, user, in->password, &signed_out);
	return err != 0 ? err : answer_signed_out(rq, user, signed_out);
}

/* Of two at once with the same present password the second one's is wrong by then. */
static int
password_change(struct request *rq)
{
	const struct password_change *in = rq->body;
	struct db_result *r;
	const char *present;
	int err = password_find(rq, in->current_password, &present), signed_out;

	if (err == 0)
		err = password_check_new(rq, "newPassword", in->new_password);
	if (err == 0)
		err = db_query(&rq->db, &r, Q_USER_CHANGE_PASSWORD, uuid_param(rq->user.id), text_param(present),
		    text_param(password_hash(rq, rq->app->conf, in->new_password)));
	if (err == 0 && db_rows(r) == 0)
		err = password_wrong(rq);
	if (err == 0)
		err = password_was_set(rq, r, rq->user.session_id, &signed_out);
	return err != 0 ? err : answer_signed_out(rq, rq->user.id, signed_out);
}

/* What is privileged may be done for a while. Guessing counts against the account, also from the pages. */
static int
session_confirm(struct request *rq)
{
	const struct confirmation *in = rq->body;
	char id[UUID_TEXT];
	int err = gate_rate(rq, RATE_LOGIN_ACCOUNT, uuid_text(&rq->user.id, id));

	if (err == 0)
		err = password_confirm(rq, in->password);
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_SESSION_CONFIRM, uuid_param(rq->user.session_id));
	return err != 0 ? err : reply_empty(rq, 204);
}

static int
address_verify(struct request *rq)
{
	const struct verification *in = rq->body;
	struct uuid user;
	int err = token_take(rq, in->token, "verify_email", &user);

	return err != 0 ? err : reply_query(rq, 200, Q_USER_SET_VERIFIED, uuid_param(user));
}

/* The password again: who has the address has the account. */
static int
email_change_ask(struct request *rq)
{
	const struct email_change *in = rq->body;
	char token[SECRET_TEXT], id[UUID_TEXT];
	uint8_t hash[SECRET_HASH];
	struct db_result *r;
	int err = gate_rate(rq, RATE_PASSWORD_MAIL, uuid_text(&rq->user.id, id));

	if (err == 0)
		err = password_confirm(rq, in->password);
	secret_new(token, hash);
	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_EMAIL_CHANGE_TOKEN, bytes_param(hash, sizeof(hash)), uuid_param(rq->user.id),
		    text_param(in->email), int_param(CHANGE_TTL_S));
	if (err == 0)
		err = mail_queue(rq, (struct mail_order){ .name = "change-email", .to = db_text(r, 0, "email"),
		    .person = db_text(r, 0, "name"), .locale = db_text(r, 0, "locale"),
		    .link = mem_printf(rq, "%s/account/confirm-email?token=%s", rq->tenant->base_url, token) });
	if (err == 0)
		buf_add_literal(reply_data(rq, 202), "{\"message\":\"If nobody has this address here, a mail is on its way to it.\"}");
	return err;
}

int
email_change(struct request *rq, const char *token, struct db_result **out)
{
	uint8_t hash[SECRET_HASH];
	int err;

	secret_hash(token, hash);
	err = db_query(&rq->db, out, Q_EMAIL_CHANGE, bytes_param(hash, sizeof(hash)));
	if (err == ERR_CONFLICT)
		return reply_error(rq, ERR_CONFLICT, "This address belongs to another account by now.");
	if (err == 0 && db_rows(*out) == 0)
		return reply_error(rq, ERR_BAD_REQUEST, "This link was used, is too old, or was replaced by a newer one.");
	if (err == 0)
		err = audit(rq, "user.email_changed", "user", db_uuid(*out, 0, "userId"), NULL, NULL);
	return err != 0 ? err : mail_queue(rq, (struct mail_order){ .name = "email-changed", .to = db_text(*out, 0, "_old_email"),
	    .person = db_text(*out, 0, "_name"), .locale = db_text(*out, 0, "_locale") });
}

static int
email_change_confirm(struct request *rq)
{
	const struct verification *in = rq->body;
	struct db_result *r;
	int err = email_change(rq, in->token, &r);

	if (err == 0)
		db_write_object(reply_data(rq, 200), r, 0);
	return err;
}

const struct route passwords_routes[] = {
	{ POST, "/auth/forgot-password", PUBLIC, .body = SCHEMA(address), .transaction = true, .run = password_forgotten,
	  .doc = "Mail a link to choose a new password." },
	{ POST, "/auth/reset-password", PUBLIC, .rate = RATE_LOGIN, .body = SCHEMA(reset), .transaction = true,
	  .blocks = true, .run = password_reset, .doc = "A new password by the token of a mail; signs out everywhere." },
	{ POST, "/auth/change-password", SIGNED_IN, .rate = RATE_LOGIN, .body = SCHEMA(password_change), .transaction = true,
	  .blocks = true, .run = password_change, .doc = "A new password by the present one; signs out the other devices." },
	{ POST, "/auth/confirm", SIGNED_IN, .rate = RATE_LOGIN, .body = SCHEMA(confirmation), .transaction = true, .blocks = true,
	  .run = session_confirm, .doc = "Give the password again: what is privileged asks for it (CONFIRMATION_REQUIRED)." },
	{ POST, "/auth/verify-email", PUBLIC, .body = SCHEMA(verification), .transaction = true, .run = address_verify,
	  .doc = "Confirm an address by the token of a mail." },
	{ POST, "/auth/change-email", SIGNED_IN, .rate = RATE_LOGIN, .body = SCHEMA(email_change), .transaction = true,
	  .blocks = true, .run = email_change_ask, .doc = "Mail a link to a new address that makes it the account's." },
	{ POST, "/auth/confirm-email", PUBLIC, .body = SCHEMA(verification), .transaction = true, .run = email_change_confirm,
	  .doc = "Use a new address, by the token of a mail to it. The old one is told." },
	{ POST, "/auth/resend-verification", PUBLIC, .body = SCHEMA(address), .transaction = true,
	  .run = verification_resend, .doc = "Mail the link that confirms an address once more." },
	ROUTE_END
};
