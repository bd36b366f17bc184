/* worker/confine.c - rlimits, seccomp, Landlock. */
#include "worker/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN_FILES 256
#define NICE 10

static void
limit(int what, rlim_t most)
{
	setrlimit(what, &(struct rlimit){ most, most });
}

void
confine_limits(const struct conf *conf)
{
#ifndef WITH_SANITIZERS /* their shadow memory is larger than any sensible limit */
	limit(RLIMIT_AS, (rlim_t)conf->worker_job_memory);
#endif
	limit(RLIMIT_NOFILE, OPEN_FILES);
	limit(RLIMIT_CORE, 0);
	/* the supervisor's clock ends a job; this ends one whose supervisor is gone or stopped */
	limit(RLIMIT_CPU, (rlim_t)conf->worker_job_timeout * (rlim_t)sysconf(_SC_NPROCESSORS_ONLN));
	limit(RLIMIT_FSIZE, (rlim_t)conf->upload_max_size * 2);
	setpriority(PRIO_PROCESS, 0, NICE);
}

/* What no decoder needs: answered with "not permitted". */
static const int refused[] = {
	/* other hosts and processes */
	SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept),
	SCMP_SYS(accept4), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(kill), SCMP_SYS(tkill),
	SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(pidfd_getfd), SCMP_SYS(process_madvise), SCMP_SYS(kcmp), SCMP_SYS(fork), SCMP_SYS(vfork),
	SCMP_SYS(shmget), SCMP_SYS(shmat), SCMP_SYS(msgget), SCMP_SYS(semget), SCMP_SYS(mq_open),
	/* files beyond plain ones, and who they belong to */
	SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(mknod), SCMP_SYS(mknodat),
	SCMP_SYS(chown), SCMP_SYS(fchown), SCMP_SYS(fchownat), SCMP_SYS(lchown), SCMP_SYS(setxattr), SCMP_SYS(lsetxattr),
	SCMP_SYS(fsetxattr), SCMP_SYS(inotify_init1), SCMP_SYS(fanotify_init), SCMP_SYS(name_to_handle_at),
	/* who we are */
	SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setreuid), SCMP_SYS(setregid), SCMP_SYS(setresuid),
	SCMP_SYS(setresgid), SCMP_SYS(setgroups), SCMP_SYS(capset), SCMP_SYS(setrlimit), SCMP_SYS(setpriority),
	SCMP_SYS(ioprio_set), SCMP_SYS(memfd_create),
};

/* What only an exploit would try: ends the child. */
static const int deadly[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(move_mount), SCMP_SYS(open_tree),
	SCMP_SYS(fsopen), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(keyctl), SCMP_SYS(add_key),
	SCMP_SYS(request_key), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load), SCMP_SYS(reboot), SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(open_by_handle_at),
	SCMP_SYS(io_uring_setup), SCMP_SYS(modify_ldt), SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(swapon), SCMP_SYS(acct),
	SCMP_SYS(quotactl), SCMP_SYS(syslog), SCMP_SYS(personality), SCMP_SYS(clock_settime), SCMP_SYS(settimeofday),
};

static int
add_all(scmp_filter_ctx ctx, uint32_t action, const int *calls, size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = seccomp_rule_add(ctx, action, calls[i], 0);
		if (rc == -EDOM) /* this processor never had it */
			rc = 0;
	}
	return rc;
}

/* Threads are made, processes are not. What clone3 is asked for no filter can see: glibc takes clone then. */
static int
allow_threads_only(scmp_filter_ctx ctx)
{
	int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	/* the limits of others; our own may be read */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_NE, 0));
	return rc;
}

static int
filter_calls(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int rc = ctx == NULL ? -ENOMEM : 0;

	if (rc == 0)
		rc = add_all(ctx, SCMP_ACT_ERRNO(EPERM), refused, sizeof(refused) / sizeof(refused[0]));
	if (rc == 0)
		rc = add_all(ctx, SCMP_ACT_KILL_PROCESS, deadly, sizeof(deadly) / sizeof(deadly[0]));
	if (rc == 0)
		rc = allow_threads_only(ctx);
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	return rc;
}

#define READ_ACCESS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_ACCESS                                                                                                   \
	(READ_ACCESS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |  \
	    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_DIR)

static int
allow_below(int rules, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr below = { .allowed_access = access };
	long rc;

	below.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (below.parent_fd < 0)
		return -errno;
	rc = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	close(below.parent_fd);
	return rc == 0 ? 0 : -errno;
}

static int
restrict_files(const char *const readable[], const char *writable)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = WRITE_ACCESS | LANDLOCK_ACCESS_FS_EXECUTE |
		LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO };
	int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0), rc = 0;

	if (rules < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno; /* an older kernel: seccomp alone */
	for (; rc == 0 && *readable != NULL; readable++)
		rc = allow_below(rules, *readable, LANDLOCK_ACCESS_FS_READ_FILE);
	if (rc == 0 && writable != NULL)
		rc = allow_below(rules, writable, WRITE_ACCESS);
	if (rc == 0)
		allow_below(rules, "/usr", READ_ACCESS); /* libraries that are loaded late */
	if (rc == 0 && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		rc = -errno;
	close(rules);
	return rc;
}

int
confine(const char *const readable[], const char *writable)
{
	int rc;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	rc = restrict_files(readable, writable);
	return rc != 0 ? rc : filter_calls();
}
