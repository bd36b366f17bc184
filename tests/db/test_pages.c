/*
 * tests/db/test_pages.c - a page of a list costs what a page costs, however much there is: on generated, lopsided data
 * (tests/db/pages.sql) each list below reads few blocks and no large table from end to end, on its first page and far behind
 * it, planned for these values or for any. A query that gives many rows and is in neither table fails. To add a list: a row.
 */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "db/internal.h"
#include "tests/db/support.h"

#define ANN "(select id from users where username = 'ann' and tenant_id = (select id from tenants where slug = 'a'))"
#define BLOCKS_MAX 1000 /* 20 rows, each with some ten look-ups of four blocks */

static const struct page {
	enum query_id query;
	const char *values; /* of parameters, as "name=SQL" separated by ";"; me is Ann, what is not named is null */
	int64_t most;       /* blocks; 0: BLOCKS_MAX */
} pages[] = {
	{ Q_VIDEO_FEED, "" },
	{ Q_VIDEO_FEED, "after_at=now() - interval '10 days';after_id=uuid_v7()" },
	{ Q_VIDEO_FEED_OF, "ids=(select array_agg(id) from (select id from videos where title like 'Generated%' limit 50) few)" },
	{ Q_VIDEO_LATEST, "most=500" },
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
	{ Q_WEBHOOK_LIST, "" },
	{ Q_PLAYLIST_OF_PERSON, "id=" ANN },
	{ Q_PLAYLIST_OF_PERSON, "id=" ANN ";after_id=(select id from playlists where name = 'List 2')", 4000 }, /* 201 videos of 5,000, each with a look for a block */
	{ Q_USER_VIDEO_PAGE, "id=" ANN },
	{ Q_USER_VIDEO_PAGE, "id=" ANN ";after_at=now() - interval '10 days';after_id=uuid_v7()" },
	{ Q_USER_VIDEO_PAGE_OWN, "" },
	{ Q_BLOCK_LIST, "", 2000 }, /* all of them: 200 people */
	{ Q_DEVICE_LIST, "" },
	{ Q_SESSION_LIST, "user=" ANN },
	{ Q_API_KEY_LIST, "user=" ANN },
	{ Q_VIDEO_GROUP_PAGE, "id=(select video_id from video_group_access group by 1 order by count(*) desc limit 1)" },
	{ Q_VIDEO_SHARED_WITH_ME, "", 8000 }, /* looks at a thousand shares of either sort */
	{ Q_GROUP_PAGE, "" },
	{ Q_GROUP_PAGE_JOINED, "" },
	{ Q_GROUP_PAGE_JOINED, "after_id=(select group_id from group_members order by group_id desc offset 4000 limit 1)" },
	{ Q_GROUP_MEMBER_PAGE, "id=(select id from groups where name = 'Group 1')" },
	/* functions: blocks of those, too. A search ranks 10,000 things at most */
	{ Q_SEARCH_FIND, "kind='video';q='generated 77';sort='relevance';offset=0;count=20", 2000 },
	{ Q_SEARCH_FIND, "kind='video';q='generated';sort='relevance';offset=0;count=20", 60000 },
	{ Q_SEARCH_COMPLETE, "q='generated 12'", 8000 }, /* 400 titles and their videos, 2,000 words */
	{ Q_SEARCH_VIDEOS, "ids=array(select id from videos where title like 'Generated%' limit 21);q='generated'" },
	{ Q_SEARCH_USERS, "ids=array(select id from users where username like 'gen%' limit 21);q='generated'" },
	{ Q_SEARCH_POCS, "ids=array(select id from pocs limit 21);q='project'" },
	{ Q_POC_FIND, "sort='created_at';descending=true;offset=0;count=20", 20000 }, /* counts to 10,000, and facets */
	{ Q_POC_LIST, "ids=array(select id from pocs limit 21)" },
	{ Q_POC_EXPORT, "", 3000 },
	{ Q_SNIPPET_LIST, "id=(select id from pocs where name = 'Project 1')" },
	{ Q_POC_PICTURE_LIST, "id=(select id from pocs where name = 'Project 1')" },
	{ Q_CONTENT_REPORTS, "" },
	{ Q_CONTENT_REPORTS, "after_at=now() - interval '4 hours';after_id=uuid_v7()" },
	{ Q_CONTENT_FILMS, "" },
	{ Q_DOJO_LIST, "" },
	/* walk back until they have a page of what fits */
	{ Q_DOJO_LIST, "status='ACTIVE'", 3000 },
	{ Q_DOJO_LIST, "language='lua'", 3000 },
	{ Q_DOJO_LIST, "mine='true'" },
	{ Q_DOJO_PEOPLE, "id=(select id from dojos where name = 'Dojo 1')", 3000 },
	{ Q_DOJO_CHAT, "id=(select id from dojos where name = 'Dojo 1')" },
	{ Q_DOJO_SNAPSHOTS, "id=(select id from dojos where name = 'Dojo 1')" },
	{ Q_DECISION_MINE, "" },
	{ Q_DECISION_MINE, "after_at=now() - interval '5 hours';after_id=uuid_v7()" },
	{ Q_APPEAL_MINE, "" },
	{ Q_APPEAL_QUEUE, "offset=0", 5000 }, /* counts to 10,000 */
	{ Q_DMCA_MINE, "" },
	{ Q_DMCA_PAGE, "" },
	{ Q_DMCA_PAGE, "state='received'" },
	{ Q_REPORT_MINE_PAGE, "" },
	{ Q_REPORT_MINE_PAGE, "after_at=now() - interval '5 hours';after_id=uuid_v7()" },
	{ Q_CASE_QUEUE, "offset=0" },
	{ Q_CASE_QUEUE, "offset=9000" },
	{ Q_CASE_QUEUE, "offset=0;category='copyright'" },
	{ Q_CASE_QUEUE, "offset=0;kind='video';category='copyright'" }, /* 13 of 20,000 */
	{ Q_CASE_QUEUE, "offset=0;kind='user';claimed='nobody'" },
	{ Q_CASE_DECIDED, "" },
	{ Q_CASE_DECIDED, "kind='comment';after_at=now() - interval '5 hours';after_id=uuid_v7()" },
	{ Q_REASON_LIST, "" },
	{ Q_WATCHED_WORD_LIST, "" },
	{ Q_BLOCKED_MEDIA_LIST, "" },
	{ Q_EARLIER_PRINTS, "limit=100;before='ffffffff-ffff-ffff-ffff-ffffffffffff'" },
	{ Q_EARLIER_PRINTS, "limit=100;before=(select id from videos where title = 'Generated 3000')" },
	{ Q_DESK_VIDEOS, "" },
	{ Q_DESK_VIDEOS, "after_at=now() - interval '5 hours';after_id=uuid_v7()" },
	{ Q_DESK_COMMENTS, "" },
	{ Q_DESK_COMMENTS, "after_at=now() - interval '5 hours';after_id=uuid_v7()" },
	{ Q_DESK_JOBS, "" },
	{ Q_DESK_JOBS, "state='dead'" },
	{ Q_DESK_COLLEAGUES, "" },
	{ Q_AUDIT_PAGE, "" },
	{ Q_AUDIT_PAGE, "after_at=now() - interval '5 hours';after_id=uuid_v7()" },
	{ Q_AUDIT_PAGE, "actor=" ANN },
	{ Q_AUDIT_EXPORT, "", 8000 }, /* a thousand rows, and who it was */
	{ Q_USER_PAGE, "sort='-createdAt';offset=0", 12000 }, /* counts to 10,000 */
	{ Q_USER_PAGE, "q='gen4321';sort='-createdAt';offset=0" },
	{ Q_TENANT_PAGE, "offset=0" },
	{ Q_PUBLIC_FEED, "id=" ANN },
	{ Q_PUBLIC_CAPTIONS, "id=(select id from videos limit 1)" },
	{ Q_SITEMAP_PAGE, "id=(select id from videos where title = 'Generated 10')", 10000 }, /* two thousand videos */
};

