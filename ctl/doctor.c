/* ctl/doctor.c - atelierctl doctor: looks at everything an operator gets wrong and says how to mend it. */
#include "ctl/doctor.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/people.h"
#include "db/migrate.h"
#include "lib/buf.h"
#include "lib/mem.h"
#include "lib/redis.h"
#include "lib/storage.h"
#include "lib/wait.h"

#define ANSWER_MS 5000
#define QUEUE_SLOW_S 600
#define SWEEP_LATE_S 600

struct doctor {
	struct ctl *ctl;
	struct db_result *facts; /* one row, or NULL when the database is away */
	struct buf json;
	int warnings, bad;
};

const struct conf *
doctor_conf(const struct doctor *d)
{
	return d->ctl->conf;
}

void *
doctor_mem(struct doctor *d)
{
	return d->ctl->mem;
}

void
doctor_say(struct doctor *d, enum verdict verdict, const char *what, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "warning", "bad" };
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_checked(talloc_vasprintf(d->ctl->mem, fmt, ap));
	va_end(ap);
	d->warnings += verdict == VERDICT_WARNING;
	d->bad += verdict == VERDICT_BAD;
	if (!d->ctl->json) {
		printf("%-8s %-14s %s\n", words[verdict], what, text);
		return;
	}
	buf_add_str(&d->json, d->json.length > 1 ? ",{" : "{");
	buf_json_key(&d->json, "verdict");
	buf_json_str(&d->json, words[verdict]);
	buf_json_key(&d->json, "what");
	buf_json_str(&d->json, what);
	buf_json_key(&d->json, "text");
	buf_json_str(&d->json, text);
	buf_add_char(&d->json, '}');
}

static void
check_user(struct doctor *d)
{
	if (geteuid() == 0)
		doctor_say(d, VERDICT_WARNING, "user", "run this as the user of the daemons (sudo -u www-data atelierctl doctor): "
		    "root may do what they may not");
	if (strncmp(doctor_conf(d)->main_base_url, "https://", 8) != 0 && strstr(doctor_conf(d)->main_base_url, "//localhost") == NULL &&
	    strstr(doctor_conf(d)->main_base_url, "//127.") == NULL)
		doctor_say(d, VERDICT_WARNING, "configuration", "main.base_url is not https: passwords and tokens travel in the open");
	doctor_say(d, VERDICT_GOOD, "configuration", "%s", doctor_conf(d)->path != NULL ? doctor_conf(d)->path : "environment");
}

static void
check_database(struct doctor *d)
{
	struct db_session s;
	const struct db_result *r;

	db_session_init(&s, ctl_db(d->ctl), d->ctl->mem, (struct uuid){ { 0 } }, now_ms() + ANSWER_MS);
	if (db_query(&s, &d->facts, Q_OPERATOR_FACTS) != 0) {
		d->facts = NULL;
		doctor_say(d, VERDICT_BAD, "database", "main.database_url does not answer, or was not migrated: %s",
		    s.error.message[0] != '\0' ? s.error.message : "is PostgreSQL running, may the role sign in (pg_hba.conf)?");
		return;
	}
	r = d->facts;
	doctor_say(d, VERDICT_GOOD, "database", "PostgreSQL %d as %s", (int)db_int(r, 0, "server_version") / 10000,
	    db_text(r, 0, "role"));
	if (db_bool(r, 0, "owns_tables") || db_bool(r, 0, "bypasses_rls"))
		doctor_say(d, VERDICT_BAD, "database role", "%s %s: communities are not kept apart; main.database_url wants atelier_app",
		    db_text(r, 0, "role"), db_bool(r, 0, "bypasses_rls") ? "bypasses row-level security" : "owns the tables");
	if (db_int(r, 0, "server_version") < 140000)
		doctor_say(d, VERDICT_BAD, "database", "PostgreSQL 14 or newer is needed");
	if (strcmp(db_text(r, 0, "fsync"), "on") != 0)
		doctor_say(d, VERDICT_WARNING, "database", "fsync is off: a power cut may cost everything (postgresql.conf)");
	if (strcmp(db_text(r, 0, "encoding"), "UTF8") != 0)
		doctor_say(d, VERDICT_BAD, "database", "the encoding is %s; create the database with encoding UTF8",
		    db_text(r, 0, "encoding"));
}

