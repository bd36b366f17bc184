/*
 * tests/db/test_pages.c - a page of a list costs what a page costs, however much there is: on generated, lopsided data
 * (tests/db/pages.sql) each list below reads few blocks, on its first page and far behind it, planned for these values or
 * for any. To add a list: a row.
 */
#include <libpq-fe.h>
#include <string.h>

#include "db/internal.h"
#include "tests/db/support.h"

#define BLOCKS_MAX 1000 /* 20 rows, each with some ten look-ups of four blocks */

static const struct page {
	enum query_id query;
	const char *values; /* of parameters, as "name=SQL" separated by ";"; me is Ann, what is not named is null */
	int64_t most;       /* blocks; 0: BLOCKS_MAX */
} pages[] = {
	{ Q_VIDEO_FEED, "" },
	{ Q_VIDEO_FEED, "after_at=now() - interval '10 days';after_id=uuid_v7()" },
	{ Q_VIDEO_FEED_OF, "ids=(select array_agg(id) from (select id from videos where title like 'Generated%' limit 50) few)" },
	{ Q_VIDEO_FEED_REST, "ids=(select array_agg(id) from (select id from videos where title like 'Generated%' limit 50) few)" },
	/* Ann follows 5,000 people: an index step for each */
	{ Q_VIDEO_FEED_FOLLOWING, "", 5 * 5000 },
	{ Q_VIDEO_FEED_FOLLOWING, "after_at=now() - interval '10 days';after_id=uuid_v7()", 5 * 5000 },
	{ Q_VIDEO_MINE, "" },
	{ Q_WATCH_HISTORY, "" },
	{ Q_WATCH_HISTORY, "after_at=now() - interval '5 hours';after_id=uuid_v7()" },
	{ Q_VIDEO_ACCESS_PAGE, "id=(select video_id from video_access limit 1)" },
	{ Q_RECOMMENDED_REST, "ids='{}'" },
	{ Q_RECOMMENDED_REST, "ids='{}';after_at=now() - interval '10 days';after_id=uuid_v7()" },
	{ Q_RECOMMENDED_OF, "ids=array(select id from videos order by published_at desc limit 100)" },
	{ Q_FOLLOWER_PAGE, "id=(select followed_id from follows group by 1 order by count(*) desc limit 1)" },
	{ Q_FOLLOWING_PAGE, "id=(select followed_id from follows group by 1 order by count(*) desc limit 1)" },
	{ Q_COMMENT_TOP, "id=(select video_id from comments where text = 'Generated 1')" },
	{ Q_COMMENT_TOP, "id=(select video_id from comments where text = 'Generated 1');after_pin=0;after_likes=500;after_id=uuid_v7()" },
	{ Q_COMMENT_NEW, "id=(select video_id from comments where text = 'Generated 1')" },
	{ Q_COMMENT_NEW, "id=(select video_id from comments where text = 'Elsewhere' limit 1)" },
	{ Q_COMMENT_REPLIES, "id=(select parent_id from comments where text = 'Answer 1')" },
	{ Q_COMMENT_REPLIES, "id=(select parent_id from comments where text = 'Answer 1');after_at=(select created_at from comments "
	                     "where text = 'Answer 1');after_id=(select id from comments where text = 'Answer 9000')" },
	{ Q_NOTIFICATION_PAGE, "" },
	{ Q_NOTIFICATION_PAGE, "after_at=now() - interval '5 hours';after_id=uuid_v7()" },
	{ Q_NOTIFICATION_PAGE_UNREAD, "" },
	{ Q_PLAYLIST_MINE, "" },
	{ Q_PLAYLIST_VIDEOS, "id=(select id from playlists where name = 'List 1')" },
	{ Q_PLAYLIST_VIDEOS, "id=(select id from playlists where name = 'List 1');after_position=4000::bigint << 40" },
	{ Q_WEBHOOK_DELIVERIES, "id=(select id from webhooks where url = 'https://example.com/')" },
};

static int64_t
most_of(const struct page *page)
{
	return page->most != 0 ? page->most : BLOCKS_MAX;
}

static PGconn *app;

static PGresult *
run(const char *text)
{
	PGresult *r = PQexec(app, text);

	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQerrorMessage(app));
	return r;
}

/* The value of a parameter as a literal. */
static const char *
value_of(const struct page *page, const char *name)
{
	const char *p = page->values;
	size_t n = strlen(name);

	if (strcmp(name, "me") == 0)
		return sql("select quote_literal(id) from users where username = 'ann' and tenant_id = (select id from tenants where slug = 'a')");
	if (strncmp(name, "may_", 4) == 0)
		return "false";
	for (; *p != '\0'; p += strcspn(p, ";"), p += *p == ';')
		if (strncmp(p, name, n) == 0 && p[n] == '=')
			return sql("select quote_literal((%.*s)::text)", (int)strcspn(p + n + 1, ";"), p + n + 1);
	return "null";
}

static int64_t
blocks_of(const struct page *page, const char *mode)
{
	const struct query_info *q = query_info(page->query);
	char *text = mem_printf(t.mem, "explain (analyze, buffers, timing off) execute p(");
	int64_t blocks = 0;
	PGresult *r;

	PQclear(run(mem_printf(t.mem, "set plan_cache_mode = %s", mode)));
	PQclear(PQprepare(app, "p", q->text[0], 0, NULL));
	for (int i = 0; i < q->param_count; i++)
		text = talloc_asprintf_append(text, "%s%s", i > 0 ? "," : "", value_of(page, q->params[i]));
	r = run(talloc_asprintf_append(text, ")"));
	for (int i = 0; i < PQntuples(r) && blocks == 0; i++) {
		const char *line = strstr(PQgetvalue(r, i, 0), "Buffers:"), *hit, *read;

		if (line == NULL)
			continue;
		hit = strstr(line, "hit=");
		read = strstr(line, "read=");
		blocks = (hit != NULL ? atoll(hit + 4) : 0) + (read != NULL ? atoll(read + 5) : 0);
	}
	if (blocks > most_of(page))
		for (int i = 0; i < PQntuples(r); i++)
			fprintf(stderr, "%s\n", PQgetvalue(r, i, 0));
	PQclear(r);
	PQclear(run("deallocate p"));
	return blocks;
}

static void
a_page_reads_few_blocks(void **state)
{
	static const char *const modes[] = { "force_custom_plan", "force_generic_plan" };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		for (size_t m = 0; m < 2; m++) {
			int64_t blocks = blocks_of(&pages[i], modes[m]);

			if (blocks == 0 || blocks > most_of(&pages[i])) {
				fprintf(stderr, "%s (%s, %s): %lld blocks\n", query_info(pages[i].query)->name, pages[i].values, modes[m],
				    (long long)blocks);
				wrong++;
			}
		}
	assert_int_equal(wrong, 0);
}

static int
setup(void **state)
{
	char text[16384];
	size_t n;
	FILE *f;

	if (support_open(state) != 0)
		return -1;
	f = fopen(PAGES_SQL, "re");
	if (f == NULL)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	sql("%s", text);
	app = PQconnectdb(getenv("ATELIER_DATABASE_URL"));
	if (PQstatus(app) != CONNECTION_OK)
		return -1;
	PQclear(run(mem_printf(t.mem, "set atelier.tenant = '%s'", sql("select id from tenants where slug = 'a'"))));
	return 0;
}

static int
teardown(void **state)
{
	PQfinish(app);
	return support_close(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_reads_few_blocks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
