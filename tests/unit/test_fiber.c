/* tests/unit/test_fiber.c - fibers alone: order, stacks, waking, thousands of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fiber.h"

#define MANY 5000

static char trace[64], name_a[] = "a", name_b[] = "b", name_i[] = "i";

static void
say(const char *s)
{
	strncat(trace, s, sizeof(trace) - strlen(trace) - 1);
}

static void
two_steps(void *arg)
{
	say(arg);
	fiber_yield();
	say(arg);
}

static void
runs_until_it_yields(void **unused)
{
	struct fiber *a, *b;

	(void)unused;
	trace[0] = '\0';
	a = fiber_spawn(two_steps, name_a);
	b = fiber_spawn(two_steps, name_b);
	say("-");
	assert_int_equal(fiber_count(), 2);
	fiber_resume(b);
	fiber_resume(a);
	assert_string_equal(trace, "ab-ba");
	assert_int_equal(fiber_count(), 0);
	assert_null(fiber_current());
}

static void
spawns_another(void *arg)
{
	struct fiber *me = fiber_current(), **inner = arg;

	*inner = fiber_spawn(two_steps, name_i);
	assert_ptr_equal(fiber_current(), me);
	say("o");
	fiber_yield();
	say("o");
}

static void
nests(void **unused)
{
	struct fiber *outer, *inner;

	(void)unused;
	trace[0] = '\0';
	outer = fiber_spawn(spawns_another, &inner);
	fiber_resume(inner); /* ends first, resumed by somebody else than who spawned it */
	fiber_resume(outer);
	assert_string_equal(trace, "ioio");
}

struct sum {
	struct fiber *self;
	uint64_t total;
	double scaled;
	int n;
};

/* Keeps values in registers and on the stack over every switch. */
static void
adds_up(void *arg)
{
	struct sum *s = arg;
	uint64_t total = 0;
	double scaled = 1.0;
	char pad[2048];

	s->self = fiber_current();
	memset(pad, s->n & 0x7f, sizeof(pad));
	for (int i = 1; i <= 4; i++) {
		total += (uint64_t)(i * s->n);
		scaled *= 1.5;
		fiber_yield();
	}
	for (size_t i = 0; i < sizeof(pad); i++)
		assert_int_equal(pad[i], s->n & 0x7f);
	s->total = total;
	s->scaled = scaled;
}

static void
thousands_keep_their_stacks(void **unused)
{
	struct sum *sums = calloc(MANY, sizeof(*sums));

	(void)unused;
	for (int i = 0; i < MANY; i++) {
		sums[i].n = i;
		assert_non_null(fiber_spawn(adds_up, &sums[i]));
	}
	assert_int_equal(fiber_count(), MANY);
	for (int round = 0; round < 4; round++)
		for (int i = 0; i < MANY; i++)
			fiber_resume(sums[(i * 7919) % MANY].self);
	assert_int_equal(fiber_count(), 0);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(sums[i].total, 10 * i);
		assert_true(sums[i].scaled > 5.0624 && sums[i].scaled < 5.0626);
	}
	assert_true(fiber_stacks() <= 128); /* the rest went back to the system */
	free(sums);
}

static void
ends_at_once(void *arg)
{
	++*(int *)arg;
}

static void
stacks_are_used_again(void **unused)
{
	int n = 0;
	size_t kept;

	(void)unused;
	fiber_spawn(ends_at_once, &n);
	kept = fiber_stacks();
	for (int i = 0; i < 100000; i++)
		fiber_spawn(ends_at_once, &n);
	assert_int_equal(n, 100001);
	assert_int_equal(fiber_stacks(), kept);
	fiber_free_stacks();
	assert_int_equal(fiber_stacks(), 0);
}

static void
waits_for_cancel(void *arg)
{
	struct fiber *me = fiber_current();

	while (!fiber_is_cancelled(me))
		fiber_yield();
	++*(int *)arg;
}

