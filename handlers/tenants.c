/* handlers/tenants.c - communities: all of them for the operator, one's own for its administrators and for everybody. */
#include <string.h>

#include "handlers/accounts.h"

struct branding {
	const char *logo_url, *favicon_url, *primary_color, *accent_color, *tagline, *contact_email, *imprint_url, *privacy_url,
	    *terms_url;
};

#define COLOUR "^#[0-9A-Fa-f]{6}$"

static const struct field branding_fields[] = {
	FIELD(struct branding, logo_url, .nullable = true, .format = FORMAT_URL, .max = 300),
	FIELD(struct branding, favicon_url, .nullable = true, .format = FORMAT_URL, .max = 300),
	FIELD(struct branding, primary_color, .nullable = true, .pattern = COLOUR),
	FIELD(struct branding, accent_color, .nullable = true, .pattern = COLOUR),
	FIELD(struct branding, tagline, .nullable = true, .max = 200),
	FIELD(struct branding, contact_email, .nullable = true, .format = FORMAT_EMAIL, .max = 254),
	FIELD(struct branding, imprint_url, .nullable = true, .format = FORMAT_URL, .max = 300),
	FIELD(struct branding, privacy_url, .nullable = true, .format = FORMAT_URL, .max = 300),
	FIELD(struct branding, terms_url, .nullable = true, .format = FORMAT_URL, .max = 300),
	FIELD_END
};

/* To add a setting of a community: a field here, and where it is obeyed (fcgi/tenant.c reads what requests need). */
struct tenant_settings {
	const char *registration;
	bool require_verified, has_require_verified, yearly_recaps, has_yearly_recaps;
};

static const struct field tenant_settings_fields[] = {
	FIELD(struct tenant_settings, registration, .nullable = true, .one_of = "open|closed", .doc = "May people make accounts?"),
	FIELD(struct tenant_settings, require_verified, GIVEN(struct tenant_settings, has_require_verified), .nullable = true,
	    .doc = "Refuse sign-in until the address is confirmed; without it auth.require_verified says."),
	FIELD(struct tenant_settings, yearly_recaps, GIVEN(struct tenant_settings, has_yearly_recaps), .nullable = true,
	    .doc = "In January, make everybody a film of their year?"),
	FIELD_END
};

#define HOST "^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"
#define ORIGIN "^https?://[^/ ]+$"

struct tenant_new {
	const char *slug, *name, *base_url, *locale;
	struct text_list hosts, modules, cors_origins;
	int64_t max_video_bytes, user_quota_bytes, storage_quota_bytes;
	const struct branding *branding;
	const struct tenant_settings *settings;
};

static const struct field tenant_new_fields[] = {
	FIELD(struct tenant_new, slug, .required = true, .pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"),
	FIELD(struct tenant_new, hosts, .required = true, .min_items = 1, .max_items = 50, .max_each = 253, .pattern = HOST),
	FIELD(struct tenant_new, name, .min = 1, .max = 200),
	FIELD(struct tenant_new, base_url, .format = FORMAT_URL, .max = 300),
	FIELD(struct tenant_new, locale, .format = FORMAT_LANGUAGE),
	FIELD(struct tenant_new, modules, .max_items = 10, .one_of = "core|skills|coaching|pocs|moves"),
	FIELD(struct tenant_new, cors_origins, .max_items = 50, .max_each = 300, .pattern = ORIGIN),
	FIELD(struct tenant_new, max_video_bytes, .min = 1, .max = 1e15),
	FIELD(struct tenant_new, user_quota_bytes, .min = 0, .max = 1e15),
	FIELD(struct tenant_new, storage_quota_bytes, .nullable = true, .min = 0, .max = 1e17),
	FIELD_OBJECT(struct tenant_new, branding, branding),
	FIELD_OBJECT(struct tenant_new, settings, tenant_settings),
	FIELD_END
};

struct tenant_patch {
	const char *name, *base_url, *locale;
	struct text_list hosts, modules, cors_origins;
	int64_t max_video_bytes, user_quota_bytes, storage_quota_bytes;
	bool is_active;
	const struct branding *branding;
	const struct tenant_settings *settings;
};

static const struct field tenant_patch_fields[] = {
	FIELD(struct tenant_patch, hosts, .min_items = 1, .max_items = 50, .max_each = 253, .pattern = HOST,
	    .doc = "All of them; the first is the primary one."),
	FIELD(struct tenant_patch, name, .min = 1, .max = 200),
	FIELD(struct tenant_patch, base_url, .format = FORMAT_URL, .max = 300),
	FIELD(struct tenant_patch, locale, .format = FORMAT_LANGUAGE),
	FIELD(struct tenant_patch, modules, .max_items = 10, .one_of = "core|skills|coaching|pocs|moves",
	    .doc = "All that are on; core always is."),
	FIELD(struct tenant_patch, cors_origins, .max_items = 50, .max_each = 300, .pattern = ORIGIN),
	FIELD(struct tenant_patch, max_video_bytes, .min = 1, .max = 1e15),
	FIELD(struct tenant_patch, user_quota_bytes, .min = 0, .max = 1e15),
	FIELD(struct tenant_patch, storage_quota_bytes, .nullable = true, .min = 0, .max = 1e17, .doc = "null: as much as the disk has."),
	FIELD(struct tenant_patch, is_active, .doc = "false: nobody is served at its host names."),
	FIELD_OBJECT(struct tenant_patch, branding, branding),
	FIELD_OBJECT(struct tenant_patch, settings, tenant_settings),
	FIELD_END
};

struct own_patch {
	const char *name, *locale;
	const struct branding *branding;
	const struct tenant_settings *settings;
};

static const struct field own_patch_fields[] = {
	FIELD(struct own_patch, name, .min = 1, .max = 200),
	FIELD(struct own_patch, locale, .format = FORMAT_LANGUAGE),
	FIELD_OBJECT(struct own_patch, branding, branding),
	FIELD_OBJECT(struct own_patch, settings, tenant_settings),
	FIELD_END
};

struct tenant_filter {
	const char *q;
};

static const struct field tenant_filter_fields[] = {
	FIELD(struct tenant_filter, q, .min = 1, .max = 100, .doc = "A part of the short or the full name."),
	FIELD_END
};

/* Scheme and port are the installation's. */
static const char *
default_base_url(struct request *rq, const char *host)
{
	const char *main_url = rq->app->conf->main_base_url, *at = strstr(main_url, "://"), *port;

	if (at == NULL)
		return mem_printf(rq, "https://%s", host);
	port = strchr(at + 3, ':');
	return mem_printf(rq, "%.*s%s%.*s", (int)(at + 3 - main_url), main_url, host,
	    port != NULL ? (int)strcspn(port, "/") : 0, port != NULL ? port : "");
}

/* What the field table let through is the change itself. */
static struct param
change_of(struct request *rq)
{
	return json_param(mem_strndup(rq, rq->body_text, rq->body_length));
}

static int
tenant_create(struct request *rq)
{
	const struct tenant_new *in = rq->body;
	struct uuid id = uuid_new();
	char text[UUID_TEXT];
	struct db_result *r;
	int err = db_exec(&rq->db, NULL, Q_TENANT_CREATE, uuid_param(id),
	    text_param(in->base_url != NULL ? in->base_url : default_base_url(rq, in->hosts.items[0])), change_of(rq));

	if (err == ERR_CONFLICT && rq->db.error.sqlstate[0] == '2')
		return reply_error(rq, ERR_CONFLICT, "Another community has this short name or one of these host names.");
	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_TENANT_BY_ID, uuid_param(id));
	if (err == 0)
		err = audit(rq, "tenant.created", "tenant", id, NULL, db_text(r, 0, "_state"));
	if (err != 0)
		return err;
	reply_header(rq, "Location", "/api/v1/tenants/%s", uuid_text(&id, text));
	db_write_object(reply_data(rq, 201), r, 0);
	return 0;
}

