/* tests/unit/test_sandbox.c - programs of strangers: each language, what their errors say, and every attempt to get out or to take the
 * machine along. Each is answered in bounded time, and nothing of it is left. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "worker/sandbox/sandbox.h"

#define PATIENCE_MS 30000 /* for what ends by itself, on a machine that is busy with other things */
#define SLACK_MS 15000    /* an answer that comes at all */

static void *mem;

static int
setup(void **state)
{
	(void)state;
	mem = talloc_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talloc_free(mem);
	return 0;
}

static int64_t
clock_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct sandbox_answer
run_with(const char *language, const char *code, const char *input, int wall_ms)
{
	struct sandbox_ask ask = { .language = sandbox_language_find(mem, NULL, language), .code = code, .input = input, .wall_ms = wall_ms,
		.memory_bytes = 256 << 20, .disk_bytes = 16 << 20, .output_bytes = 64 << 10, .processes = 48 };
	struct sandbox_answer a;
	int64_t began = clock_now_ms();

	assert_non_null(ask.language);
	sandbox_run(mem, &ask, &a);
	if (a.status == SANDBOX_REFUSED)
		fail_msg("the sandbox was not made: %s", a.errors);
	if (clock_now_ms() - began > wall_ms + SLACK_MS)
		fail_msg("allowed %d ms, took %lld: %s", wall_ms, (long long)(clock_now_ms() - began), code);
	return a;
}

static struct sandbox_answer
run(const char *language, const char *code)
{
	return run_with(language, code, "", PATIENCE_MS);
}

static void
expect_output(const char *language, const char *code, const char *input, const char *output)
{
	struct sandbox_answer a = run_with(language, code, input, PATIENCE_MS);

	if (a.status != SANDBOX_SUCCESS || strcmp(a.output, output) != 0)
		fail_msg("%s: expected \"%s\", saw status %d, exit %d, \"%s\", \"%s\"", language, output, (int)a.status, a.exit_status, a.output, a.errors);
	assert_true(a.wall_ms > 0 && a.memory_bytes > 100000);
}

static void
expect_error(const char *language, const char *code, const char *message, int line, int column)
{
	struct sandbox_answer a = run(language, code);

	if (a.status != SANDBOX_ERROR || a.message == NULL || strstr(a.message, message) == NULL || a.line != line || a.column != column)
		fail_msg("%s: expected \"%s\" at %d:%d, saw status %d, \"%s\" at %d:%d, \"%s\"", language, message, line, column, (int)a.status,
		    a.message != NULL ? a.message : "", a.line, a.column, a.errors);
}

static void
test_languages(void **state)
{
	(void)state;
	expect_output("python", "print('Olá ' + input())", "Ann\n", "Olá Ann\n");
	expect_output("javascript", "let t = ''; process.stdin.on('data', d => t += d).on('end', () => console.log('Olá ' + t.trim()))", "Ann\n", "Olá Ann\n");
	expect_output("js", "console.log([1,2,3].map(x => x * 2).join())", "", "2,4,6\n");
	expect_output("c", "#include <stdio.h>\nint main(void) { char n[20]; if (scanf(\"%19s\", n) == 1) printf(\"Olá %s\\n\", n); return 0; }", "Ann\n", "Olá Ann\n");
	expect_output("bash", "read n; echo \"Olá $n\"; for i in 1 2; do echo $((i * 21)); done", "Ann\n", "Olá Ann\n21\n42\n");
	expect_output("ruby", "puts 'Olá ' + gets.strip", "Ann\n", "Olá Ann\n");
	expect_output("lua", "print('Olá ' .. io.read())", "Ann\n", "Olá Ann\n");
	assert_null(sandbox_language_find(mem, NULL, "cobol"));
	assert_null(sandbox_language_find(mem, "/tmp", "../../etc/passwd"));
}

