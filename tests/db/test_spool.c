/* tests/db/test_spool.c - lines on their way through a Redis of our own: gathered, kept while it is away, taken out in batches, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "lib/fiber.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/redis_spool.h"
#include "lib/wait.h"
#include "tests/db/redis_server.h"
#include "worker/event_batch.h"

static struct redis_fixture t;

static int
group_setup(void **state)
{
	(void)state;
	log_open("test", LOG_LEVEL_UNKNOWN);
	return redis_fixture_make(&t);
}

static int
group_teardown(void **state)
{
	(void)state;
	redis_fixture_remove(&t);
	return 0;
}

static int
empty_server(void **state)
{
	(void)state;
	return redis_command(t.redis, t.mem, NULL, soon(), "FLUSHALL");
}

static int64_t
number(const char *command, const char *key)
{
	struct redis_reply *r;

	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), mem_printf(t.mem, "%s %%s", command), key), 0);
	return r->integer;
}

/* Turns the loop for a while; fibers run meanwhile. */
static void
pass(int64_t ms)
{
	wait_sleep(ms);
}

/* Lines of all elements of a list, and how many are `line`. */
static void
count_lines(const char *list, const char *line, unsigned *all, unsigned *alike)
{
	struct redis_reply *r;

	*all = *alike = 0;
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "LRANGE %s 0 -1", list), 0);
	for (size_t i = 0; i < r->count; i++) {
		const char *at = r->items[i].text;

		assert_int_equal(*at, '@');
		assert_true(labs(strtol(at + 1, NULL, 10) - (long)time(NULL)) < 60);
		while ((at = strchr(at, '\n')) != NULL) {
			at++;
			(*all)++;
			*alike += strncmp(at, line, strlen(line)) == 0;
		}
	}
}

/* --- the spool --- */

static struct redis_spool *spool;
static int refused, accepted;

static void
fiber_adds(void *arg)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "line %d", (int)(uintptr_t)arg);

	if (redis_spool_add(spool, line, (size_t)n, 1, soon()) == 0)
		accepted++;
	else
		refused++;
}

static void
lines_gather(void **state)
{
	unsigned all, alike;

	(void)state;
	spool = redis_spool_open(t.mem, t.redis, "list", 0);
	for (uintptr_t i = 0; i < 500; i++)
		fiber_spawn(fiber_adds, (void *)i);
	assert_int_equal(accepted, 500); /* nobody waited */
	pass(2 * SPOOL_MS);
	redis_spool_finish(spool, soon());
	count_lines("list", "line 499", &all, &alike);
	assert_int_equal(all, 500);
	assert_int_equal(alike, 1);
	assert_int_equal(number("LLEN", "list"), 3); /* 200 each */
}

static void
a_bounded_list_loses_its_oldest(void **state)
{
	unsigned all, alike;

	(void)state;
	spool = redis_spool_open(t.mem, t.redis, "bounded", 2);
	for (uintptr_t i = 0; i < 1000; i++)
		fiber_spawn(fiber_adds, (void *)i);
	pass(2 * SPOOL_MS);
	redis_spool_finish(spool, soon());
	count_lines("bounded", "line 600", &all, &alike);
	assert_int_equal(all, 400);
	assert_int_equal(alike, 1);
}

static void
what_comes_while_redis_is_away_waits(void **state)
{
	unsigned all, alike;
	int added = 0;

	(void)state;
	spool = redis_spool_open(t.mem, t.redis, "list", 0);
	redis_server_stop(&t.server);
	while (refused == 0) {
		fiber_spawn(fiber_adds, (void *)(uintptr_t)added++);
		assert_true(added < 2000000); /* there is an end to it */
	}
	refused = 0;
	pass(600);
	redis_server_start(&t.server);
	for (int i = 0; i < 100 && redis_command(t.redis, t.mem, NULL, soon(), "PING") != 0; i++)
		pass(50);
	redis_spool_finish(spool, soon());
	count_lines("list", "line 0\n", &all, &alike);
	assert_int_equal(all, added - 1);
	assert_int_equal(alike, 1);
}

