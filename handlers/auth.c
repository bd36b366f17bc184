/* handlers/auth.c - coming in: registration and login. Sessions are in sessions.c, mailed tokens in passwords.c. */
#include <ctype.h>
#include <string.h>

#include "fcgi/rate.h"
#include "handlers/accounts.h"
#include "lib/password.h"

struct registration {
	const char *email, *username, *password, *display_name, *full_name, *company_name, *role, *locale;
};

static const struct field registration_fields[] = {
	FIELD(struct registration, email, .required = true, .format = FORMAT_EMAIL, .max = 254),
	FIELD(struct registration, username, .required = true, .min = 3, .max = 30, .format = FORMAT_USERNAME),
	FIELD(struct registration, password, .required = true, .min = 10, .max = 1024),
	FIELD(struct registration, display_name, .min = 1, .max = 100),
	FIELD(struct registration, full_name, .min = 1, .max = 100),
	FIELD(struct registration, company_name, .max = 200),
	FIELD(struct registration, role, .one_of = "user|creator|coach|employer", .dflt = "user"),
	FIELD(struct registration, locale, .format = FORMAT_LANGUAGE),
	FIELD_END
};

struct login {
	const char *email, *username, *password, *totp, *recovery_code;
	struct uuid tenant_id;
};

static const struct field login_fields[] = {
	FIELD(struct login, email, .max = 254),
	FIELD(struct login, username, .max = 254),
	FIELD(struct login, password, .required = true, .max = 1024),
	FIELD(struct login, tenant_id),
	FIELD(struct login, totp, .max = 20),
	FIELD(struct login, recovery_code, .max = 20),
	FIELD_END
};

static int
name_is_taken(struct request *rq, const struct registration *in)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_USER_NAMES_TAKEN, text_param(in->username), text_param(in->email));

	if (err != 0)
		return err;
	if (db_bool(r, 0, "username"))
		reply_invalid(rq, "username", "is taken");
	if (db_bool(r, 0, "email"))
		reply_invalid(rq, "email", "is taken");
	return db_bool(r, 0, "username") || db_bool(r, 0, "email") ?
	    reply_error(rq, ERR_CONFLICT, "This name or address belongs to an account already.") : 0;
}

static int
account_register(struct request *rq)
{
	const struct registration *in = rq->body;
	const char *called = in->display_name != NULL ? in->display_name : in->full_name;
	struct uuid id = uuid_new();
	char text[UUID_TEXT];
	int err;

	if (rq->tenant->is_registration_closed)
		return reply_error(rq, ERR_FORBIDDEN, "This community takes no new members by itself.");
	err = password_check_new(rq, "password", in->password);
	if (err == 0)
		err = name_is_taken(rq, in);
	if (err != 0)
		return err;
	err = reply_query(rq, 201, Q_USER_INSERT, uuid_param(id), text_param(in->username),
	    text_param(in->email), text_param(password_hash(rq, rq->app->conf, in->password)), text_param(in->role),
	    text_param(called), text_param(in->company_name),
	    text_param(in->locale != NULL ? in->locale : rq->tenant->locale));
	if (err != 0)
		return err;
	reply_header(rq, "Location", "/api/v1/users/%s", uuid_text(&id, text));
	return mail_token(rq, "verify", in->email);
}

