/* tests/db/test_jobs.c - the queue: nobody loses a job, nobody does one twice, everybody has their turn. */
#include "tests/db/support.h"

#define JOBS 300
#define WORKERS 24

static const char *const kinds[] = { "test_count" };
static int claimed, twice;

static int
claim(struct db_session *s, const char *worker, const char *const *of, struct db_result **r)
{
	return db_query(s, r, Q_JOB_CLAIM, text_param(worker), text_array_param(of, 1), int_param(30));
}

/* Each worker claims and finishes until nothing is left; the finish is in one transaction with a note of the work. */
static void
works(int number)
{
	char worker[20];

	snprintf(worker, sizeof(worker), "w%d", number);
	for (;;) {
		struct db_session s = session_of(-1, 20000);
		struct db_result *job, *ended;
		int err = claim(&s, worker, kinds, &job);

		CHECK(err == 0);
		if (err != 0 || db_rows(job) == 0)
			break;
		CHECK(db_int(job, 0, "attempts") == 1);
		claimed++;
		err = db_query(&s, &ended, Q_JOB_FINISH, uuid_param(db_uuid(job, 0, "id")), text_param(worker),
		    int_param(db_int(job, 0, "attempts")), json_param("{}"));
		CHECK(err == 0 && db_bool(ended, 0, "ok"));
		err = db_query(&s, &ended, Q_JOB_FINISH, uuid_param(db_uuid(job, 0, "id")), text_param(worker), int_param(1),
		    null_param());
		twice += err != 0 || db_bool(ended, 0, "ok");
	}
}

static void
each_job_is_done_once(void **state)
{
	char tenant[UUID_TEXT];

	(void)state;
	uuid_text(&t.tenant[0], tenant);
	sql("insert into jobs (tenant_id, kind) select '%s', 'test_count' from generate_series(1, %d)", tenant, JOBS);
	claimed = twice = 0;
	run_fibers(WORKERS, works);
	/* A worker that found all candidates locked may have gone home early; the next look finds the rest. */
	run_fibers(1, works);
	assert_int_equal(claimed, JOBS);
	assert_int_equal(twice, 0);
	assert_string_equal(sql("select count(*) from jobs where kind = 'test_count' and state = 'done'"), "300");
}

static void
users_take_turns(void **state)
{
	static const char *const fair[] = { "test_fair" };
	struct db_session s = session_of(-1, 10000);
	struct uuid last = { { 0 } };
	char tenant[UUID_TEXT];
	struct db_result *r;

	(void)state;
	uuid_text(&t.tenant[0], tenant);
	sql("insert into jobs (tenant_id, kind, user_id) select '%s', 'test_fair', md5('busy')::uuid from generate_series(1, 1000)",
	    tenant);
	sql("insert into jobs (tenant_id, kind, user_id) select '%s', 'test_fair', md5('modest')::uuid from generate_series(1, 3)",
	    tenant);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(claim(&s, "w", fair, &r), 0);
		assert_int_equal(db_rows(r), 1);
		if (i % 2 == 1) {
			struct uuid now = db_uuid(r, 0, "user_id");

			assert_false(uuid_equal(&now, &last));
		}
		last = db_uuid(r, 0, "user_id");
	}
	sql("update jobs set priority = 9 where id = (select id from jobs where kind = 'test_fair' and state = 'queued'"
	    " order by created_at desc limit 1)");
	assert_int_equal(claim(&s, "w", fair, &r), 0);
	assert_string_equal(sql("select max(priority) from jobs where kind = 'test_fair' and state = 'running'"), "9");
	sql("delete from jobs where kind = 'test_fair'");
}

static const char *
state_of(const char *key)
{
	return sql("select state || ' ' || attempts from jobs where unique_key = '%s' order by created_at desc limit 1", key);
}

static struct db_result *
one_of(struct db_session *s, const char *kind)
{
	struct db_result *r;

	assert_int_equal(claim(s, "w1", &kind, &r), 0);
	assert_int_equal(db_rows(r), 1);
	return r;
}

static const char *
fail_it(struct db_session *s, const struct db_result *job, bool final)
{
	struct db_result *r;

	assert_int_equal(db_query(s, &r, Q_JOB_FAIL, uuid_param(db_uuid(job, 0, "id")), text_param("w1"),
	                     int_param(db_int(job, 0, "attempts")), text_param("BROKEN"), text_param("It broke."), bool_param(final), text_param("{\"event\":\"broken\"}\n")), 0);
	return db_text(r, 0, "state");
}

