/* fcgi/master.c - forks the pools' children, replaces dead ones with back-off, drains, reloads. */
#include "fcgi/master.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fcgi/balance.h"
#include "fcgi/cache.h"
#include "fcgi/child.h"
#include "fcgi/listen.h"
#include "fcgi/pool_map.h"
#include "fcgi/seen.h"
#include "lib/conf.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/token.h"

#define QUICK_DEATH_MS 2000   /* a child that lives shorter counts against its slot */
#define BACKOFF_MAX_MS 10000
#define REPEAT_TERM_MS 500    /* libfcgi may miss a SIGTERM just before accept(): say it again */
#define DRAIN_MAX_MS 30000    /* then SIGKILL */
#define LEAVING_MAX 8         /* of a slot; with more it stays empty until one has gone */

struct slot {
	pid_t pid; /* 0: to be started when due */
	pid_t leaving[LEAVING_MAX]; /* recycled children that still answer what they have; 0: none */
	int64_t started_ms, due_ms;
	int quick_deaths;
	struct pool *pool;
};

struct pool {
	const struct conf_pool *conf;
	int fd;
	struct balance *balance;
	struct slot *slots;
};

/* What one reading of the configuration made; an old one lives on while its children drain. */
struct generation {
	struct conf *conf;
	struct pool *pools;
	int64_t drain_since_ms, next_term_ms; /* 0: serving */
	struct generation *older;
};

struct master {
	const char *conf_path;
	const struct router *router;
	struct metrics *metrics;
	struct revoked *revoked;
	struct seen *seen;
	struct drops *drops;
	struct generation *now;
	sigset_t signals;
	pid_t pid;
	bool stopping;
};

static int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

static void __attribute__((noreturn))
become_child(struct master *m, struct generation *g, const struct slot *slot)
{
	const struct pool *pool = slot->pool;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM); /* a master killed hard takes its children along, after what they have in flight */
	if (getppid() != m->pid)
		_exit(0);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(child_run(&(struct child){
	    .conf = g->conf,
	    .pool = pool->conf,
	    .router = m->router,
	    .metrics = m->metrics,
	    .revoked = m->revoked,
	    .seen = m->seen,
	    .drops = m->drops,
	    .balance = pool->balance,
	    .slot = (size_t)(slot - pool->slots),
	    .listen_fd = pool->fd,
	}));
}

static void
start_child(struct master *m, struct generation *g, struct slot *slot)
{
	pid_t pid;

	balance_start(slot->pool->balance, (size_t)(slot - slot->pool->slots));
	pid = fork();
	if (pid == 0)
		become_child(m, g, slot);
	if (pid < 0) {
		log_error("fork_failed", LOG_INT("errno", errno));
		slot->due_ms = clock_ms() + 1000;
		return;
	}
	slot->pid = pid;
	slot->started_ms = clock_ms();
	metrics_child(m->metrics, 1, 0);
	log_debug("child_started", LOG_STR("pool", slot->pool->conf->name), LOG_INT("pid", pid));
}

/* The socket that a generation, or one before it, has at this address; -1: none. */
static int
socket_at(const struct generation *g, const char *address)
{
	for (; g != NULL; g = g->older)
		for (size_t i = 0; i < g->conf->pool_count; i++)
			if (strcmp(g->pools[i].conf->listen, address) == 0)
				return g->pools[i].fd;
	return -1;
}

static bool
is_used_by_another(const struct master *m, const struct generation *but, int fd)
{
	for (const struct generation *g = m->now; g != NULL; g = g->older)
		for (size_t i = 0; g != but && i < g->conf->pool_count; i++)
			if (g->pools[i].fd == fd)
				return true;
	return false;
}

/* Closes what no other generation listens on. Also of one that could not be opened, as far as it was. */
static void
generation_close(const struct master *m, struct generation *g)
{
	for (size_t i = 0; g->pools != NULL && i < g->conf->pool_count; i++) {
		struct pool *p = &g->pools[i];

		balance_close(p->balance);
		if (p->fd >= 0 && !is_used_by_another(m, g, p->fd)) {
			close(p->fd);
			listen_unlink(p->conf->listen);
		}
	}
	talloc_free(g);
}

