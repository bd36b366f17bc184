/*
 * live/live.h - what the parts of atelier-live share (doc/live.md).
 *
 *	server.c    sockets, by libwebsockets
 *	peer.c      who is at the other end of one: frames in and out, limits, back-pressure
 *	access.c    who is there: token, session, what may be listened to
 *	hub.c       channels: who listens here, Redis between the daemons; past.c, what Redis keeps of them
 *	outbox.c    what the database has to tell; counts.c, how often a video was liked
 *	events.c    the sockets at /api/v1/live
 *	dojo.c      those at /api/v1/dojos/ID/live, room*.c what they share
 *	presence.c  who else is there
 *	figures.c   what /metrics says of us
 *	gate.c      where fibers wait for each other
 *
 * One thread, one loop. What waits runs in fibers: each socket has at most one that works off its frames in order.
 */
#ifndef ATELIER_LIVE_H
#define ATELIER_LIVE_H

#include <json-c/json.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <uv.h>

#include "db/db.h"
#include "lib/buf.h"
#include "lib/conf.h"
#include "lib/mem.h"
#include "lib/permission.h"
#include "lib/redis.h"
#include "lib/token.h"
#include "lib/wait.h"

#define CALL_MS 10000
#define STREAM_ID 40 /* "1763700000000-12" */
#define CHANNEL_MAX 100

/* Close codes; the first four are the specification's. */
enum { CLOSE_AUTH = 4001, CLOSE_NOT_FOUND = 4002, CLOSE_FULL = 4003, CLOSE_FORBIDDEN = 4004, CLOSE_SLOW = 4008, CLOSE_RATE = 4009, CLOSE_AWAY = 1001 };

struct channel;
struct peer;
struct hub;

/* --- gate.c --- */
struct gate { /* zero: nobody waits */
	struct waiter *first;
};
/* Waits until gate_open() is called. False: that took longer than ms, or the fiber was cancelled. */
bool gate_wait(struct gate *g, int64_t ms);
void gate_open(struct gate *g); /* lets go all who wait now */

struct live {
	const struct conf *conf;
	struct db *db;
	struct redis *redis;
	struct keyring *keys;
	struct lws_context *lws;
	struct hub *hub;
	struct peer *peers; /* all of them */
	size_t peer_count, waiting_bytes; /* waiting: for all readers together */
	char name[40];      /* of this daemon, for presence */
	bool is_stopping, is_checking;
	int64_t sessions_known_ms; /* up to when it is known which were ended */
	int64_t stopped_ms;
	struct gate checked;
	int checks;         /* that run now */
	struct { uint64_t connections, frames_in, frames_out, slow_readers, events; } figures; /* since it began */
};

struct who {
	struct uuid tenant, user, session;
	enum role role;
	int64_t issued_s;
	char user_text[UUID_TEXT];
	const char *name; /* as people see it */
};

/* What stands at the other end of a kind of address. Calls of open() and frame() may wait; close() may not. */
struct face {
	bool (*open)(struct peer *c); /* false: it closed the connection itself */
	void (*frame)(struct peer *c, struct json_object *frame, const char *type);
	void (*check)(struct peer *c); /* what may be seen has changed somewhere in its community. May wait */
	void (*close)(struct peer *c);
};
extern const struct face events_face, dojo_face;

/* A text on its way to one or many; lives while anybody holds it. */
struct message {
	int holders;
	size_t length;
	char bytes[]; /* LWS_PRE, then the text */
};

struct queued {
	struct queued *next;
	struct message *message;
};

struct inbound {
	struct inbound *next;
	size_t length;
	char text[];
};

struct peer {
	struct live *live;
	struct lws *wsi;      /* NULL: closed; who still holds it may see so */
	struct peer *next, **at;
	int holders;
	char id[UUID_TEXT];
	const struct face *face;
	void *state;          /* the face's, on conn */
	struct who who;
	bool is_open;         /* face->open said yes */
	char *host, *token, *query; /* of the handshake; free after open */
	struct uuid dojo;     /* of the address */

	struct queued *first, **last;
	size_t waiting_bytes;
	struct inbound *inbox, **inbox_last;
	size_t inbox_count, inbox_bytes;
	struct buf partial;
	bool is_served;       /* a fiber works off the inbox */
	bool wants_check, is_checking;
	double allowance;     /* frames that may come now */
	int64_t counted_ms;
	int close_code;
	bool is_closing;      /* that was said */
	char close_reason[100];
};

/* --- server.c --- */
int server_open(struct live *l); /* 0, or -1 */
void server_stop_listening(struct live *l);

/* --- peer.c --- */
struct peer *peer_new(struct live *l, struct lws *wsi);
void peer_serve_soon(struct peer *c); /* opens it, works off what has come: in its fiber */
void peer_receive(struct peer *c, const void *data, size_t length, bool is_last); /* some of a frame */
struct message *peer_next(struct peer *c); /* what is to be sent next, now the caller's; NULL: nothing */
void peer_closed(struct peer *c); /* the socket is gone */
void peer_hold(struct peer *c);
void peer_drop(struct peer *c);
/* Sends a text (JSON); a reader that is too slow is closed, with CLOSE_SLOW. */
void peer_send(struct peer *c, const char *text, size_t length);
void peer_send_buf(struct peer *c, struct buf *b);
struct message *message_new(const char *text, size_t length); /* held once, by the caller */
void message_drop(struct message *m);
void peer_send_message(struct peer *c, struct message *m);
/* {"type":"error","code":…,"message":…,"ref":…}: ref is the frame's requestId, channel or type, NULL: none. */
void peer_error(struct peer *c, const char *code, const char *message, const char *ref);
void peer_close(struct peer *c, int code, const char *reason);
/* May those of a community (NULL: all) still see what they see? Some at a time. */
void peers_check(struct live *l, const struct uuid *tenant);

