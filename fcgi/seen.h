/*
 * fcgi/seen.h - what counting a view need not ask for: which public videos were found visible a moment ago, and whose view
 * was counted within the half hour. Shared between all children of this machine, and forgetful: what it does not know, others
 * do (the database; the marks in Redis, by which the worker drops what another machine has counted).
 */
#ifndef ATELIER_SEEN_H
#define ATELIER_SEEN_H

#include <stdbool.h>
#include <time.h>

#include "lib/uuid.h"

struct seen;

/* In shared memory: to be called by the master. */
struct seen *seen_open(void);

/* A video that was hidden since may be counted for a minute more, and the flush drops what is gone. */
bool seen_recently(const struct seen *s, const struct uuid *tenant, const struct uuid *video);
void seen_add(struct seen *s, const struct uuid *tenant, const struct uuid *video);

/* Takes the view of this print (of a video and a visitor) as counted at now_s. False when it was within SEEN_VIEW_S before: of several
 * that claim one view at once, one gets it. seen_unclaim gives it back. */
#define SEEN_VIEW_S 1800
bool seen_claim(struct seen *s, uint64_t print, time_t now_s);
void seen_unclaim(struct seen *s, uint64_t print);

#endif
