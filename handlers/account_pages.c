/* handlers/account_pages.c - the pages behind mailed links, without JavaScript. Opening one changes nothing: programs
 * that look at mails open every link. Words and looks: templates/account. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "handlers/accounts.h"
#include "handlers/oauth_state.h"
#include "lib/common_passwords.h"
#include "lib/utf8.h"
#include "lib/xslt.h"

#define FORM_MAX 8192
#define STYLE_MAX 65536
#define PASSWORD_MIN 10
#define PASSWORD_MAX 1024

struct page {
	const char *name;    /* of the path and of the words */
	const char *state;   /* ask, done, failed */
	const char *token;
	const char *problem; /* a name in the words, or NULL */
};

/* The first language of the browser's that we speak, else the community's. */
static const char *
page_language(struct request *rq)
{
	const char *wanted = request_header(rq, "HTTP_ACCEPT_LANGUAGE");

	for (const char *p = wanted; p != NULL && *p != '\0'; p += strcspn(p, ","), p += strspn(p, ", ")) {
		if (strncmp(p, "en", 2) == 0)
			return "en";
		if (strncmp(p, "pt", 2) == 0)
			return "pt";
	}
	return strncmp(rq->tenant->locale, "pt", 2) == 0 ? "pt" : "en";
}

static void
secure_headers(struct request *rq)
{
	reply_header(rq, "Content-Security-Policy",
	    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
	reply_header(rq, "X-Content-Type-Options", "nosniff");
	reply_header(rq, "X-Frame-Options", "DENY");
	reply_header(rq, "Referrer-Policy", "no-referrer"); /* the address has the token */
}

static int
page_reply(struct request *rq, int status, const struct page *page)
{
	const char *folder = rq->app->conf->main_template_dir, *language = page_language(rq), *html = NULL;
	xmlNodePtr data, root;
	xmlDocPtr doc = xslt_document("page", language, mem_printf(rq, "%s/account/%s.xml", folder, language), &data);

	if (doc != NULL) {
		root = xmlDocGetRootElement(doc);
		xmlNewProp(root, (const xmlChar *)"name", (const xmlChar *)page->name);
		xmlNewProp(root, (const xmlChar *)"state", (const xmlChar *)page->state);
		xslt_add(data, "site", rq->tenant->name);
		xslt_add(data, "home", rq->tenant->base_url);
		xslt_add(data, "token", page->token);
		xslt_add(data, "message", page->problem);
		html = xslt_apply(rq, mem_printf(rq, "%s/account/page.xsl", folder), doc);
		xmlFreeDoc(doc);
	}
	if (html == NULL)
		return reply_error(rq, ERR_INTERNAL, "The templates of %s/account cannot be read.", folder);
	secure_headers(rq);
	buf_add_str(reply_raw(rq, status, "text/html; charset=utf-8"), html);
	return 0;
}

static const char *
page_name(const struct request *rq)
{
	return strrchr(rq->route->path, '/') + 1;
}

/* What we gave out: anything else is no token, and need not be shown again. */
static const char *
token_of(struct request *rq, const char *form)
{
	const char *token = form_value(rq, form, "token");

	return token != NULL && strlen(token) == SECRET_TEXT - 1 &&
	    strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == SECRET_TEXT - 1 ? token : NULL;
}

static int
page_show(struct request *rq)
{
	struct page page = { .name = page_name(rq), .state = "ask", .token = token_of(rq, rq->query_text) };

	if (page.token == NULL)
		page.state = "failed";
	return page_reply(rq, page.token != NULL ? 200 : 400, &page);
}

/* The form that came, or NULL. */
static const char *
read_form(struct request *rq)
{
	char *form = mem_size(rq, FORM_MAX + 1);
	size_t length = 0;
	ssize_t n;

	while ((n = request_read(rq, form + length, FORM_MAX - length)) > 0)
		length += (size_t)n;
	form[length] = '\0';
	return n < 0 || strlen(form) != length ? NULL : form;
}

/* Ends the transaction. A token that is none is said on the page; what is wrong on our side is an error like any other. */
static int
page_end(struct request *rq, struct page *page, int err)
{
	if (err == 0)
		err = db_commit(&rq->db);
	else
		db_rollback(&rq->db);
	if (err == ERR_NOT_FOUND) /* the account is gone */
		err = ERR_BAD_REQUEST;
	if (err == ERR_CONFLICT)
		page->problem = "taken";
	if (err != 0 && err != ERR_BAD_REQUEST && err != ERR_CONFLICT)
		return err;
	page->state = err == 0 ? "done" : "failed";
	return page_reply(rq, err == 0 ? 200 : 400, page);
}

static int
verify_page(struct request *rq)
{
	const char *form = read_form(rq);
	struct page page = { .name = page_name(rq), .token = form != NULL ? token_of(rq, form) : NULL };
	struct db_result *r;
	struct uuid user;
	int err = page.token == NULL ? ERR_BAD_REQUEST : db_begin(&rq->db);

	if (err == 0)
		err = token_take(rq, page.token, "verify_email", &user);
	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_USER_SET_VERIFIED, uuid_param(user));
	return page_end(rq, &page, err);
}

