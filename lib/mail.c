/* lib/mail.c - orders of mails, and mails made of them: words in XML, looks in XSLT, put together as MIME. */
#include "lib/mail.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/conf.h"
#include "lib/mem.h"
#include "lib/notice.h"
#include "lib/seal.h"
#include "lib/uuid.h"
#include "lib/xslt.h"

#define LINK_PURPOSE "mail link"
#define QP_LINE 75
#define PLAIN_LINE_MAX 900 /* SMTP allows 998 */

static const char *const mail_names[] = {
	"account-banned", "account-deleted", "account-suspended", "change-email", "digest", "dojo-soon", "email-changed", "export-ready", "mfa-changed", "password-changed", "recap-ready", "report-ready",
	"reset", "session-reused", "verify", NULL,
};

static const char *const languages[] = { "en", "pt", NULL };

static void
add_member(struct buf *b, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_json_key(b, key);
	buf_json_str(b, value);
}

static void
add_items(struct buf *b, const char *const *items)
{
	buf_json_key(b, "items");
	buf_add_char(b, '[');
	for (size_t i = 0; items[i] != NULL; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		buf_json_str(b, items[i]);
	}
	buf_add_char(b, ']');
}

const char *
mail_job(void *context, const struct conf *conf, const struct mail_order *order)
{
	struct buf b;

	buf_init(&b, context, 512);
	buf_add_char(&b, '{');
	add_member(&b, "template", order->name);
	add_member(&b, "to", order->to);
	add_member(&b, "name", order->person);
	add_member(&b, "locale", order->locale);
	add_member(&b, "site", order->site);
	add_member(&b, "detail", order->detail);
	add_member(&b, "unsubscribe", order->unsubscribe);
	if (order->items != NULL)
		add_items(&b, order->items);
	if (order->link != NULL)
		add_member(&b, "sealedLink", seal_text(context, conf->main_secret, LINK_PURPOSE, order->link));
	buf_add_char(&b, '}');
	return buf_cstr(&b);
}

static const char *
member(struct json_object *order, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(order, key, &value) ? json_object_get_string(value) : NULL;
}

static bool
is_listed(const char *const *list, const char *name, size_t length)
{
	for (; name != NULL && *list != NULL; list++)
		if (strlen(*list) == length && strncmp(*list, name, length) == 0)
			return true;
	return false;
}

/* "pt-BR" → "pt"; what we do not speak → "en". */
static const char *
language_of(void *context, const char *locale)
{
	size_t n = locale != NULL ? strcspn(locale, "-_") : 0;

	return is_listed(languages, locale, n) ? mem_strndup(context, locale, n) : "en";
}

/* <mail lang><data>…</data><words>…</words></mail> */
static xmlDocPtr
mail_document(void *context, const struct conf *conf, struct json_object *order, const char *language)
{
	struct json_object *items;
	xmlNodePtr data;
	xmlDocPtr doc = xslt_document("mail", language,
	    mem_printf(context, "%s/mail/%s/%s.xml", conf->main_template_dir, language, member(order, "template")), &data);

	if (doc == NULL)
		return NULL;
	xslt_add(data, "name", member(order, "name"));
	xslt_add(data, "site", member(order, "site"));
	xslt_add(data, "detail", member(order, "detail"));
	for (size_t i = 0; json_object_object_get_ex(order, "items", &items) && i < json_object_array_length(items); i++)
		xslt_add(data, "item", json_object_get_string(json_object_array_get_idx(items, i)));
	xslt_add(data, "link", seal_open(context, conf->main_secret, LINK_PURPOSE, member(order, "sealedLink")));
	return doc;
}

/* What a stylesheet of templates/mail makes of doc; NULL when that fails. */
static const char *
render(void *context, const struct conf *conf, const char *sheet, xmlDocPtr doc)
{
	return xslt_apply(context, mem_printf(context, "%s/mail/%s.xsl", conf->main_template_dir, sheet), doc);
}

