/* worker/supervisor.c - the claim loop. */
#include "worker/supervisor.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/answers.h"
#include "lib/fiber.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/random.h"
#include "lib/wait.h"
#include "worker/cron.h"

#define POLL_MS 3000      /* when no notification came */
#define REAP_EVERY_MS 10000
#define CLAIM_DEADLINE_MS 10000
#define KINDS_MAX 64
#define LIGHT_SLOTS 8

void
supervisor_wake(struct supervisor *s)
{
	struct wait *w = s->idle;

	s->is_woken = true;
	s->idle = NULL;
	if (w != NULL)
		wait_done(w);
}

static void
on_notify(void *arg, const char *payload)
{
	(void)payload;
	supervisor_wake(arg);
}

static void
on_cancel(void *arg, const char *payload)
{
	(void)payload;
	attendances_call(arg);
}

/* Something of a community is no longer for everybody's eyes, whoever did that: what the web process keeps does not count. */
static void
on_narrowed(void *arg, const char *tenant)
{
	struct supervisor *s = arg;

	if (tenant != NULL)
		redis_send(s->redis, "SET " ANSWERS_DROPPED_KEY " %lld PX %d", tenant, (long long)answers_clock_ms(),
		    ANSWERS_DROPPED_MS);
}

static void
on_stop(uv_signal_t *handle, int sig)
{
	struct supervisor *s = handle->data;

	if (!s->stopping)
		log_info("stopping", LOG_INT("signal", sig), LOG_INT("running", s->running));
	s->stopping = true;
	supervisor_wake(s);
	attendances_call(s);
}

/* Is it one that worker.kinds names, or none of those that it takes away? */
static bool
is_ours(const struct supervisor *s, const char *kind)
{
	const char *p = s->conf->worker_kinds;
	size_t length = strlen(kind);
	bool takes_away = strchr(p, '-') != NULL;

	while (*p != '\0') {
		size_t n = strcspn(p, ",");
		size_t skip = strspn(p, " -");

		if (n - skip == length && strncmp(p + skip, kind, length) == 0)
			return !takes_away;
		p += n + (p[n] == ',');
	}
	return takes_away || *s->conf->worker_kinds == '\0';
}

/* What computes for long (user media) has worker.slots; what is short (mail, views) never waits behind it. */
static bool
is_open(const struct supervisor *s, int k)
{
	const struct job_kind *kind = job_kinds[k];

	if (!is_ours(s, kind->name) || (kind->slots != 0 && s->running_by_kind[k] >= kind->slots))
		return false;
	return kind->is_confined ? s->running_heavy < s->conf->worker_slots : s->running - s->running_heavy < LIGHT_SLOTS;
}

/* Kinds that may be started now. */
static size_t
open_kinds(const struct supervisor *s, const char *names[KINDS_MAX])
{
	size_t count = 0;

	for (int k = 0; job_kinds[k] != NULL && k < KINDS_MAX; k++)
		if (is_open(s, k))
			names[count++] = job_kinds[k]->name;
	return count;
}

static int
kind_index(const char *name)
{
	for (int k = 0; job_kinds[k] != NULL; k++)
		if (strcmp(job_kinds[k]->name, name) == 0)
			return k;
	return -1;
}

static struct job *
job_from_row(struct supervisor *s, const char *claim, const struct db_result *r)
{
	void *mem = talloc_named_const(NULL, 0, "job");
	struct job *job = mem_new(mem, struct job);

	job->mem = mem;
	job->conf = s->conf;
	job->worker = mem_strdup(job, claim);
	job->kind = job_kind_by_name(db_text(r, 0, "kind"));
	job->id = db_uuid(r, 0, "id");
	job->tenant = db_uuid(r, 0, "tenant_id");
	job->user = db_uuid(r, 0, "user_id");
	job->subject = db_uuid(r, 0, "subject_id");
	job->payload = mem_strdup(job, db_text(r, 0, "payload"));
	job->trace_parent = mem_strdup(job, db_text(r, 0, "traceparent"));
	job->attempt = (int)db_int(r, 0, "attempts");
	return job;
}

/* The fiber runs until its first wait before this returns. Without one the lease runs out and another worker has the job. */
static bool
start(struct supervisor *s, struct job *job)
{
	struct attendance *a = mem_new(NULL, struct attendance);

	a->supervisor = s;
	a->job = job;
	a->kind_index = kind_index(job->kind->name);
	a->next = s->attended;
	s->attended = a;
	s->running++;
	s->running_heavy += job->kind->is_confined;
	s->running_by_kind[a->kind_index]++;
	if (fiber_spawn(attend, a) != NULL)
		return true;
	attendance_end(a);
	return false;
}

void
attendance_end(struct attendance *a)
{
	struct supervisor *s = a->supervisor;
	struct attendance **at = &s->attended;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	s->running--;
	s->running_heavy -= a->job->kind->is_confined;
	s->running_by_kind[a->kind_index]--;
	talloc_free(a->job->mem);
	talloc_free(a);
	supervisor_wake(s);
}

