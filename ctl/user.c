/* ctl/user.c - atelierctl user: people, as an operator sees them. Passwords come on standard input, never as a word. */
#include <errno.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "ctl/people.h"
#include "lib/common_passwords.h"
#include "lib/mem.h"
#include "lib/password.h"
#include "lib/permission.h"

#define PASSWORD_MIN 10

/* One line of standard input, or of ATELIER_PASSWORD; not shown when it is typed. */
static const char *
read_password(struct ctl *ctl)
{
	const char *given = getenv("ATELIER_PASSWORD");
	char line[1100];
	struct termios shown, hidden;
	bool typed = given == NULL && tcgetattr(STDIN_FILENO, &shown) == 0;

	if (given != NULL)
		return given;
	if (typed) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSANOW, &hidden);
		fputs("Password: ", stderr);
	}
	given = fgets(line, sizeof(line), stdin);
	if (typed) {
		tcsetattr(STDIN_FILENO, TCSANOW, &shown);
		fputc('\n', stderr);
	}
	if (given == NULL)
		return NULL;
	line[strcspn(line, "\r\n")] = '\0';
	return mem_strdup(ctl->mem, line);
}

/* A password's hash, or NULL after saying why. */
static const char *
hash_new_password(struct ctl *ctl)
{
	const char *password = read_password(ctl);

	if (password == NULL || strlen(password) < PASSWORD_MIN) {
		ctl_fail("a password has at least %d characters", PASSWORD_MIN);
		return NULL;
	}
	if (is_common_password(password)) {
		ctl_fail("this password is one of those that are tried first");
		return NULL;
	}
	return password_hash(ctl->mem, ctl->conf, password);
}

static int
record(struct db_session *s, const char *action, struct uuid user, const char *after)
{
	return db_exec(s, NULL, Q_AUDIT_INSERT, null_param(), text_param("operator"), text_param(action), text_param("user"),
	    uuid_param(user), null_param(), json_param(after), null_param(), null_param());
}

/* Commits, or with --dry-run takes back. */
static int
settle(struct ctl *ctl, struct db_session *s, int err)
{
	if (err == 0 && !ctl->dry_run)
		err = db_commit(s);
	else
		db_rollback(s);
	return err != 0 ? ctl_db_fail(s, err) : 0;
}

static int
create(struct ctl *ctl)
{
	const char *email = ctl_option(ctl, "email"), *name = ctl_option(ctl, "username"), *role = ctl_option(ctl, "role");
	const char *called = ctl_option(ctl, "display-name"), *hash;
	struct uuid id = uuid_new();
	char text[UUID_TEXT];
	struct db_session s;
	int err;

	if (role == NULL)
		role = "user";
	if (email == NULL || name == NULL)
		return 2;
	if (role_parse(role) == ROLE_NONE || role_parse(role) == ROLE_SUSPENDED)
		return ctl_fail("there is no role \"%s\"", role);
	if (ctl_tenant_session(ctl, &s) != 0)
		return 1;
	if (ctl->argc != 0)
		return 2;
	hash = hash_new_password(ctl);
	if (hash == NULL)
		return 1;
	err = db_begin(&s);
	if (err == 0)
		err = db_exec(&s, NULL, Q_USER_INSERT_ADMIN, uuid_param(id), text_param(name), text_param(email), text_param(hash),
		    text_param(role), text_param(called), null_param());
	if (err == 0)
		err = record(&s, "user.created", id, mem_printf(ctl->mem, "{\"role\":\"%s\"}", role));
	if (settle(ctl, &s, err) != 0)
		return 1;
	printf(ctl->json ? "{\"id\":\"%s\"}\n" : "%s\n", uuid_text(&id, text));
	return 0;
}

/* The person of the first word, in a transaction. */
static int
begin_with(struct ctl *ctl, int words, struct db_session *s, struct db_result **r)
{
	int err;

	if (ctl_tenant_session(ctl, s) != 0)
		return 1;
	if (ctl->argc != words)
		return 2;
	err = db_begin(s);
	if (err == 0)
		err = db_query(s, r, Q_USER_FIND, text_param(ctl->argv[0]));
	if (err != 0)
		return ctl_db_fail(s, err);
	return db_rows(*r) > 0 ? 0 : ctl_fail("there is nobody called \"%s\"", ctl->argv[0]);
}

static int
passwd(struct ctl *ctl)
{
	struct db_session s;
	struct db_result *r;
	const char *hash;
	struct uuid id;
	int err = begin_with(ctl, 1, &s, &r);

	if (err != 0)
		return err;
	hash = hash_new_password(ctl);
	if (hash == NULL)
		return 1;
	id = db_uuid(r, 0, "id");
	err = db_exec(&s, NULL, Q_USER_SET_PASSWORD, uuid_param(id), text_param(hash));
	if (err == 0)
		err = db_exec(&s, NULL, Q_SESSIONS_REVOKE_ALL, uuid_param(id), null_param());
	if (err == 0)
		err = db_exec(&s, NULL, Q_LOGIN_SUCCEEDED, bytes_param(id.b, sizeof(id.b)));
	if (err == 0)
		err = record(&s, "user.password_set", id, NULL);
	return settle(ctl, &s, err);
}