static void
check_schema(struct doctor *d)
{
	const char *url = doctor_conf(d)->main_database_owner_url, *why = "";
	struct migration_status *all;
	int count, pending = 0, changed = 0;

	if (*url == '\0')
		url = doctor_conf(d)->main_database_url;
	if (migrate_status(d->ctl->mem, url, &all, &count, &why) != 0) {
		doctor_say(d, VERDICT_BAD, "schema", "%s", why);
		return;
	}
	for (int i = 0; i < count; i++) {
		pending += all[i].state == MIGRATION_PENDING;
		changed += all[i].state == MIGRATION_CHANGED;
	}
	if (pending > 0)
		doctor_say(d, VERDICT_BAD, "schema", "%d migrations are pending: atelierctl migrate up", pending);
	else if (changed > 0)
		doctor_say(d, VERDICT_BAD, "schema", "%d migrations were edited after they were applied: install the released program",
		    changed);
	else
		doctor_say(d, VERDICT_GOOD, "schema", "%d migrations", count);
}

/* The second word of CONFIG GET's answer, or NULL where the server does not let us ask. */
static const char *
redis_setting(struct doctor *d, struct redis *redis, const char *name)
{
	struct redis_reply *reply;

	if (redis_command(redis, d->ctl->mem, &reply, now_ms() + ANSWER_MS, "CONFIG GET %s", name) != 0 ||
	    reply->type != REDIS_LIST || reply->count != 2)
		return NULL;
	return reply->items[1].text;
}

static void
check_redis(struct doctor *d)
{
	struct redis *redis = redis_open(d->ctl->mem, doctor_conf(d)->main_redis_url);
	const char *policy, *append;

	if (redis == NULL || redis_command(redis, d->ctl->mem, NULL, now_ms() + ANSWER_MS, "PING") != 0) {
		doctor_say(d, VERDICT_BAD, "redis", "main.redis_url does not answer: is it running, may this user open its socket?");
		return;
	}
	policy = redis_setting(d, redis, "maxmemory-policy");
	append = redis_setting(d, redis, "appendonly");
	if (policy != NULL && strcmp(policy, "noeviction") != 0 && strncmp(policy, "volatile-", 9) != 0)
		doctor_say(d, VERDICT_WARNING, "redis", "maxmemory-policy %s may throw uncounted views away; use volatile-lru", policy);
	if (append != NULL && strcmp(append, "yes") != 0)
		doctor_say(d, VERDICT_WARNING, "redis", "appendonly is off: a restart loses the views that were not flushed yet");
	doctor_say(d, VERDICT_GOOD, "redis", "answers");
}

/* Bodies that the web server put down must be ours to rename and read. */
static void
check_spool(struct doctor *d)
{
	const char *folder = storage_path(d->ctl->mem, doctor_conf(d), STORAGE_SPOOL, "");
	DIR *dir = opendir(folder);
	struct dirent *e;
	int foreign = 0;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		foreign += e->d_type == DT_REG && faccessat(dirfd(dir), e->d_name, R_OK | W_OK, AT_EACCESS) != 0;
	if (dir != NULL)
		closedir(dir);
	if (foreign > 0)
		doctor_say(d, VERDICT_BAD, "spool", "%d bodies in %s cannot be taken over: the web server's workers and the daemons must "
		    "run as the same user", foreign, folder);
}

