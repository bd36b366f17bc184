/* handlers/oauth_provider.c - the file of providers, and where their pages are (OpenID discovery). */
#include "handlers/oauth_provider.h"

#include <ini.h>
#include <json-c/json.h>

#include "handlers/oauth_json.h"
#include "lib/buf.h"
#include "lib/http.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/wait.h"

#define DISCOVERY_MS (3600 * 1000)

struct oauth {
	struct oauth_provider *first;
};

struct oauth_provider *
oauth_find(struct oauth *oauth, const char *name)
{
	struct oauth_provider *p = oauth != NULL ? oauth->first : NULL;

	while (p != NULL && strcmp(p->name, name) != 0)
		p = p->next;
	return p;
}

void
oauth_write_names(const struct oauth *oauth, struct buf *b)
{
	buf_add_char(b, '[');
	for (const struct oauth_provider *p = oauth != NULL ? oauth->first : NULL; p != NULL; p = p->next) {
		buf_add_literal(b, "{\"provider\":");
		buf_json_str(b, p->name);
		buf_add_str(b, p->next != NULL ? "}," : "}");
	}
	buf_add_char(b, ']');
}

static struct oauth_provider *
provider_new(struct oauth *oauth, const char *name)
{
	struct oauth_provider *p = mem_new(oauth, struct oauth_provider);

	p->name = mem_strdup(p, name);
	p->scope = "openid email profile";
	p->next = oauth->first;
	oauth->first = p;
	return p;
}

static const char *const kinds[] = { [OAUTH_OIDC] = "oidc", [OAUTH_GITHUB] = "github", [OAUTH_APPLE] = "apple",
	[OAUTH_GOOGLE] = "google", [OAUTH_LINKEDIN] = "linkedin" };

static int
set_kind(struct oauth_provider *p, const char *value)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], value) == 0) {
			p->kind = (enum oauth_kind)i;
			return 1;
		}
	return 0;
}

/* inih: 0 is an error of that line. */
static int
take_line(void *arg, const char *section, const char *key, const char *value)
{
	struct oauth *oauth = arg;
	struct oauth_provider *p = oauth_find(oauth, section);
	const struct {
		const char *key;
		size_t offset;
	} keys[] = {
		{ "issuer", offsetof(struct oauth_provider, issuer) },
		{ "client_id", offsetof(struct oauth_provider, client_id) },
		{ "client_secret", offsetof(struct oauth_provider, client_secret) },
		{ "scope", offsetof(struct oauth_provider, scope) },
		{ "team_id", offsetof(struct oauth_provider, team_id) },
		{ "key_id", offsetof(struct oauth_provider, key_id) },
		{ "key_file", offsetof(struct oauth_provider, key_file) },
		{ "authorize_url", offsetof(struct oauth_provider, authorize_url) },
		{ "token_url", offsetof(struct oauth_provider, token_url) },
		{ "api_url", offsetof(struct oauth_provider, api_url) },
	};

	if (p == NULL)
		p = provider_new(oauth, section);
	if (strcmp(key, "kind") == 0)
		return set_kind(p, value);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].key, key) == 0) {
			*(const char **)((char *)p + keys[i].offset) = mem_strdup(p, value);
			return 1;
		}
	return 0;
}

/* Where the well-known ones are, and what they do not say themselves. */
static void
fill_in(struct oauth_provider *p)
{
	static const char *const issuers[] = { [OAUTH_APPLE] = "https://appleid.apple.com",
		[OAUTH_GOOGLE] = "https://accounts.google.com", [OAUTH_LINKEDIN] = "https://www.linkedin.com/oauth" };

	if (p->issuer == NULL && p->kind < sizeof(issuers) / sizeof(issuers[0]))
		p->issuer = issuers[p->kind];
	if (p->kind == OAUTH_APPLE)
		p->scope = "name email";
	if (p->kind != OAUTH_GITHUB)
		return;
	p->scope = "read:user user:email";
	if (p->authorize_url == NULL)
		p->authorize_url = "https://github.com/login/oauth/authorize";
	if (p->token_url == NULL)
		p->token_url = "https://github.com/login/oauth/access_token";
	if (p->api_url == NULL)
		p->api_url = "https://api.github.com";
}

struct oauth *
oauth_open(void *context, const struct conf *conf)
{
	struct oauth *oauth;
	int line;

	if (conf->auth_oauth_file[0] == '\0')
		return NULL;
	oauth = mem_new(context, struct oauth);
	line = ini_parse(conf->auth_oauth_file, take_line, oauth);
	if (line != 0)
		log_error("oauth_file_bad", LOG_STR("file", conf->auth_oauth_file), LOG_INT("line", line));
	for (struct oauth_provider *p = oauth->first; p != NULL; p = p->next)
		fill_in(p);
	return oauth;
}

static void
keep(struct oauth_provider *p, const char **place, struct json_object *doc, const char *key)
{
	const char *value = json_text(doc, key);

	if (value != NULL && (*place == NULL || strcmp(*place, value) != 0))
		*place = mem_strdup(p, value);
}

int
oauth_discover(void *mem, struct oauth_provider *p, const char **why)
{
	struct http_reply reply;
	struct json_object *doc;
	const char *issuer;
	bool good;

	if (p->kind == OAUTH_GITHUB || (p->discovered_ms != 0 && now_ms() - p->discovered_ms < DISCOVERY_MS))
		return 0;
	if (http_get(mem, mem_printf(mem, "%s/.well-known/openid-configuration", p->issuer), NULL, &reply, why) != 0)
		return p->discovered_ms != 0 ? 0 : -1;
	*why = "the provider's discovery document is not one";
	doc = reply.status == 200 ? json_tokener_parse(reply.body) : NULL;
	issuer = doc != NULL ? json_text(doc, "issuer") : NULL;
	good = issuer != NULL && strcmp(issuer, p->issuer) == 0;
	if (good) {
		keep(p, &p->authorize_url, doc, "authorization_endpoint");
		keep(p, &p->token_url, doc, "token_endpoint");
		keep(p, &p->jwks_url, doc, "jwks_uri");
		good = p->authorize_url != NULL && p->token_url != NULL && p->jwks_url != NULL;
	}
	json_object_put(doc);
	if (good)
		p->discovered_ms = now_ms();
	return good ? 0 : -1;
}
