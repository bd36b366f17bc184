/* fcgi/tenant.c - host name to tenant, remembered per child for a few seconds. */
#include "fcgi/tenant.h"

#include <string.h>

#include "fcgi/app.h"
#include "lib/wait.h"

#define FRESH_MS 5000
#define NEGATIVE_MS 1000
#define ENTRIES 64 /* a direct-mapped table: two hosts on one place only cost a query */
#define HOST_MAX 253

struct entry {
	char host[HOST_MAX + 1];
	int64_t until_ms;
	struct tenant *tenant; /* NULL: nobody lives there */
};

struct tenant_cache {
	struct entry entries[ENTRIES];
};

struct tenant_cache *
tenant_cache_new(void *context)
{
	return mem_new(context, struct tenant_cache);
}

static struct entry *
entry_of(struct tenant_cache *cache, const char *host)
{
	unsigned h = 5381;

	for (const char *p = host; *p != '\0'; p++)
		h = h * 33 + (unsigned char)*p;
	return &cache->entries[h % ENTRIES];
}

static unsigned
module_bits(const struct db_result *r)
{
	unsigned bits = 1u << MODULE_CORE;
	size_t count;
	const char **on = db_text_array(r, 0, "modules", &count);

	for (size_t i = 0; i < count; i++)
		for (int m = MODULE_CORE; m < MODULE_COUNT; m++)
			if (strcmp(on[i], module_name(m)) == 0)
				bits |= 1u << m;
	return bits;
}

/* main.base_url with the tenant's host in it: scheme and port are the installation's. */
static const char *
base_url_of(void *context, const char *main_base_url, const char *host)
{
	const char *at = strstr(main_base_url, "://"), *port;

	if (at == NULL)
		return mem_printf(context, "https://%s", host);
	port = strchr(at + 3, ':');
	return mem_printf(context, "%.*s%s%.*s", (int)(at + 3 - main_base_url), main_base_url, host,
	    port != NULL ? (int)strcspn(port, "/") : 0, port != NULL ? port : "");
}

static struct tenant *
read_tenant(void *context, const struct conf *conf, const char *host, const struct db_result *r)
{
	struct tenant *t = mem_new(context, struct tenant);

	t->id = db_uuid(r, 0, "id");
	uuid_text(&t->id, t->id_text);
	t->name = mem_strdup(t, db_text(r, 0, "name"));
	t->cors_origins = mem_strdup(t, db_text(r, 0, "corsOrigins"));
	t->locale = mem_strdup(t, db_text(r, 0, "locale"));
	t->base_url = base_url_of(t, conf->main_base_url, host);
	t->modules = module_bits(r);
	t->max_video_bytes = db_int(r, 0, "maxVideoBytes");
	t->is_registration_closed = db_bool(r, 0, "is_registration_closed");
	t->require_verified = db_is_null(r, 0, "require_verified") ? conf->auth_require_verified : db_bool(r, 0, "require_verified");
	return t;
}

void
tenant_forget(struct app *app)
{
	for (size_t i = 0; i < ENTRIES; i++)
		app->tenants->entries[i].until_ms = 0;
}

int
tenant_by_host(struct app *app, void *mem, const char *host, int64_t deadline_ms, const struct tenant **out)
{
	struct entry *e = entry_of(app->tenants, host);
	struct db_session session;
	struct db_result *r;
	int err;

	if (strlen(host) > HOST_MAX)
		return ERR_TENANT_UNKNOWN;
	if (e->until_ms < now_ms() || strcmp(e->host, host) != 0) {
		db_session_init(&session, app->db, mem, (struct uuid){ { 0 } }, deadline_ms);
		session.may_repeat = true;
		err = db_query(&session, &r, Q_TENANT_BY_HOST, text_param(host));
		db_session_end(&session);
		if (err != 0)
			return err;
		/* requests that still hold the old one keep it by their reference */
		if (e->tenant != NULL)
			talloc_unlink(app->tenants, e->tenant);
		e->tenant = db_rows(r) == 1 ? read_tenant(app->tenants, app->conf, host, r) : NULL;
		memcpy(e->host, host, strlen(host) + 1);
		e->until_ms = now_ms() + (e->tenant != NULL ? FRESH_MS : NEGATIVE_MS);
	}
	if (e->tenant == NULL)
		return ERR_TENANT_UNKNOWN;
	*out = mem_checked(talloc_reference(mem, e->tenant));
	return 0;
}
