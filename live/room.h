/* live/room.h - between room.c, room_edit.c and room_people.c; nobody else needs it. */
#ifndef ATELIER_LIVE_ROOM_H
#define ATELIER_LIVE_ROOM_H

#include "lib/ot.h"
#include "live/live.h"

#define PAST 400        /* operations that are kept for those who are behind */
#define AGAIN_MS 500    /* until the database is tried again */

struct past {
	struct ot *op, *back; /* what was done, and what takes it back; the revision's owner is the room */
};

struct edit {
	struct edit *next;
	struct peer *conn; /* held */
	struct member *member;
	int base;
	const char *request;
	struct json_object *ops; /* or */
	const char *content;
	const char *extras; /* members of the frame for the others: ,"position":… */
};

struct room {
	struct listener listener; /* first: the listener is the room */
	struct room *next;
	struct live *live;
	struct uuid tenant, id;
	char channel[CHANNEL_MAX];
	struct buf text;
	int revision, saved;
	struct past past[PAST]; /* of revision n at n % PAST */
	int past_count;
	struct member *members;
	int guests;             /* on their way in */
	struct gate loaded, worked; /* worked: an edit is done */
	struct edit *first, **last;
	bool is_working, is_loaded, wants_sync, wants_people;
	int64_t turn_us; /* when its fiber last let others have theirs */
	int err; /* of loading */
};

/* room.c */
void room_work(struct room *r); /* its fiber looks what there is to do */
void room_breathe(struct room *r); /* in long work of its fiber: others have their turn, where it took some milliseconds */
void room_send(struct room *r, const char *text, size_t length); /* to the sockets here */
int room_sync_now(struct room *r); /* waits; reads what others wrote. 0 or an ERR_ */
void room_sync(struct room *r); /* the same, soon */

/* room_edit.c */
bool room_apply(struct room *r, const struct ot *op); /* the next operation: false when it is not one of this text */
void room_write_update(struct buf *b, const struct ot *op, int revision, const char *user, const char *name, const char *request, int64_t at_us,
    const char *extras);
void room_do_edit(struct room *r, struct edit *e); /* waits; its end frees the edit */

/* room_people.c */
void room_send_people(struct room *r); /* waits */

#endif
