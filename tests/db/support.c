/* tests/db/support.c - see support.h. */
#include "tests/db/support.h"

#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

struct support t;
static PGconn *holder;

static PGconn *
super_connect(void)
{
	char url[200];
	PGconn *pg;

	snprintf(url, sizeof(url), "host=%s user=postgres dbname=atelier", getenv("PG_TEST_DIR"));
	pg = PQconnectdb(url);
	if (PQstatus(pg) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(pg));
	return pg;
}

const char *
sql(const char *fmt, ...)
{
	PGconn *pg = super_connect();
	const char *value = "";
	PGresult *r;
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = talloc_vasprintf(t.mem, fmt, ap);
	va_end(ap);
	r = PQexec(pg, text);
	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQresultErrorMessage(r));
	if (PQntuples(r) > 0)
		value = mem_strdup(t.mem, PQgetvalue(r, 0, 0));
	PQclear(r);
	PQfinish(pg);
	return value;
}

void
lock_table(const char *table)
{
	char text[100];

	holder = super_connect();
	snprintf(text, sizeof(text), "begin; lock table %s in access exclusive mode", table);
	PQclear(PQexec(holder, text));
}

void
lock_table_for(const char *table, int ms)
{
	char text[120];

	holder = super_connect();
	snprintf(text, sizeof(text), "begin; lock table %s in access exclusive mode; select pg_sleep(%d / 1000.0); rollback", table, ms);
	PQsendQuery(holder, text);
	while (strcmp(sql("select count(*) from pg_locks where relation = '%s'::regclass and mode = 'AccessExclusiveLock' and granted", table), "1") != 0)
		wait_sleep(5);
}

void
unlock_table(void)
{
	if (holder == NULL)
		return;
	PQclear(PQexec(holder, "rollback"));
	PQfinish(holder);
	holder = NULL;
}

static struct uuid
uuid_of(const char *text)
{
	struct uuid u = { { 0 } };

	if (!uuid_parse(text, strlen(text), &u))
		fail_msg("no uuid: %s", text);
	return u;
}

static void
seed(int i)
{
	const char *tenant = sql("insert into tenants (slug, name, base_url) values ('%c', 'Tenant %c', 'http://%c.test') returning id",
	    'a' + i, 'A' + i, 'a' + i);
	const char *user = sql("insert into users (tenant_id, email, username, display_name)"
			       " values ('%s', 'ann@%c.test', 'ann', 'Ann of %c') returning id", tenant, 'a' + i, 'A' + i);
	const char *video = sql("insert into videos (tenant_id, user_id, title, uploaded_at, renditions_total, renditions_ready)"
				" values ('%s', '%s', 'Video of %c', now(), 1, 1) returning id", tenant, user, 'A' + i);

	sql("insert into tenant_hosts (host, tenant_id) values ('%c.test', '%s')", 'a' + i, tenant);
	t.tenant[i] = uuid_of(tenant);
	t.user[i] = uuid_of(user);
	t.video[i] = uuid_of(video);
}

int
support_open(void **state)
{
	const char *url = getenv("ATELIER_DATABASE_URL");

	(void)state;
	if (url == NULL || getenv("PG_TEST_DIR") == NULL)
		return -1;
	log_open("test", LOG_ERROR);
	t.mem = talloc_new(NULL);
	t.db = db_open(t.mem, &(struct db_options){ .url = url, .name = "test", .shared = 2, .own = 3 });
	seed(0);
	seed(1);
	return 0;
}

int
support_close(void **state)
{
	(void)state;
	talloc_free(t.mem);
	wait_close();
	fiber_free_stacks();
	return 0;
}

struct db_session
session_of(int tenant, int64_t ms)
{
	struct db_session s;

	db_session_init(&s, t.db, t.mem, tenant < 0 ? (struct uuid){ { 0 } } : t.tenant[tenant], now_ms() + ms);
	return s;
}

/* --- fibers --- */

struct start {
	void (*fn)(int number);
	int number;
};

static int expected;

static void
fiber_main(void *arg)
{
	struct start *s = arg;

	s->fn(s->number);
	if (++t.finished == expected)
		uv_stop(wait_loop());
}

static void
too_late(uv_timer_t *timer)
{
	check_failed("", 0, "fibers hang");
	uv_stop(timer->loop);
}

void
run_fibers(int count, void (*fn)(int number))
{
	uv_timer_t *guard = talloc_zero(t.mem, uv_timer_t);

	t.finished = t.failed = 0;
	expected = count;
	for (int i = 0; i < count; i++) {
		struct start *s = mem_new(t.mem, struct start);

		s->fn = fn;
		s->number = i;
		fiber_spawn(fiber_main, s);
	}
	uv_timer_init(wait_loop(), guard);
	uv_timer_start(guard, too_late, 60000, 0); /* also what keeps the loop turning */
	if (t.finished < count)
		wait_run();
	uv_timer_stop(guard);
	unlock_table(); /* not to fail the tests behind as well */
	assert_int_equal(t.failed, 0);
	assert_int_equal(t.finished, count);
}

void
check_failed(const char *file, int line, const char *what)
{
	if (t.failed++ < 10)
		fprintf(stderr, "%s:%d: %s\n", file, line, what);
}

void
server_control(const char *what)
{
	char command[300];
	pid_t pid;

	snprintf(command, sizeof(command), "exec %s/ctl %s >/dev/null 2>&1", getenv("PG_TEST_DIR"), what);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}