static void
test_what_the_operator_adds(void **state)
{
	char folder[] = "/tmp/atelier-languages-XXXXXX", path[80];
	struct sandbox_ask ask = { .code = "BEGIN { print 6 * 7 }", .wall_ms = 5000, .memory_bytes = 64 << 20, .disk_bytes = 1 << 20, .output_bytes = 1000, .processes = 8 };
	struct sandbox_answer a;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/awk.conf", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("source = main.awk\ncommand = exec /usr/bin/awk -f main.awk\n", f);
	fclose(f);
	ask.language = sandbox_language_find(mem, folder, "awk");
	assert_non_null(ask.language);
	sandbox_run(mem, &ask, &a);
	assert_string_equal(a.output, "42\n");
	unlink(path);
	rmdir(folder);
}

static void
test_errors_say_where(void **state)
{
	struct sandbox_answer a;

	(void)state;
	expect_error("python", "x = 1\n\nprint(y)\n", "NameError: name 'y' is not defined", 3, 0);
	expect_error("python", "def f(:\n", "SyntaxError", 1, 0);
	expect_error("javascript", "let a = 1;\nnull.x;\n", "TypeError", 2, 6);
	expect_error("c", "int main(void) {\n  return x;\n}\n", "undeclared", 2, 10);
	expect_error("bash", "echo a\nif\n", "syntax error", 3, 0);
	expect_error("ruby", "a = 1\nraise 'Oh'\n", "Oh", 2, 0);
	expect_error("lua", "local a\na.b = 1\n", "attempt to index", 2, 0);
	a = run("c", "int main(void) { return 7; }");
	assert_true(a.status == SANDBOX_ERROR && a.exit_status == 7 && a.line == 0 && a.message == NULL);
}

/* --- taking the machine along --- */

static void
expect_contained(const char *language, const char *code, int wall_ms)
{
	struct sandbox_answer a = run_with(language, code, "", wall_ms);

	assert_true(a.status == SANDBOX_ERROR || a.status == SANDBOX_TIMEOUT);
	expect_output("bash", "echo well", "", "well\n"); /* and the next one runs */
}

/* Ends by an error of its own or of ours, and not because its time is over. */
static struct sandbox_answer
expect_stopped(const char *language, const char *code)
{
	struct sandbox_answer a = run(language, code);

	if (a.status != SANDBOX_ERROR)
		fail_msg("%s: expected an error, saw status %d after %d ms, %lld bytes, \"%s\", %s", language, (int)a.status, (int)a.wall_ms, (long long)a.memory_bytes, a.errors, code);
	return a;
}

static void
expect_out_of_memory(const char *language, const char *code)
{
	struct sandbox_answer a = expect_stopped(language, code);

	if (!a.is_out_of_memory)
		fail_msg("%s: expected to be out of memory, saw exit %d, %lld bytes, \"%s\", %s", language, a.exit_status, (long long)a.memory_bytes, a.errors, code);
}

static void
test_bombs(void **state)
{
	struct sandbox_answer a;

	(void)state;
	expect_contained("bash", "f() { f | f & }; f; wait; sleep 60", 1000);
	expect_contained("python", "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", 1000);
	expect_contained("c", "#include <unistd.h>\nint main(void) { for (;;) fork(); }", 1500);
	expect_error("python", "x = bytearray(10**9)", "MemoryError", 1, 0);
	expect_out_of_memory("c", "#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\nint main(void) { for (int i = 0; i < 8; i++) if (fork() == 0) { char *p = malloc(100 << 20); memset(p, 1, 100 << 20); sleep(60); } sleep(60); return 1; }");
	a = expect_stopped("javascript", "const a = []; for (;;) a.push(new Array(1e6).fill(1));");
	assert_in_range(a.memory_bytes, 0, 400 << 20);
	/* what no limit of a process counts: shared pages, children of threads */
	expect_out_of_memory("python", "import mmap\nm = mmap.mmap(-1, 2 << 30)\nfor i in range(0, 2 << 30, 4096): m[i] = 1");
	expect_out_of_memory("python", "import os, threading, time\ndef bomb():\n  for i in range(8):\n    if os.fork() == 0:\n      x = bytearray(100 << 20); time.sleep(60)\n  time.sleep(60)\n"
	                                "t = threading.Thread(target=bomb); t.start(); t.join()");
	/* pages that a family shares count once: nine times 60 MB would be too much */
	a = run("python", "import os, time\nx = bytearray(60 << 20)\nfor i in range(8):\n  if os.fork() == 0:\n    time.sleep(.5); os._exit(0)\nfor i in range(8): os.wait()\nprint('well')");
	if (a.status != SANDBOX_SUCCESS)
		fail_msg("a family of eight: status %d, %lld bytes, \"%s\"", (int)a.status, (long long)a.memory_bytes, a.errors);
}

