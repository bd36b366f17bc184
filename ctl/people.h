/* ctl/people.h - what the commands about communities and people share. */
#ifndef ATELIER_CTL_PEOPLE_H
#define ATELIER_CTL_PEOPLE_H

#include "ctl/ctl.h"

/* A session as the application, within the tenant of --tenant SLUG (or the only one). 0 or 1 after ctl_fail. */
int ctl_tenant_session(struct ctl *ctl, struct db_session *out);
/* The same as the owner, who may write tenants. */
int ctl_owner_session(struct ctl *ctl, struct db_session *out);
/* When a command's database work has to be done, on now_ms()'s clock. */
int64_t ctl_deadline_ms(void);
/* Says what the last call of s met; returns 1. */
int ctl_db_fail(const struct db_session *s, int err);
/* "a,b,c" as a list; NULL stays an empty one with *items NULL. */
size_t ctl_words(struct ctl *ctl, const char *list, const char ***items);
/* Prints rows: as JSON, or the columns given, one row a line, tabs between. columns ends with NULL. */
void ctl_print(struct ctl *ctl, const struct db_result *r, const char *const *columns);

#endif
