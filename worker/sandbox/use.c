/* use.c - the processes of a run: what they all have taken so far (memory, processors' time, files), and the first of them. */
#include <dirent.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "worker/sandbox/sandbox.h"

#define EXACT_FROM 4 /* a quarter of what is allowed: then it pays to look closely */

struct look {
	struct sandbox_use *use;
	bool is_exact;      /* memory that several share counts once; slower */
	int64_t disk_bytes; /* of each folder */
};

/* A file of /proc, as text. False: the process is gone, or not ours to look at. */
static bool
read_proc(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	n = fread(text, 1, size - 1, f);
	fclose(f);
	text[n] = '\0';
	return n > 0;
}

/* "RssAnon:     1234 kB" in bytes; 0: it is not there. */
static int64_t
kilobytes_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	int64_t kb = 0;

	return at != NULL && sscanf(at + strlen(name), ": %" SCNd64, &kb) == 1 ? kb * 1024 : 0;
}

/* What it has written, what it shares with others and no file is behind, and the tables of its addresses: of memory that was never
 * written they are all there is. */
static int64_t
memory_of(pid_t pid, bool is_exact)
{
	char status[4096], text[4096];
	int64_t tables_bytes;

	if (!read_proc(pid, "status", status, sizeof(status)))
		return 0;
	tables_bytes = kilobytes_of(status, "VmPTE");
	if (is_exact && read_proc(pid, "smaps_rollup", text, sizeof(text)))
		return tables_bytes + kilobytes_of(text, "Pss_Anon") + kilobytes_of(text, "Pss_Shmem");
	return tables_bytes + kilobytes_of(status, "RssAnon") + kilobytes_of(status, "RssShmem");
}

/* Its own, and of those of its children that have ended. */
static int64_t
cpu_ms_of(pid_t pid)
{
	unsigned long long user, kernel, gone_user, gone_kernel;
	const char *name_end;
	char text[1024];

	if (!read_proc(pid, "stat", text, sizeof(text)) || (name_end = strrchr(text, ')')) == NULL ||
	    sscanf(name_end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu", &user, &kernel, &gone_user, &gone_kernel) != 4)
		return 0;
	return (int64_t)((user + kernel + gone_user + gone_kernel) * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
}

/* Inodes of one of its folders in memory. While the sandbox is being made the same path leads elsewhere: its size tells. */
static int64_t
files_in(pid_t pid, const char *folder, int64_t size_bytes)
{
	char path[64];
	struct statfs s;

	snprintf(path, sizeof(path), "/proc/%d/root/%s", (int)pid, folder);
	if (statfs(path, &s) != 0 || s.f_type != TMPFS_MAGIC || (int64_t)s.f_blocks * s.f_bsize != size_bytes)
		return 0;
	return (int64_t)(s.f_files - s.f_ffree);
}

static void look_at(const struct look *l, pid_t pid, int depth);

/* A child belongs to the thread that has forked it. */
static void
look_at_children(const struct look *l, pid_t pid, int depth)
{
	char path[300];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	if (threads == NULL)
		return;
	for (const struct dirent *t; (t = readdir(threads)) != NULL;) {
		FILE *children;

		snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, t->d_name);
		children = t->d_name[0] != '.' ? fopen(path, "re") : NULL;
		if (children == NULL)
			continue;
		for (int child; fscanf(children, "%d", &child) == 1;)
			look_at(l, child, depth + 1);
		fclose(children);
	}
	closedir(threads);
}

static void
look_at(const struct look *l, pid_t pid, int depth)
{
	l->use->memory_bytes += memory_of(pid, l->is_exact);
	l->use->cpu_ms += cpu_ms_of(pid);
	if (depth == 1) /* the first process inside; bwrap stays outside */
		l->use->files = files_in(pid, "work", l->disk_bytes) + files_in(pid, "tmp", l->disk_bytes) +
		    files_in(pid, "dev/shm", SANDBOX_SHM_BYTES);
	look_at_children(l, pid, depth);
}

void
sandbox_look(pid_t pid, const struct sandbox_ask *ask, struct sandbox_use *use)
{
	struct look l = { .use = use, .disk_bytes = ask->disk_bytes };

	*use = (struct sandbox_use){ 0 };
	look_at(&l, pid, 0);
	if (use->memory_bytes <= ask->memory_bytes / EXACT_FROM)
		return;
	*use = (struct sandbox_use){ 0 };
	l.is_exact = true;
	look_at(&l, pid, 0);
}

int
sandbox_first(pid_t pid)
{
	char path[64];
	FILE *children;
	int child, first = -1;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	children = fopen(path, "re");
	if (children == NULL)
		return -1;
	if (fscanf(children, "%d", &child) == 1)
		first = (int)syscall(SYS_pidfd_open, child, 0);
	fclose(children);
	return first;
}
