/*
 * lib/log.c - one line, one write(2): lines of several processes into one pipe do not mix, because a line is never
 * longer than PIPE_BUF. What does not fit is cut, and the line says so.
 */
#include "lib/log.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <strings.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/fiber.h"
#include "lib/wait.h"

#define LINE PIPE_BUF
#define TAIL 32         /* kept free for the end of a line */
#define KEY_MAX 64      /* bytes of a key; ours are short */
#define NUMBER_ROOM 48  /* bytes that a key's punctuation and a number may take */

/* The one state of this process. */
static struct {
	const char *program;
	enum log_level level;
	pid_t pid;
} state = { .program = "atelier", .level = LOG_INFO };

static const char *const level_names[] = { "debug", "info", "warn", "error" };

/* A key with one of these in its name has a value that no log may see. */
static const char *const secret_words[] = { "password", "passwd", "passphrase", "secret", "token", "authorization", "cookie",
	"credential", "apikey", "api_key", "email", "address", "phone", "signature", "otp" };

void
log_open(const char *program, enum log_level level)
{
	state.program = program;
	state.level = level;
	state.pid = getpid();
}

enum log_level
log_level_parse(const char *name)
{
	int level = LOG_DEBUG;

	while (level < LOG_LEVEL_UNKNOWN && strcmp(name, level_names[level]) != 0)
		level++;
	return (enum log_level)level;
}

void
log_context(const struct log_field *fields, size_t count)
{
	struct fiber_locals *locals = fiber_locals();

	locals->log_fields = fields;
	locals->log_field_count = count;
}

static bool
has_secret_word(const char *key)
{
	for (size_t i = 0; i < sizeof(secret_words) / sizeof(secret_words[0]); i++) {
		if (strcasestr(key, secret_words[i]) != NULL)
			return true;
	}
	return false;
}

/* Keys are few and the search takes longer than all the rest of a line: verdicts are remembered, by each thread its
 * own: a verdict must never meet another thread's key. */
static bool
is_secret(const char *key)
{
	static _Thread_local struct {
		char key[KEY_MAX + 1];
		bool is_secret;
	} known[64];
	size_t length = strlen(key), at = ((unsigned char)key[0] * 5u + (unsigned char)key[length / 2] + length) % 64;

	if (length == 0 || strcmp(known[at].key, key) != 0) {
		memcpy(known[at].key, key, length + 1);
		known[at].is_secret = has_secret_word(key);
	}
	return known[at].is_secret;
}

/* How many bytes of s fit into room once they are escaped. */
static size_t
fitting(const char *s, size_t n, size_t room)
{
	size_t cost = 0, i;

	if (6 * n <= room)
		return n;
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		cost += c < 0x20 ? 6 : c >= 0x80 ? 3 : c == '"' || c == '\\' ? 2 : 1;
		if (cost > room)
			break;
	}
	return i;
}

static void
add_ms(struct buf *b, int64_t us)
{
	char decimals[5] = { '.', (char)('0' + us / 100 % 10), (char)('0' + us / 10 % 10), (char)('0' + us % 10) };

	buf_add_int(b, us / 1000);
	buf_add(b, decimals, 4);
}

/* False when the field was cut or left out for want of room. */
static bool
add_field(struct buf *b, const struct log_field *f)
{
	size_t key_length = strlen(f->key), room = b->capacity - b->length, length, fits;
	const char *value = f->str;

	if (f->type == LOG_FIELD_STR && value == NULL)
		return true;
	if (key_length > KEY_MAX || room < key_length + NUMBER_ROOM + TAIL)
		return false;
	buf_json_key(b, f->key);
	switch (f->type) {
	case LOG_FIELD_INT:
		buf_add_int(b, f->num);
		return true;
	case LOG_FIELD_MS:
		add_ms(b, f->num > 0 ? f->num : 0);
		return true;
	case LOG_FIELD_STR:
		break;
	}
	if (is_secret(f->key))
		value = "[redacted]";
	length = strlen(value);
	fits = fitting(value, length, b->capacity - b->length - TAIL - 2);
	buf_json_text(b, value, fits);
	return fits == length;
}

static void
write_line(const char *line, size_t n)
{
	while (n > 0) {
		ssize_t written = write(STDERR_FILENO, line, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return; /* nobody left to tell */
		line += written;
		n -= (size_t)written;
	}
}

/* Lines of this turn of the loop. No longer than one line may be, so that a pipe still takes it in one piece. */
static struct {
	struct wait_hook before_sleep;
	bool is_on;
	char text[LINE];
	size_t length;
} gathered;

void
log_flush(void)
{
	size_t n = gathered.length;

	gathered.length = 0;
	write_line(gathered.text, n);
}

static void
flush_before_sleep(struct wait_hook *hook)
{
	(void)hook;
	log_flush();
}

void
log_gather(bool on)
{
	log_flush();
	gathered.is_on = on;
	gathered.before_sleep.fn = flush_before_sleep;
}

/* The last lines, oldest first. */
static struct {
	bool is_on;
	char text[LINE + 1];
	size_t length;
} memory;

void
log_remember(void)
{
	memory.is_on = true;
	memory.length = 0;
}

const char *
log_remembered(void)
{
	memory.text[memory.length] = '\0';
	return memory.text;
}

static void
remember(const char *line, size_t n)
{
	if (n > LINE)
		return;
	while (memory.length + n > LINE) { /* the oldest goes */
		char *end = memchr(memory.text, '\n', memory.length);
		size_t gone = end != NULL ? (size_t)(end - memory.text) + 1 : memory.length;

		memory.length -= gone;
		memmove(memory.text, memory.text + gone, memory.length);
	}
	memcpy(memory.text + memory.length, line, n);
	memory.length += n;
}

static void
line_out(enum log_level level, const char *line, size_t n)
{
	if (gathered.length + n > sizeof(gathered.text) || level > LOG_INFO)
		log_flush();
	if (!gathered.is_on || level > LOG_INFO) {
		write_line(line, n);
		return;
	}
	memcpy(gathered.text + gathered.length, line, n);
	gathered.length += n;
	wait_before_sleep(&gathered.before_sleep);
}

void
log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	const struct fiber_locals *locals;
	char line[LINE];
	struct buf b = { .data = line, .capacity = sizeof(line) };
	struct timespec now;
	bool whole = true;

	if (level < state.level)
		return;
	locals = fiber_locals();
	clock_gettime(CLOCK_REALTIME, &now);
	buf_add_literal(&b, "{\"time\":");
	buf_json_time(&b, (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	whole &= add_field(&b, &LOG_STR("level", level_names[level]));
	whole &= add_field(&b, &LOG_STR("program", state.program));
	whole &= add_field(&b, &LOG_INT("pid", state.pid != 0 ? state.pid : getpid()));
	whole &= add_field(&b, &LOG_STR("event", event));
	for (size_t i = 0; i < locals->log_field_count; i++)
		whole &= add_field(&b, &locals->log_fields[i]);
	for (size_t i = 0; i < count; i++)
		whole &= add_field(&b, &fields[i]);
	if (!whole)
		buf_add_literal(&b, ",\"cut\":true");
	buf_add_literal(&b, "}\n");
	if (memory.is_on)
		remember(line, b.length);
	line_out(level, line, b.length);
}
