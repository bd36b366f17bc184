/* tests/db/test_share.c - reads of one turn that the server sees once, and that nobody notices. */
#include "lib/counter.h"
#include "tests/db/support.h"

static struct db_session
reader_of(int tenant)
{
	struct db_session s = session_of(tenant, 20000);

	s.may_repeat = true;
	return s;
}

/* Prepared, as what is shared must be. */
static int
warm_up(void **state)
{
	struct db_session s = reader_of(0);
	struct db_result *r;

	(void)state;
	return db_query(&s, &r, Q_VIDEO_FEED, null_param(), null_param(), null_param()) != 0 ||
	    db_query(&s, &r, Q_VIDEO_BY_ID, uuid_param(t.video[0]), null_param(), bool_param(false)) != 0;
}

static int64_t
shared(void)
{
	return (int64_t)counters[COUNTER_db_shared_total];
}

static void
reads_the_feed(int number)
{
	struct db_session s = reader_of(0);
	struct db_result *r;

	/* the tenth asks another page */
	CHECK(db_query(&s, &r, Q_VIDEO_FEED, null_param(), number == 9 ? text_param("2001-01-01T00:00:00Z") : null_param(), null_param()) == 0);
	CHECK(db_rows(r) == (number == 9 ? 0 : 1));
	CHECK(number == 9 || strcmp(db_text(r, 0, "title"), "Video of A") == 0);
}

static void
the_same_read_is_sent_once(void **state)
{
	int64_t before = shared();

	(void)state;
	run_fibers(50, reads_the_feed);
	assert_int_equal(shared() - before, 48);
}

/* Others' things and things that are not there, beside one's own, of two communities. */
static void
reads_one_of_many(int number)
{
	struct uuid unknown = t.video[0];
	int mine = number / 50;

	unknown.b[15] ^= (uint8_t)(number + 1);
	for (int i = 0; i < 20; i++) {
		struct db_session s = reader_of(mine);
		struct uuid id = i % 3 == 0 ? t.video[mine] : i % 3 == 1 ? t.video[1 - mine] : unknown;
		struct db_result *r;
		int err = db_query_row(&s, &r, Q_VIDEO_BY_ID, uuid_param(id), number % 2 == 0 ? null_param() : uuid_param(t.user[mine]), bool_param(false));

		CHECK(err == (i % 3 == 0 ? 0 : ERR_NOT_FOUND));
		if (err == 0) {
			struct uuid seen = db_uuid(r, 0, "id");

			CHECK(uuid_equal(&seen, &id) && db_rows(r) == 1 && db_text(r, 0, "title")[9] == 'A' + mine);
		}
	}
}

static void
things_of_a_kind_are_one_statement(void **state)
{
	int64_t before = shared();

	(void)state;
	run_fibers(100, reads_one_of_many);
	assert_in_range(shared() - before, 1000, 2000);
}

/* --- who leaves --- */

static struct fiber *fibers[10];

static void
reads_unless_cancelled(void *arg)
{
	int number = (int)(uintptr_t)arg;
	struct db_session s = reader_of(0);
	struct db_result *r;
	int err;

	s.mem = talloc_new(NULL);
	fibers[number] = fiber_current();
	err = db_query_row(&s, &r, Q_VIDEO_BY_ID, uuid_param(t.video[0]), null_param(), bool_param(false));
	CHECK(err == (number % 3 == 0 ? ERR_TIMEOUT : 0));
	CHECK(err != 0 || strcmp(db_text(r, 0, "title"), "Video of A") == 0);
	talloc_free(s.mem);
	if (++t.finished == 10)
		uv_stop(wait_loop());
}

static void
too_late(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

static void
who_leaves_takes_nobody_along(void **state)
{
	uv_timer_t *guard = talloc_zero(t.mem, uv_timer_t);

	(void)state;
	t.finished = t.failed = 0;
	for (uintptr_t i = 0; i < 10; i++)
		fiber_spawn(reads_unless_cancelled, (void *)i);
	for (int i = 0; i < 10; i += 3)
		fiber_cancel(fibers[i]);
	uv_timer_init(wait_loop(), guard);
	uv_timer_start(guard, too_late, 20000, 0);
	wait_run();
	uv_timer_stop(guard);
	assert_int_equal(t.failed, 0);
	assert_int_equal(t.finished, 10);
}

/* --- what fails --- */

static void
reads_the_bad_one_too(int number)
{
	struct db_session s = reader_of(0);
	struct db_result *r;
	bool is_bad = number % 10 == 0;
	struct uuid id = t.video[0];
	int err;

	id.b[15] ^= is_bad;
	err = db_query_row(&s, &r, Q_VIDEO_BY_ID, uuid_param(id), null_param(), bool_param(true));
	CHECK(err == (is_bad ? ERR_VALIDATION_ERROR : 0));
}

static void
one_that_fails_fails_alone(void **state)
{
	struct uuid bad = t.video[0];
	char id[UUID_TEXT];

	(void)state;
	bad.b[15] ^= 1;
	sql("insert into videos (id, tenant_id, user_id, title, description) select '%s', tenant_id, user_id, 'Bad', '0:00 refused'"
	    " from videos where title = 'Video of A'", uuid_text(&bad, id));
	sql("create or replace function video_chapters(p_description text, p_duration double precision) returns jsonb"
	    " language plpgsql immutable as $$ begin raise exception 'refused' using errcode = '22P02'; end $$");
	for (int i = 0; i < 3; i++)
		run_fibers(40, reads_the_bad_one_too);
}

static void
reads_through_a_loss(int number)
{
	for (int i = 0; i < 200; i++) {
		struct db_session s = reader_of(number % 2);
		struct db_result *r;
		int err;

		s.mem = talloc_new(NULL);
		err = db_query_row(&s, &r, Q_VIDEO_BY_ID, uuid_param(t.video[number % 2]), null_param(), bool_param(false));
		CHECK(err == 0 || err == ERR_UNAVAILABLE);
		talloc_free(s.mem);
		if (number == 0 && i % 50 == 49)
			sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'atelier_app'");
	}
}

static void
a_lost_connection_is_told_to_all(void **state)
{
	(void)state;
	run_fibers(60, reads_through_a_loss);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_same_read_is_sent_once, warm_up),
		cmocka_unit_test_setup(things_of_a_kind_are_one_statement, warm_up),
		cmocka_unit_test_setup(who_leaves_takes_nobody_along, warm_up),
		cmocka_unit_test_setup(one_that_fails_fails_alone, warm_up),
		cmocka_unit_test_setup(a_lost_connection_is_told_to_all, warm_up),
	};

	return cmocka_run_group_tests(tests, support_open, support_close);
}
