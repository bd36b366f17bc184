/* ctl/doctor_web.c - the web server in front and the mail server, asked from outside. */
#include <curl/curl.h>
#include <string.h>
#include <unistd.h>

#include "ctl/doctor.h"
#include "lib/mem.h"

#define ANSWER_S 10L

static size_t
ignore(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	(void)arg;
	return size * count;
}

/* The answer's status; 0 when there was none. */
static long
ask(CURL *curl, const char *url)
{
	long status = 0;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_S);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_perform(curl); /* an upload that we broke off has an answer all the same */
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static size_t
send_nothing(char *out, size_t size, size_t count, void *arg)
{
	(void)out;
	(void)size;
	(void)count;
	(void)arg;
	return CURL_READFUNC_ABORT;
}

/* A body as large as we allow is announced, and never sent: a web server whose own limit is lower says so at once. */
static void
check_limit(struct doctor *d, const char *base)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Expect: 100-continue");
	long status;

	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)doctor_conf(d)->upload_max_size);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, send_nothing);
	status = ask(curl, mem_printf(doctor_mem(d), "%s/api/v1/uploads/doctor/file", base));
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (status == 413)
		doctor_say(d, VERDICT_BAD, "upload limit", "the web server refuses bodies that upload.max_size allows: raise "
		    "client_max_body_size (nginx) or LimitRequestBody (Apache) of the upload locations to it");
	else
		doctor_say(d, VERDICT_GOOD, "upload limit", "the web server lets upload.max_size through");
}

void
doctor_check_web(struct doctor *d)
{
	const char *base = doctor_conf(d)->main_base_url;
	CURL *curl = curl_easy_init();
	long status = ask(curl, mem_printf(doctor_mem(d), "%s/ready", base));

	if (status == 0)
		doctor_say(d, VERDICT_BAD, "web server", "main.base_url (%s) does not answer: is nginx or Apache running, and its name "
		    "known here?", base);
	else if (status == 502 || status == 504)
		doctor_say(d, VERDICT_BAD, "web server", "it cannot reach atelier-fcgi: is it running, may the web server open %s/*.sock?",
		    doctor_conf(d)->main_run_dir);
	else if (status != 200)
		doctor_say(d, VERDICT_BAD, "web server", "%s/ready answers %ld", base, status);
	else
		doctor_say(d, VERDICT_GOOD, "web server", "%s/ready", base);
	curl_easy_cleanup(curl);
	if (status != 0)
		check_limit(d, base);
}

void
doctor_check_mail(struct doctor *d)
{
	const struct conf *conf = doctor_conf(d);
	CURL *curl;
	CURLcode rc;

	if (conf->mail_dir[0] != '\0') {
		if (access(conf->mail_dir, W_OK | X_OK) != 0)
			doctor_say(d, VERDICT_BAD, "mail", "mail.dir %s is not there, or not writable for this user", conf->mail_dir);
		else
			doctor_say(d, VERDICT_WARNING, "mail", "mail goes to files in %s and to nobody (mail.dir)", conf->mail_dir);
		return;
	}
	curl = curl_easy_init();
	curl_easy_setopt(curl, CURLOPT_URL, conf->mail_smtp_url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_S);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	rc = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	if (rc != CURLE_OK)
		doctor_say(d, VERDICT_BAD, "mail", "mail.smtp_url does not answer (%s): nobody can confirm an address", curl_easy_strerror(rc));
	else
		doctor_say(d, VERDICT_GOOD, "mail", "the mail server answers");
}
