/* worker/content.c - see content.h. */
#include "worker/content.h"

#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/json.h"
#include "lib/mail.h"
#include "lib/mem.h"
#include "lib/sign.h"
#include "lib/storage.h"
#include "lib/wait.h"

#define KEEP_S (30 * 86400)
#define NAME_BYTES 100 /* of a file, without its ending */

const char *
content_option(const struct content *c, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(c->options, name, &v) && v != NULL ? json_object_get_string(v) : "";
}

static void
option_list(struct job *job, const struct content *c, const char *name, struct text_list *out)
{
	struct json_object *v;

	if (!json_object_object_get_ex(c->options, name, &v) || !json_object_is_type(v, json_type_array))
		return;
	out->items = mem_array(job->mem, const char *, json_object_array_length(v) + 1);
	for (size_t i = 0; i < json_object_array_length(v); i++)
		out->items[out->count++] = mem_strdup(job->mem, json_object_get_string(json_object_array_get_idx(v, i)));
}

int
content_read(struct job *job, struct db_session *db, struct content *c)
{
	struct db_result *r;
	const char *why, *options;
	int err = db_query_row(db, &r, Q_CONTENT_WORK, uuid_param(job->subject));

	if (err != 0)
		return err;
	if (storage_room(job->conf) < 0)
		return ERR_STORAGE_FULL;
	options = mem_strdup(job->mem, db_text(r, 0, "options"));
	if (json_parse(job->mem, options, strlen(options), &c->options, &why) != 0)
		return ERR_INTERNAL;
	c->title = mem_strdup(job->mem, db_text(r, 0, "title"));
	c->person = mem_strdup(job->mem, db_text(r, 0, "person"));
	c->email = mem_strdup(job->mem, db_text(r, 0, "email"));
	c->site = mem_strdup(job->mem, db_text(r, 0, "site"));
	c->locale = mem_strdup(job->mem, db_text(r, 0, "locale"));
	c->base_url = mem_strdup(job->mem, db_text(r, 0, "base_url"));
	c->language = strncmp(c->locale, "pt", 2) == 0 ? "pt" : "en";
	c->tells_by_mail = db_bool(r, 0, "tells_by_mail");
	c->colour = mem_strdup(job->mem, db_text(r, 0, "colour"));
	c->period = summary_period(job->mem, c->language, db_text(r, 0, "first_day"), db_text(r, 0, "last_day"));
	c->from = content_option(c, "from");
	c->until = content_option(c, "until");
	option_list(job, c, "includeTags", &c->include);
	option_list(job, c, "excludeTags", &c->exclude);
	return 0;
}

/* "Çok güzel!" becomes "Çok-güzel": letters and digits of any script, which every system takes for a name. */
static const char *
file_name(struct job *job, const char *title, const char *other, const char *ending)
{
	struct buf b;

	buf_init(&b, job->mem, 120);
	for (const char *p = title; *p != '\0' && b.length < NAME_BYTES; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (g_unichar_isalnum(c) || (g_unichar_ismark(c) && b.length > 0))
			buf_add(&b, p, (size_t)(g_utf8_next_char(p) - p));
		else if (b.length > 0 && b.data[b.length - 1] != '-')
			buf_add_char(&b, '-');
	}
	while (b.length > 0 && b.data[b.length - 1] == '-')
		b.length--;
	if (b.length == 0)
		buf_add_str(&b, other);
	buf_printf(&b, ".%s", ending);
	return buf_cstr(&b);
}

int
content_place(struct job *job, struct content *c, const char *place, const char *ending)
{
	char tenant[UUID_TEXT], item[UUID_TEXT];

	c->folder = mem_printf(job->mem, "%s/%s/%s", uuid_text(&job->tenant, tenant), place, uuid_text(&job->subject, item));
	c->key = mem_printf(job->mem, "%s/%s", c->folder, file_name(job, c->title, "report", ending));
	return storage_make_folder(storage_path(job->mem, job->conf, STORAGE_PUBLIC, c->folder)) == 0 ? 0 : ERR_UNAVAILABLE;
}

static struct param
tags_param(const struct text_list *list)
{
	return list->count > 0 ? text_array_param(list->items, list->count) : null_param();
}

int
content_bind(const struct content *c, const struct job *job, bool is_of_person, struct param params[CONTENT_PARAMS_MAX])
{
	int n = 0;

	if (is_of_person)
		params[n++] = uuid_param(job->user);
	params[n++] = text_param(c->from);
	params[n++] = text_param(c->until);
	if (is_of_person) {
		params[n++] = tags_param(&c->include);
		params[n++] = tags_param(&c->exclude);
	}
	return n;
}

int
content_summary(struct job *job, struct db_session *db, const char *language, enum query_id figures, enum query_id charts, const struct param *params, int count,
    struct summary *out)
{
	struct db_result *rows;
	int err = db_query_params(db, &rows, figures, params, count);

	for (int i = 0; err == 0 && i < db_rows(rows) && i < SUMMARY_FIGURES_MAX; i++)
		out->figures[out->figure_count++] = (struct summary_figure){ mem_strdup(job->mem, db_text(rows, i, "label")), db_double(rows, i, "value") };
	if (err == 0)
		err = db_query_params(db, &rows, charts, params, count);
	for (int i = 0; err == 0 && i < db_rows(rows); i++) {
		const char *label = db_text(rows, i, "label");

		if (db_bool(rows, i, "is_word"))
			label = summary_code(job->mem, language, label);
		summary_add_bar(job->mem, out, db_text(rows, i, "chart"), label, db_double(rows, i, "value"));
	}
	return err;
}

/* --- the end --- */

static int
tell(struct job *job, struct db_session *db, const struct content *c, const char *mail)
{
	struct signer *signer = signer_open(job->mem, job->conf->main_secret);
	char token[MEDIA_TOKEN_SIZE];
	struct buf link;

	media_token(signer, c->folder, strlen(c->folder), time(NULL) + 86400, token);
	buf_init(&link, job->mem, 300);
	buf_printf(&link, "%s%s/%s/", c->base_url, job->conf->media_base_path, token);
	buf_url_path(&link, c->key, strlen(c->key));
	struct mail_order order = { .name = mail, .to = c->email, .person = c->person, .site = c->site, .locale = c->locale, .detail = c->title,
		.link = buf_cstr(&link) };
	return db_exec(db, NULL, Q_ACCOUNT_JOB, text_param("mail"), json_param(mail_job(job->mem, job->conf, &order)), null_param(), null_param(),
	    int_param(0));
}

static int
remove_tree(void *path)
{
	return storage_remove(path);
}

int
content_done(struct job *job, struct db_session *db, const struct content *c, const char *mime, const char *mail)
{
	int64_t changed = 0;
	struct stat st;
	int err;

	if (stat(storage_path(job->mem, job->conf, STORAGE_PUBLIC, c->key), &st) != 0)
		return ERR_INTERNAL;
	err = db_exec(db, &changed, Q_CONTENT_DONE, uuid_param(job->subject), text_param(c->key), text_param(mime), int_param((int64_t)st.st_size),
	    int_param(KEEP_S));
	if (err == 0 && changed == 0) /* deleted meanwhile */
		wait_offload(remove_tree, (void *)storage_path(job->mem, job->conf, STORAGE_PUBLIC, c->folder));
	return err == 0 && changed > 0 && c->tells_by_mail ? tell(job, db, c, mail) : err;
}
