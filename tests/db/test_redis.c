/* tests/db/test_redis.c - Redis as it is: a server of our own, killed and started again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <unistd.h>

#include "lib/fiber.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/redis.h"
#include "lib/wait.h"
#include "tests/db/redis_server.h"

static struct redis_fixture t;

static int
group_setup(void **state)
{
	(void)state;
	log_open("test", LOG_ERROR);
	return redis_fixture_make(&t);
}

static int
group_teardown(void **state)
{
	(void)state;
	redis_fixture_remove(&t);
	return 0;
}

static void
commands_have_replies(void **state)
{
	struct redis_reply *r;

	(void)state;
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "SET %s %b", "a b", "x\0y", (size_t)3), 0);
	assert_int_equal(r->type, REDIS_STATUS);
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "GET %s", "a b"), 0);
	assert_int_equal(r->type, REDIS_TEXT);
	assert_int_equal(r->length, 3);
	assert_memory_equal(r->text, "x\0y", 4);
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "GET nothing"), 0);
	assert_int_equal(r->type, REDIS_NIL);
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "INCRBY n %d", 7), 0);
	assert_int_equal(r->integer, 7);
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "INCR %s", "a b"), ERR_INTERNAL);
	assert_int_equal(r->type, REDIS_REFUSED);
}

static void
batches_and_scripts(void **state)
{
	static struct redis_script add = { .text = "return {redis.call('INCRBY', KEYS[1], ARGV[1]), 'done'}" };
	const char *words[] = { "total", "5" };
	struct redis_batch *b = redis_batch(t.redis, t.mem);
	struct redis_reply *r;

	(void)state;
	for (int i = 0; i < 20; i++)
		redis_batch_add(b, "RPUSH list %d", i);
	redis_batch_add(b, "LRANGE list 0 -1");
	assert_int_equal(redis_batch_run(b, soon(), &r), 0);
	assert_int_equal(r[19].integer, 20);
	assert_int_equal(r[20].count, 20);
	assert_string_equal(r[20].items[19].text, "19");
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(redis_eval(t.redis, t.mem, &r, soon(), &add, 1, 2, words), 0);
		assert_int_equal(r->items[0].integer, 5 * i);
		assert_string_equal(r->items[1].text, "done");
	}
}

static int finished;
static uv_timer_t guard;

static void
too_late(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

static void
fiber_counts(void *arg)
{
	void *mem = talloc_new(NULL);
	struct redis_reply *r;

	(void)arg;
	for (int i = 0; i < 50; i++)
		assert_int_equal(redis_command(t.redis, mem, &r, soon(), "INCR shared"), 0);
	talloc_free(mem);
	if (++finished == 100)
		uv_stop(wait_loop());
}

static void
fibers_share_the_connection(void **state)
{
	struct redis_reply *r;

	(void)state;
	finished = 0;
	for (int i = 0; i < 100; i++)
		fiber_spawn(fiber_counts, NULL);
	uv_timer_init(wait_loop(), &guard);
	uv_timer_start(&guard, too_late, 20000, 0); /* also what keeps the loop turning */
	wait_run();
	uv_timer_stop(&guard);
	assert_int_equal(finished, 100);
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "GET shared"), 0);
	assert_string_equal(r->text, "5000");
}

static void
a_late_reply_is_dropped(void **state)
{
	struct redis_reply *r;

	(void)state;
	assert_int_equal(redis_command(t.redis, t.mem, &r, now_ms() + 50, "BLPOP never 3"), ERR_TIMEOUT);
	assert_int_equal(redis_command(t.redis, t.mem, &r, now_ms() + 30000, "ECHO %s", "mine"), 0);
	assert_string_equal(r->text, "mine");
}

static void
comes_back_after_a_restart(void **state)
{
	struct redis_reply *r;
	int err = -1;

	(void)state;
	redis_server_stop(&t.server);
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "PING"), ERR_UNAVAILABLE);
	assert_int_equal(redis_command(t.redis, t.mem, NULL, soon(), "PING"), ERR_UNAVAILABLE);
	assert_false(redis_send(t.redis, "PING"));
	redis_server_start(&t.server);
	for (int i = 0; i < 100 && err != 0; i++) {
		err = redis_command(t.redis, t.mem, &r, soon(), "SELECT 3");
		wait_sleep(50);
	}
	assert_int_equal(err, 0);
	assert_true(redis_send(t.redis, "SET %s 1", "sent"));
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "GET sent"), 0);
	assert_string_equal(r->text, "1");
}

/* One that hangs accepts connections and says nothing: commands must not gather for it. */
static void
a_server_that_hangs_is_away(void **state)
{
	int64_t end_ms = now_ms() + 60000;
	int err;

	(void)state;
	assert_int_equal(redis_command(t.redis, t.mem, NULL, soon(), "PING"), 0);
	kill(t.server.pid, SIGSTOP);
	do
		err = redis_command(t.redis, t.mem, NULL, now_ms() + 20, "PING");
	while (err == ERR_TIMEOUT && now_ms() < end_ms);
	kill(t.server.pid, SIGCONT);
	assert_int_equal(err, ERR_UNAVAILABLE);
	while (err != 0 && now_ms() < end_ms) {
		err = redis_command(t.redis, t.mem, NULL, soon(), "PING");
		wait_sleep(20);
	}
	assert_int_equal(err, 0);
}

/* Replies that came while nobody looked are no silence. */
static void
who_was_busy_has_not_been_left(void **state)
{
	struct redis_reply *r;

	(void)state;
	assert_true(redis_send(t.redis, "SET %s 1", "meanwhile"));
	sleep(4);
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "GET meanwhile"), 0);
	assert_string_equal(r->text, "1");
}

static void
urls(void **state)
{
	(void)state;
	assert_null(redis_open(t.mem, "http://x"));
	assert_null(redis_open(t.mem, "redis://"));
	assert_null(redis_open(t.mem, "redis://h:99999"));
	assert_non_null(redis_open(t.mem, "redis://:secret@localhost:6380/2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_have_replies), cmocka_unit_test(batches_and_scripts),
		cmocka_unit_test(fibers_share_the_connection), cmocka_unit_test(a_late_reply_is_dropped),
		cmocka_unit_test(comes_back_after_a_restart), cmocka_unit_test(a_server_that_hangs_is_away),
		cmocka_unit_test(who_was_busy_has_not_been_left), cmocka_unit_test(urls),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