/* Many rows, and no list that somebody pages through. */
static const struct exempt {
	enum query_id query;
	const char *why;
} exempt[] = {
	{ Q_SITEMAP_INDEX, "walks the index of all videos, once a second at most" },
	{ Q_TENANT_LIST, "atelierctl's" },
	{ Q_USER_LIST, "atelierctl's" },
	{ Q_COUNTERS_OFF, "atelierctl recount compares everything" },
	{ Q_COUNTERS_MEND, "atelierctl recount compares everything" },
	{ Q_QUEUE_BY_KIND, "a row for each kind of job, for /metrics" },
	{ Q_DESK_JOB_FIGURES, "a row for each kind of job" },
	{ Q_WEBHOOK_EVENTS, "names of events" },
	{ Q_SESSIONS_REVOKED_SINCE, "what happened since the last look, some seconds ago" },
	{ Q_SESSIONS_TOLD, "all sessions of a person, when they end" },
	{ Q_BLOCKED_PRINTS, "the worker compares a video with all of them" },
	{ Q_LEAVING_FILES, "the worker's, once a person" },
	{ Q_PUSH_DEVICES, "the worker's; DEVICE_LIST reads the same" },
	{ Q_DIGEST_LINES, "the worker's; NOTIFICATION_PAGE_UNREAD reads the same" },
	{ Q_UNIQUES_DUE, "the worker's: all videos of the last days" },
	{ Q_UNIQUES_KEPT, "the worker's: when Redis was emptied" },
	{ Q_RECOMMEND_VIDEOS, "the worker learns from everything" },
	{ Q_ANALYTICS_CREATOR_VIEWED, "once a minute for each creator and time" },
	{ Q_RECAP_POCS, "the worker makes a film of a year" },
	{ Q_DOJO_FILM_CHAT, "the worker makes a film of a dojo" },
	{ Q_LIVE_DOJO_OPERATIONS, "atelier-live catches somebody up" },
	{ Q_LIVE_DOJO_PEOPLE, "atelier-live tells who is there: 200 at most" },
};

