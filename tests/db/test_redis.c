/* tests/db/test_redis.c - Redis as it is: a server of our own, killed and started again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fiber.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/redis.h"
#include "lib/redis_together.h"
#include "lib/wait.h"

static struct {
	char folder[64], socket[80], url[96];
	pid_t server;
	struct redis *redis;
	void *mem;
} t;

static void
server_start(void)
{
	t.server = fork();
	if (t.server == 0) {
		int ok = freopen("/dev/null", "w", stdout) != NULL;

		(void)ok;
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", t.socket, "--dir", t.folder, "--save", "",
		    NULL);
		_exit(127);
	}
	for (int i = 0; i < 200 && access(t.socket, F_OK) != 0; i++)
		usleep(20000);
}

static void
server_stop(void)
{
	kill(t.server, SIGKILL);
	waitpid(t.server, NULL, 0);
	unlink(t.socket);
}

static int64_t
soon(void)
{
	return now_ms() + 3000;
}

static int
group_setup(void **state)
{
	(void)state;
	log_open("test", LOG_ERROR);
	snprintf(t.folder, sizeof(t.folder), "/tmp/atelier-redis.XXXXXX");
	if (mkdtemp(t.folder) == NULL)
		return -1;
	snprintf(t.socket, sizeof(t.socket), "%s/s", t.folder);
	snprintf(t.url, sizeof(t.url), "unix://%s?db=3", t.socket);
	server_start();
	t.mem = talloc_new(NULL);
	t.redis = redis_open(t.mem, t.url);
	return t.redis == NULL;
}

static int
group_teardown(void **state)
{
	(void)state;
	talloc_free(t.mem);
	wait_close();
	fiber_free_stacks();
	server_stop();
	rmdir(t.folder);
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
	assert_true(redis_is_up(t.redis));
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

/* --- calls that go together --- */

static struct redis_together doubled = {
	.words = 2,
	.script.text = "redis.call('incr', 'rounds') local out = {} for i = 1, #ARGV, 2 do "
		       "if ARGV[i] == 'bad' then return redis.error_reply('no') end out[#out + 1] = 2 * ARGV[i + 1] end return out",
};
static struct fiber *callers[500];
static int wrong;

static void
fiber_calls(void *arg)
{
	int number = (int)(uintptr_t)arg, err;
	char *text = talloc_asprintf(NULL, "%d", number);
	int64_t twice;

	callers[number] = fiber_current();
	err = redis_call_together(t.redis, &doubled, soon(), (const char *[]){ "good", text }, &twice);
	talloc_free(text); /* who has left takes the words along */
	wrong += number % 7 == 0 ? err != ERR_TIMEOUT : err != 0 || twice != 2 * number;
	if (++finished == 500)
		uv_stop(wait_loop());
}

static void
calls_of_a_turn_are_one(void **state)
{
	struct redis_reply *r;
	int64_t twice;

	(void)state;
	finished = wrong = 0;
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "SCRIPT FLUSH"), 0);
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "DEL rounds"), 0);
	for (uintptr_t i = 0; i < 500; i++)
		fiber_spawn(fiber_calls, (void *)i);
	for (int i = 0; i < 500; i += 7)
		fiber_cancel(callers[i]);
	uv_timer_init(wait_loop(), &guard);
	uv_timer_start(&guard, too_late, 20000, 0);
	wait_run();
	uv_timer_stop(&guard);
	assert_int_equal(finished, 500);
	assert_int_equal(wrong, 0);
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "GET rounds"), 0);
	assert_string_equal(r->text, "3"); /* 200 at a time */
	assert_int_equal(redis_call_together(t.redis, &doubled, soon(), (const char *[]){ "good", "4" }, &twice), 0);
	assert_int_equal(twice, 8);
	assert_int_equal(redis_call_together(t.redis, &doubled, soon(), (const char *[]){ "bad", "4" }, &twice), ERR_INTERNAL);
}

static void
a_late_reply_is_dropped(void **state)
{
	struct redis_reply *r;

	(void)state;
	assert_int_equal(redis_command(t.redis, t.mem, &r, now_ms() + 50, "BLPOP never 1"), ERR_TIMEOUT);
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "ECHO %s", "mine"), 0);
	assert_string_equal(r->text, "mine");
}

static void
comes_back_after_a_restart(void **state)
{
	struct redis_reply *r;
	int64_t began;
	int err = -1;

	(void)state;
	server_stop();
	began = now_ms();
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "PING"), ERR_UNAVAILABLE);
	assert_int_equal(redis_command(t.redis, t.mem, NULL, soon(), "PING"), ERR_UNAVAILABLE);
	assert_false(redis_send(t.redis, "PING"));
	assert_true(now_ms() - began < 200);
	server_start();
	for (int i = 0; i < 100 && err != 0; i++) {
		err = redis_command(t.redis, t.mem, &r, soon(), "SELECT 3");
		wait_sleep(50);
	}
	assert_int_equal(err, 0);
	assert_true(redis_send(t.redis, "SET %s 1", "sent"));
	assert_int_equal(redis_command(t.redis, t.mem, &r, soon(), "GET sent"), 0);
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
		cmocka_unit_test(fibers_share_the_connection), cmocka_unit_test(calls_of_a_turn_are_one), cmocka_unit_test(a_late_reply_is_dropped),
		cmocka_unit_test(comes_back_after_a_restart), cmocka_unit_test(urls),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
