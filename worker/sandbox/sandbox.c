/* sandbox.c - one run: bubblewrap is started, what the program writes is read, the clock is watched, and what the program takes. */
#include "worker/sandbox/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/utf8.h"

#define BWRAP "/usr/bin/bwrap"
#define LOOK_MS 20          /* how often one looks what it has taken */
#define MAKE_MS 20000       /* for bwrap to make the sandbox; the program's time begins behind it */
#define FILES_MAX 10000     /* that it has made: each costs memory that no limit counts */
#define NICE 10
#define START_FD 9 /* what sh can name with one digit; ours stand above */
#define ARGUMENTS_MAX 128
#define NOBODY 65534
#define OWN_MEMORY (24 << 20) /* of bwrap and the shell, not counted against the program */

struct run {
	void *mem;
	const struct sandbox_ask *ask;
	struct sandbox_answer *out;
	int output[2], errors[2], code, input, filter; /* file descriptors */
	int start[2]; /* over which the inside says that it is made, and we say go */
	struct buf text[2];
	pid_t pid;
	int64_t began_ms, looked_ms;
	bool has_begun, is_late;
};

static int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- the inside --- */

/* The same above what the inside has. */
static int
above(int fd)
{
	int high = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, START_FD + 1) : -1;

	if (fd >= 0)
		close(fd);
	return high;
}