static int
role(struct ctl *ctl)
{
	struct db_session s;
	struct db_result *r;
	struct uuid id;
	int err = begin_with(ctl, 2, &s, &r);

	if (err != 0)
		return err;
	if (role_parse(ctl->argv[1]) == ROLE_NONE || role_parse(ctl->argv[1]) == ROLE_SUSPENDED)
		return ctl_fail("there is no role \"%s\"", ctl->argv[1]);
	id = db_uuid(r, 0, "id");
	err = db_exec(&s, NULL, Q_USER_SET_ROLE, uuid_param(id), text_param(ctl->argv[1]));
	if (err == 0)
		err = record(&s, "user.role_set", id, mem_printf(ctl->mem, "{\"role\":\"%s\"}", ctl->argv[1]));
	return settle(ctl, &s, err);
}

static int
suspend(struct ctl *ctl)
{
	const char *days = ctl_option(ctl, "days"), *reason = ctl_option(ctl, "reason");
	struct db_session s;
	struct db_result *r;
	int err = begin_with(ctl, 1, &s, &r);

	if (err != 0)
		return err;
	err = db_exec(&s, NULL, Q_USER_SUSPEND_DAYS, uuid_param(db_uuid(r, 0, "id")), text_param(days), text_param(reason));
	if (err == 0)
		err = record(&s, "user.suspended", db_uuid(r, 0, "id"), NULL);
	return settle(ctl, &s, err);
}

static int
ban(struct ctl *ctl)
{
	const char *reason = ctl_option(ctl, "reason");
	struct db_session s;
	struct db_result *r;
	int err = begin_with(ctl, 1, &s, &r);

	if (err != 0)
		return err;
	err = db_exec(&s, NULL, Q_USER_BAN, uuid_param(db_uuid(r, 0, "id")), text_param(reason));
	if (err == 0)
		err = record(&s, "user.banned", db_uuid(r, 0, "id"), NULL);
	return settle(ctl, &s, err);
}

static int
restore(struct ctl *ctl)
{
	struct db_session s;
	struct db_result *r;
	bool was_banned;
	int err = begin_with(ctl, 1, &s, &r);

	if (err != 0)
		return err;
	was_banned = strcmp(db_text(r, 0, "status"), "banned") == 0;
	err = was_banned ? db_exec(&s, NULL, Q_USER_UNBAN, uuid_param(db_uuid(r, 0, "id"))) :
	    db_exec(&s, NULL, Q_USER_UNSUSPEND, uuid_param(db_uuid(r, 0, "id")));
	if (err == 0)
		err = record(&s, was_banned ? "user.unbanned" : "user.unsuspended", db_uuid(r, 0, "id"), NULL);
	return settle(ctl, &s, err);
}

/* Who lost the device and the recovery codes. */
static int
mfa_reset(struct ctl *ctl)
{
	struct db_session s;
	struct db_result *r;
	struct uuid id;
	int err = begin_with(ctl, 1, &s, &r);

	if (err != 0)
		return err;
	id = db_uuid(r, 0, "id");
	err = db_exec(&s, NULL, Q_MFA_DISABLE, uuid_param(id));
	if (err == 0)
		err = db_exec(&s, NULL, Q_RECOVERY_CODES_CLEAR, uuid_param(id));
	if (err == 0)
		err = db_exec(&s, NULL, Q_SESSIONS_REVOKE_ALL, uuid_param(id), null_param());
	if (err == 0)
		err = record(&s, "user.mfa_disabled", id, NULL);
	return settle(ctl, &s, err);
}

static int
list(struct ctl *ctl)
{
	static const char *const columns[] = { "username", "email", "role", "status", NULL };
	const char *only = ctl_option(ctl, "role");
	struct db_session s;
	struct db_result *r;
	int err;

	if (ctl_tenant_session(ctl, &s) != 0)
		return 1;
	err = db_query(&s, &r, Q_USER_LIST, text_param(only));
	if (err != 0)
		return ctl_db_fail(&s, err);
	ctl_print(ctl, r, columns);
	return 0;
}

const struct command user_commands[] = {
	{ "create", "--email ADDRESS --username NAME [--role ROLE] [--display-name TEXT] [--tenant SLUG]",
	  "Make an account; the password is read from standard input or ATELIER_PASSWORD.", create, false },
	{ "passwd", "PERSON [--tenant SLUG]", "Set a password (standard input) and sign the person out.", passwd, false },
	{ "role", "PERSON ROLE [--tenant SLUG]", "Give a role.", role, false },
	{ "suspend", "PERSON [--days N] [--reason TEXT] [--tenant SLUG]", "Let them read and appeal, and nothing else.", suspend, false },
	{ "ban", "PERSON [--reason TEXT] [--tenant SLUG]", "Sign them out for good.", ban, false },
	{ "restore", "PERSON [--tenant SLUG]", "End a suspension or a ban.", restore, false },
	{ "mfa-reset", "PERSON [--tenant SLUG]", "Switch the second factor off for who lost it.", mfa_reset, false },
	{ "list", "[--role ROLE] [--tenant SLUG]", "The newest thousand people.", list, false },
	COMMAND_END
};