static void
test_files_without_end(void **state)
{
	struct sandbox_answer a;

	(void)state;
	a = run("c", "#include <fcntl.h>\n#include <stdio.h>\n#include <unistd.h>\nint main(void) { char n[40]; for (int i = 0;; i++) { snprintf(n, 40, \"/tmp/%d\", i); close(open(n, O_CREAT | O_WRONLY, 0600)); } }");
	assert_true(a.status == SANDBOX_ERROR && a.is_full);
	assert_string_equal(a.message, "Too many files.");
	assert_string_equal(run("bash", "ls -A /tmp").output, "");
}

/* Two processors for half as long are as much as one. */
static void
test_time_of_all_processors(void **state)
{
	struct sandbox_ask ask = { .language = sandbox_language_find(mem, NULL, "bash"), .code = "for i in 1 2 3 4; do (while :; do :; done) & done; wait", .wall_ms = 120000, .cpu_ms = 600,
		.memory_bytes = 64 << 20, .disk_bytes = 1 << 20, .output_bytes = 1000, .processes = 16 };
	struct sandbox_answer a;

	(void)state;
	sandbox_run(mem, &ask, &a);
	assert_int_equal(a.status, SANDBOX_TIMEOUT);
	assert_true(a.cpu_ms >= 600 && a.wall_ms < 120000);
	/* those that have ended count as well */
	ask.code = "while :; do (for ((i = 0; i < 20000; i++)); do :; done); done";
	sandbox_run(mem, &ask, &a);
	assert_int_equal(a.status, SANDBOX_TIMEOUT);
	assert_true(a.cpu_ms >= 600 && a.wall_ms < 120000);
}

static void
test_endless(void **state)
{
	struct sandbox_answer a;

	(void)state;
	for (const char *const *code = (const char *const[]){ "while :; do :; done", "sleep 100", "trap '' TERM INT HUP; exec sleep 100", "exec >&- 2>&-; sleep 100",
	         "(setsid sleep 100 &) ; sleep 100", "kill -STOP $$; sleep 100", NULL }; *code != NULL; code++) {
		a = run_with("bash", *code, "", 700);
		if (a.status != SANDBOX_TIMEOUT)
			fail_msg("%s: status %d, exit %d, %s", *code, (int)a.status, a.exit_status, a.errors);
	}
	a = run("bash", "yes");
	assert_int_equal(a.status, SANDBOX_ERROR);
	assert_true(a.is_cut);
	assert_int_equal(strlen(a.output), 64 << 10);
	a = run("bash", "yes >&2");
	assert_true(a.is_cut);
	a = run("python", "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 4)");
	assert_int_equal(a.status, SANDBOX_SUCCESS);
	assert_non_null(strstr(a.output, "\xef\xbf\xbd"));
}

/* Does a process of the machine have this word among its arguments? */
static bool
is_running(const char *word)
{
	DIR *all = opendir("/proc");
	const struct dirent *e;
	bool found = false;

	while (all != NULL && (e = readdir(all)) != NULL) {
		char path[300], text[2000];
		FILE *f;
		size_t n;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
		f = e->d_name[0] >= '0' && e->d_name[0] <= '9' ? fopen(path, "r") : NULL;
		if (f == NULL)
			continue;
		n = fread(text, 1, sizeof(text) - 1, f);
		found = found || memmem(text, n, word, strlen(word)) != NULL;
		fclose(f);
	}
	closedir(all);
	return found;
}

