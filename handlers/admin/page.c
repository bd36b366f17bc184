/* handlers/admin/page.c - pages: the document of a page from answers of the API, its style sheet, errors. */
#include "handlers/admin/page.h"

#include <json-c/json.h>
#include <libxml/tree.h>
#include <string.h>
#include <time.h>

#include "fcgi/call.h"
#include "fcgi/gates.h"
#include "fcgi/page_session.h"
#include "handlers/admin/refused.h"
#include "handlers/admin/xml.h"
#include "handlers/oauth_state.h"
#include "lib/sign.h"
#include "lib/utf8.h"
#include "lib/xslt.h"

#define FLASH "atelier_flash"
#define FLASH_MAX 600

/* --- who reads, and in which language --- */

static const char *
first_known(const char *wanted)
{
	for (const char *p = wanted; p != NULL && *p != '\0'; p += strcspn(p, ","), p += strspn(p, ", ")) {
		if (strncmp(p, "en", 2) == 0)
			return "en";
		if (strncmp(p, "pt", 2) == 0)
			return "pt";
	}
	return NULL;
}

/* The person's own, else the browser's, else the community's. */
static const char *
language_of(struct request *rq, const char *locale)
{
	const char *found = first_known(locale);

	if (found == NULL)
		found = first_known(request_header(rq, "HTTP_ACCEPT_LANGUAGE"));
	if (found == NULL)
		found = first_known(rq->tenant != NULL ? rq->tenant->locale : NULL);
	return found != NULL ? found : "en";
}

static const char *
add_person(struct request *rq, xmlNodePtr root)
{
	xmlNodePtr me;
	struct db_result *r;

	if (!is_signed_in(rq) || db_query_row(&rq->db, &r, Q_PAGE_PERSON, uuid_param(rq->user.id)) != 0)
		return language_of(rq, NULL);
	me = xmlNewChild(root, NULL, BAD_CAST "me", NULL);
	xml_set_text(me, "name", db_text(r, 0, "username"));
	xml_set_text(me, "role", role_name(rq->user.role));
	for (int p = SIGNED_IN + 1; p < PERMISSION_COUNT; p++)
		if (role_may(rq->user.role, (enum permission)p))
			xml_add_text(me, "may", permission_name((enum permission)p));
	return language_of(rq, db_text(r, 0, "locale"));
}

/* --- flash --- */

void
page_flash(struct request *rq, bool is_good, const char *text)
{
	char signature[SIGNATURE_SIZE];
	struct buf b;

	buf_init(&b, rq, 256);
	buf_add_str(&b, is_good ? "1" : "0");
	for (const char *p = text; *p != '\0' && b.length < FLASH_MAX; p++)
		buf_printf(&b, "%02x", (unsigned char)*p);
	text_sign(rq->app->signer, "flash", buf_cstr(&b), signature);
	page_cookie_set(rq, FLASH, mem_printf(rq, "%s.%s", buf_cstr(&b), signature), 60);
}

