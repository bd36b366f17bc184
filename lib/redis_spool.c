/*
 * lib/redis_spool.c - see redis_spool.h. Elements that are full, or about to leave, stand in a queue, oldest first; the last one still
 * takes lines. One fiber sends while there is something to send.
 */
#include "lib/redis_spool.h"

#include <time.h>

#include "lib/buf.h"
#include "lib/fiber.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"

#define LINES_MAX 200 /* of an element: its reader may have to hold up others while it takes it apart */
#define ELEMENT_BYTES 65536
#define AT_ONCE 16 /* elements of a command */
#define BYTES_MAX (8 << 20) /* that wait for Redis */
#define AWAY_MS 250 /* until the next try */
#define SEND_MS 5000

struct element {
	struct element *next;
	struct buf text;
	unsigned lines;
};

struct redis_spool {
	struct redis *redis;
	const char *list;
	int64_t most;
	struct element *first, *last;
	size_t bytes;
	bool has_sender, is_sending;
	bool is_ending; /* redis_spool_finish() sends; two at once would drop what the other one sent */
};

struct redis_spool *
redis_spool_open(void *context, struct redis *r, const char *list, int64_t most)
{
	struct redis_spool *s = mem_new(context, struct redis_spool);

	s->redis = r;
	s->list = mem_strdup(s, list);
	s->most = most;
	return s;
}

static struct element *
element_begin(struct redis_spool *s)
{
	struct element *e = mem_new(s, struct element);

	buf_init(&e->text, e, 4096);
	buf_add_char(&e->text, '@');
	buf_add_int(&e->text, (int64_t)time(NULL));
	s->bytes += e->text.length;
	if (s->last != NULL)
		s->last->next = e;
	else
		s->first = e;
	s->last = e;
	return e;
}

static void
drop_first(struct redis_spool *s)
{
	struct element *e = s->first;

	s->first = e->next;
	if (s->first == NULL)
		s->last = NULL;
	s->bytes -= e->text.length;
	talloc_free(e);
}

/* Nobody takes from the list: better the oldest lines are lost than Redis is full. */
static void
trim(struct redis_spool *s, int64_t length)
{
	if (s->most == 0 || length <= s->most)
		return;
	log_warn("spool_trimmed", LOG_STR("list", s->list), LOG_INT("elements", length - s->most));
	redis_send(s->redis, "LTRIM %s %lld -1", s->list, (long long)-s->most);
}

/* Sends the oldest elements. They stay in the queue until Redis has them, closed for further lines. */
static int
send_some(struct redis_spool *s, int64_t deadline_ms)
{
	const char *words[AT_ONCE + 2] = { "RPUSH", s->list };
	size_t lengths[AT_ONCE + 2] = { 5, strlen(s->list) };
	void *mem = talloc_new(s);
	struct redis_reply *reply;
	int count = 0, err;

	for (struct element *e = s->first; e != NULL && count < AT_ONCE; e = e->next, count++) {
		words[count + 2] = e->text.data;
		lengths[count + 2] = e->text.length;
		e->lines = LINES_MAX;
	}
	s->is_sending = true;
	err = redis_command_argv(s->redis, mem, &reply, deadline_ms, count + 2, words, lengths);
	s->is_sending = false;
	if (err == 0)
		trim(s, reply->integer);
	else if (err == ERR_INTERNAL)
		log_error("spool_refused", LOG_STR("list", s->list), LOG_STR("why", reply->text));
	if (err == 0 || err == ERR_INTERNAL)
		while (count-- > 0)
			drop_first(s);
	talloc_free(mem);
	return err;
}

static int
send_all(struct redis_spool *s, int64_t deadline_ms)
{
	int err = 0;

	while (s->first != NULL && err == 0)
		err = send_some(s, deadline_ms);
	return err;
}

static void
sender(void *arg)
{
	struct redis_spool *s = arg;
	int64_t pause_ms = SPOOL_MS;

	while (s->first != NULL && wait_sleep(pause_ms) == 0 && !s->is_ending) {
		int err;

		do
			err = send_some(s, now_ms() + SEND_MS);
		while (err == 0 && s->first != s->last && !s->is_ending); /* what has come meanwhile gathers */
		pause_ms = err == ERR_UNAVAILABLE || err == ERR_TIMEOUT ? AWAY_MS : SPOOL_MS;
	}
	s->has_sender = false;
}

int
redis_spool_add(struct redis_spool *s, const char *text, size_t length, unsigned lines, int64_t deadline_ms)
{
	struct element *e = s->last;
	int err;

	if (s->bytes + length > BYTES_MAX)
		return ERR_UNAVAILABLE;
	if (e == NULL || e->lines + lines > LINES_MAX || e->text.length + length >= ELEMENT_BYTES)
		e = element_begin(s);
	s->bytes -= e->text.length;
	buf_add_char(&e->text, '\n');
	buf_add(&e->text, text, length);
	s->bytes += e->text.length;
	e->lines += lines;
	if (fiber_current() != NULL) {
		if (!s->has_sender)
			s->has_sender = fiber_spawn(sender, s) != NULL;
		return 0;
	}
	err = send_all(s, deadline_ms);
	while (s->first != NULL) /* its caller is told */
		drop_first(s);
	return err;
}

void
redis_spool_finish(struct redis_spool *s, int64_t deadline_ms)
{
	s->is_ending = true;
	while (s->is_sending && now_ms() < deadline_ms)
		wait_sleep(1);
	while (s->first != NULL && now_ms() < deadline_ms)
		if (send_all(s, deadline_ms) != 0)
			wait_sleep(AWAY_MS);
	if (s->first != NULL)
		log_error("spool_lost", LOG_STR("list", s->list), LOG_INT("bytes", (int64_t)s->bytes));
}
