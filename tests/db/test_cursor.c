/* tests/db/test_cursor.c - rows a page at a time: all of them once, of one moment, of one tenant; errors, and what stays behind. */
#include "db/cursor.h"
#include "tests/db/support.h"

#define ROWS 25
#define OPEN(s, out, page_rows, user, tags, count)                                                                                              \
	db_cursor_open((s), (out), (page_rows), Q_REPORT_POCS_ROWS, uuid_param(user), text_param("2000-01-01T00:00:00Z"), text_param("2100-01-01T00:00:00Z"), \
	    text_array_param((tags), (count)), null_param(), text_param("language"))

static void
plant(int tenant, int count)
{
	char id[UUID_TEXT], user[UUID_TEXT];

	uuid_text(&t.tenant[tenant], id);
	uuid_text(&t.user[tenant], user);
	sql("insert into pocs (tenant_id, user_id, name, language, tags, created_at)"
	    " select '%s', '%s', 'Project ' || n, (array['C', 'Lua'])[1 + n %% 2], array['tag \"' || n %% 5], '2026-01-01'::timestamptz + n * interval '1 hour'"
	    " from generate_series(1, %d) n", id, user, count);
}

/* Reads to the end; how many rows there were. *pages: how many calls it took. */
static int
read_all(struct db_cursor *rows, int page_rows, int *pages)
{
	const char *last_group = "";
	struct db_result *page;
	int n = 0;

	*pages = 0;
	do {
		assert_int_equal(db_cursor_next(rows, &page), 0);
		assert_true(db_rows(page) <= page_rows);
		for (int i = 0; i < db_rows(page); i++, n++) {
			assert_true(strcmp(db_text(page, i, "_group"), last_group) >= 0);
			last_group = mem_strdup(t.mem, db_text(page, i, "_group"));
		}
		++*pages;
	} while (db_rows(page) > 0);
	return n;
}

static void
all_rows_come_once_a_page_at_a_time(void **state)
{
	static const char *const tags[] = { "tag \"2", "none" };
	struct db_session s = session_of(0, 5000);
	struct db_cursor *rows;
	int pages;

	(void)state;
	assert_int_equal(db_begin_snapshot(&s), 0);
	assert_int_equal(OPEN(&s, &rows, 10, t.user[0], NULL, 0), 0);
	plant(0, 3); /* by another, later */
	assert_int_equal(read_all(rows, 10, &pages), ROWS);
	assert_int_equal(pages, 4); /* of 10, 10, 5 and none */
	db_cursor_close(rows);
	assert_int_equal(OPEN(&s, &rows, 5, t.user[0], tags, 2), 0); /* the same query anew, with a parameter that is a list */
	assert_int_equal(read_all(rows, 5, &pages), ROWS / 5);
	db_session_end(&s);
	sql("delete from pocs where name in ('Project 1', 'Project 2', 'Project 3') and id not in (select min(id::text)::uuid from pocs group by tenant_id, name)");
}

static void
it_sees_its_tenants_rows_alone(void **state)
{
	struct db_session s = session_of(1, 5000);
	struct db_cursor *rows;
	int pages;

	(void)state;
	assert_int_equal(db_begin(&s), 0);
	assert_int_equal(OPEN(&s, &rows, 1000, t.user[0], NULL, 0), 0);
	assert_int_equal(read_all(rows, 1000, &pages), 0);
	db_cursor_close(rows);
	assert_int_equal(OPEN(&s, &rows, 1000, t.user[1], NULL, 0), 0);
	assert_int_equal(read_all(rows, 1000, &pages), 2);
	db_session_end(&s);
}

/* What each page leaves behind would be there at the end of a hundred thousand rows. */
static void
a_page_is_freed_by_the_next(void **state)
{
	struct db_session s = session_of(0, 5000);
	struct db_cursor *rows;
	struct db_result *page;
	size_t blocks;

	(void)state;
	s.mem = talloc_new(t.mem);
	assert_int_equal(db_begin(&s), 0);
	assert_int_equal(OPEN(&s, &rows, 1, t.user[0], NULL, 0), 0);
	assert_int_equal(db_cursor_next(rows, &page), 0);
	blocks = talloc_total_blocks(s.mem);
	for (int i = 1; i < ROWS; i++)
		assert_int_equal(db_cursor_next(rows, &page), 0);
	assert_int_equal(db_rows(page), 1);
	assert_int_equal(talloc_total_blocks(s.mem), blocks);
	db_session_end(&s);
	talloc_free(s.mem);
}

