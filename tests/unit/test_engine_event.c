/*
 * tests/unit/test_engine_event.c - the event engine in a child process, from the web server's side of the wire.
 * With arguments it is a server to put behind nginx by hand: test_engine_event serve SOCKET_LINK CHILDREN [MAX_REQUESTS]
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <dirent.h>
#include <fastcgi.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/engine_demo.h"

#define OK_BODY "{\"success\":true,\"data\":{\"status\":\"ok\"}}"

static int listener = -1;
static pid_t child;

/* A child that has answered once, so that a signal finds its engine. */
static int
start_child(int log_fd)
{
	char out[64];

	child = demo_start(listener, 0, log_fd);
	return strcmp(client_ask("/", out, sizeof(out)), OK_BODY) != 0;
}

static int
start(void **unused)
{
	int failed;

	(void)unused;
	listener = demo_listen();
	failed = start_child(-1);
	while (__atomic_load_n(&demo_facts()->open, __ATOMIC_RELAXED) > 0)
		usleep(1000);
	memset(demo_facts(), 0, sizeof(*demo_facts()));
	return failed;
}

/* Every test ends with a drain that must end well: exit status 0 says that sanitizers found nothing. */
static int
stop(void **unused)
{
	int status;

	(void)unused;
	kill(child, SIGTERM);
	status = demo_wait(child);
	demo_unlisten(listener);
	return status;
}

static void
expect(int fd, const char *body)
{
	struct reply_text r = client_reply(fd);
	const char *found = strstr(r.bytes, "\r\n\r\n");

	assert_true(r.is_ended);
	assert_int_equal(r.protocol_status, 0);
	assert_non_null(found);
	assert_string_equal(found + 4, body);
	free(r.bytes);
}

static void
until(const int *fact, int value)
{
	for (int i = 0; i < 5000 && __atomic_load_n(fact, __ATOMIC_RELAXED) < value; i++)
		usleep(1000);
	assert_int_equal(*fact, value);
}

static bool
is_closed(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) == 0;
}

/* --- tests --- */

static void
many_requests_one_connection(void **unused)
{
	int fd = client_open();

	(void)unused;
	for (int i = 0; i < 2000; i++) {
		client_get(fd, "/", true);
		expect(fd, OK_BODY);
	}
	close(fd);
}

static void
without_keep_the_connection_is_closed(void **unused)
{
	int fd = client_open();

	(void)unused;
	client_get(fd, "/", false);
	expect(fd, OK_BODY);
	assert_true(is_closed(fd));
	close(fd);
}

static void
thousand_connections(void **unused)
{
	static int fds[1000];

	(void)unused;
	for (int i = 0; i < 1000; i++)
		client_get(fds[i] = client_open(), "/sleep/300", true);
	until(&demo_facts()->begun, 1000);
	for (int i = 0; i < 1000; i++)
		expect(fds[i], "slept");
	for (int i = 0; i < 1000; i++)
		client_get(fds[i], "/", true);
	for (int i = 0; i < 1000; i++) {
		expect(fds[i], OK_BODY);
		close(fds[i]);
	}
}

static void
replies_of_any_size(void **unused)
{
	static const long sizes[] = { 0, 1, 65000, 65528, 70000, 1000000, 40000000 };
	int fd = client_open();

	(void)unused;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct reply_text r;
		char path[40];

		snprintf(path, sizeof(path), "/bytes/%ld", sizes[i]);
		client_get(fd, path, true);
		usleep(20000); /* the child meets a full socket, and waits */
		r = client_reply(fd);
		assert_true(r.is_ended);
		assert_int_equal(r.length - (size_t)(strstr(r.bytes, "\r\n\r\n") + 4 - r.bytes), sizes[i]);
		free(r.bytes);
	}
	close(fd);
}

static void
slow_reader_holds_nobody_up(void **unused)
{
	int slow = client_open(), fd = client_open();
	struct reply_text r;

	(void)unused;
	client_get(slow, "/bytes/20000000", true);
	usleep(50000);
	for (int i = 0; i < 100; i++) {
		client_get(fd, "/", true);
		expect(fd, OK_BODY);
	}
	r = client_reply(slow);
	assert_true(r.is_ended && r.length > 20000000);
	free(r.bytes);
	close(slow);
	close(fd);
}

