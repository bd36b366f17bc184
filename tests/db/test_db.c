/* tests/db/test_db.c - the driver against a real server: sharing, isolation, time-outs, transactions, loss. */
#include "tests/db/support.h"

#include <signal.h>
#include <unistd.h>

static void
a_query_outside_of_fibers(void **state)
{
	struct db_session s = session_of(-1, 3000);
	struct db_result *r;
	struct uuid id;
	struct buf b;

	(void)state;
	assert_int_equal(db_query_row(&s, &r, Q_TENANT_BY_HOST, text_param("A.test")), 0);
	assert_string_equal(db_text(r, 0, "name"), "Tenant A");
	id = db_uuid(r, 0, "id");
	assert_true(uuid_equal(&t.tenant[0], &id));
	buf_init(&b, t.mem, 10);
	db_write_object(&b, r, 7);
	assert_string_equal(buf_cstr(&b), "null");
	assert_int_equal(db_query_row(&s, &r, Q_TENANT_BY_HOST, text_param("c.test")), ERR_NOT_FOUND);
	assert_int_equal(db_ping(t.db, now_ms() + 1000), 0);
	db_session_end(&s);
}

/* Hundreds of fibers of two tenants share two connections; nobody ever sees the other's rows. */
static void
asks_as_its_tenant(int number)
{
	int mine = number % 2, theirs = 1 - mine;
	struct db_result *r;

	for (int i = 0; i < 40; i++) {
		struct db_session s = session_of(mine, 20000);

		CHECK(db_query(&s, &r, Q_VIDEO_BY_ID, uuid_param(t.video[mine]), null_param(), bool_param(false)) == 0);
		CHECK(db_rows(r) == 1 && db_text(r, 0, "title")[9] == 'A' + mine);
		CHECK(db_query_row(&s, &r, Q_VIDEO_BY_ID, uuid_param(t.video[theirs]), null_param(), bool_param(false)) == ERR_NOT_FOUND);
		CHECK(db_query(&s, &r, Q_VIDEO_FEED, null_param(), null_param(), null_param()) == 0);
		CHECK(db_rows(r) == 1);
		db_session_end(&s);
	}
}

static void
tenants_are_isolated_on_shared_connections(void **state)
{
	struct db_session nobody;
	struct db_result *r;

	(void)state;
	run_fibers(200, asks_as_its_tenant);
	nobody = session_of(-1, 20000);
	assert_int_equal(db_query(&nobody, &r, Q_VIDEO_FEED, null_param(), null_param(), null_param()), 0);
	assert_int_equal(db_rows(r), 0);
}

/* Every third statement fails; the others on the same connection do not notice, also with another tenant in between. */
static void
fails_at_times(int number)
{
	struct db_session s = session_of(number % 2, 20000);
	bool is_bad = number % 3 == 0;
	struct db_result *r;
	int err;

	err = db_query(&s, &r, Q_JOB_ENQUEUE, text_param(is_bad ? "NOT A KIND" : "test_mix"), json_param("{\"n\":1}"), null_param(),
	    null_param(), null_param(), int_param(number), null_param());
	CHECK(err == (is_bad ? ERR_VALIDATION_ERROR : 0));
	CHECK(!is_bad || strcmp(s.error.constraint, "jobs_kind_check") == 0);
	CHECK(db_query(&s, &r, Q_VIDEO_BY_ID, uuid_param(t.video[number % 2]), null_param(), bool_param(false)) == 0 && db_rows(r) == 1);
}

static void
an_error_stays_with_its_operation(void **state)
{
	char tenant[UUID_TEXT];

	(void)state;
	run_fibers(150, fails_at_times);
	assert_string_equal(sql("select count(*) from jobs where kind = 'test_mix'"), "100");
	uuid_text(&t.tenant[0], tenant);
	assert_string_equal(sql("select count(*) from jobs where kind = 'test_mix' and tenant_id = '%s'", tenant), "50");
}

