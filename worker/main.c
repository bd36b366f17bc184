/* worker/main.c - atelier-worker: does jobs, or asks for one. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/supervisor.h"

static const struct {
	const char *name, *kind;
	int64_t period_s;
} cron[] = {
#define X(name, kind, period_s) { #name, #kind, period_s },
#include "worker/cron.def"
#undef X
};

#define CRON_COUNT (sizeof(cron) / sizeof(cron[0]))

static int
usage(FILE *to, int status)
{
	fputs("usage: atelier-worker [-c FILE] [run | enqueue NAME]\n"
	      "  run           do jobs until SIGTERM (the default)\n"
	      "  enqueue NAME  ask for a periodic job, once per period:",
	    to);
	for (size_t i = 0; i < CRON_COUNT; i++)
		fprintf(to, " %s", cron[i].name);
	fputc('\n', to);
	return status;
}

static int
enqueue(const struct conf *conf, const char *name)
{
	void *mem = talloc_named_const(NULL, 0, "enqueue");
	struct db_options options = { .url = conf->main_database_url, .name = "atelier-enqueue" };
	struct db_session db;
	size_t i = 0;
	int err;

	while (i < CRON_COUNT && strcmp(cron[i].name, name) != 0)
		i++;
	if (i == CRON_COUNT)
		return usage(stderr, 64);
	db_session_init(&db, db_open(mem, &options), mem, (struct uuid){ { 0 } }, now_ms() + 30000);
	err = db_exec(&db, NULL, Q_JOB_ENQUEUE_SYSTEM, text_param(cron[i].kind), json_param("{}"),
	    text_param(mem_printf(mem, "%s:%lld", name, (long long)(time(NULL) / cron[i].period_s))), null_param());
	db_session_end(&db);
	talloc_free(mem);
	if (err != 0)
		log_error("not_enqueued", LOG_STR("name", name), LOG_STR("error", error_info((enum error_code)err)->code));
	return err == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const char *path = NULL;
	struct conf *conf;
	char *problems;
	int opt;

	while ((opt = getopt(argc, argv, "c:hV")) != -1) {
		if (opt == 'h')
			return usage(stdout, 0);
		if (opt == 'V')
			return puts("atelier-worker " PACKAGE_VERSION) < 0;
		if (opt != 'c')
			return usage(stderr, 64);
		path = optarg;
	}
	log_open("atelier-worker", LOG_INFO);
	if (conf_read(NULL, path, &conf, &problems) != 0) {
		log_error("configuration_refused", LOG_STR("problems", problems));
		return 78;
	}
	log_open("atelier-worker", log_level_parse(conf->main_log_level));
	if (optind + 1 < argc && strcmp(argv[optind], "enqueue") == 0)
		return enqueue(conf, argv[optind + 1]);
	if (optind < argc && strcmp(argv[optind], "run") != 0)
		return usage(stderr, 64);
	if (storage_make_roots(conf) != 0)
		log_warn("media_root_missing", LOG_STR("root", conf->media_root));
	return supervisor_run(conf);
}