static bool
is_plain(const char *s)
{
	size_t line = 0;

	for (; *s != '\0'; s++) {
		line = *s == '\n' ? 0 : line + 1;
		if ((unsigned char)*s > 126 || line > PLAIN_LINE_MAX)
			return false;
	}
	return true;
}

static void
add_plain(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n')
			buf_add_char(b, '\r');
		if (*s != '\r')
			buf_add_char(b, *s);
	}
}

static void
add_quoted_printable(struct buf *b, const char *s)
{
	int column = 0;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		bool is_literal = (c >= 33 && c <= 126 && c != '=') || ((c == ' ' || c == '\t') && s[1] != '\n' && s[1] != '\0');

		if (c == '\r')
			continue;
		if (c == '\n') {
			buf_add_literal(b, "\r\n");
			column = 0;
			continue;
		}
		if (column + (is_literal ? 1 : 3) > QP_LINE) {
			buf_add_literal(b, "=\r\n");
			column = 0;
		}
		if (is_literal)
			buf_add_char(b, (char)c);
		else
			buf_printf(b, "=%02X", c);
		column += is_literal ? 1 : 3;
	}
}

/* A header's text: as it is when ASCII, else RFC 2047 words that end between characters. */
static void
add_header_text(struct buf *b, const char *s)
{
	int column = 0;

	if (is_plain(s) && strpbrk(s, "\r\n") == NULL) {
		buf_add_str(b, s);
		return;
	}
	buf_add_literal(b, "=?UTF-8?Q?");
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (column > 50 && (c & 0xc0) != 0x80) {
			buf_add_literal(b, "?=\r\n =?UTF-8?Q?");
			column = 0;
		}
		if (isalnum(c))
			buf_add_char(b, (char)c);
		else
			buf_printf(b, "=%02X", c);
		column += isalnum(c) ? 1 : 3;
	}
	buf_add_literal(b, "?=");
}

static void
add_part(struct buf *b, const char *boundary, const char *type, const char *text)
{
	bool plain = is_plain(text);

	buf_printf(b, "--%s\r\nContent-Type: %s; charset=UTF-8\r\nContent-Transfer-Encoding: %s\r\n\r\n", boundary, type,
	    plain ? "7bit" : "quoted-printable");
	if (plain)
		add_plain(b, text);
	else
		add_quoted_printable(b, text);
	buf_add_literal(b, "\r\n");
}

static void
add_date(struct buf *b)
{
	char date[64];
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	buf_add_str(b, date);
}

/* "Atelier <a@b>" → "a@b" */
static const char *
bare_address(void *context, const char *address)
{
	const char *open = strrchr(address, '<');

	return open == NULL ? mem_strdup(context, address) : mem_strndup(context, open + 1, strcspn(open + 1, ">"));
}

/* The name of "Ateliê <a@b>" may need encoding, the address never does. */
static void
add_sender(void *context, struct buf *b, const char *from)
{
	const char *open = strrchr(from, '<');
	size_t n = open != NULL ? (size_t)(open - from) : 0;

	while (n > 0 && from[n - 1] == ' ')
		n--;
	if (n > 0) {
		add_header_text(b, mem_strndup(context, from, n));
		buf_add_char(b, ' ');
	}
	buf_printf(b, "<%s>", bare_address(context, from));
}

