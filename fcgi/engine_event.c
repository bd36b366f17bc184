/*
 * fcgi/engine_event.c - the event engine: one loop in a pre-forked child, many connections, a fiber for
 * each request. Here: accepting, draining, recycling. What happens on a connection: fcgi/connection.c.
 * The picture of it all: doc/engines.md.
 */
#include "fcgi/engine.h"

#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fcgi/balance.h"
#include "fcgi/connection.h"
#include "lib/fiber.h"
#include "lib/wait.h"

#define SWEEP_MS 500
#define PATIENCE_MS 1 /* a child that is ahead of the others gives them so long to accept */
#define HELD_LIMIT_US 20000 /* who holds the loop longer holds up everybody else */
#define MANY_CONNECTIONS 4 /* with requests since the last sweep: we are busy */
#define HEAP_KEPT (8 << 20) /* bytes at the heap's end that stay ours: to give them back and ask again cost every tenth request a call */
#define DRAIN_MS 25000 /* then requests in flight are cancelled; the master kills soon after */

static void on_acceptable(uv_poll_t *poll, int status, int events);

static void
on_handle_closed(uv_handle_t *handle)
{
	server_handle_closed(handle->data);
}

/* --- accepting --- */

static void
listen_start(struct server *s)
{
	s->is_listening = true;
	uv_poll_start(&s->listener, UV_READABLE, on_acceptable);
}

static void
listen_stop(struct server *s)
{
	s->is_listening = false;
	uv_poll_stop(&s->listener);
}

static void
on_patience_over(uv_timer_t *timer)
{
	struct server *s = timer->data;

	if (!s->app->draining && !s->is_listening && s->connection_count < CONNECTIONS_MAX)
		listen_start(s);
}

/* One connection a turn: a child that is busy comes back later for the next, and finds that an idle one has taken it.
 * Who is ahead anyway stands back for a moment, once. */
static void
on_acceptable(uv_poll_t *poll, int status, int events)
{
	struct server *s = poll->data;
	int fd, error;

	(void)events;
	if (status < 0) {
		s->is_listening = false; /* libuv watches no more; the sweeper has it begin again */
		return;
	}
	if (!s->stood_back && balance_is_ahead(s->app->balance, s->app->slot)) {
		s->stood_back = true;
		listen_stop(s);
		uv_timer_start(&s->patience, on_patience_over, PATIENCE_MS, 0);
		return;
	}
	s->stood_back = false;
	fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	error = fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED ? errno : 0; /* no descriptors, no memory */
	if (fd >= 0) {
		connection_open(s, fd);
		balance_set(s->app->balance, s->app->slot, (uint32_t)s->connection_count);
	}
	if (error != 0)
		log_error("accept_failed", LOG_INT("errno", error));
	if (error != 0 || s->connection_count >= CONNECTIONS_MAX)
		listen_stop(s); /* the sweeper starts it again when there is room */
}

/* --- draining --- */

/* Takes nothing new, answers what has begun, sends the web server's idle connections elsewhere. Recycled, we have all
 * the time that a large upload takes; told to go, DRAIN_MS. */
static void
server_drain(struct server *s)
{
	struct connection *c, *next;

	if (s->app->draining)
		return;
	s->app->draining = true;
	s->drain_by_ms = INT64_MAX;
	listen_stop(s);
	balance_leave(s->app->balance, s->app->slot); /* the master may start another in our place */
	uv_close((uv_handle_t *)&s->listener, on_handle_closed);
	for (c = s->connections; c != NULL; c = next) {
		next = c->next;
		connection_retire(c);
	}
}

static void
server_end_if_done(struct server *s)
{
	if (!s->app->draining || s->connections != NULL || uv_is_closing((uv_handle_t *)&s->sweeper))
		return;
	uv_close((uv_handle_t *)&s->sweeper, on_handle_closed);
	uv_close((uv_handle_t *)&s->patience, on_handle_closed);
}

void
server_handle_closed(struct server *s)
{
	if (!s->app->draining)
		balance_set(s->app->balance, s->app->slot, (uint32_t)s->connection_count);
	if (--s->open_handles == 0)
		uv_stop(wait_loop());
	else
		server_end_if_done(s);
}

void
server_request_begins(struct server *s)
{
	int64_t max = s->app->pool->max_requests;

	if (++s->served == max)
		server_drain(s);
}

static void
on_term(uv_signal_t *signal, int number)
{
	struct server *s = signal->data;

	(void)number;
	server_drain(s);
	if (s->drain_by_ms == INT64_MAX)
		s->drain_by_ms = now_ms() + DRAIN_MS;
	server_end_if_done(s);
}

/* Where many ask, what wakes us need not make way for us at once: nginx passes on all that it has, and we find it in one
 * turn; a light request costs a quarter less. Where few ask, they would wait behind whatever else computes. */
static void
be_patient(struct server *s, int used)
{
	bool is_patient = used >= MANY_CONNECTIONS;

	if (is_patient != s->is_patient && sched_setscheduler(0, is_patient ? SCHED_BATCH : SCHED_OTHER, &(struct sched_param){ 0 }) == 0)
		s->is_patient = is_patient;
}

static void
on_sweep(uv_timer_t *timer)
{
	struct server *s = timer->data;
	struct connection *c, *next;
	int64_t now = now_ms();
	int used = 0;

	for (c = s->connections; c != NULL; c = next) {
		next = c->next;
		used += c->since_ms > s->swept_ms;
		if (s->app->draining && now > s->drain_by_ms)
			connection_cancel(c);
		connection_sweep(c, now);
	}
	be_patient(s, used);
	s->swept_ms = now;
	on_patience_over(&s->patience);
	server_end_if_done(s);
}

static void
log_held(const struct request *rq, int64_t held_us)
{
	log_warn("loop_held", LOG_STR("route", rq != NULL && rq->route != NULL ? rq->route->path : NULL),
	    LOG_US("ms", held_us));
}

static int
serve(struct app *app, int listen_fd)
{
	/* Outlives serve(), with s.term: the master repeats itself, and without our handler a SIGTERM would be the end in the
	 * middle of the end, for the threads of wait_offload() do not block it either. */
	static struct server s;
	uv_loop_t *loop = wait_loop();

	s = (struct server){ .app = app, .listen_fd = listen_fd, .open_handles = 3 };
	s.listener.data = s.sweeper.data = s.patience.data = s.term.data = &s;
	if (uv_poll_init(loop, &s.listener, listen_fd) != 0 || uv_timer_init(loop, &s.sweeper) != 0 ||
	    uv_timer_init(loop, &s.patience) != 0 || uv_signal_init(loop, &s.term) != 0)
		return 1;
	uv_signal_start(&s.term, on_term, SIGTERM);
	uv_unref((uv_handle_t *)&s.term);
	uv_timer_start(&s.sweeper, on_sweep, SWEEP_MS, SWEEP_MS);
	mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	fiber_watch(HELD_LIMIT_US, log_held);
	balance_set(app->balance, app->slot, 0);
	listen_start(&s);
	log_gather(true);
	wait_run();
	log_gather(false);
	fiber_watch(0, NULL);
	return 0;
}

const struct engine engine_event = { .name = "event", .is_evented = true, .serve = serve };
