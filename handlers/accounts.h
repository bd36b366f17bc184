/* handlers/accounts.h - what the files about accounts share: sessions, confirmations, mails, the audit log. */
#ifndef ATELIER_ACCOUNTS_H
#define ATELIER_ACCOUNTS_H

#include "fcgi/app.h"
#include "lib/mail.h"
#include "lib/token.h"

/* Somebody whose identity is proved. */
struct account {
	struct uuid id;
	enum role role; /* as stored */
	bool mfa_enabled, suspended;
};

/* A row with the columns role, mfa_enabled, suspended. */
struct account account_of(const struct db_result *r, struct uuid id);

/* The role that a token of theirs carries: a suspended account only reads, and who must have a second factor
 * (auth.mfa_roles) is an ordinary user until there is one. */
enum role account_role(const struct conf *conf, const struct account *who);
bool is_mfa_missing(const struct conf *conf, const struct account *who);

/* Begins a session and answers with its tokens. Inside a transaction. */
int session_open(struct request *rq, struct uuid user);
/* Writes {accessToken, refreshToken, …}. issued_s: the token's iat. */
int session_reply(struct request *rq, const struct account *who, struct uuid session, const char *refresh_token,
    int64_t issued_s);
/* Access tokens of these sessions (rows with id) end now. */
void sessions_forget(struct request *rq, const struct db_result *r);

/* Is it the code of the authenticator, or one of the recovery codes, of the account in r (id, mfa_secret)? It is used
 * up by that. 0 or ERR_CREDENTIALS_INVALID. */
int second_factor_take(struct request *rq, const char *code, const struct db_result *r);

/* Privileged acts ask for the password again: 0, ERR_VALIDATION_ERROR or ERR_CREDENTIALS_INVALID. */
int password_confirm(struct request *rq, const char *password);
/* Is it the caller's password? *hash: what is stored of it. 0 or ERR_CREDENTIALS_INVALID. */
int password_find(struct request *rq, const char *password, const char **hash);
int password_wrong(struct request *rq);
/* Is a new password good enough? Adds to the error's details when not. */
int password_check_new(struct request *rq, const char *field, const char *password);

/* Ends a mailed token; *user is whose it was. ERR_BAD_REQUEST when it is none. */
int token_take(struct request *rq, const char *token, const char *kind, struct uuid *user);
/* By the token of a mail, which confirms its address, too. Signs out every device; *signed_out: how many. */
int password_set(struct request *rq, struct uuid user, const char *password, int *signed_out);
/* The address of a token becomes its account's. ERR_BAD_REQUEST, ERR_CONFLICT. */
int email_change(struct request *rq, const char *token, struct db_result **out);

/* Queues a mail in the running transaction; site and locale may be left out. */
int mail_queue(struct request *rq, struct mail_order order);
/* A mailed token of kind (verify, reset) for whoever has the address, or a decoy. */
int mail_token(struct request *rq, const char *kind, const char *email);

/* One row of the audit log, in the running transaction. before, after: JSON or NULL. */
int audit(struct request *rq, const char *action, const char *kind, struct uuid subject, const char *before,
    const char *after);

const char *user_agent(const struct request *rq);

#endif
