/* worker/job_captions.c - a video's captions as files beside its streams, and as subtitles in its master playlist. Asked
 * for by each change of captions and by each new edition; it always does all of it, so that the last one is right. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/captions.h"
#include "lib/mem.h"
#include "lib/sign.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 30000
#define MASTER_MAX 65536
#define GROUP ",SUBTITLES=\"captions\""

struct place {
	struct job *job;
	const char *prefix, *folder; /* storage key and path of the edition */
	double duration;
	int64_t start_ms, end_ms; /* of the original, what the edition shows; end_ms 0: to its end */
	struct buf media; /* lines of the master */
	struct buf names; /* files that are in use, each ended by a line */
};

static int
write_whole(void *mem, const char *path, const char *bytes, size_t size)
{
	const char *part = mem_printf(mem, "%s.part", path);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool is_written = fd >= 0 && write(fd, bytes, size) == (ssize_t)size && fdatasync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return is_written && rename(part, path) == 0 ? 0 : -1;
}

/* Captions are of the original; an edition that shows a part of it has those of that part. */
static const char *
in_edition(const struct place *p, const char *vtt)
{
	struct captions whole, part;
	struct buf b;

	if ((p->start_ms == 0 && p->end_ms == 0) || captions_read(p->job->mem, vtt, strlen(vtt), &whole) != NULL)
		return vtt;
	captions_cut(p->job->mem, &whole, p->start_ms, p->end_ms, &part);
	buf_init(&b, p->job->mem, strlen(vtt) + 16);
	captions_write_vtt(&part, &b);
	return buf_cstr(&b);
}

/* The name changes with the content: an address is kept for an hour by those who have it. */
static int
place_one(struct place *p, const struct db_result *r, int row, struct db_session *db)
{
	const char *lang = db_text(r, row, "lang"), *vtt = in_edition(p, db_text(r, row, "vtt")), *name, *list;
	char etag[24];

	etag_of(vtt, strlen(vtt), etag);
	name = mem_printf(p->job->mem, "captions-%s-%.8s", lang, etag + 1);
	list = mem_printf(p->job->mem,
	    "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:%.3f,\n%s.vtt\n#EXT-X-ENDLIST\n",
	    (int)ceil(p->duration), p->duration, name);
	if (write_whole(p->job->mem, mem_printf(p->job->mem, "%s/%s.vtt", p->folder, name), vtt, strlen(vtt)) != 0 ||
	    write_whole(p->job->mem, mem_printf(p->job->mem, "%s/%s.m3u8", p->folder, name), list, strlen(list)) != 0)
		return ERR_STORAGE_FULL;
	buf_printf(&p->names, "%s.vtt\n%s.m3u8\n", name, name);
	buf_printf(&p->media, "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",LANGUAGE=\"%s\",NAME=\"", lang);
	for (const char *c = db_text(r, row, "label"); *c != '\0'; c++)
		buf_add_char(&p->media, *c == '"' || *c == '\n' || *c == '\r' ? '\'' : *c); /* a quoted string has no escapes */
	buf_printf(&p->media, "\",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI=\"%s.m3u8\"\n", name);
	return db_exec(db, NULL, Q_CAPTIONS_PLACED, uuid_param(p->job->subject), text_param(lang),
	    text_param(mem_printf(p->job->mem, "%s/%s.vtt", p->prefix, name)));
}

/* The master as it was, but for subtitles. */
static int
rewrite_master(struct place *p, const char *path)
{
	char *old = mem_size(p->job->mem, MASTER_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, old, MASTER_MAX) : -1;
	struct buf b;
	bool has_media = p->media.length == 0;

	if (fd >= 0)
		close(fd);
	if (n <= 0 || n == MASTER_MAX)
		return ERR_NOT_FOUND;
	old[n] = '\0';
	buf_init(&b, p->job->mem, (size_t)n + p->media.length + 256);
	for (char *line = old, *end; *line != '\0'; line = end) {
		size_t length = strcspn(line, "\n");
		bool is_stream = strncmp(line, "#EXT-X-STREAM-INF:", 18) == 0;

		end = line + length + (line[length] == '\n');
		if (strncmp(line, "#EXT-X-MEDIA:TYPE=SUBTITLES", 27) == 0)
			continue;
		if (is_stream && !has_media) {
			buf_add(&b, p->media.data, p->media.length);
			has_media = true;
		}
		if (is_stream && length > strlen(GROUP) && memcmp(line + length - strlen(GROUP), GROUP, strlen(GROUP)) == 0)
			length -= strlen(GROUP);
		buf_add(&b, line, length);
		if (is_stream && p->media.length > 0)
			buf_add_literal(&b, GROUP);
		buf_add_char(&b, '\n');
	}
	return write_whole(p->job->mem, path, b.data, b.length) == 0 ? 0 : ERR_STORAGE_FULL;
}

static void
remove_others(struct place *p)
{
	const char *names = buf_cstr(&p->names);
	DIR *dir = opendir(p->folder);
	struct dirent *d;

	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (strncmp(d->d_name, "captions-", 9) == 0 && strstr(names, mem_printf(p->job->mem, "%s\n", d->d_name)) == NULL)
			unlink(mem_printf(p->job->mem, "%s/%s", p->folder, d->d_name));
	if (dir != NULL)
		closedir(dir);
}

static int
place_all(struct job *job, struct db_session *db)
{
	struct place p = { .job = job };
	struct db_result *video, *files;
	int err = db_query(db, &video, Q_CAPTIONS_WORK, uuid_param(job->subject));

	if (err != 0 || db_rows(video) == 0)
		return err; /* nothing plays yet: the end of the edition asks again */
	p.prefix = db_text(video, 0, "storage_prefix");
	p.folder = storage_path(job->mem, job->conf, STORAGE_PUBLIC, p.prefix);
	p.duration = db_double(video, 0, "duration");
	p.start_ms = llround(db_double(video, 0, "start") * 1000);
	p.end_ms = llround(db_double(video, 0, "until") * 1000);
	buf_init(&p.media, job->mem, 256);
	buf_init(&p.names, job->mem, 256);
	err = db_query(db, &files, Q_CAPTIONS_FILES, uuid_param(job->subject));
	for (int i = 0; err == 0 && i < db_rows(files); i++)
		err = place_one(&p, files, i, db);
	if (err == 0)
		err = rewrite_master(&p, storage_path(job->mem, job->conf, STORAGE_PUBLIC, db_text(video, 0, "master_key")));
	if (err == 0)
		remove_others(&p);
	return err;
}

static int
captions_run(struct job *job)
{
	struct db_session db;
	int err;

	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_begin(&db);
	if (err == 0)
		err = place_all(job, &db);
	if (err == 0)
		err = db_commit(&db);
	db_session_end(&db);
	return err == 0 ? 0 : job_fail(job, "NOT_PLACED", "The captions could not be put beside the video.", false);
}

const struct job_kind job_captions = { .name = "captions", .run = captions_run };