static void
test_nothing_stays(void **state)
{
	char word[40];
	struct sandbox_answer a;

	(void)state;
	snprintf(word, sizeof(word), "%d", 100000 + (int)getpid());
	a = run_with("bash", mem_printf(mem, "(setsid setsid sleep %s >/dev/null 2>&1 &) ; (sleep %s &) ; echo started", word, word), "", 3000);
	assert_true(a.status == SANDBOX_SUCCESS || a.status == SANDBOX_TIMEOUT);
	run_with("c", "#include <unistd.h>\nint main(void) { for (int i = 0; i < 20; i++) if (fork() == 0) _exit(0); sleep(1); return 0; }", "", 4000); /* zombies */
	usleep(100000);
	assert_false(is_running(word));
	a = run("bash", "ls -A /tmp /work; echo x > /tmp/mine; ls /tmp");
	assert_string_equal(a.output, "/tmp:\n\n/work:\nmain.sh\nmine\n");
	assert_string_equal(run("bash", "ls -A /tmp").output, "");
}

/* What was left of a sandbox in the making sleeps for ever (doc/sandbox.md). */
static void
end_orphans(void)
{
	char path[64];
	FILE *children;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	children = fopen(path, "r");
	assert_non_null(children);
	for (int pid; fscanf(children, "%d", &pid) == 1;) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	fclose(children);
}

/* Whoever runs a program may be killed in any moment, also while the sandbox is being made. */
static void
test_nothing_outlives_its_caller(void **state)
{
	char word[40];
	bool is_left;

	(void)state;
	snprintf(word, sizeof(word), "%d", 200000 + (int)getpid());
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int ms = 0; ms < 80; ms += 2) {
		pid_t caller = fork();

		assert_true(caller >= 0);
		if (caller == 0) {
			struct sandbox_ask ask = { .language = sandbox_language_find(mem, NULL, "bash"), .code = mem_printf(mem, "sleep %s", word), .wall_ms = 600000,
				.memory_bytes = 64 << 20, .disk_bytes = 1 << 20, .output_bytes = 1000, .processes = 16 };
			struct sandbox_answer a;

			sandbox_run(mem, &ask, &a);
			_exit(0);
		}
		usleep((useconds_t)ms * 1000);
		kill(caller, SIGKILL);
		waitpid(caller, NULL, 0);
	}
	usleep(300000); /* for those that begin late */
	for (int i = 0; i < 200 && is_running(word); i++)
		usleep(50000);
	is_left = is_running(word);
	end_orphans();
	if (is_left)
		fail_msg("\"sleep %s\" runs on without its caller", word);
}

/* --- getting out --- */

static void
expect_refused(const char *language, const char *code)
{
	struct sandbox_answer a = run(language, code);

	if (strstr(a.output, "GOT IT") != NULL)
		fail_msg("%s: %s got out: \"%s\" \"%s\"", language, code, a.output, a.errors);
}