static int
file_of(const char *text)
{
	int fd = above(memfd_create("text", MFD_CLOEXEC));
	size_t length = strlen(text);

	if (fd >= 0 && (write(fd, text, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

struct arguments {
	void *mem;
	const char *words[ARGUMENTS_MAX];
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
arguments(struct run *r, struct arguments *a)
{
	const struct sandbox_ask *ask = r->ask;
	void *mem = r->mem;

	ADD(a, BWRAP, "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--cap-drop",
	    "ALL", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/work", "--setenv", "LANG", "C.UTF-8", "--setenv", "TMPDIR", "/tmp");
	ADD(a, "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/sbin",
	    "/sbin", "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache");
	/* nothing of what the host has added */
	ADD(a, "--size", "4096", "--tmpfs", "/usr/local", "--remount-ro", "/usr/local");
	ADD(a, "--proc", "/proc", "--ro-bind-try", "/proc/sys", "/proc/sys", "--dev", "/dev", "--size", number(mem, ask->disk_bytes), "--tmpfs", "/tmp", "--size", number(mem, ask->disk_bytes), "--tmpfs", "/work",
	    "--size", "1048576", "--tmpfs", "/dev/shm", "--file", number(mem, r->code), mem_printf(mem, "/work/%s", ask->language->source), "--chdir", "/work",
	    "--remount-ro", "/dev", "--remount-ro", "/", "--seccomp", number(mem, r->filter), "--");
	/* inside, limits count inside alone */
	ADD(a, "/usr/bin/prlimit", mem_printf(mem, "--nproc=%d", ask->processes), mem_printf(mem, "--data=%lld", (long long)ask->memory_bytes),
	    mem_printf(mem, "--cpu=%d", ask->wall_ms / 1000 + 1), mem_printf(mem, "--fsize=%lld", (long long)ask->disk_bytes), "--nofile=64", "--core=0",
	    "--stack=8388608", "--", "/bin/sh", "-c", mem_printf(mem, "echo >&%d; read -r go <&%d || exit 125; exec %d<&-; unset go; %s", START_FD, START_FD, START_FD, ask->language->command));
}

static void __attribute__((noreturn))
become(struct run *r, const struct arguments *a, pid_t parent)
{
	sigset_t none;

	/* root's files would be the program's own, and limits of processes do not bind root */
	if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		_exit(125);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (const int *s = (const int[]){ SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD, 0 }; *s != 0; s++)
		signal(*s, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* after the change of user, which forgets it */
	if (getppid() != parent)
		_exit(125);
	dup2(r->input, 0);
	dup2(r->output[1], 1);
	dup2(r->errors[1], 2);
	dup2(r->start[1], START_FD);
	/* nothing of ours but what bwrap reads, and it closes that */
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	fcntl(r->code, F_SETFD, 0);
	fcntl(r->filter, F_SETFD, 0);
	fcntl(START_FD, F_SETFD, 0);
	setpriority(PRIO_PROCESS, 0, NICE);
	execv(a->words[0], (char *const *)a->words);
	_exit(126);
}

/* --- watching --- */

/* bwrap ties the life of what it has made to its own only when all is made. Who is killed before that leaves somebody who
 * knows nothing of it; so nothing begins but at our word. */
static void
let_begin(struct run *r)
{
	char ready;

	if (read(r->start[0], &ready, 1) == 1 && send(r->start[0], "\n", 1, MSG_NOSIGNAL) == 1) {
		r->has_begun = true;
		r->began_ms = clock_ms();
	}
	close(r->start[0]);
	r->start[0] = -1;
}

static void
end(const struct run *r)
{
	sandbox_kill_inside(r->pid);
	kill(r->pid, SIGKILL);
}

/* What ends it: more memory, processors' time or files than it may have. */
static void
watch_use(struct run *r)
{
	const struct sandbox_ask *ask = r->ask;
	struct sandbox_answer *out = r->out;
	struct sandbox_use use;

	if (clock_ms() - r->looked_ms < LOOK_MS)
		return;
	sandbox_look(r->pid, ask, &use);
	r->looked_ms = clock_ms();
	if (use.memory_bytes > out->memory_bytes)
		out->memory_bytes = use.memory_bytes;
	if (use.cpu_ms > out->cpu_ms)
		out->cpu_ms = (int)use.cpu_ms;
	out->is_out_of_memory |= use.memory_bytes > ask->memory_bytes + OWN_MEMORY;
	out->is_full |= use.files > FILES_MAX;
	r->is_late |= use.cpu_ms > (ask->cpu_ms > 0 ? ask->cpu_ms : ask->wall_ms) || r->looked_ms > r->began_ms + (r->has_begun ? ask->wall_ms : MAKE_MS);
	if (out->is_out_of_memory || out->is_full || r->is_late)
		end(r);
}

/* False: that end is closed. */
static bool
read_some(struct run *r, int fd, struct buf *text)
{
	char part[16384];
	ssize_t n = read(fd, part, sizeof(part));
	size_t room = r->ask->output_bytes - text->length;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	if ((size_t)n > room) {
		buf_add(text, part, room);
		r->out->is_cut = true;
		end(r);
		return false;
	}
	buf_add(text, part, (size_t)n);
	return true;
}

static void
watch(struct run *r)
{
	struct pollfd fds[3] = { { .fd = r->output[0], .events = POLLIN }, { .fd = r->errors[0], .events = POLLIN }, { .fd = r->start[0], .events = POLLIN } };

	while ((fds[0].fd >= 0 || fds[1].fd >= 0) && !r->out->is_cut && !r->is_late) {
		poll(fds, 3, LOOK_MS);
		if (fds[2].fd >= 0 && fds[2].revents != 0) {
			let_begin(r);
			fds[2].fd = -1;
		}
		for (int i = 0; i < 2; i++)
			if (fds[i].fd >= 0 && fds[i].revents != 0 && !read_some(r, fds[i].fd, &r->text[i]))
				fds[i].fd = -1;
		watch_use(r);
	}
}

/* It may have closed its output and go on: to the same end of time. */
static void
reap(struct run *r)
{
	struct sandbox_answer *out = r->out;
	struct rusage usage;
	int status = 0, cpu_ms;
	pid_t ended;

	while ((ended = wait4(r->pid, &status, WNOHANG, &usage)) == 0) {
		watch_use(r);
		usleep(2000);
	}
	if (ended != r->pid)
		return;
	out->wall_ms = (int)(clock_ms() - r->began_ms);
	cpu_ms = (int)((usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000);
	if (cpu_ms > out->cpu_ms)
		out->cpu_ms = cpu_ms;
	if ((int64_t)usage.ru_maxrss * 1024 > out->memory_bytes)
		out->memory_bytes = (int64_t)usage.ru_maxrss * 1024;
	out->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- the answer --- */

/* What is no UTF-8, or a zero, becomes U+FFFD. */
static char *
clean(void *mem, struct buf *text)
{
	struct buf out;

	buf_init(&out, mem, text->length + 16);
	for (size_t i = 0; i < text->length;) {
		unsigned char c = (unsigned char)text->data[i];
		size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

		if (c != 0 && i + n <= text->length && utf8_is_valid(text->data + i, n)) {
			buf_add(&out, text->data + i, n);
			i += n;
		} else {
			buf_add_literal(&out, "\xef\xbf\xbd");
			i++;
		}
	}
	buf_add_char(&out, '\0');
	return out.data;
}

static void
conclude(struct run *r)
{
	struct sandbox_answer *out = r->out;

	out->output = clean(r->mem, &r->text[0]);
	out->errors = clean(r->mem, &r->text[1]);
	if (!r->has_begun) {
		log_error("sandbox_not_made", LOG_STR("said", out->errors));
		out->status = SANDBOX_REFUSED;
		return;
	}
	out->status = r->is_late ? SANDBOX_TIMEOUT : SANDBOX_ERROR;
	if (r->is_late)
		out->message = "Out of time.";
	else if (out->is_out_of_memory)
		out->message = "Out of memory.";
	else if (out->is_full)
		out->message = "Too many files.";
	else if (out->is_cut)
		out->message = "Too much output.";
	else if (out->exit_status == 0)
		out->status = SANDBOX_SUCCESS;
	else
		sandbox_explain(r->mem, r->ask->language, out);
}

void
sandbox_run(void *mem, const struct sandbox_ask *ask, struct sandbox_answer *out)
{
	struct run r = { .mem = mem, .ask = ask, .out = out, .output = { -1, -1 }, .errors = { -1, -1 }, .start = { -1, -1 } };
	struct arguments a = { .mem = mem };
	pid_t parent = getpid();

	*out = (struct sandbox_answer){ .status = SANDBOX_REFUSED, .output = mem_strdup(mem, ""), .errors = mem_strdup(mem, "") };
	r.code = file_of(ask->code);
	r.input = file_of(ask->input != NULL ? ask->input : "");
	r.filter = above(sandbox_filter());
	if (r.code >= 0 && r.input >= 0 && r.filter >= 0 && pipe(r.output) == 0 && pipe(r.errors) == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, r.start) == 0) {
		fcntl(r.output[0], F_SETFL, O_NONBLOCK);
		fcntl(r.errors[0], F_SETFL, O_NONBLOCK);
		buf_init(&r.text[0], mem, 4096);
		buf_init(&r.text[1], mem, 4096);
		arguments(&r, &a);
		r.began_ms = clock_ms();
		r.pid = fork();
		if (r.pid == 0)
			become(&r, &a, parent);
		close(r.output[1]);
		close(r.errors[1]);
		close(r.start[1]);
		r.output[1] = r.errors[1] = r.start[1] = -1;
		if (r.pid > 0) {
			watch(&r);
			reap(&r);
			conclude(&r);
		}
	}
	for (const int *fd = (const int[]){ r.code, r.input, r.filter, r.output[0], r.output[1], r.errors[0], r.errors[1], r.start[0], r.start[1], -2 }; *fd != -2; fd++)
		if (*fd >= 0)
			close(*fd);
}