/* A child ends while its sender sleeps, and Redis is slow: the two must not send the same, nor drop what the other sent. */
static void
the_end_and_the_sender_do_not_meet(void **state)
{
	struct redis *other = redis_open(t.mem, t.server.url);
	struct redis_spool *second = redis_spool_open(t.mem, t.redis, "second", 0);
	unsigned all, alike;

	(void)state;
	spool = redis_spool_open(t.mem, t.redis, "first", 0);
	fiber_spawn(fiber_adds, (void *)1);
	assert_int_equal(redis_command(other, t.mem, NULL, soon(), "CLIENT PAUSE %d", 10 * SPOOL_MS), 0);
	redis_spool_finish(spool, soon());
	spool = second;
	fiber_spawn(fiber_adds, (void *)2); /* the loop turns on, as for a child's next spool */
	pass(5 * SPOOL_MS);
	redis_spool_finish(second, soon());
	for (int i = 1; i <= 2; i++) {
		count_lines(i == 1 ? "first" : "second", mem_printf(t.mem, "line %d", i), &all, &alike);
		assert_int_equal(all, 1);
		assert_int_equal(alike, 1);
	}
}

static void
outside_of_a_fiber_a_line_goes_at_once_or_not_at_all(void **state)
{
	unsigned all, alike;

	(void)state;
	spool = redis_spool_open(t.mem, t.redis, "list", 0);
	assert_int_equal(redis_spool_add(spool, "now", 3, 1, soon()), 0);
	assert_int_equal(number("LLEN", "list"), 1);
	redis_server_stop(&t.server);
	assert_int_equal(redis_spool_add(spool, "never", 5, 1, soon()), ERR_UNAVAILABLE);
	redis_server_start(&t.server);
	for (int i = 0; i < 100 && redis_command(t.redis, t.mem, NULL, soon(), "PING") != 0; i++)
		pass(50);
	assert_int_equal(redis_spool_add(spool, "later", 5, 1, soon()), 0);
	count_lines("list", "later", &all, &alike);
	assert_int_equal(all, 1);
	assert_int_equal(alike, 1);
}

/* --- batches --- */

#define PRINT_A "00000000000000aa "
#define PRINT_B "00000000000000bb "

static void
push(const char *list, int64_t at_s, const char *lines)
{
	assert_int_equal(redis_command(t.redis, t.mem, NULL, soon(), "RPUSH %s %s", list,
	                     mem_printf(t.mem, "@%lld\n%s", (long long)at_s, lines)), 0);
}

/* Takes a batch and is done with it; its lines, one behind the other. */
static const char *
taken(const char *flow)
{
	struct event_batch b;
	char *all = talloc_strdup(t.mem, "");

	assert_int_equal(event_batch_take(&b, t.redis, t.mem, flow, 1000), 0);
	for (unsigned i = 0; i < b.count; i++)
		all = talloc_asprintf_append(all, "%.*s", (int)b.lines[i].length, b.lines[i].text);
	if (b.name != NULL)
		assert_int_equal(event_batch_forget(&b, t.redis, t.mem), 0);
	return all;
}

