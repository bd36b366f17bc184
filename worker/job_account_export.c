/* worker/job_account_export.c - everything that is kept of a person, as a ZIP archive that a mail leads to for a day. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mail.h"
#include "lib/mem.h"
#include "lib/sign.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 300000
#define KEEP_S 86400

static int
add_text(struct archive *zip, const char *name, const char *text)
{
	struct archive_entry *entry = mem_checked(archive_entry_new());
	size_t length = strlen(text);
	int rc;

	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, (int64_t)length);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_mtime(entry, time(NULL), 0);
	rc = archive_write_header(zip, entry) == ARCHIVE_OK && archive_write_data(zip, text, length) == (ssize_t)length ? 0 : -1;
	archive_entry_free(entry);
	return rc;
}

static int
copy_file(struct job *job, struct archive *zip, int fd)
{
	char block[65536];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0) {
		if (archive_write_data(zip, block, (size_t)n) != n)
			return -1;
		job_report_progress(job, 50);
	}
	return n < 0 ? -1 : 0;
}

/* A file as it was uploaded. One that is gone is left out. */
static int
add_file(struct job *job, struct archive *zip, const char *name, const char *path)
{
	struct archive_entry *entry;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT ? 0 : -1;
	}
	entry = mem_checked(archive_entry_new());
	archive_entry_set_pathname_utf8(entry, name);
	archive_entry_copy_stat(entry, &st);
	archive_entry_set_perm(entry, 0644);
	rc = archive_write_header(zip, entry) == ARCHIVE_OK ? copy_file(job, zip, fd) : -1;
	archive_entry_free(entry);
	close(fd);
	return rc;
}

/* A name that cannot leave the archive's folder. */
static const char *
safe_name(struct job *job, const char *folder, const char *name)
{
	char *out = mem_printf(job->mem, "%s%s", folder, name);

	for (char *p = out + strlen(folder); *p != '\0'; p++)
		if (*p == '/' || *p == '\\' || (unsigned char)*p < 32)
			*p = '_';
	return out;
}

static int
fill(struct job *job, struct db_session *db, struct archive *zip)
{
	struct db_result *r;
	int rc = 0, err = db_query(db, &r, Q_LEAVING_EXPORT, uuid_param(job->user));

	for (int i = 0; err == 0 && rc == 0 && i < db_rows(r); i++)
		rc = add_text(zip, db_text(r, i, "file"), db_text(r, i, "content"));
	if (err == 0)
		err = db_query(db, &r, Q_LEAVING_FILES, uuid_param(job->user));
	for (int i = 0; err == 0 && rc == 0 && i < db_rows(r); i++)
		rc = add_file(job, zip, safe_name(job, db_text(r, i, "folder"), db_text(r, i, "name")),
		    storage_path(job->mem, job->conf, db_bool(r, i, "is_public") ? STORAGE_PUBLIC : STORAGE_ORIGINALS,
		        db_text(r, i, "key")));
	return err != 0 || rc != 0 ? -1 : 0;
}

static int
write_archive(struct job *job, struct db_session *db, const char *path)
{
	struct archive *zip = mem_checked(archive_write_new());
	int rc;

	rc = archive_write_set_format_zip(zip) == ARCHIVE_OK && archive_write_open_filename(zip, path) == ARCHIVE_OK ?
	    fill(job, db, zip) : -1;
	if (archive_write_close(zip) != ARCHIVE_OK)
		rc = -1;
	archive_write_free(zip);
	return rc;
}

static int
tell(struct job *job, struct db_session *db, const char *folder, const char *key)
{
	struct signer *signer = signer_open(job->mem, job->conf->main_secret);
	char token[MEDIA_TOKEN_SIZE];
	struct db_result *r;
	int err = db_query(db, &r, Q_LEAVING_PERSON, uuid_param(job->user));

	if (err != 0 || db_rows(r) == 0) /* left meanwhile */
		return err;
	media_token(signer, folder, strlen(folder), time(NULL) + KEEP_S, token);
	struct mail_order order = { .name = "export-ready", .to = db_text(r, 0, "email"), .person = db_text(r, 0, "name"),
		.site = db_text(r, 0, "site"),
		.locale = db_text(r, 0, "locale") != NULL ? db_text(r, 0, "locale") : db_text(r, 0, "site_locale"),
		.link = mem_printf(job->mem, "%s%s/%s/%s", db_text(r, 0, "base_url"), job->conf->media_base_path, token, key) };
	err = db_exec(db, NULL, Q_ACCOUNT_JOB, text_param("mail"), json_param(mail_job(job->mem, job->conf, &order)),
	    null_param(), null_param(), int_param(0));
	if (err == 0)
		err = db_exec(db, NULL, Q_ACCOUNT_JOB, text_param("account_export"),
		    json_param(mem_printf(job->mem, "{\"remove\":\"%s\"}", folder)), null_param(), uuid_param(job->user),
		    int_param(KEEP_S));
	return err;
}

static int
export_make(struct job *job, struct db_session *db)
{
	char tenant[UUID_TEXT], id[UUID_TEXT];
	const char *folder = mem_printf(job->mem, "%s/exports/%s", uuid_text(&job->tenant, tenant), uuid_text(&job->id, id));
	const char *key = mem_printf(job->mem, "%s/export.zip", folder);
	const char *path = storage_path(job->mem, job->conf, STORAGE_PUBLIC, folder);

	if (storage_make_folder(path) != 0 ||
	    write_archive(job, db, storage_path(job->mem, job->conf, STORAGE_PUBLIC, key)) != 0 ||
	    tell(job, db, folder, key) != 0) {
		storage_remove(path);
		return job_fail(job, "NOT_EXPORTED", "The archive could not be written.", false);
	}
	return 0;
}

static int
export_run(struct job *job)
{
	struct json_object *payload = json_tokener_parse(job->payload), *remove;
	struct db_session db;
	int rc;

	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	if (json_object_object_get_ex(payload, "remove", &remove))
		rc = storage_remove(storage_path(job->mem, job->conf, STORAGE_PUBLIC, json_object_get_string(remove)));
	else
		rc = export_make(job, &db);
	db_session_end(&db);
	json_object_put(payload);
	return rc;
}

const struct job_kind job_account_export = { .name = "account_export", .run = export_run };
