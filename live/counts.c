/* live/counts.c - counts of the videos that somebody here looks at, compared once a second: many changes are one event, and whoever
 * likes or watches pays nothing for it. */
#include <string.h>

#include "live/live.h"

struct looking {
	struct live *live;
	struct uuid tenant;
	struct buf ids; /* of that tenant's videos, as an array of PostgreSQL */
	bool has_other; /* tenants, who come after it */
	struct uuid other;
};

static void
collect(void *arg, struct channel *c)
{
	struct looking *k = arg;
	struct uuid tenant = channel_tenant(c), video;
	const char *name = channel_name(c);

	if (strncmp(name, "video:", 6) != 0 || !uuid_parse(name + 6, 36, &video))
		return;
	if (uuid_equal(&tenant, &k->tenant))
		buf_printf(&k->ids, "%s%s", k->ids.length > 1 ? "," : "", name + 6);
	else if (memcmp(&tenant, &k->tenant, sizeof(tenant)) > 0 && (!k->has_other || memcmp(&tenant, &k->other, sizeof(tenant)) < 0)) {
		k->other = tenant;
		k->has_other = true;
	}
}

static void
compare(struct live *l, void *mem, struct uuid tenant, const struct db_result *r, int row)
{
	struct counts now = { db_int(r, row, "like_count"), db_int(r, row, "comment_count"), db_int(r, row, "view_count"), true }, *was;
	struct uuid video = db_uuid(r, row, "id");
	char id[UUID_TEXT];
	struct channel *c = hub_find(l->hub, tenant, mem_printf(mem, "video:%s", uuid_text(&video, id)));

	if (c == NULL)
		return;
	was = channel_counts(c);
	if (!was->is_known || was->likes != now.likes || was->comments != now.comments || was->views != now.views)
		channel_tell_here(c, mem_printf(mem, "{\"event\":\"counts\",\"data\":{\"videoId\":\"%s\",\"likes\":%lld,\"comments\":%lld,\"views\":%lld}}", id,
		                         (long long)now.likes, (long long)now.comments, (long long)now.views));
	*was = now;
}

static void
look(struct live *l)
{
	struct looking k = { .live = l };

	do {
		void *mem = talloc_new(NULL);
		struct db_session db;
		struct db_result *r;

		k.tenant = k.other;
		k.has_other = false;
		buf_init(&k.ids, mem, 4096);
		buf_add_char(&k.ids, '{');
		hub_each_channel(l->hub, collect, &k);
		db_session_init(&db, l->db, mem, k.tenant, now_ms() + CALL_MS);
		if (k.ids.length > 1) {
			buf_add_char(&k.ids, '}');
			if (db_query(&db, &r, Q_LIVE_COUNTS, text_param(buf_cstr(&k.ids))) == 0)
				for (int i = 0; i < db_rows(r); i++)
					compare(l, mem, k.tenant, r, i);
		}
		db_session_end(&db);
		talloc_free(mem);
	} while (k.has_other);
}

void
counts_start(struct live *l)
{
	live_every(l, 1000, look);
}
