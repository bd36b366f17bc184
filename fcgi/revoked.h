/*
 * fcgi/revoked.h - access tokens that ended before their time: sessions that were signed out, and sessions whose
 * tokens are outdated (new role, suspension). The table lies in memory shared by all children, so a sign-out counts
 * for the next request whoever serves it, and asking costs no round trip. What other machines and atelierctl did is
 * read from the database once a second.
 */
#ifndef ATELIER_REVOKED_H
#define ATELIER_REVOKED_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/uuid.h"

struct app;
struct revoked;

#define REVOKED_FOR_EVER INT64_MAX

/* Before the fork. */
struct revoked *revoked_open(void);

/* Tokens of the session given out at or before not_before_s (Unix seconds) are refused for ttl_s from now. */
void revoked_add(struct revoked *table, const struct uuid *session, int64_t not_before_s, int64_t ttl_s);
bool revoked_is(const struct revoked *table, const struct uuid *session, int64_t issued_s);

/* Reads what is new in the database if nobody did in the last second. mem: for the query. */
void revoked_refresh(struct app *app, void *mem);

#endif
