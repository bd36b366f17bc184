/* worker/cron.c - periodic jobs: what may be asked for, and that a period is asked for once. */
#include "worker/cron.h"

#include <string.h>

#include "lib/log.h"

static const struct {
	const char *name, *kind;
	int period_s;
} cron[] = {
#define X(name, kind, period_s) { #name, #kind, period_s },
#include "worker/cron.def"
#undef X
};

#define CRON_COUNT (sizeof(cron) / sizeof(cron[0]))

int
cron_ask(struct db_session *db, const char *name)
{
	for (size_t i = 0; i < CRON_COUNT; i++)
		if (strcmp(cron[i].name, name) == 0)
			return db_exec(db, NULL, Q_CRON_ASK, text_param(cron[i].name), text_param(cron[i].kind),
			    int_param(cron[i].period_s));
	return ERR_NOT_FOUND;
}

int
cron_catch_up(struct db_session *db)
{
	struct db_result *r;
	int err = 0;

	for (size_t i = 0; i < CRON_COUNT && err == 0; i++) {
		err = db_query(db, &r, Q_CRON_CATCH_UP, text_param(cron[i].name), text_param(cron[i].kind),
		    int_param(cron[i].period_s));
		if (err == 0 && db_bool(r, 0, "asked"))
			log_info("caught_up", LOG_STR("name", cron[i].name));
	}
	return err;
}

void
cron_print_names(FILE *to)
{
	for (size_t i = 0; i < CRON_COUNT; i++)
		fprintf(to, " %s", cron[i].name);
}
