/* lib/storage_audit.c - compares media folders with the database. */
#include "lib/storage_audit.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"

#define VIDEOS_A_PAGE 500
#define KEYS_A_PAGE 500
#define PAGE_MS 60000
#define SETTLED_S 86400 /* younger files may belong to something that is about to be written down */

static const char *
relative(void *mem, bool is_original, const char *key)
{
	return mem_printf(mem, "%s/%s", is_original ? "originals" : "public", key);
}

static void
tell(struct storage_audit *a, enum finding what, const char *path, int64_t bytes)
{
	if (a->found != NULL)
		a->found(a->arg, what, path, bytes);
}

static void
step(struct storage_audit *a)
{
	if (a->step != NULL)
		a->step(a->arg);
}

/* --- what must be there --- */

static void
check_file(struct storage_audit *a, void *mem, const struct db_result *r, int row)
{
	bool is_original = db_bool(r, row, "is_original");
	const char *key = db_text(r, row, "key");
	struct stat st;

	if (key == NULL)
		return;
	a->files++;
	if (stat(storage_path(mem, a->conf, is_original ? STORAGE_ORIGINALS : STORAGE_PUBLIC, key), &st) != 0) {
		a->missing++;
		tell(a, FINDING_MISSING, relative(mem, is_original, key), 0);
	} else if (!db_is_null(r, row, "size_bytes") && st.st_size != db_int(r, row, "size_bytes")) {
		a->missing++;
		tell(a, FINDING_SHORT, relative(mem, is_original, key), st.st_size);
	}
}

int
storage_audit_expected(struct storage_audit *a)
{
	struct uuid after = { { 0 } };
	void *mem = talloc_named_const(NULL, 0, "audit");
	struct db_result *r;
	int err;

	a->db->mem = mem;
	do {
		talloc_free_children(mem);
		a->db->deadline_ms = now_ms() + PAGE_MS;
		err = db_query(a->db, &r, Q_MEDIA_EXPECTED, uuid_param(after), int_param(VIDEOS_A_PAGE));
		for (int i = 0; err == 0 && i < db_rows(r); i++)
			check_file(a, mem, r, i);
		if (err == 0 && db_rows(r) > 0)
			after = db_uuid(r, db_rows(r) - 1, "video_id");
		step(a);
	} while (err == 0 && db_rows(r) > 0);
	talloc_free(mem);
	return err;
}

/* --- what need not be there --- */

/* Keys gathered for one question to the database. */
struct page {
	struct storage_audit *audit;
	void *mem;
	enum storage_root root;
	const char *keys[KEYS_A_PAGE];
	size_t count;
	int err;
};

static void
judge(struct page *p, const char *key)
{
	struct storage_audit *a = p->audit;
	const char *path = storage_path(p->mem, a->conf, p->root, key);
	int64_t bytes = storage_size(path);

	a->unneeded++;
	a->unneeded_bytes += bytes;
	tell(a, FINDING_UNNEEDED, relative(p->mem, p->root == STORAGE_ORIGINALS, key), bytes);
	if (!a->remove_unneeded)
		return;
	if (storage_remove(path) == 0)
		a->removed++;
	else
		log_error("not_removed", LOG_STR("path", path));
}

static void
ask(struct page *p)
{
	struct db_session *db = p->audit->db;
	struct db_result *r;
	bool is_original = p->root == STORAGE_ORIGINALS;

	if (p->count == 0 || p->err != 0)
		return;
	db->mem = p->mem;
	db->deadline_ms = now_ms() + PAGE_MS;
	p->err = db_query(db, &r, Q_MEDIA_UNNEEDED, text_array_param(p->keys, is_original ? 0 : p->count),
	    text_array_param(p->keys, is_original ? p->count : 0));
	for (int i = 0; p->err == 0 && i < db_rows(r); i++)
		judge(p, db_text(r, i, "key"));
	p->count = 0;
	talloc_free_children(p->mem);
	step(p->audit);
}

static bool
is_uuid(const char *name)
{
	struct uuid u;

	return uuid_parse(name, strlen(name), &u);
}

/* "VIDEO", or "VIDEO.XXXXXXXX" for one that came in place of another. */
static bool
is_original(const char *name)
{
	struct uuid u;
	size_t length = strlen(name), id = UUID_TEXT - 1;

	return length >= id && uuid_parse(name, id, &u) && (length == id || (name[id] == '.' && strspn(name + id + 1, "0123456789abcdef") == length - id - 1));
}

static bool
is_edition(const char *name)
{
	return strlen(name) == 8 && strspn(name, "0123456789abcdef") == 8;
}

/* depth 0: tenants; 1: videos (below originals: files); 2: editions. */
static void
walk(struct page *p, const char *key, int depth)
{
	int last = p->root == STORAGE_ORIGINALS ? 1 : 2;
	bool (*is_leaf)(const char *) = p->root == STORAGE_ORIGINALS ? is_original : is_edition;
	DIR *dir = opendir(storage_path(p->mem, p->audit->conf, p->root, key));
	struct dirent *e;

	while (dir != NULL && p->err == 0 && (e = readdir(dir)) != NULL) {
		char below[256];
		struct stat st;

		if (depth == last ? !is_leaf(e->d_name) : !is_uuid(e->d_name))
			continue; /* not a video's, so not ours to judge */
		snprintf(below, sizeof(below), "%s%s%s", key, *key != '\0' ? "/" : "", e->d_name);
		if (depth < last) {
			walk(p, below, depth + 1);
			continue;
		}
		if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || st.st_mtime > time(NULL) - SETTLED_S)
			continue;
		p->keys[p->count++] = mem_strdup(p->mem, below);
		if (p->count == KEYS_A_PAGE)
			ask(p);
	}
	if (dir != NULL)
		closedir(dir);
}

int
storage_audit_unneeded(struct storage_audit *a)
{
	static const enum storage_root roots[] = { STORAGE_PUBLIC, STORAGE_ORIGINALS };
	int err = 0;

	for (size_t i = 0; i < 2 && err == 0; i++) {
		struct page *p = mem_new(NULL, struct page);

		p->audit = a;
		p->mem = talloc_named_const(NULL, 0, "audit");
		p->root = roots[i];
		walk(p, "", 0);
		ask(p);
		err = p->err;
		talloc_free(p->mem);
		talloc_free(p);
	}
	return err;
}
