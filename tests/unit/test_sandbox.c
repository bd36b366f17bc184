/* tests/unit/test_sandbox.c - programs of strangers: each language, what their errors say, and every attempt to get out (sandbox_out.c)
 * or to take the machine along. Each is answered in bounded time, and nothing of it is left. All of it runs twice where it can, at the
 * same time: as root, and as the service that does it in production. */
#include "tests/unit/sandbox_tests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "tests/unit/service.h"

#define PATIENCE_MS 30000 /* for what ends by itself, on a machine that is busy with other things */
#define SLACK_MS 15000    /* an answer that comes at all */
#define SKIPPED 77        /* as automake understands it */

void *mem;

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

struct sandbox_answer
run_with(const char *language, const char *code, const char *input, int wall_ms)
{
	struct sandbox_ask ask = { .language = sandbox_language_find(mem, NULL, language), .code = code, .input = input, .wall_ms = wall_ms,
		.memory_bytes = 256 << 20, .disk_bytes = 16 << 20, .output_bytes = 64 << 10, .processes = 48 };
	struct sandbox_answer a;
	int64_t began = clock_now_ms();

	assert_non_null(ask.language);
	sandbox_run(mem, &ask, &a);
	if (a.status == SANDBOX_REFUSED)
		fail_msg("%s", a.message);
	if (clock_now_ms() - began > wall_ms + SLACK_MS)
		fail_msg("allowed %d ms, took %lld: %s", wall_ms, (long long)(clock_now_ms() - began), code);
	return a;
}

struct sandbox_answer
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
	assert_in_range(a.memory_bytes, 100000, 1 << 30);
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
	struct sandbox_ask ask = { .code = "BEGIN { print 6 * 7 }", .wall_ms = PATIENCE_MS, .memory_bytes = 64 << 20, .disk_bytes = 1 << 20, .output_bytes = 1000, .processes = 8 };
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
	/* nothing is ever written: only the kernel's tables grow */
	expect_out_of_memory("c", "#define _GNU_SOURCE\n#include <stdio.h>\n#include <sys/mman.h>\n#include <unistd.h>\nint main(void) { size_t n = 1UL << 38; volatile char *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); "
	                          "for (size_t i = 0; i < n; i += 2 << 20) (void)p[i]; sleep(60); return 1; }");
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
	for (const char *const *folder = (const char *const[]){ "/tmp", "/work", "/dev/shm", NULL }; *folder != NULL; folder++) {
		a = run("c", mem_printf(mem, "#include <fcntl.h>\n#include <stdio.h>\n#include <unistd.h>\nint main(void) { char n[40]; for (int i = 0;; i++) { snprintf(n, 40, \"%s/%%d\", i); close(open(n, O_CREAT | O_WRONLY, 0600)); } }", *folder));
		if (a.status != SANDBOX_ERROR || !a.is_full)
			fail_msg("%s: status %d after %d ms, exit %d, \"%s\"", *folder, (int)a.status, a.wall_ms, a.exit_status, a.errors);
		assert_string_equal(a.message, "Too many files.");
	}
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
		if (a.status != SANDBOX_TIMEOUT || a.wall_ms < 350)
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
	assert_false(is_running(word)); /* at once: the answer comes when all is over */
	assert_true(a.status == SANDBOX_SUCCESS || a.status == SANDBOX_TIMEOUT);
	run_with("c", "#include <unistd.h>\nint main(void) { for (int i = 0; i < 20; i++) if (fork() == 0) _exit(0); sleep(1); return 0; }", "", 4000); /* zombies */
	a = run("bash", "ls -A /tmp /work; echo x > /tmp/mine; ls /tmp");
	assert_string_equal(a.output, "/tmp:\n\n/work:\nmain.sh\nmine\n");
	assert_string_equal(run("bash", "ls -A /tmp").output, "");
}

static pid_t service; /* that runs beside us; 0: this is it */

/* What was left of a sandbox in the making sleeps for ever (doc/sandbox.md). */
static void
end_orphans(void)
{
	char path[64];
	FILE *children;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	children = fopen(path, "r");
	assert_non_null(children);
	for (int pid; fscanf(children, "%d", &pid) == 1;)
		if (pid != service) {
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

/* --- as whom --- */

static bool began_as_root;

/* That the test is what it claims to be. */
static void
test_service(void **state)
{
	(void)state;
	assert_true(geteuid() != 0 && getuid() != 0);
	assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	if (began_as_root) {
		assert_int_equal(getgroups(0, NULL), 0);
		assert_int_equal(prctl(PR_CAPBSET_READ, 0, 0, 0, 0), 0);
		assert_int_not_equal(access(UNIT, W_OK), 0);
	}
	assert_int_equal(socket(AF_PACKET, SOCK_RAW, 0), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
}

static int
run_all(bool is_service)
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
		cmocka_unit_test(test_first_process),
		cmocka_unit_test(test_disguise),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_kernel),
	};

	return cmocka_run_group_tests_name(is_service ? "sandbox, as atelier-code.service" : "sandbox, as root", tests, setup, teardown);
}

/* A process of its own, whose words are shown when it has ended. */
static pid_t
start_service(int words, pid_t parent)
{
	const struct CMUnitTest first[] = { cmocka_unit_test(test_service) };
	pid_t pid = fork();
	int failed;

	if (pid != 0)
		return pid;
	dup2(words, 1);
	dup2(words, 2);
	service_become(UNIT);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	failed = getppid() == parent ? cmocka_run_group_tests_name("service", first, NULL, NULL) + run_all(true) : 1;
	fflush(NULL);
	_exit(failed == 0 ? 0 : 1); /* no leaks are looked for: that would need ptrace, which the service has not; the run as root has the same */
}

static int
end_service(pid_t pid, int words)
{
	char part[4096];
	int status = 1;

	waitpid(pid, &status, 0);
	lseek(words, 0, SEEK_SET);
	fflush(NULL);
	for (ssize_t n; (n = read(words, part, sizeof(part))) > 0;)
		fwrite(part, 1, (size_t)n, stdout);
	if (status != 0)
		printf("as a service: status %x\n", (unsigned)status);
	return status == 0 ? 0 : 1;
}

int
main(void)
{
	FILE *words = tmpfile();
	struct sandbox_answer a;
	int failed;

	log_open("test", LOG_ERROR);
	began_as_root = geteuid() == 0;
	mem = talloc_new(NULL);
	sandbox_run(mem, &(struct sandbox_ask){ .language = sandbox_language_find(mem, NULL, "bash"), .code = "", .wall_ms = PATIENCE_MS, .memory_bytes = 64 << 20,
	    .disk_bytes = 1 << 20, .output_bytes = 1000, .processes = 8 }, &a);
	if (a.status == SANDBOX_REFUSED) {
		printf("skipped: %s\n", a.message);
		return SKIPPED;
	}
	failed = refusals();
	talloc_free(mem);
	if (words == NULL || (service = start_service(fileno(words), getpid())) < 0)
		return 1;
	if (began_as_root)
		failed += run_all(false);
	failed += end_service(service, fileno(words));
	fclose(words);
	return failed != 0;
}
