/* worker/child.c - what happens between fork and exit. */
#include "worker/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"
#include "worker/confine.h"

#define LAST_WORDS_MS 3000 /* between the end of a child's reports and its own */

/* The supervisor's connections are not for us, least of all for a child that user media has taken over. */
static void
close_inherited(int kept)
{
	if (kept > 3)
		close_range(3, (unsigned)kept - 1, 0);
	close_range((unsigned)kept + 1, ~0U, 0);
}

static void __attribute__((noreturn))
run_child(struct job *job, pid_t supervisor)
{
	struct db_options options = { .url = job->conf->main_database_url, .name = "atelier-job" };
	sigset_t none;
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a job without its supervisor could not prove that it is still the one */
	if (getppid() != supervisor)
		_exit(1);
	/* What is sent to the whole group is the supervisor's to decide: it lets us end, or kills. */
	for (const int *s = (const int[]){ SIGTERM, SIGINT, SIGHUP, SIGPIPE, 0 }; *s != 0; s++)
		signal(*s, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_inherited(job->report_fd);
	job_log_context(job);
	log_remember();
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

int
job_child_end(pid_t pid, bool may_end_itself)
{
	int64_t patience_ms = now_ms() + (may_end_itself ? LAST_WORDS_MS : 0);
	int status = 0, pause_ms = 1;
	bool is_killed = false;

	for (;;) {
		pid_t ended = waitpid(pid, &status, WNOHANG);

		if (ended == pid || (ended < 0 && errno != EINTR))
			return status;
		if (!is_killed && now_ms() >= patience_ms) {
			kill(pid, SIGKILL);
			is_killed = true;
		}
		wait_sleep(pause_ms);
		if (pause_ms < 100)
			pause_ms *= 2;
	}
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
