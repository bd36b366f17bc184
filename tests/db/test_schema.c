/* tests/db/test_schema.c - what the schema promises by itself: states, counters, bytes, an audit log that stays. */
#include "tests/db/support.h"

static char tenant[UUID_TEXT], user[UUID_TEXT];
static struct uuid second;

static const char *
video_new(void)
{
	uuid_text(&t.tenant[0], tenant);
	uuid_text(&t.user[0], user);
	return sql("insert into videos (tenant_id, user_id, title) values ('%s', '%s', 'A clip') returning id", tenant, user);
}

static const char *
state_of(const char *video)
{
	return sql("select state from videos where id = '%s'", video);
}

static void
a_state_follows_from_renditions(void **state)
{
	const char *v = video_new();

	(void)state;
	assert_string_equal(state_of(v), "uploading");
	sql("update videos set uploaded_at = now() where id = '%s'", v);
	assert_string_equal(state_of(v), "queued");
	sql("update videos set processing_at = now() where id = '%s'", v);
	assert_string_equal(state_of(v), "processing");
	sql("insert into renditions (tenant_id, video_id, name) values ('%s', '%s', '360p'), ('%s', '%s', '720p')", tenant, v,
	    tenant, v);
	assert_string_equal(state_of(v), "processing");
	sql("update renditions set state = 'failed' where video_id = '%s' and name = '720p'", v);
	assert_string_equal(state_of(v), "processing");
	assert_string_equal(sql("select published_at is null from videos where id = '%s'", v), "t");
	sql("update renditions set state = 'ready' where video_id = '%s' and name = '360p'", v);
	assert_string_equal(state_of(v), "ready");
	assert_string_equal(sql("select published_at is null from videos where id = '%s'", v), "f");
	sql("update renditions set state = 'failed' where video_id = '%s'", v);
	assert_string_equal(state_of(v), "failed");
	sql("update videos set deleted_at = now() where id = '%s'", v);
	assert_string_equal(state_of(v), "deleted");
	v = video_new();
	sql("update videos set uploaded_at = now(), failure_code = 'NO_VIDEO' where id = '%s'", v);
	assert_string_equal(state_of(v), "failed");
}

static void
likes_at_once(int number)
{
	struct db_session s = session_of(0, 20000);

	for (int i = 0; i < 5; i++) {
		CHECK(db_exec(&s, NULL, Q_VIDEO_LIKE, uuid_param(t.video[0]), uuid_param(t.user[0])) == 0);
		if ((number + i) % 2)
			CHECK(db_exec(&s, NULL, Q_VIDEO_UNLIKE, uuid_param(t.video[0]), uuid_param(t.user[0])) == 0);
	}
}

static void
counters_are_true(void **state)
{
	char video[UUID_TEXT];

	(void)state;
	run_fibers(40, likes_at_once);
	uuid_text(&t.video[0], video);
	assert_string_equal(sql("select like_count = (select count(*) from video_likes l where l.video_id = v.id) from videos v"
	                        " where id = '%s'", video), "t");
	assert_string_equal(sql("select bool_and(video_count = (select count(*) from videos v where v.user_id = u.id"
	                        " and v.state = 'ready' and v.visibility = 'public')) from users u"), "t");
}

static void
an_author_is_shown_as_they_are_now(void **state)
{
	(void)state;
	sql("update users set display_name = 'Ann the Second', level = 7 where id = '%s'", user);
	assert_string_equal(sql("select bool_and(author_display_name = 'Ann the Second' and author_level = 7) from videos"
	                        " where user_id = '%s'", user), "t");
}

static const char *
usage(void)
{
	return sql("select u.used_bytes || ' ' || u.reserved_bytes || ' ' || t.used_bytes || ' ' || t.reserved_bytes"
	           " from user_usage u join tenant_usage t using (tenant_id) where user_id = '%s'", user);
}

static int
reserve(int64_t bytes)
{
	struct db_session s = session_of(0, 5000);
	struct db_result *r;

	return db_query(&s, &r, Q_UPLOAD_INSERT, uuid_param(uuid_new()), uuid_param(t.video[0]), uuid_param(t.user[0]),
	    text_param("tus"), int_param(bytes), int_param(bytes), text_param("x"), null_param(), null_param(), int_param(3600));
}

static void
bytes_are_accounted_for(void **state)
{
	const char *v = video_new();

	(void)state;
	sql("update users set quota_bytes = 1000 where id = '%s'", user);
	assert_int_equal(reserve(600), 0);
	assert_string_equal(usage(), "0 600 0 600");
	assert_int_equal(reserve(500), ERR_QUOTA_EXCEEDED);
	assert_string_equal(usage(), "0 600 0 600");
	sql("update uploads set state = 'finished', reserved_bytes = 0");
	sql("update videos set stored_bytes = 550 where id = '%s'", v);
	assert_string_equal(usage(), "550 0 550 0");
	assert_int_equal(reserve(450), 0);
	assert_int_equal(reserve(1), ERR_QUOTA_EXCEEDED);
	sql("update uploads set expires_at = now() - interval '1 s' where state = 'open'");
	assert_string_equal(sql("select count(*) from uploads_expire(100)"), "1");
	sql("delete from videos where id = '%s'", v);
	assert_string_equal(usage(), "0 0 0 0");
}

