/* lib/http.c - one request at a time by libcurl's easy interface. */
#include "lib/http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

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
		buf_add_percent(&b, form->value, strlen(form->value));
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

/* Blocks that no stranger has a server in: this machine, private, link-local, shared, multicast, reserved. */
static const struct {
	int family;
	uint8_t prefix[16];
	int bits;
} not_public[] = {
	{ AF_INET, { 0 }, 8 }, { AF_INET, { 10 }, 8 }, { AF_INET, { 100, 64 }, 10 }, { AF_INET, { 127 }, 8 },
	{ AF_INET, { 169, 254 }, 16 }, { AF_INET, { 172, 16 }, 12 }, { AF_INET, { 192, 0, 0 }, 24 },
	{ AF_INET, { 192, 0, 2 }, 24 }, { AF_INET, { 192, 168 }, 16 }, { AF_INET, { 198, 18 }, 15 },
	{ AF_INET, { 198, 51, 100 }, 24 }, { AF_INET, { 203, 0, 113 }, 24 }, { AF_INET, { 224 }, 3 },
	{ AF_INET6, { 0 }, 32 }, { AF_INET6, { 0, 0x64, 0xff, 0x9b }, 32 }, { AF_INET6, { 0x01, 0 }, 8 },
	{ AF_INET6, { 0x20, 0x01, 0 }, 23 }, { AF_INET6, { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, { AF_INET6, { 0x20, 0x02 }, 16 },
	{ AF_INET6, { 0xfc }, 7 }, { AF_INET6, { 0xfe, 0x80 }, 9 }, { AF_INET6, { 0xff }, 8 },
};

bool
http_address_is_public(int family, const void *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *a = address;

	if (family == AF_INET6 && memcmp(a, mapped, sizeof(mapped)) == 0)
		return http_address_is_public(AF_INET, a + sizeof(mapped));
	for (size_t i = 0; i < sizeof(not_public) / sizeof(not_public[0]); i++) {
		int bytes = not_public[i].bits / 8, rest = not_public[i].bits % 8;

		if (not_public[i].family == family && memcmp(a, not_public[i].prefix, (size_t)bytes) == 0 &&
		    (rest == 0 || (a[bytes] ^ not_public[i].prefix[bytes]) >> (8 - rest) == 0))
			return false;
	}
	return family == AF_INET || family == AF_INET6;
}

/* Asked with the address itself, after the name was looked up: a name that changes meanwhile changes nothing. */
static curl_socket_t
open_public(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	const struct sockaddr *sa = &to->addr;
	const void *address = sa->sa_family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr
	                                                : (const void *)&((const struct sockaddr_in *)(const void *)sa)->sin_addr;

	(void)arg;
	(void)purpose;
	if (!http_address_is_public(sa->sa_family, address))
		return CURL_SOCKET_BAD;
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static int
ask(void *context, const char *url, const struct http_pair *headers, const struct http_post *post, struct http_reply *out,
    const char **why)
{
	struct curl_slist *list = header_list(context, headers);
	CURL *curl = mem_checked(curl_easy_init());
	curl_off_t retry_after_s = 0;
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
	if (post != NULL) {
		list = curl_slist_append(list, mem_printf(context, "Content-Type: %s", post->content_type));
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->length);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post->body);
		if (post->public_only) {
			curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* a proxy would look the name up anew */
			curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_public);
		}
	}
	rc = curl_easy_perform(curl);
	if (rc == CURLE_OK) {
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
		curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after_s);
		out->retry_after_s = (long)retry_after_s;
	} else
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
http_post(void *context, const struct http_post *post, struct http_reply *out, const char **why)
{
	return ask(context, post->url, post->headers, post, out, why);
}

int
http_post_form(void *context, const char *url, const struct http_pair *headers, const struct http_pair *form,
    struct http_reply *out, const char **why)
{
	const char *body = http_form(context, form);

	return http_post(context, &(struct http_post){ .url = url, .content_type = "application/x-www-form-urlencoded",
	    .body = body, .length = strlen(body), .headers = headers }, out, why);
}