static void
test_files(void **state)
{
	struct sandbox_answer a;

	(void)state;
	assert_int_equal(setenv("ATELIER_SECRET_OF_TESTS", "GOT IT", 1), 0);
	expect_refused("bash", "env");
	for (const char *const *path = (const char *const[]){ "/etc/passwd", "/etc/shadow", "/etc/atelier/atelier.conf", "/root/.bashrc", "/home", "/var/lib", "/run", "/sys/kernel",
	         "/proc/1/environ", "/proc/sys/kernel/core_pattern", "/etc/hosts", "/usr/local/bin", "/boot", NULL }; *path != NULL; path++) {
		a = run("bash", mem_printf(mem, "[ -d %s ] && ls -A %s || (head -c 1 %s) && echo", *path, *path, *path));
		if (strlen(a.output) > 2 && strcmp(*path, "/proc/sys/kernel/core_pattern") != 0 && strcmp(*path, "/proc/1/environ") != 0)
			fail_msg("%s can be read: \"%.100s\"", *path, a.output);
	}
	for (const char *const *path = (const char *const[]){ "/usr/bin/x", "/x", "/etc/x", "/proc/sys/kernel/core_pattern", "/dev/x", "/bin/sh", "/proc/1/oom_score_adj", NULL }; *path != NULL; path++)
		expect_refused("bash", mem_printf(mem, "echo x > %s && echo GOT IT", *path));
	a = run("bash", "head -c 100000000 /dev/zero > /work/a; stat -c %s /work/a; head -c 100000000 /dev/zero > /tmp/a; head -c 100000000 /dev/zero > /dev/shm/a; stat -c %s /tmp/a /dev/shm/a");
	for (char *line = a.output, *end; *line != '\0'; line = end + strspn(end, "\n"))
		assert_true(strtol(line, &end, 10) <= 17 << 20 && end > line);
	/* of all that is mounted, what can be written into? */
	a = run("python", "import os\nfor m in sorted({l.split()[1] for l in open('/proc/mounts')}):\n  try:\n    open(m + '/x', 'w').close(); print(m)\n  except OSError: pass");
	assert_string_equal(a.output, "/dev/shm\n/tmp\n/work\n");
	expect_refused("bash", "mknod /work/d b 8 0 && echo GOT IT; ln -s /proc/1/root /work/r; ls /work/r/etc/shadow && echo GOT IT");
	/* files that we have open, wherever they stand */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 4096, 4096 }), 0);
	assert_int_equal(dup2(0, 9), 9);
	assert_int_equal(dup2(open("/etc/passwd", O_RDONLY), 3000), 3000);
	expect_refused("c", "#include <stdio.h>\n#include <fcntl.h>\n#include <unistd.h>\nint main(void) { char b[9]; for (int fd = 3; fd < 4096; fd++) if (read(fd, b, 1) > 0 || write(fd, \"x\", 1) > 0) puts(\"GOT IT\"); return 0; }");
}

static void
test_network(void **state)
{
	(void)state;
	expect_refused("python", "import socket\ns = socket.socket()\ns.settimeout(2)\ns.connect(('127.0.0.1', 22))\nprint('GOT IT')");
	expect_refused("python", "import socket\nfor f, t in ((socket.AF_INET, socket.SOCK_RAW), (socket.AF_INET6, socket.SOCK_DGRAM), (socket.AF_PACKET, socket.SOCK_RAW), (16, socket.SOCK_RAW), (40, socket.SOCK_STREAM)):\n  try:\n    socket.socket(f, t)\n    print('GOT IT', f)\n  except OSError: pass");
	expect_refused("python", "import socket, glob\nfor p in ['/run/dbus/system_bus_socket', '/var/run/docker.sock', '\\0/tmp/.X11-unix/X0'] + glob.glob('/tmp/**/*.sock', recursive=True):\n  try:\n    s = socket.socket(socket.AF_UNIX)\n    s.connect(p)\n    print('GOT IT', p)\n  except OSError: pass");
	expect_refused("bash", "(echo > /dev/tcp/127.0.0.1/5432) && echo GOT IT; ls /sys/class/net && echo GOT IT");
	expect_refused("javascript", "require('net').connect(5432, '127.0.0.1').on('connect', () => console.log('GOT IT')).on('error', () => {})");
}

#define CALL(call) "#define _GNU_SOURCE\n#include <stdio.h>\n#include <unistd.h>\n#include <sched.h>\n#include <signal.h>\n#include <sys/syscall.h>\n#include <sys/ptrace.h>\n#include <sys/mount.h>\nint main(void) { if (" call ") puts(\"GOT IT\"); return 0; }"

