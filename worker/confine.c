/* worker/confine.c - rlimits, seccomp, Landlock. */
#include "worker/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
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
	limit(RLIMIT_FSIZE, (rlim_t)conf->upload_max_size * 2);
	setpriority(PRIO_PROCESS, 0, NICE);
}

/* What no decoder needs. A tried connection fails politely; what only an exploit would try ends the child. */
static int
filter_calls(void)
{
	static const int refused[] = { SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind),
		SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(kill),
		SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(mknod), SCMP_SYS(mknodat),
		SCMP_SYS(chown), SCMP_SYS(fchown), SCMP_SYS(fchownat), SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(fork),
		SCMP_SYS(vfork) };
	static const int deadly[] = { SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
		SCMP_SYS(process_vm_writev), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
		SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(keyctl), SCMP_SYS(add_key),
		SCMP_SYS(request_key), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(kexec_load), SCMP_SYS(reboot),
		SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(open_by_handle_at), SCMP_SYS(io_uring_setup) };
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int rc = ctx == NULL ? -ENOMEM : 0;

	for (size_t i = 0; rc == 0 && i < sizeof(refused) / sizeof(refused[0]); i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	for (size_t i = 0; rc == 0 && i < sizeof(deadly) / sizeof(deadly[0]); i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
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
restrict_files(const char *media_root, const char *writable)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = WRITE_ACCESS | LANDLOCK_ACCESS_FS_EXECUTE |
		LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO };
	int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0), rc;

	if (rules < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno; /* an older kernel: seccomp alone */
	rc = allow_below(rules, media_root, READ_ACCESS);
	if (rc == 0)
		rc = allow_below(rules, writable, WRITE_ACCESS);
	if (rc == 0)
		allow_below(rules, "/usr", READ_ACCESS); /* libraries that are loaded late */
	if (rc == 0 && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		rc = -errno;
	close(rules);
	return rc;
}

int
confine(const struct conf *conf, const char *writable)
{
	int rc;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	rc = restrict_files(conf->media_root, writable);
	return rc != 0 ? rc : filter_calls();
}
