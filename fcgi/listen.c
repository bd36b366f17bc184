/* fcgi/listen.c - unix, TCP and systemd sockets. */
#include "fcgi/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/mem.h"

#define BACKLOG 1024
#define SYSTEMD_FIRST_FD 3

static int
fail(const void *context, char **why, int fd, const char *what)
{
	*why = mem_printf(context, "%s: %s", what, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A stale file of a dead master is replaced; a live one's is not. */
static int
listen_unix(const void *context, const char *path, char **why)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t old;
	int rc;

	if (fd < 0 || strlen(path) >= sizeof(addr.sun_path)) {
		errno = fd < 0 ? errno : ENAMETOOLONG;
		return fail(context, why, fd, path);
	}
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0) {
		errno = EADDRINUSE;
		return fail(context, why, fd, path);
	}
	unlink(path);
	old = umask(0117); /* the web server's group may connect */
	rc = bind(fd, (struct sockaddr *)&addr, sizeof(addr));
	umask(old);
	if (rc != 0 || listen(fd, BACKLOG) != 0)
		return fail(context, why, fd, path);
	return fd;
}

static int
listen_tcp(const void *context, const char *address, char **why)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM }, *list = NULL;
	char *host = mem_strdup(context, address), *port = strrchr(host, ':');
	int fd = -1, rc;

	*port++ = '\0';
	rc = getaddrinfo(*host != '\0' ? host : NULL, port, &hints, &list);
	if (rc != 0) {
		*why = mem_printf(context, "%s: %s", address, gai_strerror(rc));
		return -1;
	}
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (fd < 0 || bind(fd, list->ai_addr, list->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
		fd = fail(context, why, fd, address);
	freeaddrinfo(list);
	return fd;
}

/* LISTEN_FDS=2 LISTEN_FDNAMES=api:auth LISTEN_PID=ours: descriptors 3 and 4. */
static int
listen_systemd(const void *context, const char *name, char **why)
{
	const char *pid = getenv("LISTEN_PID"), *names = getenv("LISTEN_FDNAMES"), *count = getenv("LISTEN_FDS");
	long fds = count != NULL ? strtol(count, NULL, 10) : 0;

	if (pid == NULL || strtol(pid, NULL, 10) != getpid())
		fds = 0;
	for (long i = 0; i < fds && names != NULL; i++) {
		size_t length = strcspn(names, ":");

		if (length == strlen(name) && memcmp(names, name, length) == 0) {
			fcntl(SYSTEMD_FIRST_FD + (int)i, F_SETFD, FD_CLOEXEC);
			return SYSTEMD_FIRST_FD + (int)i;
		}
		names += length;
		names += *names == ':';
	}
	*why = mem_printf(context, "systemd handed over no socket named %s", name);
	return -1;
}

int
listen_open(const void *context, const char *address, char **why)
{
	if (strncmp(address, "unix:", 5) == 0)
		return listen_unix(context, address + 5, why);
	if (strncmp(address, "systemd:", 8) == 0)
		return listen_systemd(context, address + 8, why);
	if (strrchr(address, ':') != NULL)
		return listen_tcp(context, address, why);
	*why = mem_printf(context, "%s: not unix:/path, host:port or systemd:NAME", address);
	return -1;
}

void
listen_unlink(const char *address)
{
	if (strncmp(address, "unix:", 5) == 0)
		unlink(address + 5);
}

void
service_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t length = path != NULL ? strlen(path) : 0;
	int fd;

	if (length == 0 || length >= sizeof(addr.sun_path))
		return;
	memcpy(addr.sun_path, path, length);
	if (addr.sun_path[0] == '@')
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* nothing better to do when nobody listens */
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&addr,
	        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		errno = 0;
	close(fd);
}
