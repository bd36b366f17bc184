/* live/main.c - atelier-live: tells people what happens, as it happens. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/fiber.h"
#include "lib/log.h"
#include "live/live.h"

#define WATCH_MS 1000
#define FIGURES_MS 5000
#define GRACE_MS 3000

static int
usage(FILE *to, int status)
{
	fputs("usage: atelier-live [-c FILE] [-l unix:PATH | -l ADDRESS:PORT]\n", to);
	return status;
}

struct every {
	struct live *live;
	int64_t ms;
	void (*fn)(struct live *l);
};

static void
run_every(void *arg)
{
	struct every *e = arg;

	while (!e->live->is_stopping && wait_sleep(e->ms) == 0 && !e->live->is_stopping)
		e->fn(e->live);
	talloc_free(e);
}

void
live_every(struct live *l, int64_t ms, void (*fn)(struct live *l))
{
	struct every *e = mem_new(l, struct every);

	*e = (struct every){ l, ms, fn };
	fiber_spawn(run_every, e);
}

/* For browsers, which do not see the protocol's own pings; a text that all share. */
static void
heartbeat(struct live *l)
{
	static const char text[] = "{\"type\":\"heartbeat\"}";
	struct message *m = message_new(text, strlen(text));

	for (struct peer *c = l->peers; c != NULL; c = c->next)
		peer_send_message(c, m);
	message_drop(m);
}

/* Something is no longer for everybody's eyes; without a word: some of it may have been missed. */
static void
on_narrowed(void *arg, const char *tenant)
{
	struct uuid id;

	if (tenant == NULL)
		peers_check(arg, NULL);
	else if (uuid_parse(tenant, strlen(tenant), &id))
		peers_check(arg, &id);
}

static void
look_whether_all_are_gone(uv_timer_t *timer)
{
	const struct live *l = timer->data;

	if (l->peers == NULL || now_ms() > l->stopped_ms + GRACE_MS)
		uv_stop(wait_loop());
}

/* Clients are told, so that they go to another daemon at once. */
static void
on_stop(uv_signal_t *handle, int sig)
{
	struct live *l = handle->data;
	static uv_timer_t last;

	if (l->is_stopping)
		return;
	log_info("stopping", LOG_INT("signal", sig), LOG_INT("connections", (int64_t)l->peer_count));
	l->is_stopping = true;
	l->stopped_ms = now_ms();
	server_stop_listening(l);
	for (struct peer *c = l->peers; c != NULL; c = c->next)
		peer_close(c, CLOSE_AWAY, "This daemon ends; come back.");
	uv_timer_init(wait_loop(), &last);
	last.data = l;
	uv_timer_start(&last, look_whether_all_are_gone, 50, 50);
}

static int
run(const struct conf *conf)
{
	struct live *l = mem_new(NULL, struct live);
	struct db_options options = { .url = conf->main_database_url, .name = "atelier-live", .shared = 2, .own = 2 };
	static uv_signal_t signals[2];
	struct uuid name = uuid_new();
	const char *why;

	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ (rlim_t)conf->live_max_connections + 200, (rlim_t)conf->live_max_connections + 200 });
	l->conf = conf;
	uuid_text(&name, l->name);
	l->keys = keyring_open(l, conf, &why);
	if (l->keys == NULL) {
		log_error("configuration_refused", LOG_STR("problems", why));
		return 78;
	}
	l->db = db_open(l, &options);
	l->redis = redis_open(l, conf->main_redis_url);
	l->hub = hub_open(l);
	l->sessions_known_ms = now_ms();
	for (int i = 0; i < 2; i++) {
		uv_signal_init(wait_loop(), &signals[i]);
		signals[i].data = l;
		uv_signal_start(&signals[i], on_stop, i == 0 ? SIGTERM : SIGINT);
	}
	if (server_open(l) != 0) {
		log_error("not_listening", LOG_STR("listen", conf->live_listen));
		return 1;
	}
	db_listen(l->db, "atelier_narrowed", on_narrowed, l); /* what all know of: answers that are kept */
	db_listen(l->db, "atelier_live_narrowed", on_narrowed, l); /* and what sockets alone do */
	outbox_start(l);
	counts_start(l);
	live_every(l, WATCH_MS, access_watch);
	live_every(l, conf->live_heartbeat * 1000, access_sweep);
	live_every(l, FIGURES_MS, figures_tell);
	live_every(l, conf->live_heartbeat * 1000, heartbeat);
	live_every(l, conf->live_heartbeat * 1000, presence_renew);
	log_info("started", LOG_STR("listen", conf->live_listen));
	wait_run();
	return 0;
}

int
main(int argc, char **argv)
{
	const char *path = NULL, *listen = NULL;
	struct conf *conf;
	char *problems;
	int opt;

	while ((opt = getopt(argc, argv, "c:l:hV")) != -1) {
		if (opt == 'h')
			return usage(stdout, 0);
		if (opt == 'V')
			return puts("atelier-live " PACKAGE_VERSION) < 0;
		if (opt == 'c')
			path = optarg;
		else if (opt == 'l')
			listen = optarg;
		else
			return usage(stderr, 64);
	}
	log_open("atelier-live", LOG_INFO);
	if (optind < argc)
		return usage(stderr, 64);
	if (conf_read(NULL, path, &conf, &problems) != 0) {
		log_error("configuration_refused", LOG_STR("problems", problems));
		return 78;
	}
	log_open("atelier-live", log_level_parse(conf->main_log_level));
	if (listen != NULL)
		conf->live_listen = listen;
	return run(conf);
}
