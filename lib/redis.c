/*
 * lib/redis.c - commands and their replies.
 *
 * A command belongs to the driver: whoever gives up waiting marks it abandoned, and its reply is dropped when it
 * comes. Replies are copied while their receiver still waits, so its memory is there.
 */
#include "lib/redis.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <unistd.h>

#include "lib/counter.h"
#include "lib/mem.h"
#include "lib/redis_link.h"
#include "lib/wait.h"

struct command {
	struct wait wait;
	struct redis *redis;
	void *mem;
	struct redis_reply *reply; /* where the copy goes */
	int error;
	bool abandoned;
};

/* --- opening --- */

static bool
parse_unix(struct redis *r, const char *rest)
{
	const char *query = strstr(rest, "?db=");

	r->path = mem_strndup(r, rest, query != NULL ? (size_t)(query - rest) : strlen(rest));
	if (query != NULL)
		r->database = (int)strtol(query + 4, NULL, 10);
	return *r->path == '/';
}

/* [:password@]host[:port][/db] */
static bool
parse_tcp(struct redis *r, const char *rest)
{
	char *text = mem_strdup(r, rest), *at = strrchr(text, '@'), *slash, *colon;

	if (at != NULL) {
		*at = '\0';
		colon = strchr(text, ':');
		r->password = colon != NULL ? colon + 1 : text;
		text = at + 1;
	}
	slash = strchr(text, '/');
	if (slash != NULL) {
		*slash = '\0';
		r->database = (int)strtol(slash + 1, NULL, 10);
	}
	colon = strrchr(text, ':');
	if (colon != NULL) {
		*colon = '\0';
		r->port = (int)strtol(colon + 1, NULL, 10);
	}
	r->host = text;
	return *text != '\0' && r->port > 0 && r->port < 65536;
}

static int
redis_destroy(struct redis *r)
{
	if (r->pid == getpid())
		redis_link_close(r);
	else
		redis_link_forget(r);
	return 0;
}

struct redis *
redis_open(void *context, const char *url)
{
	struct redis *r = mem_new(context, struct redis);
	bool ok = false;

	r->pid = getpid();
	r->port = 6379;
	if (strncmp(url, "unix://", 7) == 0)
		ok = parse_unix(r, url + 7);
	else if (strncmp(url, "redis://", 8) == 0)
		ok = parse_tcp(r, url + 8);
	if (!ok) {
		talloc_free(r);
		return NULL;
	}
	talloc_set_destructor(r, redis_destroy);
	return r;
}

void
redis_abandon(struct redis *r)
{
	redis_link_forget(r);
	talloc_free(r);
}

/* --- replies --- */

static void
copy_reply(void *mem, struct redis_reply *out, const redisReply *in)
{
	memset(out, 0, sizeof(*out));
	switch (in->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
	case REDIS_REPLY_ERROR:
		out->type = in->type == REDIS_REPLY_STRING ? REDIS_TEXT : in->type == REDIS_REPLY_STATUS ? REDIS_STATUS : REDIS_REFUSED;
		out->length = (size_t)in->len;
		out->text = mem_strndup(mem, "", 0);
		if (in->len > 0) {
			char *text = mem_size(mem, out->length + 1);

			memcpy(text, in->str, out->length);
			text[out->length] = '\0';
			out->text = text;
		}
		break;
	case REDIS_REPLY_INTEGER:
		out->type = REDIS_INT;
		out->integer = in->integer;
		break;
	case REDIS_REPLY_ARRAY:
		out->type = REDIS_LIST;
		out->count = in->elements;
		out->items = mem_array(mem, struct redis_reply, (unsigned)in->elements + 1);
		for (size_t i = 0; i < in->elements; i++)
			copy_reply(mem, &out->items[i], in->element[i]);
		break;
	default:
		out->type = REDIS_NIL;
	}
}

/* A server that starts up, is full or has lost its disk is away; anything else it refuses is our mistake. */
static int
error_of(const char *message)
{
	static const char *const away[] = { "LOADING", "OOM", "READONLY", "MISCONF", "BUSY ", "MASTERDOWN", "CLUSTERDOWN" };

	for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
		if (strncmp(message, away[i], strlen(away[i])) == 0)
			return ERR_UNAVAILABLE;
	}
	return ERR_INTERNAL;
}

static void
on_reply(redisAsyncContext *ac, void *data, void *arg)
{
	struct command *c = arg;
	redisReply *reply = data;

	(void)ac;
	redis_link_heard(c->redis, reply != NULL && reply->type != REDIS_REPLY_ERROR);
	if (reply == NULL)
		c->error = ERR_UNAVAILABLE;
	else if (reply->type == REDIS_REPLY_ERROR)
		c->error = error_of(reply->str);
	if (c->error != 0)
		counter_add(COUNTER_redis_errors_total, 1);
	if (c->abandoned) {
		free(c);
		return;
	}
	if (reply != NULL && c->reply != NULL)
		copy_reply(c->mem, c->reply, reply);
	wait_done(&c->wait);
}

/* --- commands --- */

static struct command *
command_new(struct redis *r, void *mem, struct redis_reply *reply)
{
	struct command *c = mem_checked(calloc(1, sizeof(*c)));

	wait_init(&c->wait);
	c->redis = r;
	c->mem = mem;
	c->reply = reply;
	return c;
}

/* After hiredis took the command, or did not. */
static struct command *
command_sent(struct command *c, int status)
{
	struct redis *r = c->redis;

	if (status != REDIS_OK) {
		free(c);
		return NULL;
	}
	counter_add(COUNTER_redis_commands_total, 1);
	redis_link_sent(r);
	return c;
}

