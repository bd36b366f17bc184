/* worker/job_check_file.c - has clamd look at an uploaded file, by its INSTREAM command: the file's bytes go over the socket,
 * so clamd needs no right to our folders. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/storage.h"
#include "lib/wait.h"
#include "worker/job.h"

#define CALL_MS 15000
#define CHUNK 65536
#define ANSWER_S 120

static int
clamd_connect(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = ANSWER_S };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		close(fd);
		return -1;
	}
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	}
	return fd;
}

static bool
send_all(int fd, const void *data, size_t length)
{
	const char *p = data;

	while (length > 0) {
		ssize_t n = send(fd, p, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		length -= (size_t)n;
	}
	return true;
}

/* Each chunk behind its length, a length of nothing at the end. clamd hangs up early where a file is over its StreamMaxLength. */
static bool
send_file(struct job *job, int clamd, int file)
{
	char *chunk = mem_size(job->mem, CHUNK);
	uint32_t length;
	ssize_t n;

	if (!send_all(clamd, "zINSTREAM", sizeof("zINSTREAM")))
		return false;
	while ((n = read(file, chunk, CHUNK)) > 0) {
		length = htonl((uint32_t)n);
		if (!send_all(clamd, &length, sizeof(length)) || !send_all(clamd, chunk, (size_t)n))
			return true; /* its answer says why */
		job_report_progress(job, 50);
	}
	length = 0;
	return n == 0 && send_all(clamd, &length, sizeof(length));
}

static bool
read_answer(int clamd, char *answer, size_t size)
{
	size_t have = 0;
	ssize_t n;

	while (have + 1 < size && (n = recv(clamd, answer + have, size - 1 - have, 0)) > 0)
		have += (size_t)n;
	answer[have] = '\0';
	return have > 0;
}

/* "stream: OK", "stream: Eicar-Signature FOUND", "INSTREAM size limit exceeded. ERROR" */
static int
judge(struct job *job, struct db_session *db, char *answer)
{
	char *found = strstr(answer, " FOUND"), *name = strstr(answer, ": ");
	struct db_result *r;

	if (strstr(answer, "size limit exceeded") != NULL) {
		log_warn("clamd_limit", LOG_STR("answer", answer));
		return 0; /* larger than the operator lets clamd read */
	}
	if (found == NULL)
		return strstr(answer, ": OK") != NULL ? 0 : job_fail(job, "SCANNER_ODD", "The scanner gave no clear answer.", false);
	*found = '\0';
	return db_query(db, &r, Q_FILE_INFECTED, uuid_param(job->subject), text_param(name != NULL ? name + 2 : answer)) == 0 ? 0 :
	    job_fail(job, "NOT_CHECKED", "The database did not answer.", false);
}

static int
scan(struct job *job, struct db_session *db, const char *key)
{
	char answer[512];
	int file = open(storage_path(job->mem, job->conf, STORAGE_ORIGINALS, key), O_RDONLY | O_CLOEXEC);
	int clamd = clamd_connect(job->conf->moderation_clamd_socket);
	bool ok = file >= 0 && clamd >= 0 && send_file(job, clamd, file) && read_answer(clamd, answer, sizeof(answer));

	if (file >= 0)
		close(file);
	if (clamd >= 0)
		close(clamd);
	return ok ? judge(job, db, answer) : job_fail(job, "SCANNER_AWAY", "The scanner did not answer.", false);
}

static int
check_file_run(struct job *job)
{
	struct db_session db;
	struct db_result *r;
	int err, rc = 0;

	if (job->conf->moderation_clamd_socket[0] == '\0')
		return 0;
	db_session_init(&db, job->db, job->mem, job->tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_CHECK_VIDEO_SOURCE, uuid_param(job->subject));
	if (err == 0)
		rc = scan(job, &db, db_text(r, 0, "original_key"));
	else if (err != ERR_NOT_FOUND)
		rc = job_fail(job, "NOT_CHECKED", "The database did not answer.", false);
	db_session_end(&db);
	return rc;
}

const struct job_kind job_check_file = { .name = "check_file", .slots = 2, .timeout_s = 900, .run = check_file_run };