static void
check_media(struct doctor *d)
{
	const char *root = doctor_conf(d)->media_root;
	struct stat one, other;
	int64_t room;

	if (storage_check(doctor_conf(d)) != 0) {
		doctor_say(d, VERDICT_BAD, "media", "%s and its folders must be there and writable for this user: "
		    "install -d -o www-data %s/{public,originals,incoming,spool}", root, root);
		return;
	}
	for (int i = STORAGE_SPOOL; i <= STORAGE_PUBLIC; i++)
		if (stat(storage_path(d->ctl->mem, doctor_conf(d), STORAGE_INCOMING, ""), &one) == 0 &&
		    stat(storage_path(d->ctl->mem, doctor_conf(d), (enum storage_root)i, ""), &other) == 0 && one.st_dev != other.st_dev)
			doctor_say(d, VERDICT_WARNING, "media", "the folders of %s lie on several file systems: uploads are copied instead of "
			    "renamed", root);
	check_spool(d);
	room = storage_room(doctor_conf(d));
	if (room <= 0)
		doctor_say(d, VERDICT_BAD, "disk", "less than media.reserve_free is left below %s: uploads are refused and transcodes wait",
		    root);
	else
		doctor_say(d, room < doctor_conf(d)->upload_max_size ? VERDICT_WARNING : VERDICT_GOOD, "disk",
		    "%.1f GB may be written below %s", (double)room / 1e9, root);
}

static void
check_queue(struct doctor *d)
{
	const struct db_result *r = d->facts;

	if (r == NULL)
		return;
	if (db_int(r, 0, "worker_connections") == 0)
		doctor_say(d, VERDICT_BAD, "worker", "no atelier-worker is connected: systemctl enable --now atelier-worker");
	else
		doctor_say(d, VERDICT_GOOD, "worker", "runs");
	if (db_double(r, 0, "oldest_queued_s") > QUEUE_SLOW_S)
		doctor_say(d, VERDICT_WARNING, "queue", "a job has waited for %.0f minutes: more worker.slots, or more workers",
		    db_double(r, 0, "oldest_queued_s") / 60);
	if (db_int(r, 0, "dead_jobs") > 0)
		doctor_say(d, VERDICT_WARNING, "queue", "%lld jobs ended badly in the last day: atelierctl job list --state dead, "
		    "then job retry", (long long)db_int(r, 0, "dead_jobs"));
	if (db_is_null(r, 0, "sweep_asked_s") || db_double(r, 0, "sweep_asked_s") > SWEEP_LATE_S)
		doctor_say(d, VERDICT_BAD, "periodic jobs", "nobody asks for them: start atelier-worker, and enable the timers "
		    "atelier-enqueue@upkeep.timer and the others, or /etc/cron.d/atelier");
	else
		doctor_say(d, VERDICT_GOOD, "periodic jobs", "asked for %.0f s ago", db_double(r, 0, "sweep_asked_s"));
}

static void
check_tenants(struct doctor *d)
{
	if (d->facts == NULL)
		return;
	if (db_int(d->facts, 0, "tenants") == 0)
		doctor_say(d, VERDICT_BAD, "communities", "there is none: atelierctl tenant create SLUG --host NAME");
	else if (db_int(d->facts, 0, "active_without_host") > 0)
		doctor_say(d, VERDICT_BAD, "communities", "%lld have no host name: atelierctl tenant host-add",
		    (long long)db_int(d->facts, 0, "active_without_host"));
	else
		doctor_say(d, VERDICT_GOOD, "communities", "%lld", (long long)db_int(d->facts, 0, "tenants"));
}

static void (*const checks[])(struct doctor *d) = { check_user, check_database, check_schema, check_redis, check_media,
	check_queue, check_tenants, doctor_check_web, doctor_check_mail, doctor_check_programs };

static int
doctor(struct ctl *ctl)
{
	struct doctor d = { .ctl = ctl };

	if (ctl->argc != 0)
		return 2;
	buf_init(&d.json, ctl->mem, 1024);
	buf_add_char(&d.json, '[');
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&d);
	buf_add_char(&d.json, ']');
	if (ctl->json)
		puts(buf_cstr(&d.json));
	else
		printf("%d to mend, %d to think about\n", d.bad, d.warnings);
	return d.bad > 0 ? 1 : 0;
}

const struct command doctor_commands[] = {
	{ "", "", "Look at everything that is easily set up wrong, and say how to mend it.", doctor, false },
	COMMAND_END
};