static bool
configuration_read(const struct master *m, struct generation *g)
{
	const char *unfit = NULL;
	char *why;

	if (conf_read(g, m->conf_path, &g->conf, &why) != 0) {
		log_error("configuration_refused", LOG_STR("problems", why));
		return false;
	}
	if (keyring_open(g, g->conf, &unfit) == NULL) { /* better no start than children that die one after the other */
		log_error("configuration_refused", LOG_STR("problems", unfit));
		return false;
	}
	g->pools = mem_array(g, struct pool, g->conf->pool_count);
	for (size_t i = 0; i < g->conf->pool_count; i++)
		g->pools[i] = (struct pool){ .conf = &g->conf->pools[i], .fd = -1 };
	return true;
}

static bool
pool_open(const struct master *m, struct generation *g, struct pool *p)
{
	char *why;

	p->slots = mem_array(g, struct slot, (size_t)p->conf->children);
	for (int64_t c = 0; c < p->conf->children; c++)
		p->slots[c].pool = p;
	p->balance = balance_open((size_t)p->conf->children);
	if (engine_by_name(p->conf->engine) == NULL) {
		log_error("engine_unknown", LOG_STR("pool", p->conf->name), LOG_STR("engine", p->conf->engine));
		return false;
	}
	p->fd = socket_at(m->now, p->conf->listen);
	if (p->fd < 0)
		p->fd = listen_open(g, p->conf->listen, &why);
	if (p->fd < 0) {
		log_error("listen_failed", LOG_STR("pool", p->conf->name), LOG_STR("why", why));
		return false;
	}
	if (p->conf->backlog > 0) /* again, with another length: a reload may change it */
		listen(p->fd, (int)p->conf->backlog);
	return true;
}

static bool
pools_open(const struct master *m, struct generation *g)
{
	const char *unfit;

	for (size_t i = 0; i < g->conf->pool_count; i++)
		if (!pool_open(m, g, &g->pools[i]))
			return false;
	unfit = pool_map_problem(g, g->conf, m->router);
	if (unfit != NULL)
		log_error("pools_refused", LOG_STR("why", unfit));
	return unfit == NULL;
}

/* Reads the configuration and opens what is new in it; sockets that are there stay. NULL, and logged: it is not fit. */
static struct generation *
generation_open(struct master *m)
{
	struct generation *g = mem_new(m, struct generation);

	if (!configuration_read(m, g) || !pools_open(m, g)) {
		generation_close(m, g);
		return NULL;
	}
	g->older = m->now;
	return g;
}

#define FOR_SLOTS(g, slot)                                                                                             \
	for (size_t p_ = 0; p_ < (g)->conf->pool_count; p_++)                                                          \
		for (struct slot *slot = (g)->pools[p_].slots,                                                         \
		                 *end_ = slot + (g)->pools[p_].conf->children;                                         \
		    slot < end_; slot++)

/* Where the slot has this leaving child, or with 0 room for one; NULL: nowhere. */
static pid_t *
leaving_place(struct slot *slot, pid_t pid)
{
	for (size_t i = 0; i < LEAVING_MAX; i++)
		if (slot->leaving[i] == pid)
			return &slot->leaving[i];
	return NULL;
}

static void
signal_all(struct generation *g, int sig)
{
	FOR_SLOTS (g, slot) {
		if (slot->pid > 0)
			kill(slot->pid, sig);
		for (size_t i = 0; i < LEAVING_MAX; i++)
			if (slot->leaving[i] > 0)
				kill(slot->leaving[i], sig);
	}
}

static void
generation_drain(struct generation *g)
{
	if (g->drain_since_ms == 0)
		g->drain_since_ms = clock_ms();
	g->next_term_ms = clock_ms() + REPEAT_TERM_MS;
	signal_all(g, SIGTERM);
}

static bool
generation_is_empty(struct generation *g)
{
	FOR_SLOTS (g, slot) {
		if (slot->pid > 0)
			return false;
		for (size_t i = 0; i < LEAVING_MAX; i++)
			if (slot->leaving[i] > 0)
				return false;
	}
	return true;
}

/* Tells of a child that did not end well. One that SIGTERM met before it could catch it did. */
static bool
is_crash(struct master *m, const struct slot *slot, pid_t pid, int status)
{
	if (status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM))
		return false;
	metrics_child(m->metrics, 0, 1);
	log_error("child_crashed", LOG_STR("pool", slot->pool->conf->name), LOG_INT("pid", pid),
	    LOG_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
	    LOG_INT("exit", WIFEXITED(status) ? WEXITSTATUS(status) : 0));
	return true;
}

