/* handlers/pocs.h - what the files about proof-of-concept projects share. */
#ifndef ATELIER_POCS_H
#define ATELIER_POCS_H

#include "fcgi/app.h"

struct poc_new {
	const char *name, *description, *repository_url, *language;
	struct text_list tags, frameworks;
	bool is_public;
};
extern const struct field poc_new_fields[];

#define REPOSITORY_URL "^(https?|git|ssh)://[^[:space:]]+$|^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^[:space:]]+$"

#endif
