/* tests/unit/service.c - a unit's settings, as systemd.exec(5) says what they do: first those that need root, the user, then the filters
 * of system calls. */
#include "tests/unit/service.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODYS_ID 61999 /* of no account */
#define SETTINGS_MAX 100
#define LAST_CAPABILITY 63

struct setting {
	char name[64], value[256];
};

struct service {
	struct setting settings[SETTINGS_MAX];
	int count;
};

static void __attribute__((noreturn))
fail(const char *what, const char *about)
{
	fprintf(stderr, "service: %s %s: %s\n", what, about, strerror(errno));
	_exit(70);
}

/* --- the unit --- */

/* Those that do nothing to a process which a test could tell from here. */
static const char *const of_systemd[] = { "Environment", "MemoryMax", "TasksMax", "CPUWeight", "ExecStart", "User", "Group", "Restart", "RestartSec", "KillMode",
	"TimeoutStopSec", "Nice", "ReadWritePaths", "InaccessiblePaths", "ProtectClock", "RemoveIPC", "AmbientCapabilities", "SystemCallArchitectures", NULL };
static const char *const heeded[] = { "NoNewPrivileges", "CapabilityBoundingSet", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectControlGroups",
	"ProtectKernelModules", "RestrictAddressFamilies", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "SystemCallFilter", "SystemCallErrorNumber", "UMask",
	"LimitNOFILE", NULL };

static bool
is_among(const char *const *names, const char *name)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

static void
read_unit(struct service *s, const char *unit)
{
	FILE *f = fopen(unit, "re");
	char line[400];
	bool is_in_service = false;

	if (f == NULL)
		fail("unit", unit);
	while (fgets(line, sizeof(line), f) != NULL && s->count < SETTINGS_MAX) {
		struct setting *now = &s->settings[s->count];

		if (line[0] == '[')
			is_in_service = strncmp(line, "[Service]", 9) == 0;
		if (!is_in_service || sscanf(line, "%63[A-Za-z]=%255[^\n]", now->name, now->value) < 1)
			continue;
		errno = ENOTSUP;
		if (!is_among(of_systemd, now->name) && !is_among(heeded, now->name))
			fail("unknown setting", now->name);
		s->count++;
	}
	fclose(f);
}

/* The next value of that name after *at, which begins with 0; NULL: no more. */
static const char *
next(const struct service *s, const char *name, int *at)
{
	while (*at < s->count && strcmp(s->settings[*at].name, name) != 0)
		(*at)++;
	return *at < s->count ? s->settings[(*at)++].value : NULL;
}

static bool
is_set(const struct service *s, const char *name)
{
	const char *value = next(s, name, &(int){ 0 });

	return value != NULL && strcmp(value, "no") != 0;
}

/* --- mounts --- */

static void
lay(const char *where, unsigned long flags, const char *options)
{
	if (access(where, F_OK) == 0 && mount("tmpfs", where, "tmpfs", flags, options) != 0)
		fail("mount", where);
}

static void
set_read_only(const char *where, bool is_read_only)
{
	struct mount_attr how = { .attr_set = is_read_only ? MOUNT_ATTR_RDONLY : 0, .attr_clr = is_read_only ? 0 : MOUNT_ATTR_RDONLY };

	if (mount_setattr(AT_FDCWD, where, AT_RECURSIVE, &how, sizeof(how)) != 0 && errno != EINVAL && errno != ENOENT) /* EINVAL: not mounted here */
		fail("mount_setattr", where);
}

static void
lay_devices(void)
{
	static const struct {
		const char *path;
		unsigned major, minor;
	} devices[] = { { "/dev/null", 1, 3 }, { "/dev/zero", 1, 5 }, { "/dev/full", 1, 7 }, { "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 } };

	lay("/dev", MS_NOSUID | MS_NOEXEC, "mode=755");
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (mknod(devices[i].path, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)) != 0 || chmod(devices[i].path, 0666) != 0)
			fail("mknod", devices[i].path);
	if (mkdir("/dev/shm", 01777) != 0 || mount(NULL, "/dev", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL) != 0)
		fail("mount", "/dev");
}

static void
lay_mounts(const struct service *s)
{
	const char *nothing = "mode=0,size=4k,nr_inodes=2";

	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0) {
		printf("service: files are as they are outside: %s\n", geteuid() != 0 ? "no root" : strerror(errno));
		return;
	}
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) != 0)
		fail("mount", "/");
	if (is_set(s, "ProtectSystem")) {
		set_read_only("/", true);
		for (const char *const *path = (const char *const[]){ "/proc", "/sys", "/dev", NULL }; *path != NULL; path++)
			set_read_only(*path, false);
	}
	if (is_set(s, "ProtectHome"))
		for (const char *const *path = (const char *const[]){ "/home", "/root", "/run/user", NULL }; *path != NULL; path++)
			lay(*path, MS_RDONLY, nothing);
	if (is_set(s, "ProtectKernelModules"))
		lay("/usr/lib/modules", MS_RDONLY, nothing);
	if (is_set(s, "ProtectControlGroups"))
		set_read_only("/sys/fs/cgroup", true);
	if (is_set(s, "PrivateDevices"))
		lay_devices();
	if (is_set(s, "PrivateTmp")) {
		lay("/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
		lay("/var/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
	}
}

/* --- the user --- */

void
service_drop_privileges(void)
{
	if (geteuid() == 0) {
		for (int c = 0; c <= LAST_CAPABILITY; c++)
			prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
		if (setgroups(0, NULL) != 0 || setresgid(NOBODYS_ID, NOBODYS_ID, NOBODYS_ID) != 0 || setresuid(NOBODYS_ID, NOBODYS_ID, NOBODYS_ID) != 0)
			fail("setuid", "");
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		fail("prctl", "no_new_privs");
	prctl(PR_SET_DUMPABLE, 1); /* as it is again after the exec that we spare */
}

static void
set_limits(const struct service *s)
{
	const char *value = next(s, "LimitNOFILE", &(int){ 0 });
	rlim_t n = value != NULL ? strtoul(value, NULL, 10) : 1024;

	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ n, n });
	value = next(s, "UMask", &(int){ 0 });
	if (value != NULL)
		umask((mode_t)strtoul(value, NULL, 8));
}