static void
bodies_come_back(void **unused)
{
	static char body[3000001];
	int fd = client_open();

	(void)unused;
	for (size_t n = 1; n < sizeof(body); n = n * 7 + 1) {
		memset(body, 'e', n);
		body[n] = '\0';
		client_begin(fd, FCGI_RESPONDER, "/echo", true);
		client_body(fd, body, n);
		client_body_end(fd);
		expect(fd, body);
	}
	close(fd);
}

/* 24 MB through a handler that thinks after each piece, 48 MB through one that does not: the socket is the only place where
 * bytes may queue. */
static void
uploads_leave_memory_flat(void **unused)
{
	static char piece[1 << 20];
	int fd = client_open();
	int64_t before_kb;

	(void)unused;
	client_begin(fd, FCGI_RESPONDER, "/count/0", true);
	client_body(fd, piece, sizeof(piece));
	client_body_end(fd);
	expect(fd, "1048576");
	before_kb = demo_facts()->peak_kb;
	client_begin(fd, FCGI_RESPONDER, "/count/1", true);
	for (int i = 0; i < 24; i++)
		client_body(fd, piece, sizeof(piece));
	client_body_end(fd);
	expect(fd, "25165824");
	client_begin(fd, FCGI_RESPONDER, "/count/0", true);
	for (int i = 0; i < 48; i++)
		client_body(fd, piece, sizeof(piece));
	client_body_end(fd);
	expect(fd, "50331648");
	print_message("peak of the child: %ld kB after 1 MB, %ld kB after 73 MB\n", (long)before_kb,
	    (long)demo_facts()->peak_kb);
#ifndef WITH_SANITIZERS /* which keep freed memory */
	assert_true(demo_facts()->peak_kb < before_kb + 8 * 1024);
#endif
	close(fd);
}

static void
who_leaves_is_not_served(void **unused)
{
	int fds[20];

	(void)unused;
	for (int i = 0; i < 20; i++)
		client_get(fds[i] = client_open(), "/sleep/60000", true);
	until(&demo_facts()->begun, 20);
	for (int i = 0; i < 19; i++)
		close(fds[i]);
	until(&demo_facts()->cancelled, 19);
	client_record(fds[19], FCGI_ABORT_REQUEST, 1, NULL, 0);
	until(&demo_facts()->cancelled, 20);
	close(fds[19]);
	for (int i = 0; i < 1000 && __atomic_load_n(&demo_facts()->open, __ATOMIC_RELAXED) > 0; i++)
		usleep(1000);
	assert_int_equal(demo_facts()->open, 0);
}

/* What came of an upload before the client left reaches the handler, which may keep it. */
static void
half_an_upload(void **unused)
{
	static char piece[300000];
	int fd = client_open();

	(void)unused;
	client_begin(fd, FCGI_RESPONDER, "/count/1", true);
	client_body(fd, piece, sizeof(piece));
	close(fd);
	until(&demo_facts()->ended, 1);
	assert_int_equal(demo_facts()->body_bytes, -300000);
	assert_int_equal(demo_facts()->cancelled, 0);
}

static void
body_nobody_reads(void **unused)
{
	static char piece[500000];
	int fd = client_open();

	(void)unused;
	client_begin(fd, FCGI_RESPONDER, "/", true);
	expect(fd, OK_BODY); /* an answer before the body */
	client_body(fd, piece, sizeof(piece));
	client_body_end(fd);
	client_get(fd, "/", true);
	expect(fd, OK_BODY);
	close(fd);
	fd = client_open();
	client_begin(fd, FCGI_RESPONDER, "/", false);
	client_body(fd, piece, sizeof(piece));
	expect(fd, OK_BODY);
	assert_true(is_closed(fd));
	close(fd);
}

static void
authorizers_and_management(void **unused)
{
	char asked[] = "\17\0FCGI_MPXS_CONNS", got[64];
	struct reply_text r;
	int fd = client_open();

	(void)unused;
	client_begin(fd, FCGI_AUTHORIZER, "/", true);
	expect(fd, "authorized");
	client_record(fd, FCGI_GET_VALUES, 0, asked, 17);
	assert_int_equal(recv(fd, got, sizeof(got), 0), 26);
	assert_memory_equal(got + 8, "\17\1FCGI_MPXS_CONNS0", 18);
	client_record(fd, 77, 0, NULL, 0);
	assert_int_equal(recv(fd, got, sizeof(got), 0), 16);
	assert_int_equal(got[1], FCGI_UNKNOWN_TYPE);
	client_begin(fd, FCGI_FILTER, "/", true);
	r = client_reply(fd);
	assert_int_equal(r.protocol_status, FCGI_UNKNOWN_ROLE);
	free(r.bytes);
	client_get(fd, "/", true);
	expect(fd, OK_BODY);
	close(fd);
}