/* Whom a login speaks of, in the one form that limits and lock-outs count by. */
static const char *
login_name(struct request *rq, const struct login *in)
{
	const char *given = in->email != NULL ? in->email : in->username;
	char *name = mem_strdup(rq, given);

	for (char *p = name; p != NULL && *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return name;
}

/* What failures are counted by: the account, whichever name was used, or the hash of a name that nobody has. */
static struct param
failure_subject(const struct db_result *r, const uint8_t name_hash[SECRET_HASH])
{
	size_t length;
	const void *id = db_bytes(r, 0, "_subject", &length);

	return id != NULL ? bytes_param(id, length) : bytes_param(name_hash, SECRET_HASH);
}

static int
login_failed(struct request *rq, struct param subject, enum error_code code)
{
	const struct conf *conf = rq->app->conf;
	int err = db_exec(&rq->db, NULL, Q_LOGIN_FAILED, subject,
	    int_param(conf->auth_lockout_failures), int_param(conf->auth_lockout_time));

	return err != 0 ? err : (int)code;
}

/* The password is right: what else may stand against it. */
static int
check_standing(struct request *rq, const struct login *in, const struct db_result *r)
{
	const char *code;

	if (strcmp(db_text(r, 0, "status"), "banned") == 0)
		return reply_error(rq, ERR_ACCOUNT_LOCKED, "This account was closed by the moderators.");
	if (rq->tenant->require_verified && !db_bool(r, 0, "verified"))
		return ERR_ACCOUNT_UNVERIFIED;
	if (!db_bool(r, 0, "mfa_enabled"))
		return 0;
	code = in->recovery_code != NULL ? in->recovery_code : in->totp;
	return code != NULL ? second_factor_take(rq, code, r) : ERR_MFA_REQUIRED;
}

/* Inside the transaction; only an error of the database undoes what it wrote. *answer is what the client is told. */
static int
login_try(struct request *rq, const struct login *in, const char *name, int *answer)
{
	const struct conf *conf = rq->app->conf;
	uint8_t name_hash[SECRET_HASH];
	struct uuid id;
	struct param subject;
	struct db_result *r;
	const char *hash;
	int err;

	secret_hash(name, name_hash);
	err = db_query_row(&rq->db, &r, Q_LOGIN_ACCOUNT, text_param(name), bytes_param(name_hash, sizeof(name_hash)));
	if (err != 0)
		return err;
	if (db_bool(r, 0, "locked")) {
		reply_header(rq, "Retry-After", "%lld", (long long)db_int(r, 0, "locked_s"));
		*answer = reply_error(rq, ERR_ACCOUNT_LOCKED, "Too many wrong passwords: this account is locked for a while.");
		return 0;
	}
	subject = failure_subject(r, name_hash);
	hash = db_text(r, 0, "password_hash");
	/* nobody has this name: the same work against a hash that nothing fits */
	*answer = password_verify(hash != NULL ? hash : password_dummy(conf), in->password) && hash != NULL ?
	    check_standing(rq, in, r) : (int)ERR_CREDENTIALS_INVALID;
	if (*answer == ERR_CREDENTIALS_INVALID)
		return login_failed(rq, subject, 0);
	if (*answer != 0)
		return *answer == ERR_MFA_REQUIRED || error_info((enum error_code)*answer)->status < 500 ? 0 : *answer;
	id = db_uuid(r, 0, "id");
	err = db_exec(&rq->db, NULL, Q_LOGIN_SUCCEEDED, subject);
	if (err == 0 && password_is_outdated(hash, conf))
		err = db_exec(&rq->db, NULL, Q_USER_REHASH, uuid_param(id), text_param(password_hash(rq, conf, in->password)));
	return err != 0 ? err : session_open(rq, id);
}

static int
login(struct request *rq)
{
	const struct login *in = rq->body;
	const char *name = login_name(rq, in);
	int err, answer = 0;

	if (name == NULL)
		return reply_invalid(rq, "email", "or username is needed");
	err = gate_rate(rq, RATE_LOGIN_ACCOUNT, name);
	if (err != 0)
		return err;
	if (!uuid_is_null(&in->tenant_id) && !uuid_equal(&in->tenant_id, &rq->tenant->id))
		return ERR_CREDENTIALS_INVALID;
	err = db_begin(&rq->db);
	if (err == 0)
		err = login_try(rq, in, name, &answer);
	if (err != 0) {
		db_rollback(&rq->db);
		return err;
	}
	err = db_commit(&rq->db);
	return err != 0 ? err : answer;
}

const struct route auth_routes[] = {
	{ POST, "/auth/register", PUBLIC, .rate = RATE_REGISTER, .body = SCHEMA(registration), .blocks = true,
	  .transaction = true, .run = account_register, .doc = "Make an account. A mail asks to confirm the address." },
	{ POST, "/users", PUBLIC, .rate = RATE_REGISTER, .body = SCHEMA(registration), .blocks = true, .transaction = true,
	  .run = account_register, .doc = "The same as /auth/register." },
	{ POST, "/auth/login", PUBLIC, .rate = RATE_LOGIN, .body = SCHEMA(login), .blocks = true, .run = login,
	  .doc = "Sign in by address or name; with a second factor also its code." },
	ROUTE_END
};
