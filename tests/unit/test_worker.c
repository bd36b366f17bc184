/* tests/unit/test_worker.c - what a job's child may do, and how it reports: confinement, limits, lines through the pipe. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

#include "lib/json.h"
#include "lib/mem.h"
#include "worker/confine.h"
#include "worker/job.h"

static char folder[64], source[96], other[96], out[96];

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "film", 4), 4);
	close(fd);
}

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/atelier-confine.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(source, sizeof(source), "%s/source", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	snprintf(out, sizeof(out), "%s/out", folder);
	make_file(source);
	make_file(other);
	return mkdir(out, 0700);
}

static int
teardown(void **state)
{
	char file[128];

	(void)state;
	snprintf(file, sizeof(file), "%s/made", out);
	unlink(file);
	rmdir(out);
	unlink(source);
	unlink(other);
	return rmdir(folder);
}

/* Runs work() in a confined child and returns how that ended. */
static int
confined(int (*work)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(confine((const char *const[]){ source, NULL }, out) != 0 ? 99 : work());
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
ends_with(int (*work)(void), int exit_status)
{
	int status = confined(work);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), exit_status);
}

static void *
thread(void *arg)
{
	return arg;
}

/* What a decoder does: reads its file, writes its output, makes threads, asks for memory. */
static int
honest_work(void)
{
	char part[128], made[128], text[4];
	int fd = open(source, O_RDONLY);
	struct rlimit limit;
	pthread_t t;
	void *block;

	if (fd < 0 || read(fd, text, sizeof(text)) != 4)
		return 1;
	snprintf(part, sizeof(part), "%s/part", out);
	snprintf(made, sizeof(made), "%s/made", out);
	fd = open(part, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || write(fd, text, 4) != 4)
		return 2;
	if (rename(part, made) != 0)
		return 3;
	if (pthread_create(&t, NULL, thread, NULL) != 0 || pthread_join(t, NULL) != 0)
		return 4;
	block = malloc(64 << 20);
	if (block == NULL || getrlimit(RLIMIT_AS, &limit) != 0)
		return 5;
	free(block);
	return 0;
}

static int
network(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM && socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == EPERM ? 0 : 1;
}

static int
processes(void)
{
	if (fork() >= 0 || errno != EPERM)
		return 1;
	if (kill(getppid(), 0) == 0 || errno != EPERM)
		return 2;
	return prlimit(getppid(), RLIMIT_NOFILE, &(struct rlimit){ 1, 1 }, NULL) < 0 && errno == EPERM ? 0 : 3;
}

static int
other_files(void)
{
	char link_name[128];

	snprintf(link_name, sizeof(link_name), "%s/link", out);
	if (symlink(other, link_name) == 0)
		return 1;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 0)
		return 0; /* this kernel has no Landlock: the rest is up to file permissions */
	if (open(other, O_RDONLY) >= 0 || errno != EACCES)
		return 2;
	if (open("/etc/passwd", O_RDONLY) >= 0)
		return 3;
	return open(source, O_WRONLY) < 0 && errno == EACCES ? 0 : 4;
}

static int
program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return 1;
}

static int
debugger(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 1 : 2;
}

static void
honest_work_is_done(void **state)
{
	(void)state;
	ends_with(honest_work, 0);
}

static void
nothing_else_is_reached(void **state)
{
	(void)state;
	ends_with(network, 0);
	ends_with(processes, 0);
	ends_with(other_files, 0);
}

static void
attacks_end_the_child(void **state)
{
	int (*const attacks[])(void) = { program, debugger };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int status = confined(attacks[i]);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

static void
limits_are_set(void **state)
{
	struct conf conf = { .worker_job_memory = INT64_C(1) << 30, .worker_job_timeout = 3600, .upload_max_size = 1 << 20 };
	struct rlimit r;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		confine_limits(&conf);
		getrlimit(RLIMIT_CORE, &r);
		if (r.rlim_cur != 0)
			_exit(1);
		getrlimit(RLIMIT_FSIZE, &r);
		if (r.rlim_cur != 2 << 20)
			_exit(2);
		getrlimit(RLIMIT_CPU, &r);
		if (r.rlim_cur < 3600 || r.rlim_cur == RLIM_INFINITY)
			_exit(3);
#ifndef WITH_SANITIZERS
		if (malloc((size_t)2 << 30) != NULL)
			_exit(4);
#endif
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* What a report looks like on the supervisor's side. */
static struct json_object *
heard(int fd, void *mem)
{
	static char line[4096];
	struct json_object *o;
	const char *why = "";
	ssize_t n = read(fd, line, sizeof(line));

	assert_true(n > 0 && line[n - 1] == '\n');
	assert_int_equal(json_parse(mem, line, (size_t)n - 1, &o, &why), 0);
	return o;
}

static const char *
text_at(struct json_object *o, const char *key)
{
	struct json_object *v;

	assert_true(json_object_object_get_ex(o, key, &v));
	return json_object_get_string(v);
}

static void
reports_are_lines_of_json(void **state)
{
	void *mem = talloc_new(NULL);
	struct job job = { .mem = mem };
	struct json_object *o, *v;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	job.report_fd = fds[1];
	job_report(&job, "rung", "{\"name\":\"720p\"}");
	o = heard(fds[0], mem);
	assert_string_equal(text_at(o, "type"), "rung");
	assert_int_equal(job_fail(&job, "NOT_MEDIA", "This \"file\"\nis no video.", true), -1);
	o = heard(fds[0], mem);
	assert_string_equal(text_at(o, "type"), "failed");
	json_object_object_get_ex(o, "value", &v);
	assert_string_equal(text_at(v, "reason"), "This \"file\"\nis no video.");
	assert_string_equal(text_at(v, "final"), "true");
	talloc_free(mem);
	close(fds[0]);
	close(fds[1]);
}

static void
progress_is_told_twice_a_second_at_most(void **state)
{
	void *mem = talloc_new(NULL);
	struct job job = { .mem = mem };
	char all[4096];
	int fds[2], lines = 0;
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	job.report_fd = fds[1];
	for (int i = 0; i < 100000; i++)
		job_report_progress(&job, 42);
	job_report_progress(&job, 100); /* the end is never held back */
	close(fds[1]);
	n = read(fds[0], all, sizeof(all));
	for (ssize_t i = 0; i < n; i++)
		lines += all[i] == '\n';
	assert_in_range(lines, 2, 6);
	assert_non_null(strstr(all, "\"value\":100"));
	talloc_free(mem);
	close(fds[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(honest_work_is_done, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_else_is_reached, setup, teardown),
		cmocka_unit_test_setup_teardown(attacks_end_the_child, setup, teardown),
		cmocka_unit_test(limits_are_set), cmocka_unit_test(reports_are_lines_of_json),
		cmocka_unit_test(progress_is_told_twice_a_second_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
