/* handlers/visitor.c - see visitor.h. */
#include "handlers/visitor.h"

#include <string.h>
#include <strings.h>

#include "lib/geo.h"

static bool
names(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcasestr(text, *words) != NULL)
			return true;
	return false;
}

static const char *
device_of(const struct request *rq)
{
	static const char *const tv[] = { "SmartTV", "Smart-TV", "AppleTV", "BRAVIA", "GoogleTV", "HbbTV", "Web0S", "Tizen", NULL };
	static const char *const tablet[] = { "iPad", "Tablet", "Silk/", NULL };
	static const char *const mobile[] = { "Mobi", "iPhone", "Android", NULL };
	const char *agent = request_header(rq, "HTTP_USER_AGENT");

	if (agent == NULL)
		return "other";
	if (names(agent, tv))
		return "tv";
	if (names(agent, tablet))
		return "tablet";
	if (names(agent, mobile))
		return "mobile";
	return strncmp(agent, "Mozilla/", 8) == 0 ? "desktop" : "other";
}

/* The host of an address without www., in small letters; "" when there is none. */
static const char *
host_of(struct request *rq, const char *url)
{
	const char *at = strstr(url, "://");
	char *host;

	if (at == NULL)
		return "";
	at += 3;
	host = mem_strndup(rq, at, strcspn(at, "/?#:"));
	for (char *p = host; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return strncmp(host, "www.", 4) == 0 ? host + 4 : host;
}

static const char *
source_of(struct request *rq, const char *referrer)
{
	static const char *const engines[] = { "google.", "bing.com", "duckduckgo.com", "yandex.", "baidu.com", "ecosia.org", "qwant.com", NULL };
	static const char *const social[] = { "facebook.com", "instagram.com", "twitter.com", "t.co", "x.com", "reddit.com", "youtube.com", "tiktok.com",
		"linkedin.com", "pinterest.", "mastodon.", "bsky.app", NULL };
	const char *host = referrer != NULL ? host_of(rq, referrer) : "", *here = host_of(rq, rq->tenant->base_url);

	if (*host == '\0')
		return "direct";
	if (strcmp(host, here) == 0)
		return "internal";
	if (names(host, engines))
		return "search";
	for (const char *const *s = social; *s != NULL; s++) {
		size_t length = strlen(host), tail = strlen(*s);

		if (strncmp(host, *s, tail) == 0 || (length > tail && host[length - tail - 1] == '.' && strcmp(host + length - tail, *s) == 0))
			return "social";
	}
	return strlen(host) <= 100 ? host : "other";
}

const char *
visitor_name(struct request *rq, const char *session)
{
	char user[UUID_TEXT];

	if (is_signed_in(rq))
		return mem_strdup(rq, uuid_text(&rq->user.id, user));
	return session != NULL && *session != '\0' ? session : rq->user.address;
}

void
visitor_write(struct request *rq, struct buf *event, const char *session, const char *device, const char *referrer)
{
	char user[UUID_TEXT], country[3];

	if (is_signed_in(rq))
		buf_printf(event, ",\"user\":\"%s\"", uuid_text(&rq->user.id, user));
	buf_add_literal(event, ",\"session\":");
	buf_json_str(event, session != NULL && *session != '\0' ? session : visitor_name(rq, NULL));
	buf_add_literal(event, ",\"device\":");
	buf_json_str(event, device != NULL ? device : device_of(rq));
	buf_add_literal(event, ",\"source\":");
	buf_json_str(event, source_of(rq, referrer));
	if (geo_country(rq->app->geo, rq->user.address, country))
		buf_printf(event, ",\"country\":\"%s\"", country);
}