static int
confirm_page(struct request *rq)
{
	const char *form = read_form(rq);
	struct page page = { .name = page_name(rq), .token = form != NULL ? token_of(rq, form) : NULL };
	struct db_result *r;
	int err = page.token == NULL ? ERR_BAD_REQUEST : db_begin(&rq->db);

	return page_end(rq, &page, err != 0 ? err : email_change(rq, page.token, &r));
}

static const char *
password_problem(const char *password)
{
	if (password == NULL || utf8_count(password, strlen(password)) < PASSWORD_MIN ||
	    strlen(password) > PASSWORD_MAX)
		return "short";
	return is_common_password(password) ? "common" : NULL;
}

static int
reset_page(struct request *rq)
{
	const char *form = read_form(rq), *password = form != NULL ? form_value(rq, form, "password") : NULL;
	struct page page = { .name = page_name(rq), .state = "ask", .token = form != NULL ? token_of(rq, form) : NULL };
	struct uuid user;
	int err, signed_out;

	if (page.token == NULL)
		return page_end(rq, &page, ERR_BAD_REQUEST);
	page.problem = password_problem(password);
	if (page.problem != NULL)
		return page_reply(rq, 400, &page);
	err = db_begin(&rq->db);
	if (err == 0)
		err = token_take(rq, page.token, "reset_password", &user);
	if (err == 0)
		err = password_set(rq, user, password, &signed_out);
	return page_end(rq, &page, err);
}

static int
style_show(struct request *rq)
{
	FILE *f = fopen(mem_printf(rq, "%s/account/style.css", rq->app->conf->main_template_dir), "re");
	char *text = mem_size(rq, STYLE_MAX);
	size_t length = f != NULL ? fread(text, 1, STYLE_MAX, f) : 0;

	if (f != NULL)
		fclose(f);
	if (length == 0)
		return ERR_NOT_FOUND;
	rq->out.cache_control = "public, max-age=3600";
	buf_add(reply_raw(rq, 200, "text/css; charset=utf-8"), text, length);
	reply_header(rq, "X-Content-Type-Options", "nosniff");
	return 0;
}

#define PAGE_ROWS(path, fn, text)                                                                                      \
	{ GET, path, PUBLIC, .root = true, .blocks = true, .run = page_show, .doc = "The page of a mailed link: " text },  \
	{ POST, path, PUBLIC, .root = true, .blocks = true, .rate = RATE_LOGIN, .body_kind = BODY_STREAM,  \
	  .body_limit = FORM_MAX, .run = fn, .doc = "Its form: " text }

const struct route account_pages_routes[] = {
	PAGE_ROWS("/account/verify-email", verify_page, "confirm an address."),
	PAGE_ROWS("/account/confirm-email", confirm_page, "use a new address."),
	PAGE_ROWS("/account/reset-password", reset_page, "choose a new password."),
	{ GET, "/account/style.css", PUBLIC, .root = true, .rate = RATE_NONE, .run = style_show, .doc = "The looks of these pages." },
	ROUTE_END
};