static void
views_are_added_once(void **state)
{
	char video[UUID_TEXT];
	const char *batch;

	(void)state;
	uuid_text(&t.video[0], video);
	batch = mem_printf(t.mem, "select views_apply('batch 1', '[{\"tenant\":\"%s\",\"video\":\"%s\",\"session\":\"x\"},"
	                          "{\"tenant\":\"%s\",\"video\":\"%s\",\"session\":\"y\"},"
	                          "{\"tenant\":\"%s\",\"video\":\"%s\",\"session\":\"z\"}]')",
	    tenant, video, tenant, video, video, video);
	assert_string_equal(sql("%s", batch), "2"); /* the third is of a tenant that has no such video */
	assert_string_equal(sql("%s", batch), "0");
	assert_string_equal(sql("select view_count from videos where id = '%s'", video), "2");
	assert_string_equal(sql("select sum(views) from video_views_daily where video_id = '%s'", video), "2");
}

static void
the_audit_log_stays(void **state)
{
	(void)state;
	sql("insert into audit_log (tenant_id, action) values ('%s', 'user.suspend')", tenant);
	assert_string_equal(sql("do $$ begin update audit_log set action = 'x.y'; raise 'changed';"
	                        " exception when sqlstate 'AT403' then null; end $$"), "");
	assert_string_equal(sql("do $$ begin delete from audit_log; raise 'deleted';"
	                        " exception when sqlstate 'AT403' then null; end $$"), "");
	assert_string_equal(sql("do $$ begin truncate audit_log; raise 'emptied';"
	                        " exception when sqlstate 'AT403' then null; end $$"), "");
	assert_string_equal(sql("select uuid_v7()::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]'"), "t");
}

/* Two administrators, two people at once: each tries to demote one of them. */
static void
steps_down(int number)
{
	struct db_session s = session_of(0, 20000);

	CHECK(db_begin(&s) == 0);
	if (db_exec(&s, NULL, Q_USER_SET_ROLE, uuid_param(number % 2 == 0 ? t.user[0] : second), text_param("user")) == 0)
		CHECK(db_commit(&s) == 0);
	else
		CHECK(s.error.sqlstate[0] == 'A');
	db_session_end(&s);
}

static void
a_community_keeps_an_administrator(void **state)
{
	(void)state;
	assert_true(uuid_parse(sql("insert into users (tenant_id, email, username, display_name) values ('%s', 'second@a.test',"
	                           " 'second', 'Second') returning id", tenant), 36, &second));
	for (int round = 0; round < 20; round++) {
		sql("update users set role = 'admin', status = 'active' where tenant_id = '%s' and id in ('%s', (select id from users where"
		    " username = 'second'))", tenant, user);
		run_fibers(2, steps_down);
		assert_string_equal(sql("select count(*) from users where tenant_id = '%s' and role = 'admin'", tenant), "1");
	}
	/* nor are they suspended, banned or deleted */
	for (const char *const *how = (const char *const[]){ "status = 'suspended'", "status = 'banned'", "status = 'deleted'", NULL };
	     *how != NULL; how++)
		assert_string_equal(sql("do $$ begin update users set %s where tenant_id = '%s' and role = 'admin'; raise 'gone';"
		                        " exception when sqlstate 'AT409' then null; end $$", *how, tenant), "");
	sql("update users set role = 'admin' where username = 'second'");
	sql("update users set role = 'user' where id = '%s'", user);
	sql("select user_suspend('%s', now() + interval '1 day', 'a reason')", user);
	assert_string_equal(sql("select status || ' ' || status_reason from users where id = '%s'", user), "suspended a reason");
	sql("select user_ban('%s', 'another')", user);
	assert_string_equal(sql("do $$ begin perform user_suspend('%s', null, 'x'); raise 'suspended';"
	                        " exception when sqlstate 'AT409' then null; end $$", user), "");
	sql("select user_unban('%s')", user);
	assert_string_equal(sql("select status from users where id = '%s'", user), "active");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_follows_from_renditions), cmocka_unit_test(counters_are_true),
		cmocka_unit_test(an_author_is_shown_as_they_are_now), cmocka_unit_test(bytes_are_accounted_for),
		cmocka_unit_test(views_are_added_once), cmocka_unit_test(the_audit_log_stays),
		cmocka_unit_test(a_community_keeps_an_administrator),
	};

	return cmocka_run_group_tests(tests, support_open, support_close);
}
