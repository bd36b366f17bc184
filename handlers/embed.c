/*
 * handlers/embed.c - a player for other sites: the page that stands in their frame, and oEmbed, by which they learn of it. The page has no
 * script: browsers that play HLS take the adaptive stream, all others a rendition, which is an MP4 file.
 */
#include <libxml/HTMLtree.h>
#include <string.h>
#include <strings.h>

#include "handlers/public.h"

#define WIDTH 640

static const char style[] = "html, body { margin: 0; height: 100%; background: #000; color: #fff; font: 1rem/1.5 system-ui, sans-serif }\n"
			    "video { width: 100%; height: 100%; display: block }\n"
			    "video:focus-visible { outline: 3px solid #7cb7ff; outline-offset: -3px }\n";

static void
add_player(struct request *rq, xmlNodePtr body, const struct db_result *r, const struct db_result *captions)
{
	xmlNodePtr video = public_add(body, NULL, "video", NULL), source, track;
	const char *hls = public_media(rq, db_text(r, 0, "hls")), *mp4 = public_media(rq, db_text(r, 0, "mp4"));

	public_set(video, "controls", "controls");
	public_set(video, "playsinline", "playsinline");
	public_set(video, "preload", "metadata");
	public_set(video, "poster", public_media(rq, db_text(r, 0, "poster")));
	public_set(video, "aria-label", db_text(r, 0, "title"));
	if (hls != NULL) {
		source = public_add(video, NULL, "source", NULL);
		public_set(source, "src", hls);
		public_set(source, "type", "application/vnd.apple.mpegurl");
	}
	if (mp4 != NULL) {
		source = public_add(video, NULL, "source", NULL);
		public_set(source, "src", mp4);
		public_set(source, "type", "video/mp4");
	}
	for (int i = 0; i < db_rows(captions); i++) {
		track = public_add(video, NULL, "track", NULL);
		public_set(track, "kind", "captions");
		public_set(track, "srclang", db_text(captions, i, "lang"));
		public_set(track, "label", db_text(captions, i, "label"));
		public_set(track, "src", public_media(rq, db_text(captions, i, "key")));
	}
}

static int
embed_show(struct request *rq)
{
	struct db_result *r, *captions;
	xmlNodePtr html, head, body, node;
	const char *id = path_text(rq, "id");
	xmlDocPtr doc;
	int err = db_query_row(&rq->db, &r, Q_PUBLIC_VIDEO, text_param(id));

	if (err == 0)
		err = db_query(&rq->db, &captions, Q_PUBLIC_CAPTIONS, text_param(id));
	if (err != 0)
		return err;
	doc = htmlNewDocNoDtD(NULL, NULL);
	xmlCreateIntSubset(doc, (const xmlChar *)"html", NULL, (const xmlChar *)"about:legacy-compat");
	html = xmlNewNode(NULL, (const xmlChar *)"html");
	xmlDocSetRootElement(doc, html);
	public_set(html, "lang", rq->tenant->locale);
	head = public_add(html, NULL, "head", NULL);
	node = public_add(head, NULL, "meta", NULL);
	public_set(node, "charset", "utf-8");
	node = public_add(head, NULL, "meta", NULL);
	public_set(node, "name", "viewport");
	public_set(node, "content", "width=device-width, initial-scale=1");
	public_add(head, NULL, "title", mem_printf(rq, "%s – %s", db_text(r, 0, "title"), rq->tenant->name));
	node = public_add(head, NULL, "link", NULL);
	public_set(node, "rel", "stylesheet");
	public_set(node, "href", "/embed/style.css");
	node = public_add(head, NULL, "link", NULL);
	public_set(node, "rel", "alternate");
	public_set(node, "type", "application/json+oembed");
	public_set(node, "href", public_address(rq, "/oembed?url=%s/embed/%s", rq->tenant->base_url, id));
	body = public_add(html, NULL, "body", NULL);
	add_player(rq, body, r, captions);
	reply_header(rq, "Content-Security-Policy",
	    "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *");
	reply_header(rq, "Referrer-Policy", "strict-origin-when-cross-origin");
	return public_reply(rq, doc, "text/html; charset=utf-8");
}

static int
style_show(struct request *rq)
{
	buf_add_str(reply_raw(rq, 200, "text/css; charset=utf-8"), style);
	reply_header(rq, "X-Content-Type-Options", "nosniff");
	rq->out.cache_control = "public, max-age=86400";
	return 0;
}

/* --- oEmbed --- */

struct oembed_query {
	const char *url, *format;
	int64_t maxwidth, maxheight;
};

static const struct field oembed_query_fields[] = {
	FIELD(struct oembed_query, url, .required = true, .max = 2000),
	FIELD(struct oembed_query, format, .one_of = "json", .dflt = "json"),
	FIELD(struct oembed_query, maxwidth, .min = 1, .max = 100000),
	FIELD(struct oembed_query, maxheight, .min = 1, .max = 100000),
	FIELD_END
};

