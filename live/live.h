/*
 * live/live.h - what the parts of atelier-live share (doc/live.md).
 *
 *	server.c    sockets, by libwebsockets: frames in and out, back-pressure, heartbeats
 *	access.c    who is there: token, session, what may be listened to
 *	hub.c       channels: who listens here, the past of a channel, Redis between the daemons
 *	outbox.c    what the database has to tell; counts.c, how often a video was liked
 *	events.c    the sockets at /api/v1/live
 *	dojo.c      those at /api/v1/dojos/ID/live, room.c the text they share
 *	presence.c  who else is there
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
struct outbox;

struct live {
	const struct conf *conf;
	struct db *db;
	struct redis *redis;
	struct keyring *keys;
	struct lws_context *lws;
	struct hub *hub;
	struct peer *peers; /* all of them */
	size_t peer_count;
	char name[40];      /* of this daemon, for presence */
	bool is_stopping;
	int64_t sessions_known_ms; /* up to when it is known which were ended */
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
	void (*resume)(struct peer *c); /* Redis was away: what was told meanwhile. May wait */
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
	struct buf partial;
	bool is_served;       /* a fiber works off the inbox */
	bool wants_resume, wants_check;
	double allowance;     /* frames that may come now */
	int64_t counted_ms;
	int close_code;
	bool is_closing;      /* that was said */
	char close_reason[100];
};

/* --- server.c --- */
int server_open(struct live *l); /* 0, or -1 */
void peer_hold(struct peer *c);
void peer_drop(struct peer *c);
/* Sends a text (JSON); a reader that is too slow is closed, with CLOSE_SLOW. */
void peer_send(struct peer *c, const char *text, size_t length);
void peer_send_buf(struct peer *c, struct buf *b);
struct message *message_new(const char *text, size_t length); /* held once, by the caller */
void message_drop(struct message *m);
void peer_send_message(struct peer *c, struct message *m);
/* {"type":"error","code":…,"message":…,"ref":…}: ref is the frame's "id" or "channel", NULL: none. */
void peer_error(struct peer *c, const char *code, const char *message, const char *ref);
void peer_close(struct peer *c, int code, const char *reason);
void peers_resume(struct live *l);
void peer_check_soon(struct peer *c); /* may it still see what it sees? */

/* --- access.c --- */
/* Who holds the token of the handshake. False: closed. */
bool access_take(struct peer *c);
/* 0, ERR_NOT_FOUND, ERR_FORBIDDEN, or an error of the database. */
int access_channel(const struct who *who, struct live *l, const char *channel);
void access_watch(struct live *l); /* closes what belongs to sessions that ended; once a second */

/* --- hub.c --- */
/* One who listens to a channel. heard() may not wait; body is {"event":…,"data":…}, or what else was told. */
struct listener {
	struct listener *next, **at;
	struct channel *channel; /* NULL: to none */
	void (*heard)(struct listener *self, const char *id, const char *body, size_t length);
	char last[STREAM_ID]; /* the last one that it heard; what is older is not told */
};
struct hub *hub_open(struct live *l);
void hub_join(struct hub *h, struct listener *who, struct uuid tenant, const char *channel);
void hub_leave(struct hub *h, struct listener *who);
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
/* The end of the channel's past, for one who joined: what came after `after`, told in order. False: more was forgotten. Waits. */
bool hub_catch_up(struct hub *h, struct listener *who, const char *after);
/* Tells a channel of all daemons; kept for those who come back, unless it is of the moment. Waits. 0 or an ERR_. */
int hub_tell(struct live *l, void *mem, struct uuid tenant, const char *channel, const char *body, bool is_kept);
int stream_compare(const char *a, const char *b);
extern const char hub_script[];
void hub_keys(void *mem, struct uuid tenant, const char *channel, const char **stream, const char **topic);

/* --- outbox.c, presence.c, events.c --- */
void outbox_start(struct live *l);
void counts_start(struct live *l);
/* Joins (or stays in) what the channel's people are: an array of user ids on mem, count in *count; *is_new: was not there before. */
int presence_join(struct live *l, void *mem, struct uuid tenant, const char *channel, const char *user, bool *is_new, const char ***users, size_t *count);
int presence_list(struct live *l, void *mem, struct uuid tenant, const char *channel, const char ***users, size_t *count);
int presence_leave(struct live *l, void *mem, struct uuid tenant, const char *channel, const char *user, bool *is_gone);
/* Of a socket that was closed: does not wait. */
void presence_gone(struct live *l, struct uuid tenant, const char *channel, const char *user, const char *name);
void presence_start(struct live *l);

/* --- room.c: the text of a dojo that sockets here share --- */
struct room;
struct member {
	struct member *next;
	struct peer *conn;
	struct room *room;
	bool may_write;
};
/* Finds or reads the room; waits. 0 or an ERR_. What is written of it before the next wait is what room_listen() goes on from: the
 * greeting stands before everything that is heard. */
int room_enter(struct live *l, struct member *m, struct uuid dojo);
void room_listen(struct member *m);
void room_leave(struct member *m);
/* The whole text and its revision, or (from >= 0 and not too old) the operations since. */
void room_write_state(struct room *r, struct buf *b, int from);
/* An edit that came in, which is worked off after those before it. content or ops; the frame's texts are copied. */
void room_edit(struct member *m, struct json_object *frame);
/* A frame for everybody in the dojo, at all daemons. */
void room_tell(struct room *r, const char *frame);
void room_people(struct room *r); /* sends who is there to the sockets here, soon */
void room_sync(struct room *r);   /* what came meanwhile, soon */

/* A member of a frame; NULL. */
const char *frame_text(struct json_object *frame, const char *name);
/* Runs fn(arg) in a fiber after ms milliseconds, again and again, until the daemon stops. */
void live_every(struct live *l, int64_t ms, void (*fn)(struct live *l));

#endif