static int
hex(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void
add_flash(struct request *rq, xmlNodePtr root, const char *language)
{
	char *text = (char *)page_cookie(rq, FLASH), *signature = text != NULL ? strchr(text, '.') : NULL, *out;
	size_t length;

	if (signature == NULL)
		return;
	*signature++ = '\0';
	page_cookie_set(rq, FLASH, "", 0);
	if (!text_is_signed(rq->app->signer, "flash", text, signature))
		return;
	length = (strlen(text) - 1) / 2;
	out = mem_size(rq, length + 1);
	for (size_t i = 0; i < length; i++)
		out[i] = (char)(hex(text[1 + 2 * i]) << 4 | hex(text[2 + 2 * i]));
	out[length] = '\0';
	if (utf8_is_valid(out, length))
		xml_set_text(xml_add_text(root, "flash", xslt_word(language, out)), "kind", *text == '1' ? "done" : "problem");
}

/* --- the document --- */

static void
add_query(struct request *rq, xmlNodePtr root)
{
	xmlNodePtr query = xmlNewChild(root, NULL, BAD_CAST "query", NULL);

	xml_set_text(query, "text", rq->query_text);
	for (const char *p = rq->query_text; *p != '\0'; p += strcspn(p, "&"), p += *p == '&') {
		size_t n = strcspn(p, "=&");
		const char *name = mem_strndup(rq, p, n), *value = form_value(rq, rq->query_text, name);

		if (value != NULL && *value != '\0' && xml_is_name(name) && utf8_is_valid(value, strlen(value)))
			xml_add_text(query, name, value);
	}
}

xmlDocPtr
page_document(struct request *rq, const char *sheet, const char **language)
{
	xmlDocPtr doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNodePtr root = xmlNewNode(NULL, BAD_CAST "page"), site;
	char now[32];
	time_t t = time(NULL);
	struct tm tm;

	xmlDocSetRootElement(doc, root);
	*language = add_person(rq, root);
	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	xml_set_text(root, "lang", *language);
	xml_set_text(root, "name", sheet);
	xml_set_text(root, "path", rq->path);
	xml_set_text(root, "now", now);
	if (is_signed_in(rq))
		xml_set_text(root, "csrf", page_csrf(rq));
	site = xmlNewChild(root, NULL, BAD_CAST "site", NULL);
	xml_set_text(site, "name", rq->tenant != NULL ? rq->tenant->name : "Atelier");
	add_flash(rq, root, *language);
	add_query(rq, root);
	return doc;
}

void
page_headers(struct request *rq)
{
	reply_header(rq, "Content-Security-Policy",
	    "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; form-action 'self'; "
	    "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'");
	reply_header(rq, "X-Content-Type-Options", "nosniff");
	reply_header(rq, "X-Frame-Options", "DENY");
	reply_header(rq, "Referrer-Policy", "same-origin");
	if (is_signed_in(rq))
		page_session_give(rq, rq->user.session_id);
}

static int
write_page(struct request *rq, int status, const char *sheet, const char *language, xmlDocPtr doc, struct refused *refused)
{
	const char *html = xslt_apply_then(rq, mem_printf(rq, "%s/admin/%s.xsl", rq->app->conf->main_template_dir, sheet), language, doc,
	    refused != NULL ? refused_show : NULL, refused);

	xmlFreeDoc(doc);
	if (html == NULL)
		return reply_error(rq, ERR_INTERNAL, "The template admin/%s.xsl cannot be read.", sheet);
	buf_add_str(reply_raw(rq, status, "text/html; charset=utf-8"), html);
	page_headers(rq);
	return 0;
}

int
page_write(struct request *rq, int status, const char *sheet, const char *language, xmlDocPtr doc)
{
	return write_page(rq, status, sheet, language, doc, NULL);
}

/* {id} and {kind} in a part's path are those of the page. */
static const char *
part_path(struct request *rq, const char *path, const char **query)
{
	const char *mark = strchr(path, '?');
	struct buf b;

	*query = mark != NULL ? mark + 1 : NULL;
	buf_init(&b, rq, 128);
	for (const char *p = path; *p != '\0' && p != mark; p++) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;

		if (end == NULL) {
			buf_add_char(&b, *p);
			continue;
		}
		buf_add_str(&b, path_text(rq, mem_strndup(rq, p + 1, (size_t)(end - p) - 1)));
		p = end;
	}
	return buf_cstr(&b);
}

/* Fields that were left empty are no filters. */
static const char *
without_empty(struct request *rq, const char *query)
{
	struct buf b;

	buf_init(&b, rq, 128);
	for (const char *p = query; *p != '\0'; p += strcspn(p, "&"), p += *p == '&') {
		size_t n = strcspn(p, "&");

		if (n == 0 || p[n - 1] == '=')
			continue;
		if (b.length > 0)
			buf_add_char(&b, '&');
		buf_add(&b, p, n);
	}
	return buf_cstr(&b);
}

static void
translate_words(struct request *rq, xmlNodePtr node, const char *words, const char *language)
{
	for (; node != NULL; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		if (strstr(words, mem_printf(rq, "|%s|", (const char *)node->name)) != NULL && node->children != NULL && xmlNodeIsText(node->children))
			xml_put_text(node, xslt_word(language, mem_strdup(rq, (const char *)node->children->content)));
		else
			translate_words(rq, node->children, words, language);
	}
}

static int
add_part(struct request *rq, const struct page_part *part, xmlNodePtr root, const char *language)
{
	struct json_object *answer;
	struct call call = { .method = GET };
	int err;

	call.path = part_path(rq, part->path, &call.query);
	if (part->query == PASSES_QUERY && (call.query == NULL || *rq->query_text != '\0'))
		call.query = without_empty(rq, rq->query_text);
	err = request_call(rq, &call, &answer);
	if (err == 0 && answer != NULL)
		xml_add_json(root, part->name, answer);
	if (err == 0 && answer != NULL && part->words != NULL)
		translate_words(rq, root->last, part->words, language);
	if (err != 0 && answer != NULL)
		rq->error_message = xml_error_text(rq, answer);
	return err != 0 && part->optional ? 0 : err;
}