/* The same with one statement that everybody asks for. */
static void
reads_badly_at_times(int number)
{
	struct db_result *r;

	for (int i = 0; i < 20; i++) {
		struct db_session s = session_of(0, 20000);
		bool is_bad = (number + i) % 5 == 0;
		int err = db_query(&s, &r, Q_VIDEO_BY_ID, is_bad ? text_param("no uuid") : uuid_param(t.video[0]), null_param(),
		    bool_param(false));

		CHECK(err == (is_bad ? ERR_VALIDATION_ERROR : 0));
		CHECK(is_bad || db_rows(r) == 1);
	}
}

static void
an_error_stays_with_its_execution(void **state)
{
	(void)state;
	run_fibers(100, reads_badly_at_times);
}

/* Reads that share a Sync, with writes of their own between them on the same connection. */
static void
reads_together(int number)
{
	struct db_result *r;

	for (int i = 0; i < 20; i++) {
		struct db_session s = session_of(0, 20000);
		bool is_bad = (number + i) % 5 == 0;
		int err;

		s.may_repeat = true;
		err = db_query(&s, &r, Q_VIDEO_BY_ID, is_bad ? text_param("no uuid") : uuid_param(t.video[0]), null_param(), bool_param(false));
		CHECK(err == (is_bad ? ERR_VALIDATION_ERROR : 0));
		CHECK(is_bad || db_rows(r) == 1);
		s.may_repeat = false;
		if ((number + i) % 7 == 0)
			CHECK(db_query(&s, &r, Q_JOB_ENQUEUE, text_param("test_batch"), json_param("{}"), null_param(), null_param(),
				  null_param(), int_param(number), null_param()) == 0);
	}
}

static void
a_failed_read_takes_nothing_along(void **state)
{
	char expected[16];
	int writes = 0;

	(void)state;
	for (int number = 0; number < 100; number++)
		for (int i = 0; i < 20; i++)
			writes += (number + i) % 7 == 0;
	snprintf(expected, sizeof(expected), "%d", writes);
	run_fibers(100, reads_together);
	assert_string_equal(sql("select count(*) from jobs where kind = 'test_batch'"), expected);
}

static void
a_late_result_is_dropped(void **state)
{
	struct db_session s = session_of(0, 150);
	struct db_result *r;

	(void)state;
	lock_table("tenants");
	assert_int_equal(db_query(&s, &r, Q_TENANT_BY_HOST, text_param("a.test")), ERR_TIMEOUT);
	unlock_table();
	s = session_of(0, 3000);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(db_query_row(&s, &r, Q_TENANT_BY_HOST, text_param(i % 2 ? "a.test" : "b.test")), 0);
		assert_string_equal(db_text(r, 0, "name"), i % 2 ? "Tenant A" : "Tenant B");
	}
}

/* One statement hangs; those that come later take another connection. */
static void
one_hangs(int number)
{
	struct db_session s = session_of(0, number == 0 ? 1500 : 1000);
	int64_t began = now_ms();
	struct db_result *r;

	if (number == 0) {
		CHECK(db_query(&s, &r, Q_TENANT_BY_HOST, text_param("a.test")) == ERR_TIMEOUT);
		return;
	}
	wait_sleep(100);
	for (int i = 0; i < 20; i++) {
		CHECK(db_query(&s, &r, Q_VIDEO_FEED, null_param(), null_param(), null_param()) == 0);
	}
	CHECK(now_ms() - began < 900);
}

static void
a_slow_statement_holds_nobody_up(void **state)
{
	(void)state;
	lock_table("tenants");
	run_fibers(40, one_hangs);
	unlock_table();
}

/* What was sent behind a slow statement and may be asked twice is asked elsewhere. */
static void
one_is_in_front(int number)
{
	struct db_session s = session_of(0, 1500);
	int64_t began = now_ms();
	struct db_result *r;

	if (number < 2) {
		CHECK(db_query(&s, &r, Q_TENANT_BY_HOST, text_param("a.test")) == ERR_TIMEOUT);
		return;
	}
	s.may_repeat = true;
	CHECK(db_query(&s, &r, Q_VIDEO_FEED, null_param(), null_param(), null_param()) == 0);
	CHECK(now_ms() - began < 700);
}

