/* lib/storage.c - media on a local file system. */
#include "lib/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/mem.h"

static const char *const root_names[] = {
	[STORAGE_INCOMING] = "incoming",
	[STORAGE_SPOOL] = "spool",
	[STORAGE_ORIGINALS] = "originals",
	[STORAGE_PUBLIC] = "public",
};

#define ROOTS (sizeof(root_names) / sizeof(root_names[0]))

char *
storage_path(const void *context, const struct conf *conf, enum storage_root root, const char *key)
{
	return mem_printf(context, "%s/%s%s%s", conf->media_root, root_names[root], *key != '\0' ? "/" : "", key);
}

int
storage_check(const struct conf *conf)
{
	char path[4096];

	for (size_t i = 0; i < ROOTS; i++) {
		snprintf(path, sizeof(path), "%s/%s", conf->media_root, root_names[i]);
		if (access(path, W_OK | X_OK) != 0)
			return ERR_UNAVAILABLE;
	}
	return 0;
}

int
storage_make_roots(const struct conf *conf)
{
	char path[4096];

	for (size_t i = 0; i < ROOTS; i++) {
		snprintf(path, sizeof(path), "%s/%s", conf->media_root, root_names[i]);
		if (mkdir(path, 0750) != 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int64_t
storage_room(const struct conf *conf)
{
	struct statvfs vfs;

	if (statvfs(conf->media_root, &vfs) != 0)
		return -1;
	return (int64_t)vfs.f_bavail * (int64_t)vfs.f_frsize - conf->media_reserve_free;
}

/* mkdir -p of everything before the last slash. */
static int
make_parents(const char *path)
{
	char part[4096];
	size_t length = strlen(path);

	if (length >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, length + 1);
	for (char *p = part + 1; (p = strchr(p, '/')) != NULL; *p++ = '/') {
		*p = '\0';
		if (mkdir(part, 0750) != 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int
storage_make_folder(const char *path)
{
	int rc = make_parents(path);

	if (rc == 0 && mkdir(path, 0750) != 0 && errno != EEXIST)
		rc = -errno;
	return rc;
}

static int
sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = fsync(fd) == 0 ? 0 : -errno;
	close(fd);
	return rc;
}

static int
sync_parent(const char *path)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	return sync_file(folder);
}

static int
copy_bytes(int in, int out)
{
	for (;;) {
		ssize_t n = copy_file_range(in, NULL, out, NULL, 1 << 30, 0);

		if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS)) {
			char block[1 << 16];

			n = read(in, block, sizeof(block));
			if (n > 0 && write(out, block, (size_t)n) != n)
				return errno != 0 ? -errno : -EIO;
		}
		if (n <= 0)
			return n == 0 ? 0 : -errno;
	}
}

static int
copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out, rc;

	if (in < 0)
		return -errno;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	rc = out < 0 ? -errno : copy_bytes(in, out);
	if (out >= 0)
		close(out);
	close(in);
	if (rc != 0)
		unlink(to);
	else
		unlink(from);
	return rc;
}

int
storage_take(const char *from, const char *to)
{
	int rc = make_parents(to);

	if (rc == 0)
		rc = sync_file(from);
	if (rc == 0 && rename(from, to) != 0)
		rc = errno == EXDEV ? copy_file(from, to) : -errno;
	if (rc == 0)
		rc = sync_parent(to);
	return rc;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

int
storage_remove(const char *path)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT ? 0 : -errno;
}

static _Thread_local int64_t size_sum; /* nftw() hands no argument on */

static int
add_size(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)path;
	(void)where;
	if (type == FTW_F)
		size_sum += st->st_size;
	return 0;
}

int64_t
storage_size(const char *path)
{
	size_sum = 0;
	nftw(path, add_size, 16, FTW_PHYS);
	return size_sum;
}