/* Claims one job and starts its fiber. False when there is none, or the database is away. */
static bool
claim(struct supervisor *s)
{
	void *mem = talloc_named_const(NULL, 0, "claim");
	const char *names[KINDS_MAX], *proof = mem_printf(mem, "%s:%u", s->name, ++s->claims);
	size_t count = open_kinds(s, names);
	struct db_session db;
	struct db_result *r;
	bool found = false;

	db_session_init(&db, s->db, mem, (struct uuid){ { 0 } }, now_ms() + CLAIM_DEADLINE_MS);
	if (count > 0 && db_query(&db, &r, Q_JOB_CLAIM, text_param(proof), text_array_param(names, count),
	                     int_param(s->conf->worker_lease)) == 0 &&
	    db_rows(r) == 1)
		found = start(s, job_from_row(s, proof, r));
	db_session_end(&db);
	talloc_free(mem);
	return found;
}

/* What other workers left behind. */
static void
reap(struct supervisor *s)
{
	void *mem = talloc_named_const(NULL, 0, "reap");
	struct db_session db;
	struct db_result *r;

	db_session_init(&db, s->db, mem, (struct uuid){ { 0 } }, now_ms() + CLAIM_DEADLINE_MS);
	if (db_query(&db, &r, Q_JOB_REAP) == 0)
		for (int i = 0; i < db_rows(r); i++) {
			char id[UUID_TEXT];
			struct uuid u = db_uuid(r, i, "id");

			log_warn("job_taken_back", LOG_STR("job", uuid_text(&u, id)), LOG_STR("kind", db_text(r, i, "kind")),
			    LOG_STR("state", db_text(r, i, "state")));
		}
	db_session_end(&db);
	talloc_free(mem);
}

/* Until something changes, or a while has passed. */
static void
rest(struct supervisor *s, int64_t ms)
{
	struct wait w;

	if (s->is_woken)
		return;
	wait_init(&w);
	s->idle = &w;
	wait_for(&w, now_ms() + ms);
	s->idle = NULL;
}

static void
catch_up(struct supervisor *s)
{
	void *mem = talloc_named_const(NULL, 0, "catch_up");
	struct db_session db;

	db_session_init(&db, s->db, mem, (struct uuid){ { 0 } }, now_ms() + CLAIM_DEADLINE_MS);
	s->has_caught_up = cron_catch_up(&db) == 0;
	db_session_end(&db);
	talloc_free(mem);
}

static void
ask_for_frequent(struct supervisor *s)
{
	void *mem = talloc_named_const(NULL, 0, "tick");
	struct db_session db;

	db_session_init(&db, s->db, mem, (struct uuid){ { 0 } }, now_ms() + CLAIM_DEADLINE_MS);
	cron_tick(&db, now_ms());
	db_session_end(&db);
	talloc_free(mem);
}

static void
claim_loop(void *arg)
{
	struct supervisor *s = arg;
	int64_t next_reap_ms = 0;

	while (!s->stopping || s->running > 0) {
		s->is_woken = false;
		if (!s->has_caught_up && !s->stopping)
			catch_up(s);
		if (!s->stopping)
			ask_for_frequent(s);
		if (now_ms() >= next_reap_ms && !s->stopping) {
			reap(s);
			next_reap_ms = now_ms() + REAP_EVERY_MS;
		}
		if (s->stopping || !claim(s))
			rest(s, POLL_MS);
	}
	uv_stop(wait_loop());
}

static void
name_worker(struct supervisor *s)
{
	char host[64] = "";
	uint32_t tail;

	gethostname(host, sizeof(host) - 1);
	random_bytes(&tail, sizeof(tail));
	snprintf(s->name, sizeof(s->name), "%s:%d:%08x", host, (int)getpid(), tail);
}

int
supervisor_run(const struct conf *conf)
{
	struct supervisor *s = mem_new(NULL, struct supervisor);
	struct db_options options = { .url = conf->main_database_url, .name = "atelier-worker", .shared = 1, .own = 4 };
	uv_signal_t term, interrupt;

	s->conf = conf;
	name_worker(s);
	s->db = db_open(s, &options);
	s->redis = redis_open(s, conf->main_redis_url);
	signal(SIGPIPE, SIG_IGN);
	uv_signal_init(wait_loop(), &term);
	uv_signal_init(wait_loop(), &interrupt);
	term.data = interrupt.data = s;
	uv_signal_start(&term, on_stop, SIGTERM);
	uv_signal_start(&interrupt, on_stop, SIGINT);
	db_listen(s->db, "atelier_jobs", on_notify, s);
	db_listen(s->db, "atelier_job_cancel", on_cancel, s);
	db_listen(s->db, "atelier_narrowed", on_narrowed, s);
	log_info("started", LOG_STR("worker", s->name), LOG_INT("slots", conf->worker_slots));
	fiber_spawn(claim_loop, s);
	wait_run();
	log_info("stopped");
	return 0;
}