static void
nobody_stays_behind_a_slow_statement(void **state)
{
	(void)state;
	lock_table("tenants");
	run_fibers(60, one_is_in_front);
	unlock_table();
}

/* By now the locked query is known to be slow: however often it is asked, transactions have connections. */
static void
many_hang(int number)
{
	struct db_session s = session_of(0, number < 20 ? 800 : 3000);
	int64_t began = now_ms();
	struct db_result *r;

	if (number < 20) {
		CHECK(db_query(&s, &r, Q_TENANT_BY_HOST, text_param("a.test")) == ERR_TIMEOUT);
		return;
	}
	CHECK(db_begin(&s) == 0);
	CHECK(db_query(&s, &r, Q_VIDEO_FEED, null_param(), null_param(), null_param()) == 0);
	CHECK(db_commit(&s) == 0);
	CHECK(now_ms() - began < 600);
}

static void
slow_queries_leave_room_for_transactions(void **state)
{
	(void)state;
	lock_table("tenants");
	run_fibers(30, many_hang);
	unlock_table();
}

static int
enqueue(struct db_session *s, const char *kind, const char *key)
{
	int64_t n;

	return db_exec(s, &n, Q_JOB_ENQUEUE, text_param(kind), null_param(), text_param(key), null_param(), null_param(),
	    null_param(), null_param());
}

static void
transactions(void **state)
{
	struct db_session s = session_of(0, 5000);
	struct db_result *r;

	(void)state;
	assert_int_equal(db_begin(&s), 0);
	assert_int_equal(enqueue(&s, "test_tx", "rolled back"), 0);
	db_rollback(&s);
	assert_int_equal(db_begin(&s), 0);
	assert_int_equal(enqueue(&s, "test_tx", "committed"), 0);
	assert_int_equal(db_commit(&s), 0);
	assert_int_equal(db_begin(&s), 0);
	assert_int_equal(enqueue(&s, "test_tx", "left open"), 0);
	db_session_end(&s);
	assert_int_equal(db_begin(&s), 0);
	assert_int_equal(enqueue(&s, "test_tx", "with an error"), 0);
	assert_int_equal(enqueue(&s, "BAD KIND", NULL), ERR_VALIDATION_ERROR);
	assert_int_equal(enqueue(&s, "test_tx", "after an error"), ERR_INTERNAL);
	assert_int_not_equal(db_commit(&s), 0);
	assert_int_equal(db_query_row(&s, &r, Q_TENANT_BY_HOST, text_param("a.test")), 0);
	assert_string_equal(sql("select string_agg(unique_key, ',') from jobs where kind = 'test_tx'"), "committed");
}

/* Thirty transactions take turns on three connections; some fibers are cancelled in the middle. */
static struct fiber *victims[30];

static void
has_a_transaction(int number)
{
	struct db_session s = session_of(number % 2, 20000);
	char key[20];
	int err;

	victims[number] = fiber_current();
	snprintf(key, sizeof(key), "%d", number);
	err = db_begin(&s);
	if (err == 0)
		err = enqueue(&s, "test_turns", key);
	if (err == 0 && number % 5 == 0)
		wait_sleep(5000); /* until it is cancelled */
	if (err == 0 && number % 5 != 0)
		err = db_commit(&s);
	else
		db_session_end(&s);
	CHECK(err == 0 || (number % 5 == 0 && err == ERR_TIMEOUT)); /* cancelled in the queue already */
	victims[number] = NULL;
}

static void
cancel_victims(uv_timer_t *timer)
{
	(void)timer;
	for (int i = 0; i < 30; i += 5) {
		if (victims[i] != NULL)
			fiber_cancel(victims[i]);
	}
}

