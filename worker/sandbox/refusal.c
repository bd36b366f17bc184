/* refusal.c - why no sandbox can be made here, in words for who runs the machine; doc/sandbox.md says what the machine must allow. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "worker/sandbox/sandbox.h"

static const struct {
	const char *name, *path;
	long bad, good;
} settings[] = {
	{ "user.max_user_namespaces", "/proc/sys/user/max_user_namespaces", 0, 10000 },
	{ "kernel.unprivileged_userns_clone", "/proc/sys/kernel/unprivileged_userns_clone", 0, 1 },
	{ "kernel.apparmor_restrict_unprivileged_userns", "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1, 0 },
};

static const struct {
	const char *said, *means;
} causes[] = {
	{ "NETLINK", "the unit's RestrictAddressFamilies= must have AF_NETLINK" },
	{ "hostname", "the unit's SystemCallFilter= must have sethostname" },
	{ "mount proc", "something lies over a part of /proc: the masks of a container, or ProtectKernelTunables=, ProtectKernelLogs= or ProcSubset= of the unit" },
	{ "nknown option", "bubblewrap is older than 0.8" },
	{ "amespace", "the kernel gives no user namespaces to this user, or a filter of system calls (of a container, RestrictNamespaces= of the unit) is in between" },
	{ "uid map", "the kernel gives no user namespaces to this user; AppArmor, for one, wants a profile for bubblewrap" },
};

/* False: there is no such setting here. */
static bool
read_setting(const char *path, long *value)
{
	FILE *f = fopen(path, "re");
	char text[32];
	bool is_read = f != NULL && fgets(text, sizeof(text), f) != NULL;

	if (f != NULL)
		fclose(f);
	if (is_read)
		*value = strtol(text, NULL, 10);
	return is_read;
}

static const char *
cause_of(void *mem, const char *said)
{
	long value;

	if (access(SANDBOX_BWRAP, X_OK) != 0)
		return mem_printf(mem, "bubblewrap is missing (%s)", SANDBOX_BWRAP);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (read_setting(settings[i].path, &value) && value == settings[i].bad)
			return mem_printf(mem, "the kernel gives no user namespaces to those without privileges: sysctl %s=%ld", settings[i].name, settings[i].good);
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (strstr(said, causes[i].said) != NULL)
			return causes[i].means;
	return "see doc/sandbox.md";
}

const char *
sandbox_refusal(void *mem, const char *said)
{
	const char *cause = cause_of(mem, said);

	return mem_printf(mem, "No sandbox can be made: %s (%.*s)", cause, (int)strcspn(said, "\n"), *said != '\0' ? said : "nothing was said");
}
