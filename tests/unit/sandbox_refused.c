/* tests/unit/sandbox_refused.c - where the machine allows no sandbox: it is refused, nothing has run, and the operator is told why. */
#include "tests/unit/sandbox_tests.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/service.h"

static bool
write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool is_written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return is_written;
}

/* A machine of our own, as far as namespaces go, in which we are the user that we are. False: the kernel gives none. */
static bool
make_machine(int spaces)
{
	const char *users = mem_printf(mem, "%d %d 1", (int)geteuid(), (int)geteuid()), *groups = mem_printf(mem, "%d %d 1", (int)getegid(), (int)getegid());

	return unshare(CLONE_NEWUSER | spaces) == 0 && write_to("/proc/self/setgroups", "deny") && write_to("/proc/self/uid_map", users) &&
	       write_to("/proc/self/gid_map", groups);
}

static bool
without_namespaces(void)
{
	return make_machine(0) && write_to("/proc/sys/user/max_user_namespaces", "0");
}

static bool
without_bubblewrap(void)
{
	return make_machine(CLONE_NEWNS) && mount("/dev/null", SANDBOX_BWRAP, NULL, MS_BIND, NULL) == 0;
}

/* As a container or a unit does it. */
static bool
without_call(int call, int error, struct scmp_arg_cmp when)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	bool is_done = ctx != NULL && seccomp_rule_add(ctx, SCMP_ACT_ERRNO((unsigned)error), call, 1, when) == 0 && seccomp_load(ctx) == 0;

	seccomp_release(ctx);
	return is_done;
}

static bool
without_leave(void)
{
	return without_call(SCMP_SYS(clone), EPERM, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
}

static bool
without_netlink(void)
{
	return without_call(SCMP_SYS(socket), EAFNOSUPPORT, SCMP_A0(SCMP_CMP_EQ, AF_NETLINK));
}

/* In a process of its own, which never gets back what it gives away: 0, or what its exit status says. */
static int
try_without(bool (*prepare)(void), const char *why)
{
	struct sandbox_ask ask = { .language = sandbox_language_find(mem, NULL, "bash"), .code = "echo ran", .wall_ms = 30000, .memory_bytes = 64 << 20, .disk_bytes = 1 << 20,
		.output_bytes = 1000, .processes = 8 };
	struct sandbox_answer a;

	service_drop_privileges();
	if (!prepare())
		return 2;
	sandbox_run(mem, &ask, &a);
	if (a.status == SANDBOX_REFUSED && *a.output == '\0' && a.message != NULL && strstr(a.message, why) != NULL && strchr(a.message, '\n') == NULL)
		return 0;
	fprintf(stderr, "expected \"%s\", saw status %d, \"%s\", \"%s\", \"%s\"\n", why, (int)a.status, a.message != NULL ? a.message : "", a.output, a.errors);
	return 1;
}

static void
expect_refusal(bool (*prepare)(void), const char *why)
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(try_without(prepare, why));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
		print_message("skipped: without privileges that cannot be taken away here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void
test_no_namespaces(void **state)
{
	(void)state;
	expect_refusal(without_namespaces, "sysctl user.max_user_namespaces=");
}

static void
test_no_bubblewrap(void **state)
{
	(void)state;
	expect_refusal(without_bubblewrap, "bubblewrap is missing");
}

static void
test_no_leave(void **state)
{
	(void)state;
	expect_refusal(without_leave, "gives no user namespaces to ");
}

static void
test_no_netlink(void **state)
{
	(void)state;
	expect_refusal(without_netlink, "AF_NETLINK");
}

int
refusals(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_namespaces),
		cmocka_unit_test(test_no_bubblewrap),
		cmocka_unit_test(test_no_leave),
		cmocka_unit_test(test_no_netlink),
	};

	return cmocka_run_group_tests_name("sandbox, refused", tests, NULL, NULL);
}