static void
child_ended(struct master *m, struct slot *slot, int status)
{
	int64_t lived_ms = clock_ms() - slot->started_ms, delay_ms = 0;
	bool crashed = is_crash(m, slot, slot->pid, status);

	slot->quick_deaths = crashed && lived_ms < QUICK_DEATH_MS ? slot->quick_deaths + 1 : 0;
	if (slot->quick_deaths > 0) {
		delay_ms = 100 << (slot->quick_deaths < 8 ? slot->quick_deaths - 1 : 7);
		delay_ms = delay_ms > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : delay_ms;
	}
	slot->pid = 0;
	slot->due_ms = clock_ms() + delay_ms;
}

/* A recycled child answers what it has begun, which may be a long upload; its place is taken meanwhile. So is that of the next
 * one that is recycled before the first has gone. */
static void
replace_leaving(struct slot *slot)
{
	pid_t *place = leaving_place(slot, 0);

	if (slot->pid == 0 || place == NULL || !balance_has_left(slot->pool->balance, (size_t)(slot - slot->pool->slots)))
		return;
	*place = slot->pid;
	slot->pid = 0;
	slot->due_ms = 0;
}

static void
reap(struct master *m)
{
	pid_t pid, *place;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (struct generation *g = m->now; g != NULL; g = g->older)
			FOR_SLOTS (g, slot) {
				if (slot->pid == pid) {
					child_ended(m, slot, status);
				} else if ((place = leaving_place(slot, pid)) != NULL) {
					is_crash(m, slot, pid, status);
					*place = 0;
				}
			}
}

static void
tend(struct master *m)
{
	int64_t now = clock_ms();
	struct generation **at;

	if (!m->stopping)
		FOR_SLOTS (m->now, slot) {
			replace_leaving(slot);
			if (slot->pid == 0 && slot->due_ms <= now)
				start_child(m, m->now, slot);
		}
	for (at = &m->now; *at != NULL;) {
		struct generation *g = *at;

		if (g->drain_since_ms != 0 && generation_is_empty(g) && (g != m->now || !m->stopping)) {
			*at = g->older;
			generation_close(m, g);
			continue;
		}
		if (g->drain_since_ms != 0 && now >= g->next_term_ms) {
			g->next_term_ms = now + REPEAT_TERM_MS;
			signal_all(g, now - g->drain_since_ms > DRAIN_MAX_MS ? SIGKILL : SIGTERM);
		}
		at = &g->older;
	}
}

static void
reload(struct master *m)
{
	struct generation *g;

	service_notify("RELOADING=1");
	g = generation_open(m);
	if (g != NULL) {
		m->now = g;
		tend(m); /* the new children accept before the old ones stop */
		generation_drain(g->older);
		log_info("reloaded", LOG_INT("pools", (int64_t)g->conf->pool_count));
	}
	service_notify("READY=1");
}

static void
stop(struct master *m)
{
	service_notify("STOPPING=1");
	m->stopping = true;
	for (struct generation *g = m->now; g != NULL; g = g->older)
		generation_drain(g);
}

static void
take_signal(struct master *m)
{
	struct timespec tick = { .tv_nsec = 100 * 1000 * 1000 };
	int sig = sigtimedwait(&m->signals, NULL, &tick);

	if (sig == SIGHUP && !m->stopping)
		reload(m);
	else if ((sig == SIGTERM || sig == SIGINT) && !m->stopping)
		stop(m);
}

static bool
is_over(const struct master *m)
{
	if (!m->stopping)
		return false;
	for (struct generation *g = m->now; g != NULL; g = g->older)
		if (!generation_is_empty(g))
			return false;
	return true;
}

int
master_run(const char *conf_path, const struct router *router, struct metrics *metrics, struct revoked *revoked)
{
	struct master *m = mem_new(NULL, struct master);

	m->conf_path = conf_path;
	m->router = router;
	m->metrics = metrics;
	m->revoked = revoked;
	m->seen = seen_open();
	m->drops = cache_drops_open();
	m->pid = getpid();
	sigemptyset(&m->signals);
	for (const int *s = (const int[]){ SIGTERM, SIGINT, SIGHUP, SIGCHLD, 0 }; *s != 0; s++)
		sigaddset(&m->signals, *s);
	sigprocmask(SIG_BLOCK, &m->signals, NULL);
	m->now = generation_open(m);
	if (m->now == NULL)
		return 1;
	service_notify("READY=1");
	log_info("started", LOG_INT("pools", (int64_t)m->now->conf->pool_count));
	while (!is_over(m)) {
		tend(m);
		take_signal(m);
		reap(m);
	}
	while (m->now != NULL) {
		struct generation *g = m->now;

		m->now = g->older;
		generation_close(m, g);
	}
	log_info("stopped");
	talloc_free(m);
	return 0;
}
