/*
 * tests/db/test_plan.c - every named query against the migrated schema: it is planned as the role that the programs
 * use, its columns can be written, and every tenant-owned table is closed to other tenants.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/internal.h"
#include "lib/mem.h"

static PGconn *pg, *app, *owner; /* pg: one of the others */

static PGresult *
run(const char *sql)
{
	PGresult *r = PQexec(pg, sql);

	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(pg));
	return r;
}

/* All that are wrong are told, not only the first. */
static int wrong;

static void
tell(const struct query_info *q, const char *why)
{
	fprintf(stderr, "%s in %s: %s\n", q->name, q->file, why);
	wrong++;
}

static void
check_columns(void *mem, const struct query_info *q)
{
	PGresult *described = PQdescribePrepared(pg, "q");
	const char *why = "";

	if (PQnparams(described) != q->param_count)
		tell(q, "parameters are missing");
	if (q->many_by >= 0 && (strcmp(PQfname(described, 0), "id") != 0 || column_kind(PQftype(described, 0)) != COL_UUID))
		tell(q, "-- many: wants the id as its first column");
	if (PQnfields(described) > 0 && plan_make(mem, described, &why) == NULL)
		tell(q, why);
	PQclear(described);
}

/* A page must be found by its index. Row-level security keeps comparisons out of it that PostgreSQL does not know
 * to be leakproof, coalesce() among them: (select coalesce(...)) or case are. */
static void
check_keyset(const struct query_info *q, const PGresult *explained)
{
	for (int i = 0; q->is_paged && i < PQntuples(explained); i++) {
		const char *line = PQgetvalue(explained, i, 0);

		if (strstr(line, "Filter:") != NULL && strstr(line, "(ROW(") != NULL && strstr(line, "COALESCE(") != NULL)
			tell(q, line);
	}
}

static void
plan_text(void *mem, const struct query_info *q, const char *text)
{
	char *explain = mem_printf(mem, "explain execute q%s", q->param_count > 0 ? "(" : "");
	PGresult *r = PQprepare(pg, "q", text, 0, NULL);

	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		tell(q, PQresultErrorMessage(r));
		PQclear(r);
		return;
	}
	PQclear(r);
	check_columns(mem, q);
	for (int i = 0; i < q->param_count; i++)
		explain = talloc_asprintf_append(explain, "%snull%s", i > 0 ? "," : "", i + 1 == q->param_count ? ")" : "");
	r = PQexec(pg, explain);
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		tell(q, PQresultErrorMessage(r));
	check_keyset(q, r);
	PQclear(r);
	PQclear(run("deallocate q"));
}

static void
all_queries_are_planned(void **state)
{
	void *mem = talloc_new(NULL);

	(void)state;
	for (enum query_id id = Q_NONE + 1; id < QUERY_COUNT; id++) {
		const struct query_info *q = query_info(id);

		pg = strcmp(q->file, "admin.sql") == 0 ? owner : app; /* atelierctl's */
		for (int v = 0; v < (q->is_paged ? VARIANTS : q->many_by >= 0 ? 2 : 1); v++)
			plan_text(mem, q, q->text[v]);
	}
	pg = app;
	talloc_free(mem);
	assert_int_equal(wrong, 0);
}

/* Partitions are reached through their parent only: they are not granted. */
static void
tenants_tables_have_policies(void **state)
{
	PGresult *r = run("select c.relname from pg_class c"
			  " join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'"
			  " where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace"
			  " and c.relname <> 'tenant_hosts'"
			  " and (not c.relrowsecurity or not exists (select from pg_policy p where p.polrelid = c.oid))"
			  " and has_any_column_privilege('atelier_app', c.oid, 'select, insert, update')");

	(void)state;
	if (PQntuples(r) > 0)
		fail_msg("%s has a tenant_id, but no policy: select tenant_owned('%s')", PQgetvalue(r, 0, 0), PQgetvalue(r, 0, 0));
	PQclear(r);
}

static void
the_programs_role_is_weak(void **state)
{
	PGresult *r = run("select exists (select from pg_class where relowner = 'atelier_app'::regrole)"
			  " or (select rolsuper or rolbypassrls or rolcreaterole from pg_roles where rolname = 'atelier_app')");

	(void)state;
	assert_string_equal(PQgetvalue(r, 0, 0), "f");
	PQclear(r);
	r = run("select p.proname from pg_proc p where p.prosecdef and p.pronamespace = 'public'::regnamespace"
		" and not coalesce(array_to_string(p.proconfig, ' '), '') like '%search_path=%'");
	if (PQntuples(r) > 0)
		fail_msg("%s is security definer without a fixed search_path", PQgetvalue(r, 0, 0));
	PQclear(r);
}

static PGconn *
open_as(const char *variable)
{
	pg = PQconnectdb(getenv(variable));
	if (PQstatus(pg) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(pg));
	PQclear(run("set plan_cache_mode = force_generic_plan"));
	PQclear(run("set enable_seqscan = off")); /* the tables are empty */
	PQclear(run("set enable_bitmapscan = off"));
	return pg;
}

static int
setup(void **state)
{
	(void)state;
	if (getenv("PG_TEST_DIR") == NULL)
		return -1;
	owner = open_as("ATELIER_DATABASE_OWNER_URL");
	app = open_as("ATELIER_DATABASE_URL");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	PQfinish(app);
	PQfinish(owner);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_queries_are_planned),
		cmocka_unit_test(tenants_tables_have_policies),
		cmocka_unit_test(the_programs_role_is_weak),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
