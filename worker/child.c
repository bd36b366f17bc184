/* worker/child.c - what happens between fork and exit. */
#include "worker/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"
#include "worker/confine.h"

static void __attribute__((noreturn))
run_child(struct job *job, pid_t supervisor)
{
	struct db_options options = { .url = job->conf->main_database_url, .name = "atelier-job" };
	sigset_t none;
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a job without its supervisor could not prove that it is still the one */
	if (getppid() != supervisor)
		_exit(1);
	for (const int *s = (const int[]){ SIGTERM, SIGINT, SIGHUP, SIGCHLD, 0 }; *s != 0; s++)
		signal(*s, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	confine_limits(job->conf);
	if (!job->kind->is_confined) {
		job->db = db_open(job->mem, &options);
		job->redis = redis_open(job->mem, job->conf->main_redis_url);
	}
	rc = job->kind->run(job);
	if (rc == 0)
		job_report(job, "done", "true");
	_exit(rc == 0 ? 0 : 1);
}

/* A fork asked for by a fiber. It happens on the process's own stack: a fiber's is too small for a decoder. */
struct birth {
	struct wait_hook hook; /* first: the hook is the birth */
	struct wait wait;
	struct job *job;
	int fds[2];
	pid_t pid;
};

static void
give_birth(struct wait_hook *hook)
{
	struct birth *b = (struct birth *)hook;
	pid_t supervisor = getpid();

	b->pid = fork();
	if (b->pid == 0) {
		close(b->fds[0]);
		b->job->report_fd = b->fds[1];
		run_child(b->job, supervisor);
	}
	wait_done(&b->wait);
}

pid_t
job_child_start(struct job *job, int *report_fd)
{
	struct birth b = { .hook.fn = give_birth, .job = job };

	if (pipe2(b.fds, O_CLOEXEC) != 0)
		return -1;
	wait_init(&b.wait);
	wait_before_sleep(&b.hook);
	wait_for_surely(&b.wait, WAIT_FOREVER);
	close(b.fds[1]);
	if (b.pid < 0) {
		close(b.fds[0]);
		return -1;
	}
	fcntl(b.fds[0], F_SETFL, O_NONBLOCK);
	*report_fd = b.fds[0];
	return b.pid;
}