static void
transactions_take_turns(void **state)
{
	uv_timer_t *timer = talloc_zero(t.mem, uv_timer_t);

	(void)state;
	uv_timer_init(wait_loop(), timer);
	uv_timer_start(timer, cancel_victims, 200, 200);
	t.failed = 0;
	run_fibers(30, has_a_transaction);
	uv_timer_stop(timer);
	assert_string_equal(sql("select count(*) from jobs where kind = 'test_turns'"), "24");
}

/* --- loss --- */

/* The processes of this server that serve a program are stopped, or go on: as if its machine were away. */
static void
signal_backends(const char *program, int signal)
{
	const char *pids = sql("select coalesce(string_agg(pid::text, ','), '') from pg_stat_activity where application_name = '%s'", program);

	for (char *end; *pids != '\0'; pids = *end == ',' ? end + 1 : end)
		assert_int_equal(kill((pid_t)strtol(pids, &end, 10), signal), 0);
}

static int
ask_of(struct db *db)
{
	struct db_result *r;
	struct db_session s;

	db_session_init(&s, db, t.mem, t.tenant[0], now_ms() + 100);
	return db_query_row(&s, &r, Q_TENANT_BY_HOST, text_param("a.test"));
}

/* A server that neither answers nor closes: all connections are taken and owe answers for ever. */
static void
a_server_that_is_silent_is_left(void **state)
{
	struct db_options options = { .url = getenv("ATELIER_DATABASE_URL"), .name = "silence", .shared = 1, .own = 1, .statement_timeout_ms = 300 };
	struct db *db = db_open(t.mem, &options);
	int64_t end_ms = now_ms() + 60000;
	struct db_session s;
	int err;

	(void)state;
	while (ask_of(db) != 0 && now_ms() < end_ms)
		continue;
	db_session_init(&s, db, t.mem, t.tenant[0], now_ms() + 20000);
	assert_int_equal(db_begin(&s), 0);
	assert_int_equal(enqueue(&s, "test_silence", NULL), 0);
	signal_backends("silence", SIGSTOP);
	s.deadline_ms = now_ms() + 100;
	assert_int_equal(enqueue(&s, "test_silence", NULL), ERR_TIMEOUT);
	db_session_end(&s);
	do
		err = ask_of(db);
	while (err != 0 && now_ms() < end_ms);
	signal_backends("silence", SIGCONT);
	assert_int_equal(err, 0);
	db_session_init(&s, db, t.mem, t.tenant[0], now_ms() + 20000);
	assert_int_equal(db_begin(&s), 0);
	db_session_end(&s);
	talloc_free(db);
}

/* Answers that came while nobody looked are no silence. */
static void
who_was_busy_has_not_been_left(void **state)
{
	struct db_options options = { .url = getenv("ATELIER_DATABASE_URL"), .name = "busy", .shared = 1, .own = 1, .statement_timeout_ms = 300 };
	struct db *db = db_open(t.mem, &options);
	struct db_session s;
	const char *pid;

	(void)state;
	for (int i = 0; i < 2; i++) {
		db_session_init(&s, db, t.mem, t.tenant[0], now_ms() + 20000);
		assert_int_equal(db_begin(&s), 0);
		assert_int_equal(enqueue(&s, "test_busy", NULL), 0);
		db_session_end(&s); /* its rollback is not waited for */
		if (i == 0)
			pid = sql("select pid from pg_stat_activity where application_name = 'busy'");
		usleep(1000000);
	}
	assert_string_equal(sql("select pid from pg_stat_activity where application_name = 'busy'"), pid);
	talloc_free(db);
}


static int unavailable, answered;
static bool is_over;

