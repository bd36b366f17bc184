/* worker/job_mail.c - composes a mail and sends it: by SMTP, or as a file where mail.dir is set. */
#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mail.h"
#include "lib/mem.h"
#include "worker/job.h"

#define CONNECT_S 20L
#define SEND_S 120L

struct cursor {
	const char *at;
	size_t left;
};

static size_t
give(char *out, size_t size, size_t count, void *arg)
{
	struct cursor *c = arg;
	size_t n = size * count < c->left ? size * count : c->left;

	memcpy(out, c->at, n);
	c->at += n;
	c->left -= n;
	return n;
}

/* A temporary name first: whoever reads the folder sees whole mails only. */
static int
write_file(struct job *job, const struct mail *mail)
{
	char id[UUID_TEXT];
	const char *path = mem_printf(job->mem, "%s/%s.eml", job->conf->mail_dir, uuid_text(&job->id, id));
	const char *part = mem_printf(job->mem, "%s.part", path);
	FILE *f = fopen(part, "we");
	bool ok;

	if (f == NULL)
		return -1;
	ok = fwrite(mail->message, 1, mail->length, f) == mail->length;
	ok &= fclose(f) == 0;
	return ok && rename(part, path) == 0 ? 0 : -1;
}

static CURLcode
send_smtp(struct job *job, const struct mail *mail, long *answer)
{
	struct cursor c = { mail->message, mail->length };
	struct curl_slist *to = curl_slist_append(NULL, mail->to);
	CURL *curl = curl_easy_init();
	CURLcode rc;

	curl_easy_setopt(curl, CURLOPT_URL, job->conf->mail_smtp_url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(job->conf->mail_require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	if (job->conf->mail_ca_file[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_CAINFO, job->conf->mail_ca_file);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, mail->from);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(curl, CURLOPT_READDATA, &c);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, SEND_S);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	rc = curl_easy_perform(curl);
	*answer = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, answer);
	curl_easy_cleanup(curl);
	curl_slist_free_all(to);
	return rc;
}

static int
mail_run(struct job *job)
{
	struct mail mail;
	const char *why;
	long answer;
	CURLcode rc;

	if (mail_compose(job->mem, job->conf, job->payload, job->id, &mail, &why) != 0)
		return job_fail(job, "NOT_COMPOSED", why, true);
	if (mail.to == NULL)
		return 0;
	if (job->conf->mail_dir[0] != '\0')
		return write_file(job, &mail) == 0 ? 0 : job_fail(job, "NOT_WRITTEN", "The mail folder cannot be written.", false);
	rc = send_smtp(job, &mail, &answer);
	if (rc == CURLE_OK)
		return 0;
	log_warn("mail_not_sent", LOG_STR("why", curl_easy_strerror(rc)), LOG_INT("answer", answer));
	return job_fail(job, "NOT_SENT", "The mail server did not take the mail.", answer >= 500 && answer < 600);
}

const struct job_kind job_mail = { .name = "mail", .slots = 4, .timeout_s = 300, .run = mail_run };