static void
put_together(void *context, const struct conf *conf, const char *language, const char *text, const char *html,
    const char *unsubscribe, struct uuid id, struct mail *out)
{
	const char *body = strchr(text, '\n');
	char boundary[UUID_TEXT], *subject;
	struct buf b;

	uuid_text(&id, boundary);
	subject = mem_strndup(context, text, (size_t)(body - text));
	out->from = bare_address(context, conf->mail_from);
	buf_init(&b, context, 8192);
	buf_add_literal(&b, "From: ");
	add_sender(context, &b, conf->mail_from);
	buf_printf(&b, "\r\nTo: <%s>\r\nSubject: ", out->to);
	add_header_text(&b, subject);
	buf_add_literal(&b, "\r\nDate: ");
	add_date(&b);
	buf_printf(&b, "\r\nMessage-ID: <%s%s>\r\nMIME-Version: 1.0\r\nContent-Language: %s\r\n", boundary,
	    strchr(out->from, '@') != NULL ? strchr(out->from, '@') : "@localhost", language);
	if (unsubscribe != NULL)
		buf_printf(&b, "List-Unsubscribe: <%s>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", unsubscribe);
	buf_printf(&b, "Auto-Submitted: auto-generated\r\nContent-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary);
	add_part(&b, boundary, "text/plain", body + 1 + strspn(body + 1, "\n"));
	add_part(&b, boundary, "text/html", html);
	buf_printf(&b, "--%s--\r\n", boundary);
	out->length = b.length;
	out->message = buf_cstr(&b);
}

static int
compose(void *context, const struct conf *conf, struct json_object *order, struct uuid id, struct mail *out, const char **why)
{
	const char *name = member(order, "template"), *language = language_of(context, member(order, "locale"));
	const char *text, *html;
	xmlDocPtr doc;

	out->to = mem_strdup(context, member(order, "to"));
	if (out->to == NULL)
		return 0;
	*why = "the address has control characters";
	for (const char *p = out->to; *p != '\0'; p++)
		if ((unsigned char)*p < 33 || *p == '<' || *p == '>')
			return -1;
	*why = "there is no such mail";
	if (name == NULL || !is_listed(mail_names, name, strlen(name)))
		return -1;
	*why = "its template cannot be read";
	doc = mail_document(context, conf, order, language);
	if (doc == NULL)
		return -1;
	text = render(context, conf, "text", doc);
	html = render(context, conf, "html", doc);
	xmlFreeDoc(doc);
	if (text == NULL || html == NULL || strchr(text, '\n') == NULL)
		return -1;
	put_together(context, conf, language, text, html, member(order, "unsubscribe"), id, out);
	return 0;
}

int
mail_compose(void *context, const struct conf *conf, const char *payload, struct uuid id, struct mail *out,
    const char **why)
{
	struct json_object *order = json_tokener_parse(payload);
	int rc;

	*out = (struct mail){ 0 };
	*why = "the order is not JSON";
	rc = order != NULL ? compose(context, conf, order, id, out, why) : -1;
	json_object_put(order);
	return rc;
}

const char *const *
mail_templates(void)
{
	return mail_names;
}

/* What a digest might have to tell. */
static struct json_object *
preview_items(void *context, const struct conf *conf, const char *language)
{
	static const struct notice notices[] = {
		{ "new_follower", "Bruno Exemplo", "Carla Exemplo", 5, NULL, NULL },
		{ "video_commented", "Bruno Exemplo", NULL, 1, "…", "…" },
		{ "video_ready", NULL, NULL, 0, "…", NULL },
	};
	struct notice_words *words = notice_words_open(context, conf, language);
	struct json_object *items = json_object_new_array();

	for (size_t i = 0; words != NULL && i < sizeof(notices) / sizeof(notices[0]); i++)
		json_object_array_add(items, json_object_new_string(notice_text(context, words, &notices[i])));
	return items;
}

const char *
mail_preview(void *context, const struct conf *conf, const char *name, const char *language, const char *part, const char *site)
{
	struct json_object *order;
	const char *text = NULL;
	xmlDocPtr doc;

	if (!is_listed(mail_names, name, strlen(name)) || !is_listed(languages, language, strlen(language)))
		return NULL;
	order = json_object_new_object();
	json_object_object_add(order, "template", json_object_new_string(name));
	json_object_object_add(order, "name", json_object_new_string("Ana Exemplo"));
	json_object_object_add(order, "site", json_object_new_string(site));
	json_object_object_add(order, "detail", json_object_new_string("…"));
	json_object_object_add(order, "items", preview_items(context, conf, language));
	json_object_object_add(order, "sealedLink", json_object_new_string(seal_text(context, conf->main_secret, LINK_PURPOSE, "https://example.org/")));
	doc = mail_document(context, conf, order, language);
	if (doc != NULL)
		text = render(context, conf, part, doc);
	xmlFreeDoc(doc);
	json_object_put(order);
	return text;
}
