/* ctl/people.c - sessions, lists and printing for ctl/tenant.c and ctl/user.c. */
#include "ctl/people.h"

#include "lib/mem.h"
#include "lib/wait.h"

#define COMMAND_MS 30000

int
ctl_db_fail(const struct db_session *s, int err)
{
	return ctl_fail("%s%s%s", error_info((enum error_code)err)->message, s->error.message[0] != '\0' ? " " : "",
	    s->error.message);
}

int64_t
ctl_deadline_ms(void)
{
	return now_ms() + COMMAND_MS;
}

int
ctl_owner_session(struct ctl *ctl, struct db_session *out)
{
	const char *url = ctl->conf->main_database_owner_url;
	struct db_options options = { .url = *url != '\0' ? url : ctl->conf->main_database_url, .name = "atelierctl" };

	db_session_init(out, db_open(ctl->mem, &options), ctl->mem, (struct uuid){ { 0 } }, now_ms() + COMMAND_MS);
	return 0;
}

int
ctl_tenant_session(struct ctl *ctl, struct db_session *out)
{
	const char *slug = ctl_option(ctl, "tenant");
	struct db_result *r;
	int err;

	db_session_init(out, ctl_db(ctl), ctl->mem, (struct uuid){ { 0 } }, now_ms() + COMMAND_MS);
	err = db_query(out, &r, Q_TENANT_FIND, text_param(slug));
	if (err != 0)
		return ctl_db_fail(out, err);
	if (db_rows(r) == 0)
		return slug != NULL ? ctl_fail("there is no tenant \"%s\"", slug) : ctl_fail("say which community: --tenant SLUG");
	out->tenant = db_uuid(r, 0, "id");
	return 0;
}

size_t
ctl_words(struct ctl *ctl, const char *list, const char ***items)
{
	size_t count = 0, room = 1;

	*items = NULL;
	if (list == NULL)
		return 0;
	for (const char *p = list; *p != '\0'; p++)
		room += *p == ',';
	*items = mem_array(ctl->mem, const char *, room);
	for (const char *p = list; *p != '\0'; p += strspn(p, ", ")) {
		size_t n = strcspn(p, ", ");

		if (n > 0)
			(*items)[count++] = mem_strndup(ctl->mem, p, n);
		p += n;
	}
	return count;
}

void
ctl_print(struct ctl *ctl, const struct db_result *r, const char *const *columns)
{
	struct buf b;

	if (ctl->json) {
		buf_init(&b, ctl->mem, 4096);
		db_write_array(&b, r, db_rows(r));
		puts(buf_cstr(&b));
		return;
	}
	for (int i = 0; i < db_rows(r); i++)
		for (size_t c = 0; columns[c] != NULL; c++)
			printf("%s%c", db_is_null(r, i, columns[c]) ? "-" : db_text(r, i, columns[c]), columns[c + 1] != NULL ? '\t' : '\n');
}
