/* tests/db/redis_server.c - see redis_server.h. */
#include "tests/db/redis_server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fiber.h"
#include "lib/mem.h"
#include "lib/redis.h"
#include "lib/wait.h"

void
redis_server_start(struct redis_server *s)
{
	s->pid = fork();
	if (s->pid == 0) {
		int ok = freopen("/dev/null", "w", stdout) != NULL;

		(void)ok;
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* it does not outlive a test that crashed */
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", s->socket, "--dir", s->folder, "--save", "",
		    NULL);
		_exit(127);
	}
	for (int i = 0; i < 200 && access(s->socket, F_OK) != 0; i++)
		usleep(20000);
}

bool
redis_server_make(struct redis_server *s)
{
	signal(SIGPIPE, SIG_IGN); /* as every daemon of ours */
	snprintf(s->folder, sizeof(s->folder), "/tmp/atelier-redis.XXXXXX");
	if (mkdtemp(s->folder) == NULL)
		return false;
	snprintf(s->socket, sizeof(s->socket), "%s/s", s->folder);
	snprintf(s->url, sizeof(s->url), "unix://%s?db=3", s->socket);
	redis_server_start(s);
	return true;
}

void
redis_server_stop(struct redis_server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	unlink(s->socket);
}

void
redis_server_remove(struct redis_server *s)
{
	redis_server_stop(s);
	rmdir(s->folder);
}

int
redis_fixture_make(struct redis_fixture *f)
{
	if (!redis_server_make(&f->server))
		return -1;
	f->mem = talloc_new(NULL);
	f->redis = redis_open(f->mem, f->server.url);
	return f->redis == NULL ? -1 : 0;
}

void
redis_fixture_remove(struct redis_fixture *f)
{
	talloc_free(f->mem);
	wait_close();
	fiber_free_stacks();
	redis_server_remove(&f->server);
}

int64_t
soon(void)
{
	return now_ms() + 10000;
}
