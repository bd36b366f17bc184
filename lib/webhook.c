/* lib/webhook.c - secrets, signatures and addresses of webhooks. */
#include "lib/webhook.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/conf.h"
#include "lib/http.h"
#include "lib/mem.h"
#include "lib/random.h"

#define PREFIX "whsec_"
#define KEY_BYTES 32

const char *
webhook_secret_new(void *context)
{
	unsigned char key[KEY_BYTES];

	random_bytes(key, sizeof(key));
	return mem_printf(context, PREFIX "%s", base64_encode(context, key, sizeof(key)));
}

const char *
webhook_sign(void *context, const char *secret, const char *id, int64_t at_s, const char *body)
{
	unsigned char key[256], mac[EVP_MAX_MD_SIZE];
	const char *text = mem_printf(context, "%s.%lld.%s", id, (long long)at_s, body);
	unsigned int length;
	size_t n;
	int bytes;

	if (secret == NULL || strncmp(secret, PREFIX, strlen(PREFIX)) != 0)
		return NULL;
	secret += strlen(PREFIX);
	n = strlen(secret);
	if (n == 0 || n % 4 != 0 || n / 4 * 3 > sizeof(key) || (bytes = EVP_DecodeBlock(key, (const unsigned char *)secret, (int)n)) < 0)
		return NULL;
	for (size_t i = n; i > 0 && secret[i - 1] == '='; i--)
		bytes--;
	HMAC(EVP_sha256(), key, bytes, (const unsigned char *)text, strlen(text), mac, &length);
	return mem_printf(context, "v1,%s", base64_encode(context, mac, length));
}

static const char *
host_problem(const char *host)
{
	size_t n = strlen(host);
	char bare[64];
	struct in6_addr six;
	struct in_addr four;

	if (strcasecmp(host, "localhost") == 0 || (n > 10 && strcasecmp(host + n - 10, ".localhost") == 0))
		return "is on this machine";
	if (inet_aton(host, &four) != 0) /* also 0177.1 and 2130706433, as curl takes them */
		return http_address_is_public(AF_INET, &four) ? NULL : "is not on the public Internet";
	if (*host == '[' && n - 2 < sizeof(bare)) {
		memcpy(bare, host + 1, n - 2);
		bare[n - 2] = '\0';
		if (inet_pton(AF_INET6, bare, &six) == 1)
			return http_address_is_public(AF_INET6, &six) ? NULL : "is not on the public Internet";
	}
	return NULL;
}

bool
webhook_url_is_fine(const struct conf *conf, const char *url, const char **why)
{
	char *host = NULL, *scheme = NULL, *user = NULL;
	CURLU *u = mem_checked(curl_url());

	*why = NULL;
	if (curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK || curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
		*why = "is not an address";
	else if (strcmp(scheme, "https") != 0 && (strcmp(scheme, "http") != 0 || !conf->webhooks_allow_private))
		*why = "must begin with https://";
	else if (curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK)
		*why = "must not carry a name or password";
	else if (!conf->webhooks_allow_private)
		*why = host_problem(host);
	curl_free(host);
	curl_free(scheme);
	curl_free(user);
	curl_url_cleanup(u);
	return *why == NULL;
}
