/* lib/permission.h - roles and permissions: one table, permissions.def. */
#ifndef ATELIER_PERMISSION_H
#define ATELIER_PERMISSION_H

#include <stdbool.h>

enum role { ROLE_NONE, ROLE_USER, ROLE_CREATOR, ROLE_COACH, ROLE_EMPLOYER, ROLE_MODERATOR, ROLE_ADMIN, ROLE_OPERATOR,
	ROLE_SUSPENDED, /* whatever they were: reads go on, and appealing */
	ROLE_COUNT };

/* 0 stays free, so that a route row that names none is found out. */
enum permission {
	MAY_UNSET = 0,
	PUBLIC,    /* anyone, with or without a token */
	SIGNED_IN, /* any account */
#define X(name, text, roles) MAY_##name,
#include "lib/permissions.def"
#undef X
	PERMISSION_COUNT
};

enum role role_parse(const char *name); /* ROLE_NONE when there is no such role */
const char *role_name(enum role role);
const char *permission_name(enum permission p);
/* "video_edit_any" for video:edit:any; MAY_UNSET when there is none. */
enum permission permission_parse(const char *name);
/* Is it one of those that must have a second factor (auth.mfa_roles, a comma-separated list)? */
bool role_needs_mfa(const char *mfa_roles, enum role role);
/* The role that counts for somebody who has that role stored: a suspended account only reads, and who must have a
 * second factor is an ordinary user until there is one. */
enum role role_in_force(const char *mfa_roles, enum role stored, bool suspended, bool has_mfa);
bool role_may(enum role role, enum permission p);

#endif