static void
what_cannot_be_is_refused(void **state)
{
	struct db_session s = session_of(0, 5000);
	struct db_cursor *rows;

	(void)state;
	assert_int_equal(OPEN(&s, &rows, 10, t.user[0], NULL, 0), ERR_INTERNAL); /* no transaction */
	assert_int_equal(db_begin(&s), 0);
	assert_int_equal(db_cursor_open(&s, &rows, 10, Q_VIDEO_FEED, null_param(), null_param(), null_param()), ERR_INTERNAL); /* a page by itself */
	assert_int_equal(db_cursor_open(&s, &rows, 10, Q_REPORT_POCS_ROWS, text_param("no uuid"), null_param(), null_param(), null_param(), null_param(),
			     null_param()), ERR_VALIDATION_ERROR);
	assert_int_equal(OPEN(&s, &rows, 10, t.user[0], NULL, 0), ERR_INTERNAL); /* the transaction has failed */
	db_rollback(&s);
	assert_int_equal(db_begin(&s), 0);
	assert_int_equal(OPEN(&s, &rows, 10, t.user[0], NULL, 0), 0);
	db_session_end(&s);
}

/* A read that hangs ends at the deadline for us and for the server, and its connection is good again afterwards. */
static void
it_waits_no_longer_than_it_may(void **state)
{
	struct db_session s = session_of(0, 300), next;
	int64_t from_ms = now_ms();
	struct db_cursor *rows;
	struct db_result *page;

	(void)state;
	assert_int_equal(db_begin(&s), 0);
	lock_table("pocs");
	assert_int_equal(OPEN(&s, &rows, 10, t.user[0], NULL, 0), ERR_TIMEOUT);
	assert_true(now_ms() - from_ms < 20000);
	db_session_end(&s);
	for (int i = 0; i < 100 && strcmp(sql("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"), "0") != 0; i++)
		wait_sleep(20);
	assert_string_equal(sql("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"), "0");
	unlock_table();
	for (int i = 0; i < 3; i++) { /* all of the pool */
		next = session_of(0, 5000);
		assert_int_equal(db_begin(&next), 0);
		assert_int_equal(OPEN(&next, &rows, 10, t.user[0], NULL, 0), 0);
		assert_int_equal(db_cursor_next(rows, &page), 0);
		assert_int_equal(db_rows(page), 10);
		db_session_end(&next);
	}
}

/* It may take longer than the server allows a statement by itself, and nothing of that is left after the transaction. */
static void
its_time_is_the_sessions(void **state)
{
	struct db *db = db_open(t.mem, &(struct db_options){ .url = getenv("ATELIER_DATABASE_URL"), .name = "test", .own = 1, .statement_timeout_ms = 200 });
	struct db_session s = session_of(0, 5000);
	struct db_cursor *rows;
	struct db_result *page;
	int64_t from_ms;

	(void)state;
	s.db = db;
	lock_table_for("pocs", 700);
	assert_int_equal(db_begin(&s), 0);
	assert_int_equal(OPEN(&s, &rows, 10, t.user[0], NULL, 0), 0);
	assert_int_equal(db_cursor_next(rows, &page), 0);
	assert_int_equal(db_rows(page), 10);
	assert_int_equal(db_commit(&s), 0);
	unlock_table();
	lock_table("videos");
	from_ms = now_ms();
	assert_int_equal(db_begin(&s), 0);
	assert_int_not_equal(db_query(&s, &page, Q_VIDEO_FEED, null_param(), null_param(), null_param()), 0);
	assert_true(now_ms() - from_ms < 20000);
	unlock_table();
	db_session_end(&s);
	talloc_free(db);
}

static int
setup(void **state)
{
	if (support_open(state) != 0)
		return -1;
	plant(0, ROWS);
	plant(1, 2);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_rows_come_once_a_page_at_a_time),
		cmocka_unit_test(it_sees_its_tenants_rows_alone),
		cmocka_unit_test(a_page_is_freed_by_the_next),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(it_waits_no_longer_than_it_may),
		cmocka_unit_test(its_time_is_the_sessions),
	};

	return cmocka_run_group_tests(tests, setup, support_close);
}
