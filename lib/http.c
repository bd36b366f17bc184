/* lib/http.c - one request at a time by libcurl's easy interface. */
#include "lib/http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdbool.h>

#include "lib/buf.h"
#include "lib/mem.h"

#define CONNECT_MS 3000L
#define TOTAL_MS 8000L
#define BODY_MAX (1024 * 1024)

const char *
http_form(void *context, const struct http_pair *form)
{
	struct buf b;

	buf_init(&b, context, 256);
	for (; form->name != NULL; form++) {
		if (form->value == NULL)
			continue;
		if (b.length > 0)
			buf_add_char(&b, '&');
		buf_add_str(&b, form->name);
		buf_add_char(&b, '=');
		for (const char *p = form->value; *p != '\0'; p++) {
			unsigned char c = (unsigned char)*p;

			if (isalnum(c) || strchr("-._~", c) != NULL)
				buf_add_char(&b, *p);
			else
				buf_printf(&b, "%%%02X", c);
		}
	}
	return buf_cstr(&b);
}

static size_t
take_body(char *data, size_t size, size_t count, void *arg)
{
	struct buf *b = arg;

	if (b->length + size * count > BODY_MAX)
		return 0;
	buf_add(b, data, size * count);
	return size * count;
}

static struct curl_slist *
header_list(void *context, const struct http_pair *headers)
{
	struct curl_slist *list = curl_slist_append(NULL, "Accept: application/json");

	for (; headers != NULL && headers->name != NULL; headers++)
		list = curl_slist_append(list, mem_printf(context, "%s: %s", headers->name, headers->value));
	return list;
}

static int
ask(void *context, const char *url, const struct http_pair *headers, const char *form, struct http_reply *out,
    const char **why)
{
	struct curl_slist *list = header_list(context, headers);
	CURL *curl = mem_checked(curl_easy_init());
	struct buf body;
	CURLcode rc;

	buf_init(&body, context, 4096);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TOTAL_MS);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "Atelier/" PACKAGE_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	if (form != NULL)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form);
	rc = curl_easy_perform(curl);
	if (rc == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
	else
		*why = curl_easy_strerror(rc);
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	out->length = body.length;
	out->body = buf_cstr(&body);
	return rc == CURLE_OK ? 0 : -1;
}

int
http_get(void *context, const char *url, const struct http_pair *headers, struct http_reply *out, const char **why)
{
	return ask(context, url, headers, NULL, out, why);
}

int
http_post_form(void *context, const char *url, const struct http_pair *headers, const struct http_pair *form,
    struct http_reply *out, const char **why)
{
	return ask(context, url, headers, http_form(context, form), out, why);
}
