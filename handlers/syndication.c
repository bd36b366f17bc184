/* handlers/syndication.c - for programs of others: a person's videos as RSS, the community's for search engines, and one lasting address of a
 * video's file, which leads to a signed one. */
#include <string.h>
#include <time.h>

#include "handlers/public.h"

static bool
time_of(const struct db_result *r, int row, const char *column, struct tm *tm)
{
	const char *text = db_text(r, row, column); /* RFC 3339 in UTC */

	memset(tm, 0, sizeof(*tm));
	return text != NULL && strptime(text, "%Y-%m-%dT%H:%M:%S", tm) != NULL;
}

static void
add_item(struct request *rq, xmlNodePtr channel, xmlNsPtr media, const struct db_result *r, int row)
{
	xmlNodePtr item = public_add(channel, NULL, "item", NULL), node;
	struct tm tm;
	char at[64];
	const char *id = db_text(r, row, "id"), *page = public_address(rq, "/embed/%s", id);

	public_add(item, NULL, "title", db_text(r, row, "title"));
	public_add(item, NULL, "link", page);
	node = public_add(item, NULL, "guid", id);
	public_set(node, "isPermaLink", "false");
	if (time_of(r, row, "at", &tm) && strftime(at, sizeof(at), "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0)
		public_add(item, NULL, "pubDate", at);
	public_add(item, NULL, "description", db_text(r, row, "description"));
	node = public_add(item, NULL, "enclosure", NULL);
	public_set(node, "url", public_address(rq, "/api/v1/videos/%s/file", id));
	public_set(node, "length", db_is_null(r, row, "size") ? "0" : db_text(r, row, "size"));
	public_set(node, "type", "video/mp4");
	if (!db_is_null(r, row, "thumbnail")) {
		node = public_add(item, media, "thumbnail", NULL);
		public_set(node, "url", public_media(rq, db_text(r, row, "thumbnail")));
	}
}

static int
feed_show(struct request *rq)
{
	const char *file = path_text(rq, "file"), *end = strstr(file, ".xml"), *id;
	struct db_result *r;
	xmlNodePtr rss, channel, self;
	xmlNsPtr media, atom;
	struct uuid uuid;
	xmlDocPtr doc;
	int err;

	if (end == NULL || end[4] != '\0')
		return ERR_NOT_FOUND;
	id = mem_strndup(rq, file, (size_t)(end - file));
	if (*id != '@' && !uuid_parse(id, strlen(id), &uuid))
		return ERR_NOT_FOUND;
	err = db_query_row(&rq->db, &r, Q_PUBLIC_FEED, text_param(id));
	if (err != 0)
		return err;
	doc = xmlNewDoc((const xmlChar *)"1.0");
	rss = xmlNewNode(NULL, (const xmlChar *)"rss");
	xmlDocSetRootElement(doc, rss);
	public_set(rss, "version", "2.0");
	media = xmlNewNs(rss, (const xmlChar *)"http://search.yahoo.com/mrss/", (const xmlChar *)"media");
	atom = xmlNewNs(rss, (const xmlChar *)"http://www.w3.org/2005/Atom", (const xmlChar *)"atom");
	channel = public_add(rss, NULL, "channel", NULL);
	public_add(channel, NULL, "title", mem_printf(rq, "%s – %s", db_text(r, 0, "person"), rq->tenant->name));
	public_add(channel, NULL, "link", rq->tenant->base_url);
	public_add(channel, NULL, "description", db_text(r, 0, "bio"));
	public_add(channel, NULL, "language", rq->tenant->locale);
	self = public_add(channel, atom, "link", NULL);
	public_set(self, "href", public_address(rq, "/feeds/users/%s", file));
	public_set(self, "rel", "self");
	public_set(self, "type", "application/rss+xml");
	for (int i = 0; i < db_rows(r) && !db_is_null(r, i, "id"); i++)
		add_item(rq, channel, media, r, i);
	return public_reply(rq, doc, "application/rss+xml; charset=utf-8");
}

static xmlNodePtr
sitemap_root(xmlDocPtr *doc, const char *name)
{
	xmlNodePtr root = xmlNewNode(NULL, (const xmlChar *)name);

	*doc = xmlNewDoc((const xmlChar *)"1.0");
	xmlDocSetRootElement(*doc, root);
	xmlSetNs(root, xmlNewNs(root, (const xmlChar *)"http://www.sitemaps.org/schemas/sitemap/0.9", NULL));
	return root;
}

static int
sitemap_index(struct request *rq)
{
	struct db_result *r;
	xmlNodePtr root;
	xmlDocPtr doc;
	int err = db_query(&rq->db, &r, Q_SITEMAP_INDEX);

	if (err != 0)
		return err;
	root = sitemap_root(&doc, "sitemapindex");
	for (int i = 0; i < db_rows(r); i++)
		public_add(public_add(root, NULL, "sitemap", NULL), NULL, "loc",
		    public_address(rq, "/sitemaps/%s", db_text(r, i, "id")));
	return public_reply(rq, doc, "application/xml; charset=utf-8");
}

static int
sitemap_page(struct request *rq)
{
	struct db_result *r;
	xmlNodePtr root;
	xmlNsPtr video;
	struct tm tm;
	char at[64];
	xmlDocPtr doc;
	int err = db_query(&rq->db, &r, Q_SITEMAP_PAGE, text_param(path_text(rq, "id")));

	if (err != 0 || db_rows(r) == 0)
		return err != 0 ? err : ERR_NOT_FOUND;
	root = sitemap_root(&doc, "urlset");
	video = xmlNewNs(root, (const xmlChar *)"http://www.google.com/schemas/sitemap-video/1.1", (const xmlChar *)"video");
	for (int i = 0; i < db_rows(r); i++) {
		xmlNodePtr url = public_add(root, NULL, "url", NULL), about;
		const char *page = public_address(rq, "/embed/%s", db_text(r, i, "id")), *text = db_text(r, i, "description");

		public_add(url, NULL, "loc", page);
		if (time_of(r, i, "at", &tm) && strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
			public_add(url, NULL, "lastmod", at);
		about = public_add(url, video, "video", NULL);
		public_add(about, video, "thumbnail_loc", public_media(rq, db_text(r, i, "thumbnail")));
		public_add(about, video, "title", db_text(r, i, "title"));
		public_add(about, video, "description", *text != '\0' ? text : db_text(r, i, "title"));
		public_add(about, video, "player_loc", page);
		if (!db_is_null(r, i, "duration"))
			public_add(about, video, "duration", mem_printf(rq, "%.0f", db_double(r, i, "duration")));
	}
	return public_reply(rq, doc, "application/xml; charset=utf-8");
}

static int
file_show(struct request *rq)
{
	struct db_result *r;
	const char *address;
	int err = db_query_row(&rq->db, &r, Q_PUBLIC_VIDEO, text_param(path_text(rq, "id")));

	if (err != 0)
		return err;
	address = public_media(rq, db_text(r, 0, "mp4"));
	if (address == NULL)
		return ERR_NOT_FOUND;
	reply_header(rq, "Location", "%s", address);
	return reply_empty(rq, 302);
}

const struct route syndication_routes[] = {
	{ GET, "/feeds/users/{file:text}", PUBLIC, .root = true, .cache_s = 1, .run = feed_show, .doc = "A person's newest videos as RSS: ID.xml or @NAME.xml." },
	{ GET, "/sitemap.xml", PUBLIC, .root = true, .cache_s = 1, .run = sitemap_index, .doc = "All public videos for search engines, by pages of 2,000." },
	{ GET, "/sitemaps/{id:uuid}", PUBLIC, .root = true, .cache_s = 1, .run = sitemap_page, .doc = "One page of the sitemap: from this video on." },
	{ GET, "/videos/{id:uuid}/file", PUBLIC, .rate = RATE_DOWNLOAD, .run = file_show, .status = 302,
	  .doc = "Leads to the video's MP4 of at most 720 lines: the lasting address that feeds name." },
	ROUTE_END
};
