/* lib/redis_link.c - hiredis in our loop: the socket, one write per turn, back-off. */
#include "lib/redis_link.h"

#include <poll.h>
#include <unistd.h>

#include "lib/fiber.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"

#define BACKOFF_FIRST_MS 50
#define BACKOFF_MOST_MS 2000
#define SILENCE_MS 3000 /* no answer for so long: to an attempt to connect, or to any command */

/* What hiredis calls ev.data; lives until the loop has closed the handle. */
struct redis_link {
	uv_poll_t poll;
	struct wait_hook hook;
	struct redis *redis;
	redisAsyncContext *ac;
	int events;
	bool is_writing; /* hiredis asks for more room to write while we write: then the socket is full */
};

static void on_poll(uv_poll_t *poll, int status, int events);

static void
events_set(struct redis_link *l, int events)
{
	if (l->events == events)
		return;
	l->events = events;
	if (events == 0)
		uv_poll_stop(&l->poll);
	else
		uv_poll_start(&l->poll, events, on_poll);
}

static void
add_read(void *data)
{
	struct redis_link *l = data;

	events_set(l, l->events | UV_READABLE);
}

static void
del_read(void *data)
{
	struct redis_link *l = data;

	events_set(l, l->events & ~UV_READABLE);
}

static void
add_write(void *data)
{
	struct redis_link *l = data;

	if (l->redis->is_connected && !l->is_writing)
		wait_before_sleep(&l->hook);
	else
		events_set(l, l->events | UV_WRITABLE);
}

static void
del_write(void *data)
{
	struct redis_link *l = data;

	events_set(l, l->events & ~UV_WRITABLE);
}

static void
link_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* hiredis gives the connection up, whoever decided that. */
static void
cleanup(void *data)
{
	struct redis_link *l = data;

	if (l->redis->link == l) {
		l->redis->link = NULL;
		l->redis->ac = NULL;
		l->redis->is_connected = false;
	}
	l->ac = NULL;
	wait_hook_withdraw(&l->hook);
	uv_close((uv_handle_t *)&l->poll, link_closed);
}

static void
write_now(struct redis_link *l)
{
	redisAsyncContext *ac = l->ac;

	if (ac == NULL)
		return;
	l->is_writing = true;
	redisAsyncHandleWrite(ac);
	l->is_writing = false; /* l outlives the connection: the handle is freed by the loop */
}

static void
on_hook(struct wait_hook *h)
{
	write_now((struct redis_link *)((char *)h - offsetof(struct redis_link, hook)));
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct redis_link *l = poll->data;
	int watched = l->events;

	if (status < 0)
		l->events = 0; /* libuv watches no more; the error may stand behind replies that we have not read yet */
	if (l->ac != NULL && (events & UV_READABLE || status < 0))
		redisAsyncHandleRead(l->ac);
	if (l->ac != NULL && (events & UV_WRITABLE))
		write_now(l);
	if (l->ac != NULL && status < 0)
		events_set(l, watched);
}

/* --- coming and going --- */

static void
away(struct redis *r, const char *why, bool was_connected)
{
	r->backoff_ms = was_connected ? 0 : r->backoff_ms == 0 ? BACKOFF_FIRST_MS : 2 * r->backoff_ms;
	if (r->backoff_ms > BACKOFF_MOST_MS)
		r->backoff_ms = BACKOFF_MOST_MS;
	r->retry_at_ms = now_ms() + r->backoff_ms;
	log_warn(was_connected ? "redis_lost" : "redis_unreachable", LOG_STR("message", why));
}

static void
on_connect(const redisAsyncContext *ac, int status)
{
	struct redis *r = ac->data;

	if (status != REDIS_OK) {
		away(r, ac->errstr, false);
		return;
	}
	r->is_connected = true;
}

static void
on_disconnect(const redisAsyncContext *ac, int status)
{
	struct redis *r = ac->data;

	if (status != REDIS_OK)
		away(r, ac->errstr, r->has_answered);
}

static void
on_greeting(redisAsyncContext *ac, void *data, void *unused)
{
	redisReply *reply = data;

	(void)ac, (void)unused;
	if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
		log_error("redis_refused", LOG_STR("message", reply->str));
}

