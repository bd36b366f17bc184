/* handlers/mfa.c - the second factor: set up, switched on by a first code, switched off by password and code. */
#include <string.h>

#include "handlers/accounts.h"
#include "lib/base64.h"
#include "lib/qr.h"
#include "lib/seal.h"
#include "lib/totp.h"

struct mfa_setup {
	const char *password;
};

static const struct field mfa_setup_fields[] = {
	FIELD(struct mfa_setup, password, .required = true, .max = 1024),
	FIELD_END
};

struct mfa_code {
	const char *totp;
};

static const struct field mfa_code_fields[] = {
	FIELD(struct mfa_code, totp, .required = true, .min = 6, .max = 6),
	FIELD_END
};

struct mfa_off {
	const char *password, *totp;
};

static const struct field mfa_off_fields[] = {
	FIELD(struct mfa_off, password, .required = true, .max = 1024),
	FIELD(struct mfa_off, totp, .required = true, .max = 20),
	FIELD_END
};

static void
write_hex(const uint8_t *bytes, size_t length, char *out)
{
	for (size_t i = 0; i < length; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* Ten new codes in place of the old ones; codes takes their texts. */
static int
renew_recovery_codes(struct request *rq, char codes[RECOVERY_CODES][RECOVERY_CODE_TEXT])
{
	const char *hashes[RECOVERY_CODES];
	uint8_t hash[SECRET_HASH];
	int err;

	for (int i = 0; i < RECOVERY_CODES; i++) {
		char *hex = mem_size(rq, 2 * SECRET_HASH + 1);

		recovery_code_new(codes[i]);
		secret_hash(codes[i], hash);
		write_hex(hash, sizeof(hash), hex);
		hashes[i] = hex;
	}
	err = db_exec(&rq->db, NULL, Q_RECOVERY_CODES_CLEAR, uuid_param(rq->user.id));
	return err != 0 ? err : db_exec(&rq->db, NULL, Q_RECOVERY_CODES_ADD, uuid_param(rq->user.id),
	    text_array_param(hashes, RECOVERY_CODES));
}

static void
write_setup(struct request *rq, const char *secret, const char *uri, char codes[RECOVERY_CODES][RECOVERY_CODE_TEXT])
{
	struct buf *b = reply_data(rq, 200);
	size_t length = 0;
	void *png = qr_png(rq, uri, &length);

	buf_add_literal(b, "{\"secret\":");
	buf_json_str(b, secret);
	buf_add_literal(b, ",\"otpauthUri\":");
	buf_json_str(b, uri);
	buf_add_literal(b, ",\"qrCode\":");
	buf_json_str(b, png != NULL ? mem_printf(rq, "data:image/png;base64,%s", base64_encode(rq, png, length)) : NULL);
	buf_add_literal(b, ",\"recoveryCodes\":[");
	for (int i = 0; i < RECOVERY_CODES; i++)
		buf_printf(b, "%s\"%s\"", i > 0 ? "," : "", codes[i]);
	buf_add_literal(b, "]}");
}

static int
mfa_prepare(struct request *rq)
{
	const struct mfa_setup *in = rq->body;
	char codes[RECOVERY_CODES][RECOVERY_CODE_TEXT];
	const char *secret = totp_secret_new(rq), *sealed;
	struct db_result *r;
	int64_t prepared = 0;
	int err = password_confirm(rq, in->password);

	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_USER_SECRETS, uuid_param(rq->user.id));
	if (err != 0)
		return err;
	sealed = seal_text(rq, rq->app->conf->main_secret, "totp", secret);
	err = db_exec(&rq->db, &prepared, Q_MFA_PREPARE, uuid_param(rq->user.id), text_param(sealed));
	if (err == 0 && prepared == 0)
		return reply_error(rq, ERR_CONFLICT, "The second factor is on already: switch it off first.");
	if (err == 0)
		err = renew_recovery_codes(rq, codes);
	if (err != 0)
		return err;
	write_setup(rq, secret, totp_uri(rq, rq->tenant->name, db_text(r, 0, "email"), secret), codes);
	return 0;
}

static int
tell_change(struct request *rq, const struct db_result *r, const char *what)
{
	return mail_queue(rq, (struct mail_order){ .name = "mfa-changed", .to = db_text(r, 0, "email"),
	    .person = db_text(r, 0, "username"), .locale = db_text(r, 0, "locale"), .detail = what });
}

/* The first code shows that the authenticator has the secret. Other devices must sign in anew, with it. */
static int
mfa_enable(struct request *rq)
{
	const struct mfa_code *in = rq->body;
	struct db_result *r, *sessions;
	const char *secret;
	int64_t step, enabled = 0;
	int err = db_query_row(&rq->db, &r, Q_USER_SECRETS, uuid_param(rq->user.id));

	if (err != 0)
		return err;
	if (db_bool(r, 0, "mfa_enabled"))
		return reply_error(rq, ERR_CONFLICT, "The second factor is on already.");
	secret = seal_open(rq, rq->app->conf->main_secret, "totp", db_text(r, 0, "mfa_secret"));
	if (secret == NULL)
		return reply_error(rq, ERR_CONFLICT, "Set the second factor up first.");
	if (!totp_check(secret, in->totp, time(NULL), &step))
		return reply_invalid(rq, "totp", "does not fit: check the clock of the device");
	err = db_exec(&rq->db, &enabled, Q_MFA_ENABLE, uuid_param(rq->user.id), int_param(step));
	if (err == 0 && enabled == 0)
		return ERR_CONFLICT;
	if (err == 0)
		err = db_query(&rq->db, &sessions, Q_SESSIONS_REVOKE_ALL, uuid_param(rq->user.id),
		    uuid_or_null_param(&rq->user.session_id));
	if (err == 0)
		err = audit(rq, "user.mfa_enabled", "user", rq->user.id, NULL, NULL);
	if (err == 0)
		err = tell_change(rq, r, "It was switched on. / Foi ativado.");
	if (err != 0)
		return err;
	sessions_forget(rq, sessions);
	buf_add_literal(reply_data(rq, 200), "{\"mfaEnabled\":true}");
	return 0;
}

static int
mfa_disable(struct request *rq)
{
	const struct mfa_off *in = rq->body;
	struct db_result *r;
	const char *secret;
	int64_t step, taken = 0;
	int err = password_confirm(rq, in->password);

	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_USER_SECRETS, uuid_param(rq->user.id));
	if (err != 0)
		return err;
	secret = seal_open(rq, rq->app->conf->main_secret, "totp", db_text(r, 0, "mfa_secret"));
	if (secret == NULL || !totp_check(secret, in->totp, time(NULL), &step))
		return reply_error(rq, ERR_CREDENTIALS_INVALID, "The code of the second factor is wrong.");
	err = db_exec(&rq->db, &taken, Q_LOGIN_TOTP_USED, uuid_param(rq->user.id), int_param(step));
	if (err == 0 && taken == 0)
		return reply_error(rq, ERR_CREDENTIALS_INVALID, "This code was used already: wait for the next.");
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_MFA_DISABLE, uuid_param(rq->user.id));
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_RECOVERY_CODES_CLEAR, uuid_param(rq->user.id));
	if (err == 0)
		err = audit(rq, "user.mfa_disabled", "user", rq->user.id, NULL, NULL);
	if (err == 0)
		err = tell_change(rq, r, "It was switched off. / Foi desativado.");
	if (err != 0)
		return err;
	buf_add_literal(reply_data(rq, 200), "{\"mfaEnabled\":false}");
	return 0;
}

const struct route mfa_routes[] = {
	{ POST, "/auth/mfa/setup", SIGNED_IN, .rate = RATE_LOGIN, .body = SCHEMA(mfa_setup), .transaction = true,
	  .blocks = true, .run = mfa_prepare, .doc = "A secret for an authenticator, as QR code, and ten recovery codes." },
	{ POST, "/auth/mfa/enable", SIGNED_IN, .rate = RATE_LOGIN, .body = SCHEMA(mfa_code), .transaction = true,
	  .run = mfa_enable, .doc = "Switch the second factor on, by a code of it." },
	{ POST, "/auth/mfa/disable", SIGNED_IN, .rate = RATE_LOGIN, .body = SCHEMA(mfa_off), .transaction = true,
	  .blocks = true, .run = mfa_disable, .doc = "Switch the second factor off, by password and code." },
	ROUTE_END
};
