/*
 * ceiling.c - what the web server and the machine allow: a FastCGI responder that looks at nothing and answers every request with the
 * same bytes, in two processes with kept-alive connections. No server behind this nginx can be faster.
 *
 *	ceiling SOCKET BODY_BYTES
 */
#define _GNU_SOURCE
#include <fastcgi.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTIONS 4096
#define INPUT 65536

static char reply[65536];
static size_t reply_length;

/* STDOUT with head and body, its end, END_REQUEST. */
static void
make_reply(size_t body)
{
	char *content = reply + FCGI_HEADER_LEN;
	size_t n = (size_t)sprintf(content, "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body);
	unsigned char *head = (unsigned char *)reply, *end;

	memset(content + n, 'x', body);
	n += body;
	head[0] = FCGI_VERSION_1, head[1] = FCGI_STDOUT, head[3] = 1, head[4] = (unsigned char)(n >> 8), head[5] = (unsigned char)n;
	end = head + FCGI_HEADER_LEN + n;
	end[0] = FCGI_VERSION_1, end[1] = FCGI_END_REQUEST, end[3] = 1, end[5] = sizeof(FCGI_EndRequestBody);
	reply_length = FCGI_HEADER_LEN + n + FCGI_HEADER_LEN + sizeof(FCGI_EndRequestBody);
}

/* Answers each request whose empty STDIN is in the input; returns how much of it was used up. */
static size_t
answer(int fd, const unsigned char *in, size_t length)
{
	size_t at = 0;

	while (length - at >= FCGI_HEADER_LEN) {
		size_t content = (size_t)in[at + 4] << 8 | in[at + 5], whole = FCGI_HEADER_LEN + content + in[at + 6];

		if (length - at < whole)
			break;
		if (in[at + 1] == FCGI_STDIN && content == 0 && write(fd, reply, reply_length) < 0)
			return length;
		at += whole;
	}
	return at;
}

static void
serve(int listener)
{
	static unsigned char input[CONNECTIONS][INPUT];
	static size_t held[CONNECTIONS];
	struct epoll_event ready[256], want = { .events = EPOLLIN, .data.fd = listener };
	int poll = epoll_create1(0);

	sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 }); /* as a busy child is */
	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &want);
	for (;;) {
		int count = epoll_wait(poll, ready, 256, -1);

		for (int i = 0; i < count; i++) {
			int fd = ready[i].data.fd;
			ssize_t n;
			size_t used;

			if (fd == listener) {
				fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
				want.data.fd = fd;
				if (fd >= 0 && fd < CONNECTIONS)
					held[fd] = 0, epoll_ctl(poll, EPOLL_CTL_ADD, fd, &want);
				continue;
			}
			n = read(fd, input[fd] + held[fd], INPUT - held[fd]);
			if (n <= 0) {
				close(fd);
				continue;
			}
			held[fd] += (size_t)n;
			used = answer(fd, input[fd], held[fd]);
			held[fd] -= used;
			memmove(input[fd], input[fd] + used, held[fd]);
		}
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (argc != 3)
		return 64;
	signal(SIGPIPE, SIG_IGN); /* a load generator that stops leaves requests behind */
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", argv[1]);
	make_reply(strtoul(argv[2], NULL, 10));
	if (bind(listener, (struct sockaddr *)&name, sizeof(name)) != 0 || chmod(argv[1], 0666) != 0 || listen(listener, 512) != 0) {
		perror(argv[1]);
		return 1;
	}
	if (fork() < 0)
		return 1;
	serve(listener);
}
