/* tests/unit/test_conf.c - the configuration: file, environment, secrets from files, and every mistake named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/conf.h"
#include "lib/mem.h"

#define SECRET "0123456789abcdef0123456789abcdef"

static char path[] = "/tmp/atelier-conf-XXXXXX";
static char secret_path[] = "/tmp/atelier-secret-XXXXXX";

static void
put(const char *where, const char *text)
{
	FILE *f = fopen(where, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct conf *
read_good(void *context, const char *text)
{
	struct conf *conf = NULL;
	char *problems;

	put(path, text);
	if (conf_read(context, path, &conf, &problems) != 0)
		fail_msg("%s", problems);
	return conf;
}

static const char *
read_bad(void *context, const char *text)
{
	struct conf *conf = NULL;
	char *problems = NULL;

	put(path, text);
	assert_int_equal(conf_read(context, path, &conf, &problems), -1);
	return problems;
}

static int
setup(void **state)
{
	static const char *const names[] = { "ATELIER_SECRET", "ATELIER_CONF", "ATELIER_LOG_LEVEL", "ATELIER_WORKER_SLOTS" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	*state = talloc_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

static void
reads_values(void **state)
{
	struct conf *c = read_good(*state, "[main]\nsecret = " SECRET "\n[auth]\naccess_token_ttl = 1h30m\n"
					   "[upload]\nmax_size = 2G\n[media]\nkeep_originals = off\n"
					   "[pool:api]\nengine = event\nlisten = unix:/x\n[pool:slow]\nengine=libfcgi\nlisten=:1\nchildren=4\n");

	assert_string_equal(c->main_secret, SECRET);
	assert_int_equal(c->auth_access_token_ttl, 5400);
	assert_int_equal(c->auth_refresh_token_ttl, 30 * 86400);
	assert_int_equal(c->upload_max_size, INT64_C(2) << 30);
	assert_false(c->media_keep_originals);
	assert_int_equal(c->pool_count, 2);
	assert_string_equal(c->pools[1].name, "slow");
	assert_int_equal(c->pools[0].children, 2);
	assert_int_equal(c->pools[1].children, 4);
}

static void
obeys_the_environment(void **state)
{
	struct conf *c;

	setenv("ATELIER_SECRET", SECRET SECRET, 1);
	setenv("ATELIER_WORKER_SLOTS", "7", 1);
	setenv("ATELIER_POOL_API_CHILDREN", "9", 1);
	setenv("ATELIER_NO_SUCH_THING", "warned of, not refused", 1);
	c = read_good(*state, "[main]\nsecret = " SECRET "\n[pool:api]\nlisten = unix:/x\n");
	unsetenv("ATELIER_NO_SUCH_THING");
	unsetenv("ATELIER_POOL_API_CHILDREN");
	assert_string_equal(c->main_secret, SECRET SECRET);
	assert_int_equal(c->worker_slots, 7);
	assert_int_equal(c->pools[0].children, 9);
}

static void
reads_secret_files(void **state)
{
	struct conf *c;

	put(secret_path, SECRET "\n");
	c = read_good(*state, mem_printf(*state, "[main]\nsecret_file = %s\n", secret_path));
	assert_string_equal(c->main_secret, SECRET);
	assert_non_null(strstr(read_bad(*state, "[main]\nsecret_file = /nowhere/x\n"), "/nowhere/x: No such file"));
}

static void
names_every_mistake(void **state)
{
	const char *p = read_bad(*state, "[main]\nsecret = short\nlog_level = loud\n[auth]\nargon2_memory = lots\nargon2_pases = 2\n"
					 "[nowhere]\nx = 1\n[worker]\nslots = 2\nslots = 3\n[pool:api]\nengine = fast\n[mail]\nnonsense\n");

	assert_non_null(strstr(p, "[main] secret"));
	assert_non_null(strstr(p, "log_level"));
	assert_non_null(strstr(p, ":5: [auth] argon2_memory: is not a size"));
	assert_non_null(strstr(p, ":6: [auth] argon2_pases: there is no such setting"));
	assert_non_null(strstr(p, "[nowhere] x: there is no such setting"));
	assert_non_null(strstr(p, "slots: is set twice"));
	assert_non_null(strstr(p, "engine is neither"));
	assert_non_null(strstr(p, "listen is missing"));
	assert_non_null(strstr(p, ":15: is neither [section] nor"));
	assert_null(strstr(p, "short")); /* never the value of a secret */
}

static void
refuses_long_lines(void **state)
{
	char text[600];

	memset(text, 'x', sizeof(text));
	memcpy(text, "[main]\nsecret = ", 16);
	text[sizeof(text) - 1] = '\0';
	assert_non_null(strstr(read_bad(*state, text), ":2: the line is too long"));
}

static void
reads_numbers(void **state)
{
	static const char *const bad[] = { "slots = ", "slots = 2x", "slots = 99999999999999999999", "lease = -1s", "lease = 1y",
		"lease = 9223372036854775807w", "job_memory = 1.5G", "job_memory = G" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(strstr(read_bad(*state, mem_printf(*state, "[main]\nsecret=" SECRET "\n[worker]\n%s\n", bad[i])), ":4:"));
}

/* The example, with every default taken in earnest, means what an empty file means. */
static void
agrees_with_its_example(void **state)
{
	struct conf *plain = read_good(*state, "[main]\nsecret = " SECRET "\n"), *shown;
	FILE *f = fopen("etc/atelier.conf", "re");
	char text[32768], *p = text;
	size_t n;

	if (f == NULL)
		skip(); /* not in the build folder */
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	assert_true(n < sizeof(text) - 1);
	while ((p = strchr(p, '#')) != NULL) {
		size_t line = strcspn(p, "\n");

		if (p[1] != ' ' && memmem(p, line, "_file = ", 8) == NULL)
			memmove(p, p + 1, strlen(p));
		else
			p += line;
	}
	setenv("ATELIER_SECRET", SECRET, 1);
	shown = read_good(*state, text);
	assert_int_equal(shown->pool_count, 3);
	assert_string_equal(shown->auth_mfa_roles, plain->auth_mfa_roles);
	assert_string_equal(shown->mail_from, plain->mail_from);
	assert_string_equal(shown->main_redis_url, plain->main_redis_url);
	assert_int_equal(shown->upload_max_size, plain->upload_max_size);
	assert_int_equal(shown->media_url_ttl, plain->media_url_ttl);
	assert_true(shown->media_keep_originals == plain->media_keep_originals);
}

/* Two settings must not share one variable of the environment ([main] a_b and [a] b). */
static void
names_differ(void **state)
{
	static const char *const names[] = {
#define X(section, key, kind, dflt, doc) strcmp(#section, "main") == 0 ? #key : #section "_" #key,
#include "lib/settings.def"
#undef X
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_values, setup, teardown),
		cmocka_unit_test_setup_teardown(obeys_the_environment, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_secret_files, setup, teardown),
		cmocka_unit_test_setup_teardown(names_every_mistake, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_long_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(agrees_with_its_example, setup, teardown),
		cmocka_unit_test(names_differ),
	};
	int failed;

	close(mkstemp(path));
	close(mkstemp(secret_path));
	failed = cmocka_run_group_tests_name("conf", tests, NULL, NULL);
	unlink(path);
	unlink(secret_path);
	return failed;
}
