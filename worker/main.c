/* worker/main.c - atelier-worker: does jobs, or asks for one. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/cron.h"
#include "worker/supervisor.h"

static int
usage(FILE *to, int status)
{
	fputs("usage: atelier-worker [-c FILE] [run | enqueue NAME...]\n"
	      "  run           do jobs until SIGTERM (the default)\n"
	      "  enqueue NAME  ask for periodic jobs, each once in its period:",
	    to);
	cron_print_names(to);
	fputc('\n', to);
	return status;
}

static int
enqueue(const struct conf *conf, char **names, int count)
{
	void *mem = talloc_named_const(NULL, 0, "enqueue");
	struct db_options options = { .url = conf->main_database_url, .name = "atelier-enqueue" };
	struct db_session db;
	int err = 0;

	db_session_init(&db, db_open(mem, &options), mem, (struct uuid){ { 0 } }, now_ms() + 30000);
	for (int i = 0; i < count && err == 0; i++)
		err = cron_ask(&db, names[i]);
	db_session_end(&db);
	talloc_free(mem);
	if (err == ERR_NOT_FOUND)
		return usage(stderr, 64);
	if (err != 0)
		log_error("not_enqueued", LOG_STR("error", error_info((enum error_code)err)->code));
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
		return enqueue(conf, argv + optind + 1, argc - optind - 1);
	if (optind < argc && strcmp(argv[optind], "run") != 0)
		return usage(stderr, 64);
	if (storage_make_roots(conf) != 0)
		log_warn("media_root_missing", LOG_STR("root", conf->media_root));
	return supervisor_run(conf);
}