static int
change(struct request *rq, struct uuid id, enum query_id shown)
{
	struct db_result *before, *after;
	struct param only_id = uuid_param(id);
	int count = shown == Q_TENANT_BY_ID ? 1 : 0;
	int err = db_query_row_params(&rq->db, &before, shown, &only_id, count);

	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_TENANT_CHANGE, uuid_param(id), change_of(rq));
	if (err == 0)
		err = db_query_row_params(&rq->db, &after, shown, &only_id, count);
	if (err == 0)
		err = audit(rq, "tenant.changed", "tenant", id, db_text(before, 0, "_state"), db_text(after, 0, "_state"));
	if (err != 0)
		return err;
	tenant_forget(rq->app); /* this process sees it at once, the others within seconds */
	db_write_object(reply_data(rq, 200), after, 0);
	return 0;
}

static int
tenant_change(struct request *rq)
{
	return change(rq, path_uuid(rq, "id"), Q_TENANT_BY_ID);
}

static int
own_change(struct request *rq)
{
	return change(rq, rq->tenant->id, Q_TENANT_OWN);
}

const struct route tenants_routes[] = {
	{ GET, "/tenants", MAY_TENANT_MANAGE, .query = Q_TENANT_PAGE, .answer = ANSWER_PAGE, .query_string = SCHEMA(tenant_filter),
	  .doc = "The communities of this installation." },
	{ POST, "/tenants", MAY_TENANT_MANAGE, .confirmed = true, .idempotent = true, .transaction = true, .body = SCHEMA(tenant_new),
	  .run = tenant_create, .doc = "Make a community. atelierctl user create gives it its first administrator." },
	{ GET, "/tenants/{id:uuid}", MAY_TENANT_MANAGE, .query = Q_TENANT_BY_ID, .doc = "One community." },
	{ PATCH, "/tenants/{id:uuid}", MAY_TENANT_MANAGE, .confirmed = true, .transaction = true, .body = SCHEMA(tenant_patch), .run = tenant_change,
	  .doc = "Change a community: host names, modules, looks, quotas, settings. What is not named stays." },
	{ GET, "/tenant", PUBLIC, .query = Q_TENANT_PUBLIC, .cache_s = 5, .doc = "The community at this host name, as everybody may know it." },
	{ GET, "/tenant/settings", MAY_TENANT_EDIT, .query = Q_TENANT_OWN, .doc = "One's own community, as its administrators see it." },
	{ PATCH, "/tenant", MAY_TENANT_EDIT, .confirmed = true, .transaction = true, .drops_answers = true, .body = SCHEMA(own_patch), .run = own_change,
	  .doc = "Change the name, the looks, the language and the settings of one's own community." },
	ROUTE_END
};