static void
too_much_and_nonsense(void **unused)
{
	static char params[60000];
	struct reply_text r;
	int fd = client_open();

	(void)unused;
	client_record(fd, FCGI_BEGIN_REQUEST, 1, "\0\1\1\0\0\0\0\0", 8);
	memcpy(params, "\1\xff\0\0\0", 5);
	for (int i = 0; i < 3; i++)
		client_record(fd, FCGI_PARAMS, 1, params, sizeof(params));
	client_record(fd, FCGI_PARAMS, 1, NULL, 0);
	client_record(fd, FCGI_STDIN, 1, NULL, 0);
	r = client_reply(fd);
	assert_non_null(strstr(r.bytes, "Status: 431"));
	free(r.bytes);
	client_get(fd, "/", true);
	expect(fd, OK_BODY);
	assert_int_equal(send(fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 18);
	assert_true(is_closed(fd));
	close(fd);
}

static int
files_of(pid_t pid)
{
	char path[40];
	DIR *dir;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* A web server that goes without reading our reply, and leaves us more to read than one read() takes. */
static void
who_leaves_in_the_middle_leaves_nothing_open(void **unused)
{
	static char piece[150000];
	int fd = client_open(), before = files_of(child);

	(void)unused;
	client_get(fd, "/", true);
	until(&demo_facts()->ended, 1);
	kill(child, SIGSTOP);
	client_body(fd, piece, sizeof(piece));
	close(fd);
	kill(child, SIGCONT);
	for (int i = 0; i < 5000 && files_of(child) > before; i++)
		usleep(1000);
	assert_int_equal(files_of(child), before);
}

/* The web server must not keep this connection, although there was no request to answer. */
static void
a_refusal_while_draining_says_not_again(void **unused)
{
	static char params[60000];
	struct reply_text r;
	int fd;

	(void)unused;
	kill(child, SIGTERM);
	assert_int_equal(demo_wait(child), 0);
	child = demo_start(listener, 1, -1);
	fd = client_open();
	client_record(fd, FCGI_BEGIN_REQUEST, 1, "\0\1\1\0\0\0\0\0", 8);
	memcpy(params, "\1\xff\0\0\0", 5);
	for (int i = 0; i < 3; i++)
		client_record(fd, FCGI_PARAMS, 1, params, sizeof(params));
	r = client_reply(fd);
	assert_non_null(strstr(r.bytes, "Status: 431"));
	assert_true(r.is_retired);
	free(r.bytes);
	close(fd);
}

/* The master repeats itself while a child sends what it still has: see demo_start(). */
static void
a_late_sigterm_meets_no_thread_unprepared(void **unused)
{
	char out[64];

	(void)unused;
	assert_string_equal(client_ask("/offload", out, sizeof(out)), "offloaded");
}

static void
drains(void **unused)
{
	int idle = client_open(), busy = client_open(), reader = client_open();
	struct reply_text r;
	char got[8];

	(void)unused;
	client_get(idle, "/", true);
	expect(idle, OK_BODY);
	client_get(busy, "/sleep/300", true);
	client_begin(reader, FCGI_RESPONDER, "/echo", true);
	client_body(reader, "half ", 5);
	until(&demo_facts()->begun, 3);
	kill(child, SIGTERM);
	/* the idle one is told to go ... */
	assert_int_equal(recv(idle, got, 8, 0), 8);
	assert_memory_equal(got, "\1\7\0\1\0\0\0\0", 8);
	/* ... but if a request was on its way already, it is answered */
	client_get(idle, "/", true);
	r = client_reply(idle);
	assert_true(r.is_ended && r.is_retired);
	free(r.bytes);
	client_body(reader, "and half", 8);
	client_body_end(reader);
	r = client_reply(reader);
	assert_true(r.is_ended && r.is_retired);
	assert_non_null(strstr(r.bytes, "half and half"));
	free(r.bytes);
	r = client_reply(busy);
	assert_true(r.is_ended && r.is_retired);
	assert_non_null(strstr(r.bytes, "slept"));
	free(r.bytes);
	close(idle);
	close(busy);
	close(reader);
}

/* Children that end after 50 requests each, against a client that behaves as nginx does. */
static void
recycling_loses_nothing(void **unused)
{
	pid_t pids[40];
	int fd = -1, served = 0;

	(void)unused;
	kill(child, SIGTERM);
	assert_int_equal(demo_wait(child), 0);
	for (int i = 0; i < 40; i++)
		pids[i] = demo_start(listener, 50, -1);
	for (; served < 2000; served++) {
		struct reply_text r;

		if (fd < 0)
			fd = client_open();
		client_get(fd, "/", true);
		r = client_reply(fd);
		assert_true(r.is_ended);
		if (r.is_retired) {
			close(fd);
			fd = -1;
		}
		free(r.bytes);
	}
	if (fd >= 0)
		close(fd);
	for (int i = 0; i < 40; i++)
		assert_int_equal(demo_wait(pids[i]), 0);
	assert_int_equal(start_child(-1), 0);
}

static void
children_share_the_work(void **unused)
{
	pid_t other = demo_start(listener, 0, -1);
	int fds[64], mine = 0;

	(void)unused;
	until(&demo_facts()->started, 1);
	usleep(100000);
	for (int i = 0; i < 64; i++)
		client_get(fds[i] = client_open(), "/sleep/100", true);
	for (int i = 0; i < 64; i++)
		expect(fds[i], "slept");
	for (int i = 0; i < 64; i++) {
		struct reply_text r;

		client_get(fds[i], "/pid", true);
		r = client_reply(fds[i]);
		mine += strtol(strstr(r.bytes, "\r\n\r\n") + 4, NULL, 10) == child;
		free(r.bytes);
		close(fds[i]);
	}
	print_message("%d and %d connections\n", mine, 64 - mine);
	kill(other, SIGTERM);
	assert_int_equal(demo_wait(other), 0);
	assert_in_range(mine, 24, 40);
}

static void
who_holds_the_loop_is_named(void **unused)
{
	char line[512] = "", out[64];
	int log[2];

	(void)unused;
	assert_int_equal(pipe(log), 0);
	kill(child, SIGTERM);
	demo_wait(child);
	assert_int_equal(start_child(log[1]), 0);
	close(log[1]);
	client_ask("/hold/5", out, sizeof(out));
	client_ask("/hold/40", out, sizeof(out));
	assert_string_equal(out, "held");
	assert_true(read(log[0], line, sizeof(line) - 1) > 0);
	assert_non_null(strstr(line, "loop_held"));
	assert_non_null(strstr(line, "\"/hold\""));
	assert_null(strstr(strchr(line, '\n') + 1, "loop_held"));
	close(log[0]);
}

static int
serve_by_hand(int argc, char **argv)
{
	int fd = demo_listen(), children = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 2;
	int max = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0;

	unlink(argv[2]);
	if (symlink(demo_path(), argv[2]) != 0)
		return 1;
	for (int i = 0; i < children; i++)
		demo_start(fd, max, -1);
	while (wait(NULL) > 0) /* who has ended is replaced, as the master would */
		demo_start(fd, max, -1);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(many_requests_one_connection),
		TEST(without_keep_the_connection_is_closed),
		TEST(thousand_connections),
		TEST(replies_of_any_size),
		TEST(slow_reader_holds_nobody_up),
		TEST(bodies_come_back),
		TEST(uploads_leave_memory_flat),
		TEST(who_leaves_is_not_served),
		TEST(half_an_upload),
		TEST(body_nobody_reads),
		TEST(authorizers_and_management),
		TEST(too_much_and_nonsense),
		TEST(who_leaves_in_the_middle_leaves_nothing_open),
		TEST(a_refusal_while_draining_says_not_again),
		TEST(a_late_sigterm_meets_no_thread_unprepared),
		TEST(drains),
		TEST(recycling_loses_nothing),
		TEST(children_share_the_work),
		TEST(who_holds_the_loop_is_named),
	};
	struct rlimit files = { 4096, 4096 };

	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	if (argc > 2 && strcmp(argv[1], "serve") == 0)
		return serve_by_hand(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
