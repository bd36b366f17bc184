/*
 * lib/storage_audit.h - do the database and the media folders agree? For atelierctl storage and the worker's audit.
 *
 *	missing   a row names a file that is not there, or is not as long as it was
 *	unneeded  a folder or file that no row names and nobody works on, untouched for a day
 *
 * What is not a video's (avatars, exports) is left alone. Reads page by page: memory stays flat over any number of videos.
 */
#ifndef ATELIER_STORAGE_AUDIT_H
#define ATELIER_STORAGE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "lib/conf.h"

enum finding { FINDING_MISSING, FINDING_SHORT, FINDING_UNNEEDED };

struct storage_audit {
	const struct conf *conf;
	struct db_session *db;  /* without a tenant; its deadline is set anew for each page */
	bool remove_unneeded;
	/* Called for each finding; path is relative to media.root. NULL: only count. */
	void (*found)(void *arg, enum finding what, const char *path, int64_t bytes);
	/* Called often, to show life. NULL: nobody watches. */
	void (*step)(void *arg);
	void *arg;

	/* what came out */
	int64_t files, missing, unneeded, unneeded_bytes, removed;
};

/* Files that must be there. 0 or an ERR_ of the database. */
int storage_audit_expected(struct storage_audit *a);

/* Files that need not be there; with remove_unneeded they go. 0 or an ERR_. */
int storage_audit_unneeded(struct storage_audit *a);

#endif
