/* tests/unit/engine_demo.c - see engine_demo.h. */
#include "tests/unit/engine_demo.h"

#include <errno.h>
#include <fastcgi.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fcgi/balance.h"
#include "fcgi/engine.h"
#include "lib/fiber.h"
#include "lib/wait.h"

#define DEMO_SLOTS 40

static char folder[64], socket_path[96];
static struct demo_facts *facts;
static struct balance *balance;
static int started;

/* --- the application: what fcgi/request.c and fcgi/dispatch.c are to the product --- */

static struct route stream_route = { .body_kind = BODY_STREAM, .path = "/count" };
static struct route hold_route = { .path = "/hold" };

struct request *
request_new(struct app *app, const struct transport *transport, void *connection)
{
	struct request *rq = mem_checked(talloc_pooled_object(NULL, struct request, 16, 24 * 1024));

	memset(rq, 0, sizeof(*rq));
	rq->app = app;
	rq->transport = transport;
	rq->connection = connection;
	rq->path = "";
	facts->open++;
	return rq;
}

void
request_set_param(struct request *rq, const char *name, size_t name_length, const char *value, size_t length)
{
	if (name_length == 11 && memcmp(name, "REQUEST_URI", 11) == 0)
		rq->path = mem_strndup(rq, value, length);
	if (name_length == 9 && memcmp(name, "FCGI_ROLE", 9) == 0)
		rq->is_authorizer = true;
}

static void
answer(struct request *rq, const char *text)
{
	rq->out.status = 200;
	buf_add_str(&rq->out.body, text);
}

static void
answer_int(struct request *rq, int64_t n)
{
	rq->out.status = 200;
	buf_add_int(&rq->out.body, n);
}

/* The argument in "/word/argument", -1: the path is another. */
static long
argument(const struct request *rq, const char *word)
{
	size_t n = strlen(word);

	return strncmp(rq->path, word, n) == 0 ? strtol(rq->path + n, NULL, 10) : -1;
}

/* "/count/MS": reads the body, MS milliseconds of thought after each piece. */
static void
count_body(struct request *rq, long ms)
{
	char piece[16384];
	struct rusage usage;
	int64_t total = 0;
	ssize_t n;

	rq->route = &stream_route;
	while ((n = rq->transport->read_body(rq, piece, sizeof(piece))) > 0) {
		total += n;
		if (ms > 0)
			wait_sleep(ms);
	}
	getrusage(RUSAGE_SELF, &usage);
	facts->body_bytes = n < 0 ? -total : total;
	facts->peak_kb = usage.ru_maxrss;
	answer_int(rq, total);
}

static void
echo(struct request *rq)
{
	char piece[5000];
	ssize_t n;

	rq->out.status = 200;
	while ((n = rq->transport->read_body(rq, piece, sizeof(piece))) > 0)
		buf_add(&rq->out.body, piece, (size_t)n);
}

static void
bytes(struct request *rq, long n)
{
	rq->out.status = 200;
	buf_grow(&rq->out.body, (size_t)n);
	memset(rq->out.body.data, 'b', (size_t)n);
	rq->out.body.length = (size_t)n;
}

static void
hold(struct request *rq, long ms)
{
	rq->route = &hold_route;
	while (fiber_held_us() < ms * 1000)
		;
	answer(rq, "held");
}

static int
takes_a_thread(void *unused)
{
	(void)unused;
	return 0;
}

void
request_dispatch(struct request *rq)
{
	long n;

	facts->begun++;
	buf_init(&rq->out.body, rq, 256);
	if ((n = argument(rq, "/sleep/")) >= 0) {
		if (wait_sleep(n) != 0)
			facts->cancelled++;
		answer(rq, "slept");
	} else if ((n = argument(rq, "/bytes/")) >= 0) {
		bytes(rq, n);
	} else if ((n = argument(rq, "/count/")) >= 0) {
		count_body(rq, n);
	} else if ((n = argument(rq, "/hold/")) >= 0) {
		hold(rq, n);
	} else if (strcmp(rq->path, "/echo") == 0) {
		echo(rq);
	} else if (strcmp(rq->path, "/offload") == 0) {
		answer(rq, wait_offload(takes_a_thread, NULL) == 0 ? "offloaded" : "?");
	} else if (strcmp(rq->path, "/pid") == 0) {
		answer_int(rq, getpid());
	} else if (strcmp(rq->path, "/crash") == 0) {
		raise(SIGKILL);
	} else {
		answer(rq, rq->is_authorizer ? "authorized" : "{\"success\":true,\"data\":{\"status\":\"ok\"}}");
	}
	facts->ended++;
}

void
request_head(struct request *rq, struct buf *head)
{
	buf_add_literal(head, "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: ");
	buf_add_int(head, (int64_t)rq->out.body.length);
	buf_add_literal(head, "\r\n\r\n");
}

void
request_end(struct request *rq, bool sent)
{
	facts->unsent += !sent;
	facts->open--;
	talloc_free(rq);
}

/* --- children --- */

struct demo_facts *
demo_facts(void)
{
	return facts;
}

const char *
demo_path(void)
{
	return socket_path;
}

