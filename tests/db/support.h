/* tests/db/support.h - what tests beside a PostgreSQL share: two tenants, the owner's hand, fibers. */
#ifndef TESTS_DB_SUPPORT_H
#define TESTS_DB_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/db.h"
#include "lib/fiber.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"

struct support {
	struct db *db;
	void *mem;
	struct uuid tenant[2]; /* at a.test and b.test, each with users and videos */
	struct uuid user[2];
	struct uuid video[2];
	int finished, failed;
};
extern struct support t;

int support_open(void **state);
int support_close(void **state);

/* Runs SQL as the server's superuser, printf style; returns the first value (on t.mem) or "". */
const char *sql(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Another superuser session that can hold locks. */
void lock_table(const char *table);
void lock_table_for(const char *table, int ms); /* lets it go by itself */
void unlock_table(void);

struct db_session session_of(int tenant, int64_t ms);

/* Runs count fibers to their end; each calls fn(number). Fibers report with CHECK, since cmocka cannot leave their stack. */
void run_fibers(int count, void (*fn)(int number));
#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
void check_failed(const char *file, int line, const char *what);

void server_control(const char *what); /* "restart -m immediate" */

#endif
