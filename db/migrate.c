/* db/migrate.c - applies migrations; the one place that speaks to PostgreSQL without the pipeline. */
#include "db/migrate.h"

#include <libpq-fe.h>
#include <openssl/evp.h>
#include <stdint.h>

#include "lib/mem.h"

#define LOCK_KEY "7305112866201" /* any number, the same for ever */

static const char lay_ground[] =
	"create table if not exists schema_migrations ("
	" number integer primary key, name text not null, checksum text not null,"
	" applied_at timestamptz not null default now(), took_ms integer not null)";

/* Migrations grant to this role. Whoever sets up the cluster makes it, or we do when we may. */
static const char make_role[] =
	"do $$ begin"
	" if not exists (select from pg_roles where rolname = 'atelier_app') then"
	"  if not (select rolcreaterole or rolsuper from pg_roles where rolname = current_user) then"
	"   raise exception 'There is no role atelier_app. As a superuser: create role atelier_app login;';"
	"  end if;"
	"  create role atelier_app login;"
	" end if;"
	" end $$";

struct run {
	void *mem;
	PGconn *pg;
	const char **why;
	struct migration_status *all;
	int count;
};

static const char *
first_line(void *mem, const char *message)
{
	return mem_strndup(mem, message, strcspn(message, "\n"));
}

static bool
command(struct run *r, const char *sql)
{
	PGresult *result = PQexec(r->pg, sql);
	ExecStatusType status = PQresultStatus(result);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;

	if (!ok)
		*r->why = mem_strdup(r->mem, PQresultErrorMessage(result));
	PQclear(result);
	return ok;
}

static const char *
checksum(void *mem, const char *text)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	char *hex;

	if (EVP_Digest(text, strlen(text), digest, &length, EVP_sha256(), NULL) != 1)
		mem_out_of_memory();
	hex = mem_size(mem, 2 * length + 1);
	for (unsigned i = 0; i < length; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return hex;
}

static int
known_count(void)
{
	int n = 0;

	while (migrations[n].name != NULL)
		n++;
	return n;
}

static void
take_row(struct run *r, const PGresult *rows, int row, int known)
{
	int number = (int)strtol(PQgetvalue(rows, row, 0), NULL, 10), i = 0;
	struct migration_status *s;

	while (i < known && migrations[i].number != number)
		i++;
	if (i == known) {
		s = &r->all[r->count++];
		s->name = mem_strdup(r->mem, PQgetvalue(rows, row, 1));
		s->state = MIGRATION_FOREIGN;
	} else {
		bool is_same = strcmp(PQgetvalue(rows, row, 2), checksum(r->mem, migrations[i].sql)) == 0;

		s = &r->all[i];
		s->state = is_same ? MIGRATION_APPLIED : MIGRATION_CHANGED;
	}
	s->applied_at = mem_strdup(r->mem, PQgetvalue(rows, row, 3));
}

static bool
read_status(struct run *r)
{
	PGresult *rows = PQexec(r->pg, "select number, name, checksum, applied_at from schema_migrations order by number");
	const char *state = PQresultErrorField(rows, PG_DIAG_SQLSTATE);
	bool is_new = state != NULL && strcmp(state, "42P01") == 0; /* no such table: nothing was ever applied */
	int known = known_count();

	if (PQresultStatus(rows) != PGRES_TUPLES_OK && !is_new) {
		*r->why = mem_strdup(r->mem, PQresultErrorMessage(rows));
		PQclear(rows);
		return false;
	}
	r->all = mem_array(r->mem, struct migration_status, (unsigned)(known + PQntuples(rows)) + 1);
	for (r->count = 0; r->count < known; r->count++) {
		r->all[r->count].name = migrations[r->count].name;
		r->all[r->count].state = MIGRATION_PENDING;
	}
	for (int i = 0; i < PQntuples(rows); i++)
		take_row(r, rows, i, known);
	PQclear(rows);
	return true;
}

static void
ignore_notice(void *arg, const PGresult *result)
{
	(void)arg, (void)result;
}

static bool
connect_to(struct run *r, const char *url)
{
	r->pg = mem_checked(PQconnectdb(url));
	PQsetNoticeReceiver(r->pg, ignore_notice, NULL);
	if (PQstatus(r->pg) == CONNECTION_OK)
		return true;
	*r->why = first_line(r->mem, PQerrorMessage(r->pg));
	return false;
}

int
migrate_status(void *mem, const char *url, struct migration_status **out, int *count, const char **why)
{
	struct run r = { .mem = mem, .why = why };
	bool ok = connect_to(&r, url) && read_status(&r);

	*out = r.all;
	*count = r.count;
	PQfinish(r.pg);
	return ok ? 0 : -1;
}

static bool
record(struct run *r, const struct migration *m, int ms)
{
	char number[12], took[12];
	const char *values[] = { number, m->name, checksum(r->mem, m->sql), took };
	PGresult *result;
	bool ok;

	snprintf(number, sizeof(number), "%d", m->number);
	snprintf(took, sizeof(took), "%d", ms);
	result = PQexecParams(r->pg, "insert into schema_migrations (number, name, checksum, took_ms) values ($1, $2, $3, $4)", 4,
	    NULL, values, NULL, NULL, 0);
	ok = PQresultStatus(result) == PGRES_COMMAND_OK;
	if (!ok)
		*r->why = mem_strdup(r->mem, PQresultErrorMessage(result));
	PQclear(result);
	return ok;
}

static int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool
apply(struct run *r, const struct migration *m, int *ms)
{
	int64_t began = clock_ms();
	bool ok = command(r, "begin") && command(r, m->sql);

	*ms = (int)(clock_ms() - began);
	ok = ok && record(r, m, *ms) && command(r, "commit");
	if (!ok) {
		*r->why = mem_printf(r->mem, "%s: %s", m->name, *r->why);
		PQclear(PQexec(r->pg, "rollback"));
	}
	return ok;
}

static bool
check_order(struct run *r)
{
	for (int i = 0; i < r->count; i++) {
		if (r->all[i].state == MIGRATION_CHANGED) {
			*r->why = mem_printf(r->mem, "%s was edited after it had been applied here; write a new migration instead",
			    r->all[i].name);
			return false;
		}
	}
	return true;
}

static bool
prepare(struct run *r, bool dry_run)
{
	/* A lock that we cannot get soon would make everybody behind us wait too: rather fail, and be run again. */
	if (!command(r, "set lock_timeout = '10s'") || !command(r, "select pg_advisory_lock(" LOCK_KEY ")"))
		return false;
	if (!dry_run && !(command(r, make_role) && command(r, lay_ground) && command(r, "grant select on schema_migrations to atelier_app")))
		return false;
	return read_status(r) && check_order(r);
}

int
migrate_up(void *mem, const char *url, bool dry_run, void (*told)(void *arg, const char *name, int ms), void *arg,
    const char **why)
{
	struct run r = { .mem = mem, .why = why };
	bool ok = connect_to(&r, url) && prepare(&r, dry_run);
	int done = 0, ms = 0;

	for (int i = 0; ok && migrations[i].name != NULL; i++) {
		if (r.all[i].state != MIGRATION_PENDING)
			continue;
		told(arg, migrations[i].name, -1);
		ok = dry_run || apply(&r, &migrations[i], &ms);
		if (ok)
			told(arg, migrations[i].name, ms);
		done += ok;
	}
	PQfinish(r.pg);
	return ok ? done : -1;
}
