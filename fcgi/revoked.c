/* fcgi/revoked.c - a hash table in shared memory: many readers without a lock, few writers with one. */
#include "fcgi/revoked.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "fcgi/app.h"
#include "lib/wait.h"

#define SLOTS 65536
#define PROBES 16
#define QUERY_MS 500
#define OVERLAP_S 40 /* a transaction may commit that long after the time it wrote */

struct slot {
	_Atomic int64_t not_before_s; /* 0: free; written last, so that a reader never takes half an entry */
	_Atomic uint64_t high, low;
	_Atomic int64_t until_s;
};

struct revoked {
	pthread_mutex_t lock; /* of writers; robust: a child may die with it */
	_Atomic int64_t tried_at_s; /* the last second in which a child asked the database */
	_Atomic int64_t read_to_s;  /* up to when the database is known */
	struct slot slots[SLOTS];
};

struct revoked *
revoked_open(void)
{
	struct revoked *table = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attr;

	if (table == MAP_FAILED)
		mem_out_of_memory();
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&table->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return table;
}

static void
halves(const struct uuid *id, uint64_t *high, uint64_t *low)
{
	memcpy(high, id->b, 8);
	memcpy(low, id->b + 8, 8);
}

/* Version 7: the random part is behind. */
static size_t
place(uint64_t low)
{
	return (size_t)(low * UINT64_C(0x9e3779b97f4a7c15) >> 48) % SLOTS;
}

/* The session's own slot, else one that is free or over, else the one that is over first. */
static struct slot *
slot_for(struct revoked *table, uint64_t high, uint64_t low, int64_t now_s)
{
	struct slot *best = NULL;

	for (size_t i = 0; i < PROBES; i++) {
		struct slot *s = &table->slots[(place(low) + i) % SLOTS];

		if (s->not_before_s != 0 && s->high == high && s->low == low)
			return s;
		if (best == NULL || (best->until_s >= now_s && s->until_s < best->until_s))
			best = s;
	}
	return best;
}

void
revoked_add(struct revoked *table, const struct uuid *session, int64_t not_before_s, int64_t ttl_s)
{
	int64_t now_s = time(NULL);
	uint64_t high, low;
	struct slot *s;

	halves(session, &high, &low);
	if (pthread_mutex_lock(&table->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&table->lock);
	s = slot_for(table, high, low, now_s);
	if (s->high != high || s->low != low || s->not_before_s < not_before_s) {
		atomic_store_explicit(&s->not_before_s, 0, memory_order_release);
		s->high = high;
		s->low = low;
		atomic_store_explicit(&s->not_before_s, not_before_s, memory_order_release);
	}
	s->until_s = now_s + ttl_s;
	pthread_mutex_unlock(&table->lock);
}

bool
revoked_is(const struct revoked *table, const struct uuid *session, int64_t issued_s)
{
	uint64_t high, low;

	halves(session, &high, &low);
	for (size_t i = 0; i < PROBES; i++) {
		const struct slot *s = &table->slots[(place(low) + i) % SLOTS];
		int64_t not_before_s = atomic_load_explicit(&s->not_before_s, memory_order_acquire);

		if (not_before_s != 0 && s->high == high && s->low == low)
			return issued_s <= not_before_s;
	}
	return false;
}

/* Whoever wins the second asks; a database that is away is asked again a second later. */
void
revoked_refresh(struct app *app, void *mem)
{
	struct revoked *table = app->revoked;
	int64_t now_s = time(NULL), last = table->tried_at_s, known = table->read_to_s;
	int64_t ttl_s = app->conf->auth_access_token_ttl;
	struct db_session session;
	struct db_result *r;

	if (last >= now_s || !atomic_compare_exchange_strong(&table->tried_at_s, &last, now_s))
		return;
	db_session_init(&session, app->db, mem, (struct uuid){ { 0 } }, now_ms() + QUERY_MS);
	session.may_repeat = true;
	if (db_query(&session, &r, Q_SESSIONS_REVOKED_SINCE,
	        int_param((known == 0 ? ttl_s : now_s - known) + OVERLAP_S)) != 0)
		return;
	for (int i = 0; i < db_rows(r); i++) {
		struct uuid id = db_uuid(r, i, "session_id");

		revoked_add(table, &id,
		    db_is_null(r, i, "not_before_s") ? REVOKED_FOR_EVER : db_int(r, i, "not_before_s"), ttl_s);
	}
	table->read_to_s = now_s;
	db_session_end(&session);
}