static int
command_wait(struct command *c, int64_t deadline_ms)
{
	int err;

	if (c == NULL)
		return ERR_UNAVAILABLE;
	if (wait_for(&c->wait, deadline_ms) != 0) {
		c->abandoned = true;
		return ERR_TIMEOUT;
	}
	err = c->error;
	free(c);
	return err;
}

static struct redis_reply *
reply_new(void *mem, struct redis_reply **out)
{
	if (out == NULL)
		return NULL;
	*out = mem_new(mem, struct redis_reply);
	return *out;
}

int
redis_command(struct redis *r, void *mem, struct redis_reply **out, int64_t deadline_ms, const char *fmt, ...)
{
	struct redis_reply *reply = reply_new(mem, out);
	struct command *c;
	va_list ap;
	int status;

	if (!redis_link_open(r))
		return ERR_UNAVAILABLE;
	c = command_new(r, mem, reply);
	va_start(ap, fmt);
	status = redisvAsyncCommand(r->ac, on_reply, c, fmt, ap);
	va_end(ap);
	return command_wait(command_sent(c, status), deadline_ms);
}

int
redis_command_argv(struct redis *r, void *mem, struct redis_reply **out, int64_t deadline_ms, int argc, const char **argv,
    const size_t *lengths)
{
	struct redis_reply *reply = reply_new(mem, out);
	struct command *c;

	if (!redis_link_open(r))
		return ERR_UNAVAILABLE;
	c = command_new(r, mem, reply);
	return command_wait(command_sent(c, redisAsyncCommandArgv(r->ac, on_reply, c, argc, argv, lengths)), deadline_ms);
}

bool
redis_send(struct redis *r, const char *fmt, ...)
{
	struct command *c;
	va_list ap;
	int status;

	if (!redis_link_open(r))
		return false;
	c = command_new(r, NULL, NULL);
	c->abandoned = true;
	va_start(ap, fmt);
	status = redisvAsyncCommand(r->ac, on_reply, c, fmt, ap);
	va_end(ap);
	return command_sent(c, status) != NULL;
}

/* --- several at once --- */

struct redis_batch {
	struct redis *redis;
	void *mem;
	struct one {
		char *text; /* formatted by hiredis */
		int length;
	} *commands;
	unsigned count, room;
};

static int
batch_destroy(struct redis_batch *b)
{
	for (unsigned i = 0; i < b->count; i++)
		redisFreeCommand(b->commands[i].text);
	return 0;
}

struct redis_batch *
redis_batch(struct redis *r, void *mem)
{
	struct redis_batch *b = mem_new(mem, struct redis_batch);

	b->redis = r;
	b->mem = mem;
	talloc_set_destructor(b, batch_destroy);
	return b;
}

void
redis_batch_add(struct redis_batch *b, const char *fmt, ...)
{
	struct one *one;
	va_list ap;

	if (b->count == b->room) {
		b->room = b->room > 0 ? 2 * b->room : 8;
		b->commands = mem_checked(talloc_realloc(b, b->commands, struct one, b->room));
	}
	one = &b->commands[b->count];
	va_start(ap, fmt);
	one->length = redisvFormatCommand(&one->text, fmt, ap);
	va_end(ap);
	if (one->length < 0)
		abort(); /* a wrong format: ours */
	b->count++;
}

int
redis_batch_run(struct redis_batch *b, int64_t deadline_ms, struct redis_reply **replies)
{
	struct redis_reply *all = mem_array(b->mem, struct redis_reply, b->count + 1);
	struct command **sent = mem_array(b, struct command *, b->count + 1);
	int err = 0, one;

	if (replies != NULL)
		*replies = all;
	for (unsigned i = 0; i < b->count && redis_link_open(b->redis); i++) {
		struct command *c = command_new(b->redis, b->mem, &all[i]);

		sent[i] = command_sent(c,
		    redisAsyncFormattedCommand(b->redis->ac, on_reply, c, b->commands[i].text, (size_t)b->commands[i].length));
	}
	for (unsigned i = 0; i < b->count; i++) {
		one = command_wait(sent[i], deadline_ms);
		err = err != 0 ? err : one;
	}
	return err;
}

/* --- scripts --- */

static void
script_hash(struct redis_script *s)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	if (EVP_Digest(s->text, strlen(s->text), digest, &length, EVP_sha1(), NULL) != 1 || length != 20)
		mem_out_of_memory();
	for (unsigned i = 0; i < length; i++)
		snprintf(s->sha1 + 2 * i, 3, "%02x", digest[i]);
}

int
redis_eval(struct redis *r, void *mem, struct redis_reply **out, int64_t deadline_ms, struct redis_script *script,
    int key_count, int word_count, const char **words)
{
	const char **argv = mem_array(mem, const char *, (unsigned)word_count + 3);
	struct redis_reply *reply;
	char keys[16];
	int err;

	if (script->sha1[0] == '\0')
		script_hash(script);
	snprintf(keys, sizeof(keys), "%d", key_count);
	argv[0] = "EVALSHA";
	argv[1] = script->sha1;
	argv[2] = keys;
	memcpy(argv + 3, words, (size_t)word_count * sizeof(*words));
	err = redis_command_argv(r, mem, &reply, deadline_ms, word_count + 3, argv, NULL);
	if (err == ERR_INTERNAL && reply->type == REDIS_REFUSED && strncmp(reply->text, "NOSCRIPT", 8) == 0) {
		argv[0] = "EVAL";
		argv[1] = script->text;
		err = redis_command_argv(r, mem, &reply, deadline_ms, word_count + 3, argv, NULL);
	}
	if (out != NULL)
		*out = reply;
	return err;
}
