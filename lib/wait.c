/*
 * lib/wait.c - the process's loop, its deadlines and its turn:
 *
 *	poll -> drivers' callbacks mark waits as done -> timers -> [fibers that can go on run -> hooks send] -> poll
 *
 * What stands in brackets happens in a prepare handle, right before the loop sleeps. All deadlines share
 * one binary heap and one timer, so that a wait costs no timer of its own.
 */
#include "lib/wait.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "lib/fiber.h"

struct turner {
	uv_loop_t loop;
	uv_prepare_t prepare;
	uv_timer_t timer;
};

/* The one state of this process. */
static struct {
	struct turner *own;
	struct turner *parents; /* what a fork left us: never turned again */
	bool has_atfork;
	bool is_turning;     /* uv_run() is on the stack */
	int64_t timer_at_ms; /* when the timer goes off; 0: it is stopped */
	struct wait **heap;  /* from index 1 on, the earliest deadline first */
	size_t heap_count, heap_room;
	struct wait_hook *hooks, **hooks_end;
} state;

/* --- deadlines --- */

static void
heap_put(size_t i, struct wait *w)
{
	state.heap[i] = w;
	w->place = i;
}

static void
heap_up(size_t i)
{
	struct wait *w = state.heap[i];

	for (; i > 1 && state.heap[i / 2]->deadline_ms > w->deadline_ms; i /= 2)
		heap_put(i, state.heap[i / 2]);
	heap_put(i, w);
}

static void
heap_down(size_t i)
{
	struct wait *w = state.heap[i];
	size_t child;

	for (; (child = 2 * i) <= state.heap_count; i = child) {
		if (child < state.heap_count && state.heap[child + 1]->deadline_ms < state.heap[child]->deadline_ms)
			child++;
		if (state.heap[child]->deadline_ms >= w->deadline_ms)
			break;
		heap_put(i, state.heap[child]);
	}
	heap_put(i, w);
}

static void on_timer(uv_timer_t *timer);

static void
timer_set(void)
{
	int64_t now, at;

	if (state.heap_count == 0)
		return; /* one needless call of on_timer() is cheaper than to stop and start it with every wait */
	at = state.heap[1]->deadline_ms;
	if (state.timer_at_ms != 0 && state.timer_at_ms <= at)
		return;
	now = (int64_t)uv_now(&state.own->loop);
	state.timer_at_ms = at;
	uv_timer_start(&state.own->timer, on_timer, at > now ? (uint64_t)(at - now) : 0, 0);
}

static void
deadline_add(struct wait *w, int64_t deadline_ms)
{
	w->deadline_ms = deadline_ms;
	if (deadline_ms == WAIT_FOREVER)
		return;
	if (state.heap_count + 1 >= state.heap_room) {
		state.heap_room = state.heap_room ? 2 * state.heap_room : 64;
		state.heap = realloc(state.heap, state.heap_room * sizeof(struct wait *));
		if (state.heap == NULL)
			abort();
	}
	heap_put(++state.heap_count, w);
	heap_up(state.heap_count);
	timer_set();
}

static void
deadline_remove(struct wait *w)
{
	size_t i = w->place;
	struct wait *last;

	if (i == 0)
		return;
	w->place = 0;
	last = state.heap[state.heap_count--];
	if (last == w)
		return;
	heap_put(i, last);
	heap_up(i);
	heap_down(last->place);
}

static void
on_timer(uv_timer_t *timer)
{
	int64_t now = (int64_t)uv_now(timer->loop);

	state.timer_at_ms = 0;
	while (state.heap_count > 0 && state.heap[1]->deadline_ms <= now) {
		struct wait *w = state.heap[1];

		deadline_remove(w);
		if (w->fiber != NULL)
			fiber_wake(w->fiber);
	}
	timer_set();
}

/* --- the loop --- */

static bool
hooks_run(void)
{
	struct wait_hook *h;
	bool any = false;

	for (; (h = state.hooks) != NULL; any = true) {
		state.hooks = h->next;
		if (state.hooks == NULL)
			state.hooks_end = &state.hooks;
		h->is_set = false;
		h->fn(h);
	}
	return any;
}

static void
before_sleep(uv_prepare_t *prepare)
{
	(void)prepare;
	for (;;) {
		while (fiber_run_woken() > 0)
			;
		if (!hooks_run())
			break;
	}
}

static void
state_reset(void)
{
	free(state.heap);
	memset(&state, 0, sizeof(state));
	state.has_atfork = true;
}

/* A child of this process: its loop is its own, and the parent's epoll set stays as it is. */
static void
after_fork(void)
{
	struct turner *parents = state.own;

	if (parents == NULL)
		return;
	close(uv_backend_fd(&parents->loop));
	state_reset();
	state.parents = parents;
}

