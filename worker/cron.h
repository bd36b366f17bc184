/* worker/cron.h - periodic jobs by name (worker/cron.def). */
#ifndef ATELIER_WORKER_CRON_H
#define ATELIER_WORKER_CRON_H

#include <stdio.h>

#include "db/db.h"

/* Asks for one, at most once in its period. 0, an ERR_ of the database, or ERR_NOT_FOUND: there is no such name. */
int cron_ask(struct db_session *db, const char *name);

/* Asks for all that used to be asked for and were missed while nobody asked. 0 or an ERR_. */
int cron_catch_up(struct db_session *db);

/* Asks for those whose period is a minute or less and has passed: cron itself is too coarse for them. now_ms: the clock of
 * lib/wait.h. 0 or an ERR_. */
int cron_tick(struct db_session *db, int64_t now_ms);

/* The names, a space before each. */
void cron_print_names(FILE *to);

#endif
