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

/* A web address has no name or password in it: what is written down here is shown to others. */
#define URL_HOST "([^\001- /@:?#\"<>]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?"
#define URL_PATH "[^\001- \"<>]*"
#define REPOSITORY_URL \
	"^https?://" URL_HOST "(/" URL_PATH ")?$" \
	"|^(git|ssh)://([A-Za-z0-9._~-]+@)?" URL_HOST "/" URL_PATH "$" \
	"|^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\001- \":<>]" URL_PATH "$" /* as scp has them: git@example.org:me/it.git */

#endif
