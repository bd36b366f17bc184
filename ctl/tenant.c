/* ctl/tenant.c - atelierctl tenant create | list | set | host-add | host-remove: the communities of this installation. */
#include <stdlib.h>

#include "ctl/people.h"
#include "lib/mem.h"

static int
add_hosts(struct db_session *s, struct uuid tenant, struct ctl *ctl, const char *list)
{
	const char **hosts;
	size_t count = ctl_words(ctl, list, &hosts);
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++)
		err = db_exec(s, NULL, Q_TENANT_HOST_ADD, uuid_param(tenant), text_param(hosts[i]));
	return err;
}

static int
create(struct ctl *ctl)
{
	const char *name = ctl_option(ctl, "name"), *hosts = ctl_option(ctl, "host"), *url = ctl_option(ctl, "base-url");
	const char *locale = ctl_option(ctl, "locale"), *modules = ctl_option(ctl, "modules"), **list;
	char text[UUID_TEXT];
	struct uuid id = uuid_new();
	struct db_session s;
	size_t count;
	int err;

	if (ctl->argc != 1 || hosts == NULL)
		return 2;
	count = ctl_words(ctl, modules != NULL ? modules : "core", &list);
	if (ctl_owner_session(ctl, &s) != 0)
		return 1;
	err = db_begin(&s);
	if (err == 0)
		err = db_exec(&s, NULL, Q_TENANT_INSERT, uuid_param(id), text_param(ctl->argv[0]),
		    text_param(name != NULL ? name : ctl->argv[0]),
		    text_param(url != NULL ? url : mem_printf(ctl->mem, "https://%.*s", (int)strcspn(hosts, ","), hosts)),
		    text_param(locale != NULL ? locale : "en"), text_array_param(list, count));
	if (err == 0)
		err = add_hosts(&s, id, ctl, hosts);
	if (err != 0)
		return ctl_db_fail(&s, err);
	if (ctl->dry_run)
		db_rollback(&s);
	else if ((err = db_commit(&s)) != 0)
		return ctl_db_fail(&s, err);
	printf(ctl->json ? "{\"id\":\"%s\"}\n" : "%s\n", uuid_text(&id, text));
	return 0;
}

static int
list(struct ctl *ctl)
{
	static const char *const columns[] = { "slug", "name", "baseUrl", NULL };
	struct db_session s;
	struct db_result *r;
	int err;

	if (ctl->argc != 0)
		return 2;
	ctl_owner_session(ctl, &s);
	err = db_query(&s, &r, Q_TENANT_LIST);
	if (err != 0)
		return ctl_db_fail(&s, err);
	ctl_print(ctl, r, columns);
	return 0;
}

/* Finds the tenant of the first word. */
static int
find(struct ctl *ctl, struct db_session *s, struct uuid *id)
{
	struct db_result *r;
	int err;

	ctl_owner_session(ctl, s);
	err = db_query(s, &r, Q_TENANT_FIND, text_param(ctl->argv[0]));
	if (err != 0)
		return ctl_db_fail(s, err);
	if (db_rows(r) == 0)
		return ctl_fail("there is no tenant \"%s\"", ctl->argv[0]);
	*id = db_uuid(r, 0, "id");
	return 0;
}

static int
set(struct ctl *ctl)
{
	const char *name = ctl_option(ctl, "name"), *url = ctl_option(ctl, "base-url"), *locale = ctl_option(ctl, "locale");
	const char *modules = ctl_option(ctl, "modules"), *cors = ctl_option(ctl, "cors-origins");
	const char *video = ctl_option(ctl, "max-video-bytes"), *user = ctl_option(ctl, "user-quota-bytes");
	const char *storage = ctl_option(ctl, "storage-quota-bytes"), *settings = ctl_option(ctl, "settings");
	const char *active = ctl_option(ctl, "active"), **module_list, **cors_list;
	size_t modules_count = ctl_words(ctl, modules, &module_list), cors_count = ctl_words(ctl, cors, &cors_list);
	struct db_session s;
	struct uuid id;
	int err;

	if (ctl->argc != 1)
		return 2;
	if (find(ctl, &s, &id) != 0)
		return 1;
	err = db_exec(&s, NULL, Q_TENANT_UPDATE, uuid_param(id), text_param(name), text_param(url), text_param(locale),
	    text_array_param(module_list, modules_count), text_array_param(cors_list, cors_count), text_param(video),
	    text_param(user), text_param(storage), json_param(settings),
	    active != NULL ? bool_param(strcmp(active, "yes") == 0) : null_param());
	return err != 0 ? ctl_db_fail(&s, err) : 0;
}

static int
host_add(struct ctl *ctl)
{
	struct db_session s;
	struct uuid id;
	int err;

	if (ctl->argc != 2)
		return 2;
	if (find(ctl, &s, &id) != 0)
		return 1;
	err = add_hosts(&s, id, ctl, ctl->argv[1]);
	return err != 0 ? ctl_db_fail(&s, err) : 0;
}

static int
host_remove(struct ctl *ctl)
{
	struct db_session s;
	int64_t removed = 0;
	struct uuid id;
	int err;

	if (ctl->argc != 2)
		return 2;
	if (find(ctl, &s, &id) != 0)
		return 1;
	err = db_exec(&s, &removed, Q_TENANT_HOST_REMOVE, uuid_param(id), text_param(ctl->argv[1]));
	if (err != 0)
		return ctl_db_fail(&s, err);
	return removed > 0 ? 0 : ctl_fail("%s has no host \"%s\"", ctl->argv[0], ctl->argv[1]);
}

const struct command tenant_commands[] = {
	{ "create", "SLUG --host NAME[,NAME…] [--name TEXT] [--base-url URL] [--locale en] [--modules core,pocs]",
	  "Make a community.", create, false },
	{ "list", "", "The communities.", list, false },
	{ "set", "SLUG [--name TEXT] [--base-url URL] [--locale en] [--modules a,b] [--cors-origins URL,URL] "
	  "[--max-video-bytes N] [--user-quota-bytes N] [--storage-quota-bytes N] [--settings JSON] [--active yes|no]",
	  "Change a community; what is not named stays.", set, false },
	{ "host-add", "SLUG NAME", "Serve a community at one more host name.", host_add, false },
	{ "host-remove", "SLUG NAME", "Serve it there no longer.", host_remove, false },
	COMMAND_END
};