static int
make_page(struct request *rq, struct refused *refused)
{
	const struct page *page = rq->route->page;
	const char *language;
	xmlDocPtr doc = page_document(rq, page->sheet, &language);
	int err = 0;

	if (refused != NULL) {
		refused->language = language;
		refused_note(refused, xmlDocGetRootElement(doc));
	}
	for (const struct page_part *p = page->parts; err == 0 && p < page->parts + PAGE_PARTS_MAX && p->name != NULL; p++)
		err = add_part(rq, p, xmlDocGetRootElement(doc), language);
	if (err != 0) {
		xmlFreeDoc(doc);
		return err;
	}
	return write_page(rq, refused != NULL ? refused->status : 200, page->sheet, language, doc, refused);
}

int
page_show(struct request *rq)
{
	return make_page(rq, NULL);
}

int
page_again(struct request *rq, const char *where, struct refused *refused)
{
	const struct request outer = *rq;
	const char *mark = strchr(where, '?');
	int err;

	rq->method = GET;
	rq->path = mark != NULL ? mem_strndup(rq, where, (size_t)(mark - where)) : where;
	rq->query_text = mark != NULL ? mark + 1 : "";
	err = gate_route(rq);
	if (err == 0 && rq->route->page == NULL)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = gate_permission(rq);
	if (err == 0)
		err = make_page(rq, refused);
	if (err != 0)
		rq->out = outer.out;
	rq->method = outer.method;
	rq->path = outer.path;
	rq->query_text = outer.query_text;
	rq->route = outer.route;
	rq->match = outer.match;
	rq->error_message = outer.error_message;
	return err;
}

/* --- elsewhere --- */

int
page_redirect(struct request *rq, const char *to)
{
	reply_empty(rq, 303);
	page_headers(rq);
	reply_header(rq, "Location", "%s", to);
	return 0;
}

const char *
page_back(const char *path, const char *otherwise)
{
	return path != NULL && strncmp(path, "/admin", 6) == 0 && strchr("/?", path[6]) != NULL && strpbrk(path, "\r\n\\") == NULL &&
	               strstr(path, "//") == NULL && strstr(path, "..") == NULL ? path : otherwise;
}

static const char *
encoded(struct request *rq, const char *text)
{
	struct buf b;

	buf_init(&b, rq, 128);
	buf_add_percent(&b, text, strlen(text));
	return buf_cstr(&b);
}

static bool
is_lost_session(int err)
{
	return err == ERR_UNAUTHENTICATED || err == ERR_TOKEN_EXPIRED || err == ERR_TOKEN_INVALID;
}

static bool
know_caller(struct request *rq)
{
	if (tenant_by_host(rq->app, rq, rq->host, rq->deadline_ms, &rq->tenant) != 0)
		return false;
	db_session_init(&rq->db, rq->app->db, rq, rq->tenant->id, rq->deadline_ms);
	return page_session_take(rq) == 0;
}

int
page_refuse(struct request *rq, int err)
{
	const struct error_info *e = error_info((enum error_code)err);
	const char *language;
	xmlDocPtr doc;
	xmlNodePtr error;

	if (rq->route == NULL && !know_caller(rq)) /* no gate has asked yet */
		return err;
	if (rq->tenant == NULL)
		return err;
	if (is_lost_session(err)) {
		rq->user.role = ROLE_NONE;
		page_redirect(rq, rq->method == GET && strcmp(rq->path, "/admin") != 0 ?
		    mem_printf(rq, "/admin/sign-in?next=%s", encoded(rq, *rq->query_text != '\0' ?
		    mem_printf(rq, "%s?%s", rq->path, rq->query_text) : rq->path)) : "/admin/sign-in");
		if (err != ERR_UNAUTHENTICATED)
			page_session_end(rq);
		return 0;
	}
	doc = page_document(rq, "error", &language);
	error = xmlNewChild(xmlDocGetRootElement(doc), NULL, BAD_CAST "error", NULL);
	xml_set_text(error, "status", mem_printf(rq, "%d", e->status));
	xml_set_text(error, "code", e->code);
	xml_set_text(error, "request", rq->id);
	xml_add_text(error, "message", xslt_word(language, rq->error_message != NULL ? rq->error_message : e->message));
	if (err == ERR_INTERNAL)
		log_error("page_failed", LOG_STR("route", rq->route != NULL ? rq->route->path : NULL), LOG_STR("message", rq->error_message));
	return page_write(rq, e->status, "error", language, doc) == 0 ? 0 : err;
}