uv_loop_t *
wait_loop(void)
{
	struct turner *own = state.own;

	if (own != NULL)
		return &own->loop;
	own = calloc(1, sizeof(*own));
	if (own == NULL || uv_loop_init(&own->loop) != 0)
		abort();
	state.own = own;
	state.hooks_end = &state.hooks;
	uv_prepare_init(&own->loop, &own->prepare);
	uv_prepare_start(&own->prepare, before_sleep);
	uv_unref((uv_handle_t *)&own->prepare);
	uv_timer_init(&own->loop, &own->timer);
	uv_unref((uv_handle_t *)&own->timer);
	if (!state.has_atfork) {
		state.has_atfork = true;
		pthread_atfork(NULL, NULL, after_fork);
	}
	return &own->loop;
}

static void
turn(uv_run_mode mode)
{
	uv_loop_t *loop = wait_loop();

	if (state.is_turning) {
		fputs("wait: somebody waits inside a callback of the loop\n", stderr);
		abort();
	}
	state.is_turning = true;
	uv_run(loop, mode);
	state.is_turning = false;
}

void
wait_run(void)
{
	turn(UV_RUN_DEFAULT);
}

static void
close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void
wait_close(void)
{
	if (state.own == NULL)
		return;
	uv_walk(&state.own->loop, close_handle, NULL);
	turn(UV_RUN_DEFAULT);
	uv_loop_close(&state.own->loop);
	free(state.own);
	state_reset();
}

int64_t
now_ms(void)
{
	uv_loop_t *loop = wait_loop();

	/* A process that turns its loop only while it waits has an old clock. */
	if (fiber_current() == NULL)
		uv_update_time(loop);
	return (int64_t)uv_now(loop);
}

/* --- waits --- */

void
wait_init(struct wait *w)
{
	memset(w, 0, sizeof(*w));
}

void
wait_done(struct wait *w)
{
	w->done = true;
	if (w->fiber != NULL)
		fiber_wake(w->fiber);
}

static int
wait_in_fiber(struct wait *w, int64_t deadline_ms, struct fiber *f, bool surely)
{
	int rc = 0;

	w->fiber = f;
	deadline_add(w, deadline_ms);
	while (!w->done) {
		if (fiber_is_cancelled(f) && !surely) {
			rc = -ECANCELED;
			break;
		}
		if (deadline_ms <= (int64_t)uv_now(&state.own->loop)) {
			rc = -ETIMEDOUT;
			break;
		}
		fiber_yield();
	}
	deadline_remove(w);
	w->fiber = NULL;
	return rc;
}

static int
wait_by_turning(struct wait *w, int64_t deadline_ms)
{
	uv_update_time(&state.own->loop);
	deadline_add(w, deadline_ms);
	uv_ref((uv_handle_t *)&state.own->timer); /* the deadline alone keeps the loop going */
	while (!w->done && deadline_ms > (int64_t)uv_now(&state.own->loop))
		turn(UV_RUN_ONCE);
	uv_unref((uv_handle_t *)&state.own->timer);
	deadline_remove(w);
	return w->done ? 0 : -ETIMEDOUT;
}

static int
wait_either(struct wait *w, int64_t deadline_ms, bool surely)
{
	struct fiber *f = fiber_current();

	if (w->done)
		return 0;
	wait_loop();
	return f != NULL ? wait_in_fiber(w, deadline_ms, f, surely) : wait_by_turning(w, deadline_ms);
}

int
wait_for(struct wait *w, int64_t deadline_ms)
{
	return wait_either(w, deadline_ms, false);
}

int
wait_for_surely(struct wait *w, int64_t deadline_ms)
{
	return wait_either(w, deadline_ms, true);
}

int
wait_sleep(int64_t ms)
{
	struct wait w;
	int rc;

	wait_init(&w);
	rc = wait_for(&w, now_ms() + ms);
	return rc == -ETIMEDOUT ? 0 : rc;
}

/* --- threads --- */

struct offload {
	uv_work_t work;
	struct wait wait;
	int (*fn)(void *);
	void *arg;
	int result;
};

static void
offload_run(uv_work_t *work)
{
	struct offload *o = work->data;

	o->result = o->fn(o->arg);
}

static void
offload_ended(uv_work_t *work, int status)
{
	struct offload *o = work->data;

	(void)status;
	wait_done(&o->wait);
}

int
wait_offload(int (*fn)(void *), void *arg)
{
	struct offload o = { .fn = fn, .arg = arg };

	if (fiber_current() == NULL)
		return fn(arg);
	o.work.data = &o;
	if (uv_queue_work(wait_loop(), &o.work, offload_run, offload_ended) != 0)
		return fn(arg);
	wait_for_surely(&o.wait, WAIT_FOREVER);
	return o.result;
}

/* --- hooks --- */

void
wait_before_sleep(struct wait_hook *h)
{
	wait_loop();
	if (h->is_set)
		return;
	h->is_set = true;
	h->next = NULL;
	*state.hooks_end = h;
	state.hooks_end = &h->next;
}

void
wait_hook_withdraw(struct wait_hook *h)
{
	struct wait_hook **p = &state.hooks;

	h->is_set = false;
	for (; *p != NULL; p = &(*p)->next) {
		if (*p != h)
			continue;
		*p = h->next;
		if (state.hooks_end == &h->next)
			state.hooks_end = p;
		return;
	}
}
