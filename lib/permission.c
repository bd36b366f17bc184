/* lib/permission.c - the tables behind lib/permission.h. */
#include "lib/permission.h"

#include <string.h>

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_NONE] = "",
	[ROLE_USER] = "user",
	[ROLE_CREATOR] = "creator",
	[ROLE_COACH] = "coach",
	[ROLE_EMPLOYER] = "employer",
	[ROLE_MODERATOR] = "moderator",
	[ROLE_ADMIN] = "admin",
	[ROLE_OPERATOR] = "operator",
	[ROLE_SUSPENDED] = "suspended",
};

enum {
	U = 1 << ROLE_USER,
	C = 1 << ROLE_CREATOR,
	K = 1 << ROLE_COACH,
	E = 1 << ROLE_EMPLOYER,
	M = 1 << ROLE_MODERATOR,
	A = 1 << ROLE_ADMIN,
	O = 1 << ROLE_OPERATOR,
	S = 1 << ROLE_SUSPENDED,
	ALL_ROLES = U | C | K | E | M | A | O,
};

static const struct {
	const char *name;
	unsigned roles;
} permissions[PERMISSION_COUNT] = {
	[PUBLIC] = { "public", ALL_ROLES | S | 1 << ROLE_NONE },
	[SIGNED_IN] = { "signed-in", ALL_ROLES | S },
#define X(name, text, roles) [MAY_##name] = { text, roles },
#include "lib/permissions.def"
#undef X
};

enum role
role_parse(const char *name)
{
	for (int r = ROLE_USER; name != NULL && r < ROLE_COUNT; r++)
		if (strcmp(role_names[r], name) == 0)
			return r;
	return ROLE_NONE;
}

const char *
role_name(enum role role)
{
	return role < ROLE_COUNT ? role_names[role] : "";
}

const char *
permission_name(enum permission p)
{
	return p < PERMISSION_COUNT && permissions[p].name != NULL ? permissions[p].name : "";
}

enum permission
permission_parse(const char *name)
{
	for (int p = PUBLIC; p < PERMISSION_COUNT; p++) {
		const char *have = permissions[p].name;
		size_t i = 0;

		while (name[i] != '\0' && (have[i] == name[i] || (have[i] == ':' && name[i] == '_')))
			i++;
		if (name[i] == '\0' && have[i] == '\0')
			return p;
	}
	return MAY_UNSET;
}

bool
role_needs_mfa(const char *mfa_roles, enum role role)
{
	const char *name = role_name(role);
	size_t length = strlen(name);

	for (const char *p = mfa_roles; *p != '\0'; p += strspn(p, ", ")) {
		size_t n = strcspn(p, ", ");

		if (n == length && strncmp(p, name, n) == 0)
			return true;
		p += n;
	}
	return false;
}

enum role
role_in_force(const char *mfa_roles, enum role stored, bool suspended, bool has_mfa)
{
	if (suspended)
		return ROLE_SUSPENDED;
	return !has_mfa && role_needs_mfa(mfa_roles, stored) ? ROLE_USER : stored;
}

bool
role_may(enum role role, enum permission p)
{
	return p > MAY_UNSET && p < PERMISSION_COUNT && role < ROLE_COUNT && (permissions[p].roles >> role & 1);
}
