/* fcgi/main.c - atelier-fcgi: the web process. */
#include <getopt.h>
#include <stdio.h>

#include "fcgi/master.h"
#include "fcgi/revoked.h"
#include "lib/log.h"
#include "lib/mem.h"

static int
usage(FILE *to, int status)
{
	fputs("usage: atelier-fcgi [-c FILE]\n"
	      "  -c FILE  configuration (default: $ATELIER_CONF, then the installed one)\n"
	      "  -h       this text\n"
	      "  -V       version\n",
	    to);
	return status;
}

int
main(int argc, char **argv)
{
	const char *conf_path = NULL;
	struct router *router;
	int opt, status;

	while ((opt = getopt(argc, argv, "c:hV")) != -1) {
		switch (opt) {
		case 'c':
			conf_path = optarg;
			break;
		case 'h':
			return usage(stdout, 0);
		case 'V':
			puts("atelier-fcgi " PACKAGE_VERSION);
			return 0;
		default:
			return usage(stderr, 64);
		}
	}
	log_open("atelier-fcgi", LOG_INFO);
	router = router_new(NULL, route_tables);
	status = master_run(conf_path, router, metrics_open(router_count(router)), revoked_open());
	talloc_free(router);
	return status;
}