/* --- access.c --- */
/* Who holds the token of the handshake. False: closed. */
bool access_take(struct peer *c);
/* 0, ERR_NOT_FOUND, ERR_FORBIDDEN, or an error of the database. */
int access_channel(const struct who *who, struct live *l, const char *channel);
void access_watch(struct live *l); /* closes what belongs to sessions that ended; once a second */
void access_sweep(struct live *l); /* and to those whose time is over; once a heartbeat */
/* Is this often enough for the rate class "message"? False: no. Waits. */
bool access_is_too_often(struct peer *c);

/* --- hub.c --- */
/* One who listens to a channel. heard() and resumed() may not wait, join or leave. */
struct listener {
	struct listener *next, **at;
	struct channel *channel; /* NULL: to none */
	/* body is {"event":…,"data":…}, or what else was told; id NULL: of the moment, it cannot be asked for again */
	void (*heard)(struct listener *self, const char *id, const char *body, size_t length);
	/* Redis was away; what came meanwhile was heard. is_whole false: some of it is forgotten */
	void (*resumed)(struct listener *self, bool is_whole);
	char last[STREAM_ID]; /* the last one that it heard; what is older is not told */
	bool is_begun, is_whole, is_resuming; /* past.c's */
};
struct hub *hub_open(struct live *l);
void hub_join(struct hub *h, struct listener *who, struct uuid tenant, const char *channel);
void hub_leave(struct hub *h, struct listener *who);
/* From here on nothing is missed. `after`: what came since that event is told first, NULL: nothing. False: some of that
 * is forgotten. Waits. */
bool hub_begin(struct hub *h, struct listener *who, const char *after);
const char *channel_name(const struct channel *c);
struct uuid channel_tenant(const struct channel *c);
struct counts {
	int64_t likes, comments, views;
	bool is_known;
};
struct counts *channel_counts(struct channel *c);
void channel_tell_here(struct channel *c, const char *body); /* of the moment, and to nobody at another daemon */
void hub_each_channel(struct hub *h, void (*fn)(void *arg, struct channel *c), void *arg);
struct channel *hub_find(struct hub *h, struct uuid tenant, const char *channel); /* NULL: nobody here listens */
struct redis_batch;
/* Tells a channel of all daemons, and keeps it for those who come back: a command of a batch. */
void hub_batch_tell(struct redis_batch *b, void *mem, struct uuid tenant, const char *channel, const char *body);
/* Of the moment: to those who listen now, and nobody waits for Redis. */
void hub_tell_now(struct live *l, struct uuid tenant, const char *channel, const char *body);
int stream_compare(const char *a, const char *b);
bool stream_id_is_valid(const char *id);

/* --- outbox.c, presence.c, events.c --- */
void outbox_start(struct live *l);
void figures_tell(struct live *l);
void counts_start(struct live *l);
/* Joins what the channel's people are: an array of user ids on mem, count in *count. Each join has its leave. Waits. 0 or an ERR_. */
int presence_join(struct live *l, void *mem, struct uuid tenant, const char *channel, const struct who *who, const char ***users, size_t *count);
int presence_list(struct live *l, void *mem, struct uuid tenant, const char *channel, const char ***users, size_t *count);
void presence_leave(struct live *l, struct uuid tenant, const char *channel, const struct who *who);
void presence_renew(struct live *l); /* once a heartbeat; tells of those whose daemon is gone */

/* --- room.c: what the sockets of a dojo here share --- */
struct room;
struct member {
	struct member *next;
	struct peer *conn;
	struct room *room;
	bool may_write;
	int edits; /* that wait for their turn */
};
/* Finds or reads the room; waits. 0 or an ERR_. What is written of it before the next wait is what room_listen() goes on from: the
 * greeting stands before everything that is heard. */
int room_enter(struct live *l, struct member *m, struct uuid dojo);
void room_listen(struct member *m);
void room_leave(struct member *m);
/* The whole text and its revision, or (from >= 0 and not too old) the operations since. */
void room_write_state(struct room *r, struct buf *b, int from);
/* An edit that came in, which is worked off after those before it; waits while the member has many. content or ops; copied. */
void room_edit(struct member *m, struct json_object *frame);
/* A frame for everybody in the dojo, at all daemons. */
void room_tell(struct room *r, const char *frame);
void room_people(struct room *r); /* soon: tells the sockets here who is there, closes those who are no more */
const char *room_channel(const struct room *r);

/* A member of a frame; NULL. */
const char *frame_text(struct json_object *frame, const char *name);
/* Runs fn(arg) in a fiber after ms milliseconds, again and again, until the daemon stops. */
void live_every(struct live *l, int64_t ms, void (*fn)(struct live *l));

#endif
