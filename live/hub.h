/* live/hub.h - between hub.c and past.c; nobody else needs it. */
#ifndef ATELIER_LIVE_HUB_H
#define ATELIER_LIVE_HUB_H

#include <hiredis/async.h>

#include "live/live.h"

#define BUCKETS 16384
#define KEPT 200     /* events of a channel, */
#define KEPT_S 86400 /* so many seconds behind the last one; of a dojo's, which can be large, fewer and not for long */
#define KEPT_DOJO 50
#define KEPT_DOJO_S 600
#define AGAIN_MS 500 /* until Redis is tried again */

struct channel {
	struct channel *next;         /* in its bucket */
	struct listener *listeners;
	struct uuid tenant;
	char topic[CHANNEL_MAX + 48]; /* of Redis: live:TENANT:NAME */
	const char *name;             /* the end of it */
	struct counts counts;         /* of a video, when somebody looked last */
	bool is_confirmed;            /* Redis tells us what comes */
	bool is_behind;               /* it was away: the past has to be read */
	bool is_reading, has_missed;  /* what comes while the past is read is read with it */
	int holders;                  /* fibers that wait for something of it */
	struct gate gate;             /* opens when Redis has confirmed it, and when the past was read */
};

struct hub {
	struct live *live;
	struct channel *buckets[BUCKETS];
	redisAsyncContext *ac;        /* NULL: Redis is away */
	uv_timer_t again;
	bool was_away, is_resuming;
};

/* hub.c */
const char *channel_stream(void *mem, const struct channel *c); /* the key of its past */
void channel_drop(struct hub *h, struct channel *c); /* forgets it when nobody needs it any more */
void listener_hear(struct listener *l, const char *id, const char *body, size_t length); /* unless it has; id NULL: of the moment */

/* past.c */
void past_resume_soon(struct hub *h); /* reads the past of those that are behind */

#endif