static void
a_view_counts_once_in_half_an_hour(void **state)
{
	const int64_t half = 1800, at = 1000 * half + 1700; /* shortly before marks go to the next hash */

	(void)state;
	push("views:pending", at, PRINT_A "{\"n\":1}\n" PRINT_B "{\"n\":2}\n" PRINT_A "{\"n\":3}"); /* twice in one element */
	push("views:pending", at + 1, PRINT_B "{\"n\":4}");                                          /* from another machine */
	assert_string_equal(taken("views"), "{\"n\":1}{\"n\":2}");
	push("views:pending", at + half - 1, PRINT_A "{\"n\":5}");
	assert_string_equal(taken("views"), "");
	push("views:pending", at + half, PRINT_A "{\"n\":6}");
	push("views:pending", at + half + 5, PRINT_A "{\"n\":7}\n" PRINT_B "{\"n\":8}");
	assert_string_equal(taken("views"), "{\"n\":6}{\"n\":8}");
	push("views:pending", at + 4 * half, PRINT_A "{\"n\":9}");
	assert_string_equal(taken("views"), "{\"n\":9}");
	assert_int_equal(number("EXISTS", "viewed:1000"), 1); /* its time comes by itself */
	push("views:pending", at + 2 * half + 10, PRINT_B "{\"n\":10}");
	assert_string_equal(taken("views"), "{\"n\":10}");
	assert_int_equal(number("EXISTS", "viewed:1000"), 0); /* taken away with the first of the one after the next */
	assert_string_equal(taken("views"), "");
}

static void
a_batch_that_was_left_comes_first_and_whole(void **state)
{
	struct event_batch first, again;

	(void)state;
	push("views:pending", 5000, PRINT_A "{\"n\":1}");
	assert_int_equal(event_batch_take(&first, t.redis, t.mem, "views", 1000), 0);
	push("views:pending", 5001, PRINT_A "{\"n\":2}\n" PRINT_B "{\"n\":3}");
	assert_int_equal(event_batch_take(&again, t.redis, t.mem, "views", 1000), 0); /* the first worker died */
	assert_string_equal(again.name, first.name);
	assert_int_equal(again.count, 1);
	assert_int_equal(event_batch_forget(&again, t.redis, t.mem), 0);
	assert_string_equal(taken("views"), "{\"n\":3}");
	assert_string_equal(taken("views"), "");
	assert_int_equal(number("LLEN", "views:batches"), 0);
}

static void
a_batch_has_its_size_and_tells_since_when_others_wait(void **state)
{
	struct event_batch b;
	char *lines = talloc_strdup(t.mem, "{\"n\":0}");

	(void)state;
	for (int i = 1; i < 200; i++)
		lines = talloc_asprintf_append(lines, "\n{\"n\":%d}", i);
	for (int i = 0; i < 20; i++)
		push("engagement:pending", 7000 + i, lines);
	assert_int_equal(event_batch_take(&b, t.redis, t.mem, "engagement", 1000), 0);
	assert_true(b.count >= 1000 && b.count < 1600);
	assert_int_equal(b.oldest_s, 7000 + b.count / 200);
	assert_memory_equal(b.lines[b.count - 1].text, "{\"n\":199}", b.lines[b.count - 1].length);
	assert_int_equal(event_batch_put_away(&b, t.redis, t.mem), 0);
	assert_int_equal(number("EXISTS", mem_printf(t.mem, "engagement:refused:%s", b.name)), 1);
	assert_int_equal(event_batch_take(&b, t.redis, t.mem, "engagement", 100000), 0);
	assert_int_equal(b.oldest_s, 0);
	assert_int_equal(event_batch_forget(&b, t.redis, t.mem), 0);
	assert_int_equal(number("EXISTS", "viewed:3"), 0); /* these have no prints */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_gather, empty_server),
		cmocka_unit_test_setup(a_bounded_list_loses_its_oldest, empty_server),
		cmocka_unit_test_setup(what_comes_while_redis_is_away_waits, empty_server),
		cmocka_unit_test_setup(the_end_and_the_sender_do_not_meet, empty_server),
		cmocka_unit_test_setup(outside_of_a_fiber_a_line_goes_at_once_or_not_at_all, empty_server),
		cmocka_unit_test_setup(a_view_counts_once_in_half_an_hour, empty_server),
		cmocka_unit_test_setup(a_batch_that_was_left_comes_first_and_whole, empty_server),
		cmocka_unit_test_setup(a_batch_has_its_size_and_tells_since_when_others_wait, empty_server),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