static void
goes_on_asking(int number)
{
	struct db_result *r;
	int err;

	if (number == 0) {
		wait_sleep(200);
		server_control("restart -m immediate"); /* holds the loop: as a stop of the world */
		wait_sleep(2500);
		is_over = true;
		return;
	}
	while (!is_over) {
		struct db_session s = session_of(number % 2, 4000);

		if (number % 4 == 0) {
			err = db_begin(&s);
			err = err != 0 ? err : db_query(&s, &r, Q_VIDEO_FEED, null_param(), null_param(), null_param());
			err = err != 0 ? err : db_commit(&s);
			db_session_end(&s);
		} else {
			err = db_query(&s, &r, Q_VIDEO_BY_ID, uuid_param(t.video[number % 2]), null_param(), bool_param(false));
			CHECK(err != 0 || db_rows(r) == 1);
		}
		CHECK(err == 0 || err == ERR_UNAVAILABLE);
		unavailable += err != 0;
		answered += err == 0;
		if (err != 0)
			wait_sleep(20);
	}
}

static void
a_restart_under_load_is_survived(void **state)
{
	struct db_session s;
	struct db_result *r;

	(void)state;
	run_fibers(60, goes_on_asking);
	assert_true(unavailable > 0);
	assert_true(answered > 50);
	s = session_of(0, 3000);
	assert_int_equal(db_query(&s, &r, Q_VIDEO_FEED, null_param(), null_param(), null_param()), 0);
}

static void
away_means_unavailable_at_once(void **state)
{
	struct db_session s = session_of(0, 10000);
	int64_t began = now_ms();
	struct db_result *r;
	int err = 0;

	(void)state;
	server_control("stop -m immediate");
	for (int i = 0; i < 20; i++) {
		assert_int_equal(db_query(&s, &r, Q_VIDEO_FEED, null_param(), null_param(), null_param()), ERR_UNAVAILABLE);
		assert_int_equal(db_begin(&s), ERR_UNAVAILABLE);
	}
	server_control("start");
	assert_true(now_ms() - began < 60000); /* each of them would have waited ten seconds */
	for (int i = 0; i < 100; i++) {
		err = db_query(&s, &r, Q_VIDEO_FEED, null_param(), null_param(), null_param());
		if (err == 0)
			break;
		wait_sleep(50);
	}
	assert_int_equal(err, 0);
}

/* --- notifications --- */

static int opened, told;

static void
on_told(void *arg, const char *payload)
{
	assert_string_equal(arg, "mine");
	if (payload == NULL)
		opened++;
	else if (strcmp(payload, "hello") == 0)
		told++;
}

static void
notifications_come_and_come_back(void **state)
{
	(void)state;
	db_listen(t.db, "test_channel", on_told, (void *)(uintptr_t)"mine");
	for (int i = 0; i < 100 && opened < 1; i++)
		wait_sleep(20);
	assert_int_equal(opened, 1);
	sql("notify test_channel, 'hello'");
	for (int i = 0; i < 100 && told < 1; i++)
		wait_sleep(20);
	assert_int_equal(told, 1);
	sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'atelier_app'");
	for (int i = 0; i < 200 && opened < 2; i++)
		wait_sleep(20);
	assert_int_equal(opened, 2);
	sql("notify test_channel, 'hello'");
	for (int i = 0; i < 100 && told < 2; i++)
		wait_sleep(20);
	assert_int_equal(told, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_outside_of_fibers),
		cmocka_unit_test(tenants_are_isolated_on_shared_connections),
		cmocka_unit_test(an_error_stays_with_its_operation),
		cmocka_unit_test(an_error_stays_with_its_execution),
		cmocka_unit_test(a_failed_read_takes_nothing_along),
		cmocka_unit_test(a_late_result_is_dropped),
		cmocka_unit_test(a_slow_statement_holds_nobody_up),
		cmocka_unit_test(nobody_stays_behind_a_slow_statement),
		cmocka_unit_test(slow_queries_leave_room_for_transactions),
		cmocka_unit_test(transactions),
		cmocka_unit_test(transactions_take_turns),
		cmocka_unit_test(a_server_that_is_silent_is_left),
		cmocka_unit_test(who_was_busy_has_not_been_left),
		cmocka_unit_test(a_restart_under_load_is_survived),
		cmocka_unit_test(away_means_unavailable_at_once),
		cmocka_unit_test(notifications_come_and_come_back),
	};

	return cmocka_run_group_tests(tests, support_open, support_close);
}
