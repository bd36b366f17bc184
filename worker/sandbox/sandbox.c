/* sandbox.c - one run: bubblewrap is started, what the program writes is read, the clock is watched, and what the program takes. */
#include "worker/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/mem.h"
#include "lib/utf8.h"

#define LOOK_MS 20          /* how often one looks what it has taken */
#define MAKE_MS 20000       /* for bwrap to make the sandbox; the program's time begins behind it */
#define GONE_MS 5000        /* what was killed is gone, unless the kernel itself is stuck */
#define FILES_MAX 10000     /* that it has made: each costs memory that no limit counts */
#define OWN_MEMORY (24 << 20) /* of bwrap and the shell, not counted against the program */

enum stream { OUTPUT, ERRORS, STREAMS };

struct run {
	void *mem;
	const struct sandbox_ask *ask;
	struct sandbox_answer *out;
	int theirs[SANDBOX_FILES], ours[STREAMS], start; /* file descriptors */
	struct buf text[STREAMS];
	pid_t pid; /* bwrap */
	int first; /* a pidfd of the first process inside; -1: not known yet */
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

/* --- what goes in --- */

/* Nobody changes it, or lets it grow, who can read it. */
static int
sealed_text(const char *text)
{
	int fd = memfd_create("text", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t length = strlen(text);

	if (fd >= 0 && (write(fd, text, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET) != 0 ||
	                   fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool
open_files(struct run *r)
{
	static const enum sandbox_file names[STREAMS] = { SANDBOX_OUTPUT, SANDBOX_ERRORS };
	int ends[2];

	for (int i = 0; i < STREAMS; i++) {
		if (pipe2(ends, O_CLOEXEC) != 0)
			return false;
		r->ours[i] = ends[0];
		r->theirs[names[i]] = ends[1];
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		buf_init(&r->text[i], r->mem, 4096);
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	r->start = ends[0];
	r->theirs[SANDBOX_START] = ends[1];
	r->theirs[SANDBOX_CODE] = sealed_text(r->ask->code);
	r->theirs[SANDBOX_INPUT] = sealed_text(r->ask->input != NULL ? r->ask->input : "");
	r->theirs[SANDBOX_FILTER] = sandbox_filter();
	return r->theirs[SANDBOX_CODE] >= 0 && r->theirs[SANDBOX_INPUT] >= 0 && r->theirs[SANDBOX_FILTER] >= 0;
}

static void
close_all(int *fds, int count)
{
	for (int i = 0; i < count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

/* --- watching --- */

/* bwrap ties the life of what it has made to its own only when all is made. Who is killed before that leaves somebody who
 * knows nothing of it; so nothing begins but at our word. */
static void
let_begin(struct run *r)
{
	int64_t now = clock_ms();
	char ready;

	if (read(r->start, &ready, 1) == 1 && (r->first = sandbox_first(r->pid)) >= 0 && send(r->start, "\n", 1, MSG_NOSIGNAL) == 1) {
		r->has_begun = true;
		r->began_ms = now;
	}
	close_all(&r->start, 1);
}

/* The first process inside with all others, also where bwrap has not tied it to itself yet; and bwrap. */
static void
end(struct run *r)
{
	if (r->first < 0)
		r->first = sandbox_first(r->pid);
	if (r->first >= 0)
		syscall(SYS_pidfd_send_signal, r->first, SIGKILL, NULL, 0);
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
read_some(struct run *r, enum stream s)
{
	char part[16384];
	ssize_t n = read(r->ours[s], part, sizeof(part));
	size_t room = r->ask->output_bytes - r->text[s].length;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	if ((size_t)n > room) {
		buf_add(&r->text[s], part, room);
		r->out->is_cut = true;
		end(r);
		return false;
	}
	buf_add(&r->text[s], part, (size_t)n);
	return true;
}

static void
watch(struct run *r)
{
	struct pollfd fds[STREAMS + 1] = { [STREAMS] = { .fd = r->start, .events = POLLIN } };

	for (int i = 0; i < STREAMS; i++)
		fds[i] = (struct pollfd){ .fd = r->ours[i], .events = POLLIN };
	while ((fds[OUTPUT].fd >= 0 || fds[ERRORS].fd >= 0) && !r->out->is_cut && !r->is_late) {
		poll(fds, STREAMS + 1, LOOK_MS);
		if (fds[STREAMS].fd >= 0 && fds[STREAMS].revents != 0) {
			let_begin(r);
			fds[STREAMS].fd = -1;
		}
		for (int i = 0; i < STREAMS; i++)
			if (fds[i].fd >= 0 && fds[i].revents != 0 && !read_some(r, (enum stream)i))
				fds[i].fd = -1;
		watch_use(r);
	}
}

/* Of its processes the first goes last: when it is gone they all are, and have not only been told to go. */
static void
await_end(const struct run *r)
{
	struct pollfd gone = { .fd = r->first, .events = POLLIN };

	if (r->first >= 0 && syscall(SYS_pidfd_send_signal, r->first, SIGKILL, NULL, 0) == 0)
		poll(&gone, 1, GONE_MS);
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

	out->output = clean(r->mem, &r->text[OUTPUT]);
	out->errors = clean(r->mem, &r->text[ERRORS]);
	if (!r->has_begun) {
		out->message = sandbox_refusal(r->mem, out->errors);
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

static void
start(struct run *r)
{
	const char *const *arguments = sandbox_arguments(r->mem, r->ask);
	pid_t parent = getpid();

	r->began_ms = clock_ms();
	r->pid = fork();
	if (r->pid == 0)
		sandbox_enter(arguments, r->theirs, parent);
	close_all(r->theirs, SANDBOX_FILES);
}

void
sandbox_run(void *mem, const struct sandbox_ask *ask, struct sandbox_answer *out)
{
	struct run r = { .mem = mem, .ask = ask, .out = out, .start = -1, .first = -1 };

	*out = (struct sandbox_answer){ .status = SANDBOX_REFUSED, .output = mem_strdup(mem, ""), .errors = mem_strdup(mem, "") };
	memset(r.theirs, -1, sizeof(r.theirs));
	memset(r.ours, -1, sizeof(r.ours));
	if (open_files(&r))
		start(&r);
	if (r.pid > 0) {
		watch(&r);
		reap(&r);
		await_end(&r);
		conclude(&r);
	} else
		out->message = mem_printf(mem, "No sandbox can be made: %s", strerror(errno));
	close_all(r.theirs, SANDBOX_FILES);
	close_all(r.ours, STREAMS);
	close_all(&r.start, 1);
	close_all(&r.first, 1);
}
