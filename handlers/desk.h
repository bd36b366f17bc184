/* handlers/desk.h - what handlers/desk.c shares with the pages. */
#ifndef ATELIER_DESK_H
#define ATELIER_DESK_H

#include "fcgi/app.h"

struct audit_filter {
	const char *q, *actor, *action, *from, *until;
	struct uuid target;
};
extern const struct field audit_filter_fields[];

int audit_export(struct request *rq);

#endif