static void
attempts_are_counted(void **state)
{
	struct db_session s = session_of(-1, 10000);
	struct db_result *r;
	struct uuid id;

	(void)state;
	assert_int_equal(db_exec(&s, NULL, Q_JOB_ENQUEUE_SYSTEM, text_param("test_fail"), null_param(), text_param("key"),
	                     null_param()), 0);
	assert_int_equal(db_query(&s, &r, Q_JOB_ENQUEUE_SYSTEM, text_param("test_fail"), null_param(), text_param("key"),
	                     null_param()), 0);
	assert_true(db_is_null(r, 0, "id")); /* one like it waits already */
	assert_string_equal(fail_it(&s, one_of(&s, "test_fail"), false), "queued");
	assert_string_equal(sql("select run_at > now() + interval '3 s' from jobs where unique_key = 'key'"), "t");
	sql("update jobs set run_at = now() where unique_key = 'key'");
	assert_string_equal(fail_it(&s, one_of(&s, "test_fail"), false), "queued");
	sql("update jobs set run_at = now() where unique_key = 'key'");
	assert_string_equal(fail_it(&s, one_of(&s, "test_fail"), false), "dead");
	assert_string_equal(state_of("key"), "dead 3");
	assert_int_equal(db_query(&s, &r, Q_JOB_RETRY, null_param(), text_param("test_fail"), text_param("BROKEN"), null_param()), 0);
	assert_int_equal(db_int(r, 0, "count"), 1);
	assert_string_equal(state_of("key"), "queued 0");
	assert_string_equal(fail_it(&s, one_of(&s, "test_fail"), true), "dead");
	assert_int_equal(db_query(&s, &r, Q_JOB_RETRY, null_param(), text_param("test_fail"), null_param(), null_param()), 0);
	id = db_uuid(one_of(&s, "test_fail"), 0, "id");
	assert_int_equal(db_exec(&s, NULL, Q_JOB_RELEASE, uuid_param(id), text_param("w1"), int_param(1)), 0);
	assert_string_equal(state_of("key"), "queued 0");
	/* each failure is kept with what was logged; what was given back is none */
	assert_string_equal(sql("select string_agg(attempt || ' ' || reason_code || ' ' || log, '' order by at) from job_failures where job_id ="
	                        " (select id from jobs where unique_key = 'key')"),
	    "1 BROKEN {\"event\":\"broken\"}\n2 BROKEN {\"event\":\"broken\"}\n3 BROKEN {\"event\":\"broken\"}\n1 BROKEN {\"event\":\"broken\"}\n");
}

static void
a_lost_worker_loses_no_job(void **state)
{
	struct db_session s = session_of(-1, 10000);
	struct db_result *job, *r;

	(void)state;
	db_exec(&s, NULL, Q_JOB_ENQUEUE_SYSTEM, text_param("test_lost"), null_param(), text_param("lost"), null_param());
	job = one_of(&s, "test_lost");
	sql("update jobs set lease_until = now() - interval '1 s' where unique_key = 'lost'");
	assert_int_equal(db_query(&s, &r, Q_JOB_REAP), 0);
	assert_int_equal(db_rows(r), 1);
	assert_string_equal(db_text(r, 0, "state"), "queued");
	/* The old worker wakes up: the job is not its own. */
	assert_int_equal(db_query(&s, &r, Q_JOB_HEARTBEAT, uuid_param(db_uuid(job, 0, "id")), text_param("w1"), int_param(1),
	                     int_param(50), int_param(30)), 0);
	assert_int_equal(db_rows(r), 0);
	assert_int_equal(db_query(&s, &r, Q_JOB_FINISH, uuid_param(db_uuid(job, 0, "id")), text_param("w1"), int_param(1),
	                     null_param()), 0);
	assert_false(db_bool(r, 0, "ok"));
}

static void
cancelling(void **state)
{
	struct db_session s = session_of(-1, 10000);
	struct db_result *job, *r;
	struct param id;

	(void)state;
	db_exec(&s, NULL, Q_JOB_ENQUEUE_SYSTEM, text_param("test_cancel"), null_param(), text_param("cancel"), null_param());
	job = one_of(&s, "test_cancel");
	id = uuid_param(db_uuid(job, 0, "id"));
	assert_int_equal(db_query(&s, &r, Q_JOB_CANCEL, id, null_param()), 0);
	assert_string_equal(db_text(r, 0, "state"), "running");
	assert_int_equal(db_query(&s, &r, Q_JOB_HEARTBEAT, id, text_param("w1"), int_param(1), int_param(7), int_param(30)), 0);
	assert_true(db_bool(r, 0, "cancel_requested"));
	assert_string_equal(fail_it(&s, job, false), "cancelled");
	assert_int_equal(db_query(&s, &r, Q_JOB_CANCEL, id, uuid_param(t.tenant[1])), 0);
	assert_true(db_is_null(r, 0, "state"));
}

static void
a_tenant_sees_its_own_jobs_only(void **state)
{
	struct db_session a = session_of(0, 5000);
	int64_t n;

	(void)state;
	assert_int_equal(db_exec(&a, &n, Q_JOB_ENQUEUE, text_param("test_own"), null_param(), text_param("same key"), null_param(),
	                     null_param(), null_param(), null_param()), 0);
	assert_int_equal(n, 1);
	a = session_of(1, 5000);
	assert_int_equal(db_exec(&a, &n, Q_JOB_ENQUEUE, text_param("test_own"), null_param(), text_param("same key"), null_param(),
	                     null_param(), null_param(), null_param()), 0);
	assert_int_equal(n, 1); /* unique per tenant */
	assert_int_equal(db_exec(&a, &n, Q_JOB_ENQUEUE, text_param("test_own"), null_param(), text_param("same key"), null_param(),
	                     null_param(), null_param(), null_param()), 0);
	assert_int_equal(n, 0);
	a = session_of(-1, 5000);
	assert_int_not_equal(db_exec(&a, &n, Q_JOB_ENQUEUE, text_param("test_own"), null_param(), null_param(), null_param(),
	                         null_param(), null_param(), null_param()), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_job_is_done_once), cmocka_unit_test(users_take_turns),
		cmocka_unit_test(attempts_are_counted), cmocka_unit_test(a_lost_worker_loses_no_job),
		cmocka_unit_test(cancelling), cmocka_unit_test(a_tenant_sees_its_own_jobs_only),
	};

	return cmocka_run_group_tests(tests, support_open, support_close);
}