static void
greet(struct redis *r)
{
	if (r->password != NULL)
		redisAsyncCommand(r->ac, on_greeting, NULL, "AUTH %s", r->password);
	if (r->database != 0 && r->ac != NULL)
		redisAsyncCommand(r->ac, on_greeting, NULL, "SELECT %d", r->database);
}

static bool
attach(struct redis *r, redisAsyncContext *ac)
{
	struct redis_link *l = mem_checked(calloc(1, sizeof(*l)));

	l->redis = r;
	l->ac = ac;
	l->hook.fn = on_hook;
	if (uv_poll_init(wait_loop(), &l->poll, ac->c.fd) != 0) {
		free(l);
		return false;
	}
	l->poll.data = l;
	uv_unref((uv_handle_t *)&l->poll);
	ac->data = r;
	ac->ev.addRead = add_read;
	ac->ev.delRead = del_read;
	ac->ev.addWrite = add_write;
	ac->ev.delWrite = del_write;
	ac->ev.cleanup = cleanup;
	ac->ev.data = l;
	r->ac = ac;
	r->link = l;
	return true;
}

static bool
begin(struct redis *r)
{
	redisAsyncContext *ac = r->path != NULL ? redisAsyncConnectUnix(r->path) : redisAsyncConnect(r->host, r->port);

	mem_checked(ac);
	r->started_ms = now_ms();
	r->is_connected = r->has_answered = false;
	if (ac->err != 0 || !attach(r, ac)) {
		away(r, ac->err != 0 ? ac->errstr : "cannot watch the socket", false);
		redisAsyncFree(ac);
		return false;
	}
	redisAsyncSetConnectCallback(ac, on_connect);
	redisAsyncSetDisconnectCallback(ac, on_disconnect);
	greet(r);
	return r->ac != NULL;
}

static bool
is_silent(const struct redis *r)
{
	return r->pending > 0 && now_ms() - r->heard_ms > SILENCE_MS;
}

/* A process that turns its loop only while it waits has not seen the server go away meanwhile, nor what it said; nor has one
 * that stood still. */
static void
look(struct redis *r)
{
	struct pollfd p = { .fd = r->ac->c.fd, .events = POLLIN };

	if (r->is_connected && (r->pending == 0 ? fiber_current() == NULL : is_silent(r)) && poll(&p, 1, 0) > 0)
		redisAsyncHandleRead(r->ac);
}

/* Commands to a server that hangs would gather without end. */
static void
give_up(struct redis *r)
{
	if (!r->is_connected && now_ms() - r->started_ms > SILENCE_MS)
		away(r, "no answer to the attempt to connect", false);
	else if (r->is_connected && is_silent(r))
		away(r, "no answer for too long", r->has_answered);
	else
		return;
	redis_link_close(r);
}

bool
redis_link_open(struct redis *r)
{
	if (r->ac != NULL)
		look(r);
	if (r->ac != NULL)
		give_up(r);
	if (r->ac != NULL)
		return true;
	return now_ms() >= r->retry_at_ms && begin(r);
}

static void
watch(struct redis *r)
{
	if (r->link == NULL)
		return;
	if (r->pending > 0)
		uv_ref((uv_handle_t *)&r->link->poll);
	else
		uv_unref((uv_handle_t *)&r->link->poll);
}

void
redis_link_sent(struct redis *r)
{
	if (r->pending++ == 0)
		r->heard_ms = now_ms();
	watch(r);
	if (r->link != NULL && r->is_connected && fiber_current() == NULL)
		write_now(r->link);
}

void
redis_link_heard(struct redis *r, bool is_answer)
{
	r->pending--;
	r->heard_ms = now_ms();
	if (is_answer) {
		r->has_answered = true;
		r->backoff_ms = 0;
	}
	watch(r);
}

void
redis_link_close(struct redis *r)
{
	if (r->ac != NULL)
		redisAsyncFree(r->ac);
}

void
redis_link_forget(struct redis *r)
{
	if (r->ac != NULL)
		close(r->ac->c.fd);
	r->ac = NULL;
	r->link = NULL;
	r->is_connected = false;
	r->pending = 0;
}
