/* tests/db/test_rate.c - token buckets in a Redis of our own, and what a child has of them on lease. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/app.h"
#include "fcgi/rate.h"
#include "tests/db/redis_server.h"

static struct redis_fixture t;
static struct app *app;

static int
group_setup(void **state)
{
	(void)state;
	log_open("test", LOG_LEVEL_UNKNOWN);
	if (redis_fixture_make(&t) != 0)
		return -1;
	app = mem_new(t.mem, struct app);
	app->conf = mem_new(app, struct conf);
	app->redis = t.redis;
	app->rates = rate_limiter_new(app);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	redis_fixture_remove(&t);
	return 0;
}

/* One request of this subject; what its answer says is left. */
static long
left_after(enum rate_class class, const char *subject)
{
	struct request *rq = request_new(app, NULL, NULL);
	const char *line;
	long left;

	assert_int_equal(gate_rate(rq, class, subject), 0);
	line = strstr(buf_cstr(&rq->out.head), "RateLimit-Remaining: ");
	assert_non_null(line);
	left = strtol(strchr(line, ' '), NULL, 10);
	talloc_free(rq);
	return left;
}

/* More than have places of their own in the table of leases: nobody pays for who shares their place. */
static void
who_shares_a_place_pays_for_themselves(void **state)
{
	const struct rate_row *row = &rate_rows[RATE_SIGNED_IN];
	const int people = 2000, rounds = 4;
	char subject[16];

	(void)state;
	for (int round = 1; round <= rounds; round++)
		for (int i = 0; i < people; i++) {
			snprintf(subject, sizeof(subject), "person-%d", i);
			assert_true(left_after(RATE_SIGNED_IN, subject) >= row->limit + row->burst - round);
		}
}

static void
one_who_asks_all_the_time_is_counted_once_a_request(void **state)
{
	const struct rate_row *row = &rate_rows[RATE_SIGNED_IN];

	(void)state;
	for (int i = 1; i <= 300; i++)
		assert_true(left_after(RATE_SIGNED_IN, "busy") >= row->limit + row->burst - i);
}

static bool
is_refused(enum rate_class class, const char *subject)
{
	struct request *rq = request_new(app, NULL, NULL);
	int err = gate_rate(rq, class, subject);

	talloc_free(rq);
	return err != 0;
}

/* Without Redis the buckets stand in a table of the process: who has used up theirs does not begin anew because others came. */
static void
crowds_give_nobody_a_new_bucket(void **state)
{
	char subject[16];

	(void)state;
	redis_server_stop(&t.server);
	for (int64_t i = 0; i < rate_rows[RATE_REGISTER].limit; i++)
		assert_false(is_refused(RATE_REGISTER, "guesser"));
	for (int i = 0; i < 20000; i++) {
		snprintf(subject, sizeof(subject), "other-%d", i);
		assert_false(is_refused(RATE_REGISTER, subject));
	}
	assert_true(is_refused(RATE_REGISTER, "guesser"));
	redis_server_start(&t.server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_shares_a_place_pays_for_themselves),
		cmocka_unit_test(one_who_asks_all_the_time_is_counted_once_a_request),
		cmocka_unit_test(crowds_give_nobody_a_new_bucket),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
