/*
 * db/migrate.h - the schema, one numbered step after the other, forward only.
 *
 * Each step is one transaction, which also records it with the checksum of its text. A step that has been applied and
 * reads otherwise today is an error: what has landed is never edited. Two runs at once wait for each other.
 * Blocking: for atelierctl and tests.
 */
#ifndef ATELIER_DB_MIGRATE_H
#define ATELIER_DB_MIGRATE_H

#include <stdbool.h>

struct migration {
	int number;
	const char *name; /* "0001_foundation"; NULL ends the list */
	const char *sql;
};

extern const struct migration migrations[]; /* made from db/migrations/ */

enum migration_state {
	MIGRATION_APPLIED,
	MIGRATION_PENDING,
	MIGRATION_CHANGED, /* applied, but its text was edited since */
	MIGRATION_FOREIGN, /* applied by a newer program */
};

struct migration_status {
	const char *name;
	enum migration_state state;
	const char *applied_at; /* or NULL */
};

/* All steps, known and applied. 0 or -1 with *why. */
int migrate_status(void *mem, const char *url, struct migration_status **out, int *count, const char **why);

/* Applies what is pending; calls told before (ms < 0) and after each step. dry_run only tells.
 * Returns how many steps, or -1 with *why (the steps before the failing one stay applied). */
int migrate_up(void *mem, const char *url, bool dry_run, void (*told)(void *arg, const char *name, int ms), void *arg,
    const char **why);

#endif