/* --- system calls --- */

static void
refuse(scmp_filter_ctx ctx, int error, int call, struct scmp_arg_cmp when)
{
	int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO((unsigned)error), call, 1, when);

	errno = -rc;
	if (rc != 0 && rc != -EEXIST && rc != -EDOM)
		fail("seccomp", "rule");
}

static void
load(scmp_filter_ctx ctx)
{
	int rc = seccomp_load(ctx);

	errno = -rc;
	if (rc != 0)
		fail("seccomp", "load");
	seccomp_release(ctx);
}

static void
restrict_families(scmp_filter_ctx ctx, const char *allowed)
{
	static const struct {
		const char *name;
		int family;
	} names[] = { { "AF_UNIX", AF_UNIX }, { "AF_INET", AF_INET }, { "AF_INET6", AF_INET6 }, { "AF_NETLINK", AF_NETLINK } };
	bool may[AF_MAX] = { false };
	char word[32];

	for (int used; sscanf(allowed, " %31s%n", word, &used) == 1; allowed += used)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			may[names[i].family] |= strcmp(names[i].name, word) == 0;
	for (int family = 0; family < AF_MAX; family++)
		if (!may[family])
			refuse(ctx, EAFNOSUPPORT, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family));
	refuse(ctx, EAFNOSUPPORT, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_GE, AF_MAX));
}

static void
restrict_arguments(const struct service *s)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	const char *families = next(s, "RestrictAddressFamilies", &(int){ 0 });

	if (families != NULL)
		restrict_families(ctx, families);
	if (is_set(s, "RestrictRealtime"))
		for (int policy = SCHED_FIFO; policy <= SCHED_RR; policy++)
			refuse(ctx, EPERM, SCMP_SYS(sched_setscheduler), SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)policy));
	if (is_set(s, "LockPersonality"))
		refuse(ctx, EPERM, SCMP_SYS(personality), SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)personality(~0U)));
	for (const mode_t *bit = (const mode_t[]){ S_ISUID, S_ISGID, 0 }; *bit != 0 && is_set(s, "RestrictSUIDSGID"); bit++) {
		refuse(ctx, EPERM, SCMP_SYS(chmod), SCMP_A1(SCMP_CMP_MASKED_EQ, *bit, *bit));
		refuse(ctx, EPERM, SCMP_SYS(fchmod), SCMP_A1(SCMP_CMP_MASKED_EQ, *bit, *bit));
		refuse(ctx, EPERM, SCMP_SYS(fchmodat), SCMP_A2(SCMP_CMP_MASKED_EQ, *bit, *bit));
		refuse(ctx, EPERM, SCMP_SYS(mkdir), SCMP_A1(SCMP_CMP_MASKED_EQ, *bit, *bit));
		refuse(ctx, EPERM, SCMP_SYS(mkdirat), SCMP_A2(SCMP_CMP_MASKED_EQ, *bit, *bit));
	}
	load(ctx);
}

/* All sets of system calls by their names, as systemd itself has them; "": it is not installed. */
static char *
known_sets(void)
{
	size_t length = 0, size = 1 << 20;
	char *text = calloc(1, size);
	int fds[2], status;
	pid_t pid;

	if (text == NULL || pipe(fds) != 0 || (pid = fork()) < 0)
		fail("systemd-analyze", "fork");
	if (pid == 0) {
		dup2(fds[1], 1);
		close(2); /* it regrets not to know the kernel's own list, which the unit does not use */
		execlp("systemd-analyze", "systemd-analyze", "--no-pager", "syscall-filter", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	for (ssize_t n; length < size - 1 && (n = read(fds[0], text + length, size - 1 - length)) > 0;)
		length += (size_t)n;
	close(fds[0]);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		*text = '\0';
	return text;
}

static void
allow(scmp_filter_ctx ctx, const char *sets, const char *name)
{
	char head[80], word[64];
	const char *line;
	int call;

	if (*name != '@') {
		call = seccomp_syscall_resolve_name(name);
		if (call != __NR_SCMP_ERROR)
			seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 0); /* those of other processors fail */
		return;
	}
	snprintf(head, sizeof(head), "%s\n ", name);
	errno = ENOENT;
	line = strstr(sets, head);
	if (line == NULL)
		fail("set of system calls", name);
	/* an indented line each, remarks with a # */
	for (line = strchr(line, '\n') + 1; *line == ' '; line += strcspn(line, "\n") + 1)
		if (sscanf(line, " %63s", word) == 1 && *word != '#')
			allow(ctx, sets, word);
}

static void
restrict_calls(const struct service *s)
{
	char *sets = known_sets(), word[64];
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int at = 0;

	if (*sets == '\0')
		printf("service: system calls are not filtered: no systemd-analyze\n");
	else {
		for (const char *value; (value = next(s, "SystemCallFilter", &at)) != NULL;)
			for (int used; sscanf(value, " %63s%n", word, &used) == 1; value += used)
				allow(ctx, sets, word);
		load(ctx);
	}
	free(sets);
}

void
service_become(const char *unit)
{
	static struct service s;

	read_unit(&s, unit);
	set_limits(&s);
	lay_mounts(&s);
	service_drop_privileges();
	restrict_arguments(&s);
	restrict_calls(&s);
}