/* The programs plan for any values: planned for these it may look at four times as much. */
static int64_t
most_of(const struct page *page, bool is_generic)
{
	return (page->most != 0 ? page->most : BLOCKS_MAX) * (is_generic ? 1 : 4);
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

/* A sequential scan of a table that is no small one. Of people there are too few for an index to be worth it. */
static bool
is_walk(const char *line)
{
	const char *at = strstr(line, "Seq Scan on ");

	return at != NULL && strcmp(sql("select coalesce((select relpages > 200 from pg_class where relname = '%.*s'), false)",
	                                (int)strcspn(at + 12, " "), at + 12), "t") == 0;
}

/* Blocks read by a page; INT64_MAX when a large table is read from end to end where few blocks are allowed. */
static int64_t
blocks_of(const struct page *page, bool is_generic)
{
	const struct query_info *q = query_info(page->query);
	char *text = mem_printf(t.mem, "explain (analyze, buffers, timing off) execute p%s", q->param_count > 0 ? "(" : "");
	int64_t blocks = 0;
	PGresult *r;

	PQclear(run(mem_printf(t.mem, "set plan_cache_mode = force_%s_plan", is_generic ? "generic" : "custom")));
	PQclear(PQprepare(app, "p", q->text[0], 0, NULL));
	for (int i = 0; i < q->param_count; i++)
		text = talloc_asprintf_append(text, "%s%s", i > 0 ? "," : "", value_of(page, q->params[i]));
	r = run(q->param_count > 0 ? talloc_asprintf_append(text, ")") : text);
	for (int i = 0; i < PQntuples(r); i++) {
		const char *line = strstr(PQgetvalue(r, i, 0), "Buffers:"), *hit, *read;

		if (is_generic && page->most == 0 && is_walk(PQgetvalue(r, i, 0)))
			blocks = INT64_MAX;
		if (line == NULL || blocks > 0)
			continue;
		hit = strstr(line, "hit=");
		read = strstr(line, "read=");
		blocks = (hit != NULL ? atoll(hit + 4) : 0) + (read != NULL ? atoll(read + 5) : 0);
	}
	if (blocks > most_of(page, is_generic))
		for (int i = 0; i < PQntuples(r); i++)
			fprintf(stderr, "%s\n", PQgetvalue(r, i, 0));
	PQclear(r);
	PQclear(run("deallocate p"));
	return blocks;
}

static void
a_page_reads_few_blocks(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(pages) / sizeof(pages[0]); i++) {
		const struct page *page = &pages[i / 2];
		bool is_generic = i % 2 == 0;
		int64_t blocks = blocks_of(page, is_generic);

		if (blocks > 0 && blocks <= most_of(page, is_generic))
			continue;
		fprintf(stderr, "%s (%s, %s plan): %lld blocks\n", query_info(page->query)->name, page->values,
		    is_generic ? "generic" : "custom", (long long)blocks);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* Of several rows, in no particular number: its text ends with a limit that is not 1. */
static bool
is_list(const struct query_info *q)
{
	const char *limit = NULL;

	for (const char *p = q->text[0]; (p = strstr(p, "limit ")) != NULL; p += 6)
		limit = p;
	return limit != NULL && strchr(limit, ')') == NULL && strtol(limit + 6, NULL, 10) != 1;
}

static bool
is_known(enum query_id id)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (pages[i].query == id)
			return true;
	for (size_t i = 0; i < sizeof(exempt) / sizeof(exempt[0]); i++)
		if (exempt[i].query == id)
			return true;
	return false;
}

static void
every_list_is_looked_at(void **state)
{
	int wrong = 0;

	(void)state;
	for (enum query_id id = Q_NONE + 1; id < QUERY_COUNT; id++)
		if (is_list(query_info(id)) && !is_known(id)) {
			fprintf(stderr, "%s in %s is in no table of tests/db/test_pages.c\n", query_info(id)->name, query_info(id)->file);
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

static int
setup(void **state)
{
	char text[65536];
	size_t n;
	FILE *f;

	if (support_open(state) != 0)
		return -1;
	f = fopen(PAGES_SQL, "re");
	if (f == NULL)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, f);
	assert_true(feof(f));
	fclose(f);
	text[n] = '\0';
	sql("%s", text);
	sql("vacuum cases"); /* as autovacuum does: what an index holds is not looked up in the table */
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
		cmocka_unit_test(every_list_is_looked_at),
		cmocka_unit_test(a_page_reads_few_blocks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