/* Is it an address of this community: below its own, or of the host that was asked? */
static bool
is_ours(const struct request *rq, const char *url)
{
	const char *behind = strstr(url, "://");
	size_t base = strlen(rq->tenant->base_url), length = strlen(rq->host);

	if (strncmp(url, rq->tenant->base_url, base) == 0 && url[base] == '/')
		return true;
	if (behind == NULL || (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0))
		return false;
	behind += 3;
	if (strncasecmp(behind, rq->host, length) != 0)
		return false;
	behind += length;
	if (*behind == ':')
		behind += 1 + strspn(behind + 1, "0123456789");
	return *behind == '/';
}

/* The id at the end of an address of this community's; NULL when it is none. */
static const char *
id_of(struct request *rq, const char *url)
{
	size_t length;
	const char *last;
	struct uuid id;

	if (!is_ours(rq, url))
		return NULL;
	length = strcspn(url, "?#");
	last = memrchr(url, '/', length);
	length -= (size_t)(last + 1 - url);
	return uuid_parse(last + 1, length, &id) ? mem_strndup(rq, last + 1, length) : NULL;
}

/* The largest size of the video's shape that is within what was asked for. */
static void
fit(const struct oembed_query *q, double ratio, int *width, int *height)
{
	double w = q->maxwidth > 0 ? (double)q->maxwidth : q->maxheight > 0 ? 1e6 : WIDTH, h = w / ratio;

	if (q->maxheight > 0 && h > (double)q->maxheight) {
		h = (double)q->maxheight;
		w = h * ratio;
	}
	*width = w >= 1 ? (int)w : 1;
	*height = h >= 1 ? (int)h : 1;
}

static const char *
frame_html(struct request *rq, const char *id, const char *title, int width, int height)
{
	xmlDocPtr doc = htmlNewDocNoDtD(NULL, NULL);
	xmlNodePtr frame = xmlNewNode(NULL, (const xmlChar *)"iframe");
	xmlBufferPtr out = xmlBufferCreate();
	const char *text;

	xmlDocSetRootElement(doc, frame);
	public_set(frame, "src", public_address(rq, "/embed/%s", id));
	public_set(frame, "width", mem_printf(rq, "%d", width));
	public_set(frame, "height", mem_printf(rq, "%d", height));
	public_set(frame, "title", title);
	public_set(frame, "allow", "fullscreen; picture-in-picture");
	public_set(frame, "loading", "lazy");
	htmlNodeDump(out, doc, frame);
	text = mem_strdup(rq, (const char *)xmlBufferContent(out));
	xmlBufferFree(out);
	xmlFreeDoc(doc);
	return text;
}

static void
write_text(struct buf *b, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_add_char(b, ',');
	buf_json_key(b, key);
	buf_json_str(b, value);
}

static int
oembed_show(struct request *rq)
{
	const struct oembed_query *q = rq->query;
	const char *id = id_of(rq, q->url), *title;
	int width, height, err;
	struct db_result *r;
	double w, h;
	struct buf *b;

	if (id == NULL)
		return ERR_NOT_FOUND;
	err = db_query_row(&rq->db, &r, Q_PUBLIC_VIDEO, text_param(id));
	if (err != 0)
		return err;
	title = db_text(r, 0, "title");
	w = db_is_null(r, 0, "width") ? 16 : (double)db_int(r, 0, "width");
	h = db_is_null(r, 0, "height") ? 9 : (double)db_int(r, 0, "height");
	fit(q, w > 0 && h > 0 ? w / h : 16.0 / 9, &width, &height);
	b = reply_raw(rq, 200, "application/json; charset=utf-8");
	buf_printf(b, "{\"version\":\"1.0\",\"type\":\"video\",\"width\":%d,\"height\":%d", width, height);
	write_text(b, "title", title);
	write_text(b, "author_name", db_text(r, 0, "author"));
	write_text(b, "author_url", public_address(rq, "/feeds/users/@%s.xml", db_text(r, 0, "username")));
	write_text(b, "provider_name", rq->tenant->name);
	write_text(b, "provider_url", rq->tenant->base_url);
	write_text(b, "thumbnail_url", public_media(rq, db_text(r, 0, "thumbnail")));
	write_text(b, "html", frame_html(rq, id, title, width, height));
	buf_add_char(b, '}');
	return 0;
}

const struct route embed_routes[] = {
	{ GET, "/embed/style.css", PUBLIC, .root = true, .rate = RATE_NONE, .run = style_show, .doc = "The looks of the player page." },
	{ GET, "/embed/{id:uuid}", PUBLIC, .root = true, .cache_s = 1, .run = embed_show, .doc = "A page that plays one video, for frames of other sites." },
	{ GET, "/oembed", PUBLIC, .root = true, .cache_s = 1, .query_string = SCHEMA(oembed_query), .run = oembed_show,
	  .doc = "oEmbed 1.0: how to show the video of an address of ours." },
	ROUTE_END
};