static void
test_kernel(void **state)
{
	static const char *const calls[] = { CALL("ptrace(PTRACE_ATTACH, 1, 0, 0) == 0"), CALL("ptrace(PTRACE_TRACEME, 0, 0, 0) == 0"), CALL("unshare(CLONE_NEWUSER) == 0"),
		CALL("unshare(CLONE_NEWNS) == 0"), CALL("syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) >= 0"), CALL("mount(\"none\", \"/tmp\", \"tmpfs\", 0, 0) == 0"),
		CALL("umount2(\"/work\", MNT_DETACH) == 0"), CALL("chroot(\"/tmp\") == 0"), CALL("syscall(SYS_bpf, 0, 0, 0) >= 0"), CALL("syscall(SYS_keyctl, 0, -3, 1) >= 0"),
		CALL("syscall(SYS_add_key, \"user\", \"a\", \"b\", 1, -2) >= 0"), CALL("syscall(SYS_perf_event_open, 0, 0, -1, -1, 0) >= 0"), CALL("syscall(SYS_userfaultfd, 0) >= 0"),
		CALL("syscall(SYS_io_uring_setup, 8, 0) >= 0"), CALL("syscall(SYS_init_module, 0, 0, 0) >= 0"), CALL("syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0) == 0"),
		CALL("syscall(SYS_open_by_handle_at, 0, 0, 0) >= 0"), CALL("setuid(0) == 0 && geteuid() == 0"), CALL("syscall(SYS_memfd_create, \"x\", 0) >= 0"),
		CALL("syscall(SYS_clone3, (unsigned long long[11]){ CLONE_NEWUSER, 0, 0, 0, SIGCHLD }, 88) >= 0"), CALL("syscall(SYS_setns, 0, 0) == 0"),
		CALL("syscall(SYS_process_vm_readv, 1, 0, 0, 0, 0, 0) >= 0"), CALL("syscall(SYS_pidfd_getfd, 0, 0, 0) >= 0"), CALL("syscall(SYS_shmget, 0, 4096, 0) >= 0"),
		CALL("syscall(SYS_mq_open, \"/x\", 0100 | 2, 0600, 0) >= 0"), CALL("syscall(SYS_personality, 0x0400000) >= 0"), CALL("syscall(SYS_mlockall, 3) == 0"),
		CALL("syscall(SYS_io_setup, 1, &(unsigned long){ 0 }) == 0"), CALL("syscall(SYS_fanotify_init, 0, 0) >= 0"), CALL("syscall(SYS_kcmp, 1, 1, 0, 0, 0) >= 0") };
	struct sandbox_answer a;

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		expect_refused("c", calls[i]);
	expect_refused("bash", "su -c 'echo GOT IT' </dev/null; sudo -n echo GOT IT; mount | grep -v -e ' ro[,)]' -e nosuid -e '/proc' -e tmpfs -e devpts && echo GOT IT");
	a = run_with("bash", "kill -9 -1; kill -9 1; kill -STOP 1; echo alive", "", 3000);
	assert_true(a.status != SANDBOX_REFUSED);
	assert_int_equal(getppid() > 0, 1);
	a = run("bash", "ls /proc | grep -c '^[0-9]'");
	assert_true(strtol(a.output, NULL, 10) < 10); /* the others are not seen */
#ifdef __x86_64__
	/* other doors to the same kernel: those of 32 bits */
	expect_refused("c", CALL("({ long r; __asm__ volatile(\"int $0x80\" : \"=a\"(r) : \"a\"(20) : \"memory\"); r > 0; })"));
	expect_refused("c", CALL("syscall(0x40000000 | SYS_getpid) > 0"));
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_what_the_operator_adds),
		cmocka_unit_test(test_errors_say_where),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_files_without_end),
		cmocka_unit_test(test_time_of_all_processors),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_nothing_stays),
		cmocka_unit_test(test_nothing_outlives_its_caller),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_kernel),
	};

	log_open("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, setup, teardown);
}
