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

int
cron_tick(struct db_session *db, int64_t now_ms)
{
	static int64_t asked_ms[CRON_COUNT];
	int err = 0;

	for (size_t i = 0; i < CRON_COUNT && err == 0; i++) {
		if (cron[i].period_s > 60 || (asked_ms[i] != 0 && now_ms - asked_ms[i] < cron[i].period_s * INT64_C(1000)))
			continue;
		err = cron_ask(db, cron[i].name);
		asked_ms[i] = now_ms;
	}
	return err;
}

void
cron_print_names(FILE *to)
{
	for (size_t i = 0; i < CRON_COUNT; i++)
		fprintf(to, " %s", cron[i].name);
}
