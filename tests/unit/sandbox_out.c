/* tests/unit/sandbox_out.c - programs that want to get out: to files, processes, the network, odd corners of the kernel, our own words. */
#include "tests/unit/sandbox_tests.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void
expect_refused(const char *language, const char *code)
{
	struct sandbox_answer a = run(language, code);

	if (strstr(a.output, "GOT IT") != NULL)
		fail_msg("%s: %s got out: \"%s\" \"%s\"", language, code, a.output, a.errors);
}

void
test_files(void **state)
{
	struct sandbox_answer a;

	(void)state;
	for (const char *const *path = (const char *const[]){ "/etc/passwd", "/etc/shadow", "/etc/atelier/atelier.conf", "/root/.bashrc", "/home", "/var/lib", "/run", "/sys/kernel",
	         "/proc/1/environ", "/etc/hosts", "/usr/local/bin", "/boot", NULL }; *path != NULL; path++) {
		a = run("bash", mem_printf(mem, "[ -d %s ] && ls -A %s || head -c 1 %s", *path, *path, *path));
		if (*a.output != '\0')
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

/* bubblewrap's own process inside: whoever reads it knows our environment, whoever writes into it has no limits and no end. */
void
test_first_process(void **state)
{
	(void)state;
	assert_int_equal(setenv("ATELIER_SECRET_OF_TESTS", "GOT IT", 1), 0);
	expect_refused("bash", "env; cat /proc/*/environ /proc/*/task/*/environ");
	expect_refused("python", "import glob\nfor p in glob.glob('/proc/1/**', recursive=True):\n  if p not in ('/proc/1/', '/proc/1'): print('GOT IT', p)");
	expect_refused("python", "import os\nfor p in os.listdir('/proc'):\n  for t in (os.listdir(f'/proc/{p}/task') if p.isdigit() and os.path.isdir(f'/proc/{p}/task') else []):\n"
	                         "    for path in (f'/proc/{p}/mem', f'/proc/{p}/task/{t}/mem'):\n"
	                         "      if int(p) != os.getpid():\n        try: os.open(path, os.O_RDWR); print('GOT IT', path)\n        except OSError: pass");
}

/* What the program says does not pass for ours, and what it is given stays as it was. */
void
test_disguise(void **state)
{
	struct sandbox_answer a;

	(void)state;
	a = run("bash", "echo 'bwrap: Creating new namespace failed' >&2; exit 3");
	assert_int_equal(a.status, SANDBOX_ERROR);
	assert_int_equal(a.exit_status, 3);
	assert_string_equal(a.errors, "bwrap: Creating new namespace failed\n");
	expect_refused("bash", "exec 9<>/proc/self/fd/0; echo x >&9 && echo GOT IT; head -c 10000000 /dev/zero >&9 && echo GOT IT");
}

void
test_network(void **state)
{
	(void)state;
	expect_refused("python", "import socket\ns = socket.socket()\ns.settimeout(2)\ns.connect(('127.0.0.1', 22))\nprint('GOT IT')");
	expect_refused("python", "import socket\nfor f, t in ((socket.AF_INET, socket.SOCK_RAW), (socket.AF_INET6, socket.SOCK_DGRAM), (socket.AF_PACKET, socket.SOCK_RAW), (16, socket.SOCK_RAW), (40, socket.SOCK_STREAM)):\n  try:\n    socket.socket(f, t)\n    print('GOT IT', f)\n  except OSError: pass");
	expect_refused("python", "import socket, glob\nfor p in ['/run/dbus/system_bus_socket', '/var/run/docker.sock', '\\0/tmp/.X11-unix/X0'] + glob.glob('/tmp/**/*.sock', recursive=True):\n  try:\n    s = socket.socket(socket.AF_UNIX)\n    s.connect(p)\n    print('GOT IT', p)\n  except OSError: pass");
	expect_refused("bash", "(echo > /dev/tcp/127.0.0.1/5432) && echo GOT IT; ls /sys/class/net && echo GOT IT");
	expect_refused("javascript", "require('net').connect(5432, '127.0.0.1').on('connect', () => console.log('GOT IT')).on('error', () => {})");
}

#define PROGRAM(body) \
	"#define _GNU_SOURCE\n#include <errno.h>\n#include <sched.h>\n#include <signal.h>\n#include <stdio.h>\n#include <sys/mount.h>\n#include <sys/ptrace.h>\n" \
	"#include <sys/syscall.h>\n#include <sys/wait.h>\n#include <unistd.h>\n" \
	"#define TRY(...) if (fork() == 0) { if (__VA_ARGS__) puts(\"GOT IT: \" #__VA_ARGS__); return 0; } while (wait(NULL) > 0) {}\n" \
	"int main(void) { " body " return 0; }"

void
test_kernel(void **state)
{
	/* each in a process of its own: one that works may not help the next */
	static const char calls[] = PROGRAM(
	    "TRY(ptrace(PTRACE_ATTACH, 1, 0, 0) == 0)\n"
	    "TRY(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0)\n"
	    "TRY(unshare(CLONE_NEWUSER) == 0)\n"
	    "TRY(unshare(CLONE_NEWNS) == 0)\n"
	    "TRY(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) >= 0)\n"
	    "TRY(mount(\"none\", \"/tmp\", \"tmpfs\", 0, 0) == 0)\n"
	    "TRY(umount2(\"/work\", MNT_DETACH) == 0)\n"
	    "TRY(chroot(\"/tmp\") == 0)\n"
	    "TRY(syscall(SYS_bpf, 0, 0, 0) >= 0)\n"
	    "TRY(syscall(SYS_keyctl, 0, -3, 1) >= 0)\n"
	    "TRY(syscall(SYS_add_key, \"user\", \"a\", \"b\", 1, -2) >= 0)\n"
	    "TRY(syscall(SYS_perf_event_open, 0, 0, -1, -1, 0) >= 0)\n"
	    "TRY(syscall(SYS_userfaultfd, 0) >= 0)\n"
	    "TRY(syscall(SYS_io_uring_setup, 8, 0) >= 0)\n"
	    "TRY(syscall(SYS_init_module, 0, 0, 0) >= 0)\n"
	    "TRY(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0) == 0)\n"
	    "TRY(syscall(SYS_open_by_handle_at, 0, 0, 0) >= 0)\n"
	    "TRY(setuid(0) == 0 && geteuid() == 0)\n"
	    "TRY(syscall(SYS_memfd_create, \"x\", 0) >= 0)\n"
	    "TRY(syscall(SYS_clone3, (unsigned long long[11]){ CLONE_NEWUSER, 0, 0, 0, SIGCHLD }, 88) >= 0)\n"
	    "TRY(syscall(SYS_setns, 0, 0) == 0)\n"
	    "TRY(syscall(SYS_process_vm_readv, 1, 0, 0, 0, 0, 0) >= 0)\n"
	    "TRY(syscall(SYS_pidfd_getfd, 0, 0, 0) >= 0)\n"
	    "TRY(syscall(SYS_shmget, 0, 4096, 0) >= 0)\n"
	    "TRY(syscall(SYS_mq_open, \"/x\", 0100 | 2, 0600, 0) >= 0)\n"
	    "TRY(syscall(SYS_personality, 0x0400000) >= 0)\n"
	    "TRY(syscall(SYS_mlockall, 3) == 0)\n"
	    "TRY(syscall(SYS_io_setup, 1, &(unsigned long){ 0 }) == 0)\n"
	    "TRY(syscall(SYS_fanotify_init, 0, 0) >= 0)\n"
	    "TRY(syscall(SYS_kcmp, 1, 1, 0, 0, 0) >= 0)\n"
	    "TRY(syscall(SYS_socketpair, 30 /* TIPC */, 1, 0, (int[2]){ 0 }) == 0 || errno != EACCES)\n"
	    "TRY(syscall(SYS_vmsplice, 1, 0, 0, 0) >= 0)\n"
	    "TRY(syscall(SYS_quotactl_fd, 0, 0, 0, 0) == 0 || errno != EPERM)\n");
	struct sandbox_answer a;

	(void)state;
	a = run("c", calls);
	if (a.status != SANDBOX_SUCCESS || *a.output != '\0')
		fail_msg("status %d, \"%s\", \"%s\"", (int)a.status, a.output, a.errors);
	expect_refused("bash", "su -c 'echo GOT IT' </dev/null; sudo -n echo GOT IT; mount | grep -v -e ' ro[,)]' -e nosuid -e '/proc' -e tmpfs -e devpts && echo GOT IT");
	a = run_with("bash", "kill -9 -1; kill -9 1; kill -STOP 1; echo alive", "", 3000);
	assert_true(a.status != SANDBOX_REFUSED);
	assert_int_equal(getppid() > 0, 1);
	a = run("bash", "ls /proc | grep -c '^[0-9]'");
	assert_true(strtol(a.output, NULL, 10) < 10); /* the others are not seen */
#ifdef __x86_64__
	/* other doors to the same kernel: those of 32 bits */
	expect_refused("c", PROGRAM("TRY(({ long r; __asm__ volatile(\"int $0x80\" : \"=a\"(r) : \"a\"(20) : \"memory\"); r > 0; }))"));
	expect_refused("c", PROGRAM("TRY(syscall(0x40000000 | SYS_getpid) > 0)"));
#endif
}