static void
wakes_once(void **unused)
{
	int n = 0;
	struct fiber *f = fiber_spawn(waits_for_cancel, &n);

	(void)unused;
	fiber_wake(f);
	fiber_wake(f);
	assert_int_equal(fiber_run_woken(), 1);
	assert_int_equal(n, 0);
	fiber_cancel(f);
	fiber_wake(f);
	assert_int_equal(n, 0); /* not yet: it runs when the list is worked off */
	assert_int_equal(fiber_run_woken(), 1);
	assert_int_equal(n, 1);
	assert_int_equal(fiber_run_woken(), 0);
}

/* Frames of 20 kB, of which only the far end is written: they step over a guard page. */
static __attribute__((noinline)) int
recurse(int depth)
{
	volatile char frame[20000];

	frame[0] = (char)depth;
	return depth == 0 ? 0 : recurse(depth - 1) + frame[0];
}

#ifdef WITH_SANITIZERS
#define TOO_DEEP 60 /* stacks are larger */
#else
#define TOO_DEEP 20 /* into the next stack, and not into its guard */
#endif

static void
goes_too_deep(void *unused)
{
	(void)unused;
	recurse(TOO_DEEP);
}

static void
sleeps(void *unused)
{
	(void)unused;
	fiber_yield();
}

static void
waits_and_goes_too_deep(void *unused)
{
	fiber_yield();
	goes_too_deep(unused);
}

/* Between stacks of others: not they, but the process has to pay. */
static void
too_deep_is_the_end(void **unused)
{
	int status;
	pid_t pid;

	(void)unused;
	fiber_free_stacks();
	pid = fork();
	if (pid == 0) {
		struct fiber *deep;

		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		signal(SIGSEGV, SIG_DFL);
		fiber_spawn(sleeps, NULL);
		deep = fiber_spawn(waits_and_goes_too_deep, NULL);
		for (int i = 0; i < 20; i++)
			fiber_spawn(sleeps, NULL);
		fiber_resume(deep);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0); /* a sanitizer says so, and exits */
}

static const struct request *watched;
static int64_t watched_us;

static void
on_held(const struct request *rq, int64_t held_us)
{
	watched = rq;
	watched_us = held_us;
}

static void
holds(void *arg)
{
	fiber_locals()->request = arg; /* any address will do */
	while (fiber_held_us() < *(int *)arg)
		;
	fiber_yield();
}

static void
watchdog_barks(void **unused)
{
	int brief = 10, lengthy = 30000;
	struct fiber *a, *b;

	(void)unused;
	fiber_watch(20000, on_held);
	a = fiber_spawn(holds, &brief);
	assert_null(watched);
	b = fiber_spawn(holds, &lengthy);
	assert_ptr_equal(watched, &lengthy);
	assert_true(watched_us >= 30000);
	fiber_watch(0, NULL);
	fiber_resume(a);
	fiber_resume(b);
}

static void
sets_locals(void *arg)
{
	fiber_locals()->log_field_count = (size_t)*(int *)arg;
	fiber_yield();
	assert_int_equal(fiber_locals()->log_field_count, *(int *)arg);
}

static void
locals_are_each_fibers_own(void **unused)
{
	int one = 1, two = 2;
	struct fiber *a, *b;

	(void)unused;
	fiber_locals()->log_field_count = 9;
	a = fiber_spawn(sets_locals, &one);
	b = fiber_spawn(sets_locals, &two);
	assert_int_equal(fiber_locals()->log_field_count, 9);
	fiber_resume(a);
	fiber_resume(b);
	fiber_locals()->log_field_count = 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_until_it_yields),
		cmocka_unit_test(nests),
		cmocka_unit_test(thousands_keep_their_stacks),
		cmocka_unit_test(stacks_are_used_again),
		cmocka_unit_test(wakes_once),
		cmocka_unit_test(too_deep_is_the_end),
		cmocka_unit_test(watchdog_barks),
		cmocka_unit_test(locals_are_each_fibers_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
