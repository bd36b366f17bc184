/* enter.c - what a sandbox is made of, and what goes into it: the command line of bubblewrap, and the way from our fork to there. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/mem.h"
#include "worker/sandbox/sandbox.h"

#define NICE 10
#define ARGUMENTS_MAX 160
#define NOBODY 65534

struct arguments {
	void *mem;
	const char **words;
	int count;
};

static void
add(struct arguments *a, const char *const *words)
{
	while (*words != NULL && a->count < ARGUMENTS_MAX - 1)
		a->words[a->count++] = *words++;
}
#define ADD(a, ...) add((a), (const char *const[]){ __VA_ARGS__, NULL })

static const char *
number(void *mem, int64_t n)
{
	return mem_printf(mem, "%lld", (long long)n);
}

static void
add_tmpfs(struct arguments *a, int64_t size_bytes, const char *path)
{
	ADD(a, "--size", number(a->mem, size_bytes), "--tmpfs", path);
}

static void
add_mounts(struct arguments *a, const struct sandbox_ask *ask)
{
	ADD(a, "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/sbin",
	    "/sbin", "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache");
	/* nothing of what the host has added */
	add_tmpfs(a, 4096, "/usr/local");
	ADD(a, "--remount-ro", "/usr/local", "--proc", "/proc", "--ro-bind-try", "/proc/sys", "/proc/sys");
	/* The first process inside is bubblewrap's own, of the same user as the program: who may write into its memory
	 * is without limits and does not end with the sandbox. */
	add_tmpfs(a, 4096, "/proc/1");
	ADD(a, "--remount-ro", "/proc/1", "--dev", "/dev");
	add_tmpfs(a, ask->disk_bytes, "/tmp");
	add_tmpfs(a, ask->disk_bytes, "/work");
	add_tmpfs(a, SANDBOX_SHM_BYTES, "/dev/shm");
	ADD(a, "--file", number(a->mem, SANDBOX_CODE), mem_printf(a->mem, "/work/%s", ask->language->source), "--chdir", "/work", "--remount-ro", "/dev", "--remount-ro", "/");
}

const char *const *
sandbox_arguments(void *mem, const struct sandbox_ask *ask)
{
	struct arguments a = { .mem = mem, .words = mem_array(mem, const char *, ARGUMENTS_MAX) };

	ADD(&a, SANDBOX_BWRAP, "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--cap-drop",
	    "ALL", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/work", "--setenv", "LANG", "C.UTF-8", "--setenv", "TMPDIR", "/tmp");
	add_mounts(&a, ask);
	ADD(&a, "--seccomp", number(mem, SANDBOX_FILTER), "--");
	/* inside, limits count inside alone */
	ADD(&a, "/usr/bin/prlimit", mem_printf(mem, "--nproc=%d", ask->processes), mem_printf(mem, "--data=%lld", (long long)ask->memory_bytes),
	    mem_printf(mem, "--cpu=%d", ask->wall_ms / 1000 + 1), mem_printf(mem, "--fsize=%lld", (long long)ask->disk_bytes), "--nofile=64", "--core=0",
	    "--stack=8388608", "--", "/bin/sh", "-c");
	ADD(&a, mem_printf(mem, "echo >&%d; read -r go <&%d || exit 125; exec %d<&-; unset go\n%s", SANDBOX_START, SANDBOX_START, SANDBOX_START, ask->language->command));
	return a.words;
}

static void __attribute__((noreturn))
give_up(int errors, const char *what)
{
	dprintf(errors, "%s: %s\n", what, strerror(errno));
	_exit(125);
}

/* By way of numbers above all those that they get, so that none is overwritten before it was moved. */
static void
take_files(const int files[SANDBOX_FILES])
{
	int high[SANDBOX_FILES];

	for (int i = 0; i < SANDBOX_FILES; i++)
		if ((high[i] = fcntl(files[i], F_DUPFD, SANDBOX_FILES)) < 0)
			give_up(files[SANDBOX_ERRORS], "files");
	for (int i = 0; i < SANDBOX_FILES; i++)
		dup2(high[i], i);
	close_range(SANDBOX_FILES, ~0U, 0);
}

void
sandbox_enter(const char *const *arguments, const int files[SANDBOX_FILES], pid_t parent)
{
	static char *const no_environment[] = { NULL }; /* ours may have secrets, and stays readable in /proc */
	sigset_t none;

	/* root's files would be the program's own, and limits of processes do not bind root */
	if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		give_up(files[SANDBOX_ERRORS], "nobody");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (const int *s = (const int[]){ SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD, 0 }; *s != 0; s++)
		signal(*s, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* after the change of user, which forgets it */
	if (getppid() != parent)
		_exit(125);
	take_files(files);
	setpriority(PRIO_PROCESS, 0, NICE);
	execve(arguments[0], (char *const *)arguments, no_environment);
	give_up(SANDBOX_ERRORS, arguments[0]);
}