int
demo_listen(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	balance = balance_open(DEMO_SLOTS);
	started = 0;
	facts = mmap(NULL, sizeof(*facts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(folder, sizeof(folder), "/tmp/atelier-engine-XXXXXX");
	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(socket_path, sizeof(socket_path), "%s/s", folder);
	memcpy(addr.sun_path, socket_path, strlen(socket_path) + 1);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 || listen(fd, 1024) != 0)
		abort();
	return fd;
}

void
demo_unlisten(int fd)
{
	close(fd);
	unlink(socket_path);
	rmdir(folder);
	balance_close(balance);
	munmap(facts, sizeof(*facts));
}

pid_t
demo_start(int listen_fd, int max_requests, int log_fd)
{
	struct conf_pool pool = { .name = "demo", .max_requests = max_requests };
	struct app app = { .pool = &pool, .balance = balance, .slot = (size_t)(started++ % DEMO_SLOTS) };
	pid_t pid;
	int status;

	balance_start(balance, app.slot);
	pid = fork();
	if (pid != 0)
		return pid;
	if (log_fd >= 0)
		dup2(log_fd, STDERR_FILENO);
	facts->started++;
	status = engine_event.serve(&app, listen_fd);
	kill(getpid(), SIGTERM); /* as a master does that waits for the end */
	wait_close();
	fiber_free_stacks();
	exit(status); /* and not _exit: leak checkers look now */
}

int
demo_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* --- client --- */

int
client_open(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(addr.sun_path, socket_path, strlen(socket_path) + 1);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		abort();
	return fd;
}

static void
write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t done = send(fd, data, n, MSG_NOSIGNAL);

		if (done <= 0)
			return; /* the reply, or its absence, tells */
		data += done;
		n -= (size_t)done;
	}
}

static size_t
record_put(char *out, int type, int id, const void *content, size_t n)
{
	memcpy(out, (char[8]){ 1, (char)type, (char)(id >> 8), (char)id, (char)(n >> 8), (char)n }, 8);
	if (n > 0)
		memcpy(out + 8, content, n);
	return 8 + n;
}

void
client_record(int fd, int type, int id, const void *content, size_t n)
{
	char *record = malloc(8 + n);

	write_all(fd, record, record_put(record, type, id, content, n));
	free(record);
}

static size_t
begin_put(char *out, int role, const char *path, bool keep)
{
	char params[512];
	size_t n = 0, length = strlen(path), at;

	memcpy(params, "\13", 1);
	params[1] = (char)length;
	memcpy(params + 2, "REQUEST_URI", 11);
	memcpy(params + 13, path, length);
	n = 13 + length;
	at = record_put(out, FCGI_BEGIN_REQUEST, 1, (char[8]){ 0, (char)role, keep }, 8);
	at += record_put(out + at, FCGI_PARAMS, 1, params, n);
	return at + record_put(out + at, FCGI_PARAMS, 1, NULL, 0);
}

void
client_begin(int fd, int role, const char *path, bool keep)
{
	char out[1024];

	write_all(fd, out, begin_put(out, role, path, keep));
}

void
client_get(int fd, const char *path, bool keep)
{
	char out[1024];
	size_t n = begin_put(out, FCGI_RESPONDER, path, keep);

	write_all(fd, out, n + record_put(out + n, FCGI_STDIN, 1, NULL, 0));
}

void
client_body(int fd, const void *data, size_t n)
{
	const char *p = data;

	for (size_t piece; n > 0; p += piece, n -= piece) {
		piece = n < 32768 ? n : 32768;
		client_record(fd, FCGI_STDIN, 1, p, piece);
	}
}

void
client_body_end(int fd)
{
	client_record(fd, FCGI_STDIN, 1, NULL, 0);
}

static bool
read_all(int fd, char *out, size_t n, int flags)
{
	while (n > 0) {
		ssize_t got = recv(fd, out, n, flags);

		if (got <= 0)
			return false;
		out += got;
		n -= (size_t)got;
	}
	return true;
}

struct reply_text
client_reply(int fd)
{
	struct reply_text r = { .bytes = calloc(1, 1) };
	unsigned char h[8];
	char content[65535 + 255];

	while (!r.is_ended && read_all(fd, (char *)h, 8, 0)) {
		size_t length = (size_t)h[4] << 8 | h[5];

		if (!read_all(fd, content, length + h[6], 0))
			break;
		r.is_retired |= h[1] == FCGI_STDERR && length == 0;
		if (h[1] == FCGI_STDOUT) {
			r.bytes = realloc(r.bytes, r.length + length + 1);
			memcpy(r.bytes + r.length, content, length);
			r.length += length;
			r.bytes[r.length] = '\0';
		}
		if (h[1] == FCGI_END_REQUEST) {
			r.is_ended = true;
			r.protocol_status = content[4];
		}
	}
	if (r.is_ended && recv(fd, h, 8, MSG_DONTWAIT | MSG_PEEK) == 8 && h[1] == FCGI_STDERR)
		r.is_retired = read_all(fd, (char *)h, 8, 0);
	return r;
}

char *
client_ask(const char *path, char *out, size_t size)
{
	int fd = client_open();
	struct reply_text r;
	const char *body;

	client_get(fd, path, false);
	r = client_reply(fd);
	body = strstr(r.bytes, "\r\n\r\n");
	snprintf(out, size, "%s", body != NULL ? body + 4 : "");
	free(r.bytes);
	close(fd);
	return out;
}
