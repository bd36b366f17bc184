/* tests/unit/test_wait.c - waiting inside and outside of fibers: done, late, cancelled, offloaded. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/fiber.h"
#include "lib/wait.h"

#define MANY 4000

/* A driver as small as can be: ends a wait after some milliseconds, by a timer of its own. */
struct alarm {
	struct wait wait;
};

static void
timer_free(uv_handle_t *timer)
{
	free(timer);
}

static void
alarm_rings(uv_timer_t *timer)
{
	struct alarm *a = timer->data;

	uv_close((uv_handle_t *)timer, timer_free);
	wait_done(&a->wait);
}

static void
alarm_start(struct alarm *a, uint64_t ms)
{
	uv_timer_t *timer = malloc(sizeof(*timer));

	wait_init(&a->wait);
	uv_timer_init(wait_loop(), timer);
	timer->data = a;
	uv_timer_start(timer, alarm_rings, ms, 0);
}

static void
done_outside(void **unused)
{
	struct alarm a;
	int64_t began = now_ms();

	(void)unused;
	alarm_start(&a, 20);
	assert_int_equal(wait_for(&a.wait, now_ms() + 5000), 0);
	assert_in_range(now_ms() - began, 19, 2000);
}

static void
late_outside(void **unused)
{
	struct wait w;
	int64_t began = now_ms();

	(void)unused;
	wait_init(&w);
	assert_int_equal(wait_for(&w, began + 30), -ETIMEDOUT);
	assert_in_range(now_ms() - began, 29, 2000);
	assert_int_equal(wait_sleep(10), 0);
}

struct job {
	struct fiber *fiber;
	struct alarm alarm;
	uint64_t alarm_ms; /* 0: nobody will ever end the wait */
	int64_t deadline_ms;
	int result;
	bool ended;
};

static void
waits(void *arg)
{
	struct job *j = arg;

	j->fiber = fiber_current();
	if (j->alarm_ms)
		alarm_start(&j->alarm, j->alarm_ms);
	else
		wait_init(&j->alarm.wait);
	j->result = wait_for(&j->alarm.wait, now_ms() + j->deadline_ms);
	j->ended = true;
}

static void
three_ways_to_end(void **unused)
{
	struct job done = { .alarm_ms = 10, .deadline_ms = 5000 }, late = { .deadline_ms = 20 },
		   left = { .deadline_ms = 5000 };

	(void)unused;
	fiber_spawn(waits, &done);
	fiber_spawn(waits, &late);
	fiber_spawn(waits, &left);
	fiber_cancel(left.fiber);
	assert_false(left.ended);
	wait_sleep(60);
	assert_true(done.ended && late.ended && left.ended);
	assert_int_equal(done.result, 0);
	assert_int_equal(late.result, -ETIMEDOUT);
	assert_int_equal(left.result, -ECANCELED);
	assert_int_equal(fiber_count(), 0);
}

static void
many_deadlines(void **unused)
{
	struct job *jobs = calloc(MANY, sizeof(*jobs));
	int in_time = 0, late = 0;

	(void)unused;
	for (int i = 0; i < MANY; i++) {
		jobs[i].alarm_ms = i % 3 == 0 ? 1 + (uint64_t)(i * 7919) % 50 : 0;
		jobs[i].deadline_ms = jobs[i].alarm_ms ? 60000 : 1 + (i * 104729) % 60;
		fiber_spawn(waits, &jobs[i]);
	}
	while (fiber_count() > 0)
		wait_sleep(5);
	for (int i = 0; i < MANY; i++) {
		assert_true(jobs[i].ended);
		in_time += jobs[i].result == 0;
		late += jobs[i].result == -ETIMEDOUT;
	}
	assert_int_equal(in_time, (MANY + 2) / 3);
	assert_int_equal(late, MANY - in_time);
	free(jobs);
}

static void
sleeps_in_turn(void *arg)
{
	int *left = arg;

	for (int i = 0; i < 10; i++)
		assert_int_equal(wait_sleep(1 + i % 3), 0);
	--*left;
}

static void
many_sleepers(void **unused)
{
	int left = 1000;

	(void)unused;
	for (int i = 0; i < 1000; i++)
		fiber_spawn(sleeps_in_turn, &left);
	while (left > 0)
		wait_sleep(1);
}

static void
already_done(void *arg)
{
	struct wait w;

	wait_init(&w);
	wait_done(&w);
	fiber_cancel(fiber_current());
	*(int *)arg = wait_for(&w, 0);
}

static void
done_before_waiting(void **unused)
{
	int rc = -1;
	struct wait w;

	(void)unused;
	fiber_spawn(already_done, &rc);
	assert_int_equal(rc, 0);
	wait_init(&w);
	wait_done(&w);
	assert_int_equal(wait_for(&w, 0), 0);
}

static int
naps(void *arg)
{
	usleep(20000);
	return *(int *)arg;
}

static void
offloads(void *arg)
{
	int *n = arg, answer = 42;

	fiber_cancel(fiber_current()); /* does not matter: the thread has our memory */
	assert_int_equal(wait_offload(naps, &answer), 42);
	++*n;
}

static void
offload_holds_nobody_up(void **unused)
{
	int n = 0, answer = 7;

	(void)unused;
	for (int i = 0; i < 8; i++)
		fiber_spawn(offloads, &n);
	assert_int_equal(n, 0);
	while (n < 8)
		wait_sleep(1);
	assert_int_equal(wait_offload(naps, &answer), 7);
}

struct sender {
	struct wait_hook hook;
	int asked, calls;
};

static void
send_all(struct wait_hook *h)
{
	((struct sender *)h)->calls++;
}

static void
asks(void *arg)
{
	struct sender *s = arg;

	wait_sleep(5);
	s->asked++;
	wait_before_sleep(&s->hook);
}

static void
hook_runs_once_for_all(void **unused)
{
	struct sender s = { .hook.fn = send_all }, gone = { .hook.fn = send_all };

	(void)unused;
	for (int i = 0; i < 10; i++)
		fiber_spawn(asks, &s);
	wait_before_sleep(&gone.hook);
	wait_hook_withdraw(&gone.hook);
	wait_sleep(40);
	assert_int_equal(s.asked, 10);
	assert_int_equal(s.calls, 1);
	assert_int_equal(gone.calls, 0);
}

static void
a_child_has_its_own_loop(void **unused)
{
	int status;
	pid_t child;

	(void)unused;
	wait_sleep(1);
	child = fork();
	if (child == 0)
		_exit(wait_sleep(10) == 0 ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(wait_sleep(10), 0);
}

static int
close_all(void **unused)
{
	(void)unused;
	wait_close();
	fiber_free_stacks();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(done_outside),
		cmocka_unit_test(late_outside),
		cmocka_unit_test(three_ways_to_end),
		cmocka_unit_test(many_deadlines),
		cmocka_unit_test(many_sleepers),
		cmocka_unit_test(done_before_waiting),
		cmocka_unit_test(offload_holds_nobody_up),
		cmocka_unit_test(hook_runs_once_for_all),
		cmocka_unit_test(a_child_has_its_own_loop),
	};

	return cmocka_run_group_tests(tests, NULL, close_all);
}
