/*
 * handlers/admin/do.c - what forms do. A form is a call of the API: its hidden field `call` says which ("POST
 * /moderation/review/ID"), the others are the call's fields, `back` and `done` say where to go on and what to say there, `from`
 * where the form stands; `then` is the button "and take the next case". The call passes the same gates as any, as the person who is signed in; the form must be one that
 * we gave to them. When the call wants the password again, the answer is a page that asks for it and holds the form meanwhile.
 */
#include <json-c/json.h>
#include <string.h>

#include "fcgi/call.h"
#include "fcgi/page_session.h"
#include "handlers/admin/page.h"
#include "handlers/admin/refused.h"
#include "handlers/admin/xml.h"
#include "handlers/oauth_state.h"
#include "lib/utf8.h"
#include "lib/xslt.h"

const char *
page_form(struct request *rq)
{
	char *form = mem_size(rq, PAGE_FORM_MAX + 1);
	size_t length = 0;
	ssize_t n;

	while (length < PAGE_FORM_MAX && (n = request_read(rq, form + length, PAGE_FORM_MAX - length)) > 0)
		length += (size_t)n;
	form[length] = '\0';
	return length == PAGE_FORM_MAX || strlen(form) != length ? NULL : form;
}

bool
form_field_is_own(const char *name, size_t length)
{
	static const char *const own[] = { "csrf", "call", "from", "back", "done", "then", "confirmWith" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strlen(own[i]) == length && memcmp(own[i], name, length) == 0)
			return true;
	return false;
}

/* The call's own fields. */
static const char *
fields_of(struct request *rq, const char *form)
{
	struct buf out;

	buf_init(&out, rq, strlen(form) + 1);
	for (const char *p = form; *p != '\0'; p += strcspn(p, "&"), p += *p == '&') {
		if (form_field_is_own(p, strcspn(p, "=&")))
			continue;
		if (out.length > 0)
			buf_add_char(&out, '&');
		buf_add(&out, p, strcspn(p, "&"));
	}
	return buf_cstr(&out);
}

/* "POST /moderation/next": a call that changes something. */
static bool
read_call(struct request *rq, const char *text, struct call *call)
{
	const char *space = text != NULL ? strchr(text, ' ') : NULL;

	if (space == NULL || space[1] != '/')
		return false;
	call->method = method_parse(mem_strndup(rq, text, (size_t)(space - text)));
	call->path = space + 1;
	return (call->method == POST || call->method == PUT || call->method == PATCH || call->method == DELETE) &&
	    strpbrk(call->path, "?#") == NULL;
}

/* How many of a bulk act were not done. */
static const char *
outcome(struct request *rq, struct json_object *answer, const char *done)
{
	struct json_object *data, *v;
	size_t count = 0, failed = 0;

	if (!json_object_object_get_ex(answer, "data", &data) || !json_object_is_type(data, json_type_array))
		return done;
	count = json_object_array_length(data);
	for (size_t i = 0; i < count; i++)
		if (json_object_object_get_ex(json_object_array_get_idx(data, i), "isDecided", &v) && !json_object_get_boolean(v))
			failed++;
	return failed == 0 ? done : mem_printf(rq, "some:%zu:%zu", count - failed, count);
}

/* `back` may name a member of the answer: "/admin/cases/{id}". */
static const char *
way_back(struct request *rq, const char *back, struct json_object *answer)
{
	const char *mark = strstr(back, "{id}");
	struct json_object *data, *id;

	if (mark == NULL || answer == NULL || !json_object_object_get_ex(answer, "data", &data) ||
	    !json_object_is_type(data, json_type_object) || !json_object_object_get_ex(data, "id", &id))
		return mark == NULL ? back : "/admin";
	return mem_printf(rq, "%.*s%s%s", (int)(mark - back), back, json_object_get_string(id), mark + 4);
}

/* Takes the next case, for who has just decided one: where to go on. */
static const char *
way_to_next(struct request *rq, const char *back)
{
	struct json_object *answer = NULL;

	if (request_call(rq, &(struct call){ .method = POST, .path = "/moderation/next" }, &answer) == 0)
		return way_back(rq, "/admin/cases/{id}", answer);
	page_flash(rq, true, "decided-last");
	return back;
}

/* Asks for the password; the form waits in the page. problem: what was wrong with the one before, or NULL. */
static int
ask_for_password(struct request *rq, const char *form, const char *problem)
{
	const char *language;
	xmlDocPtr doc = page_document(rq, "confirm", &language);
	xmlNodePtr root = xmlDocGetRootElement(doc), fields = xmlNewChild(root, NULL, BAD_CAST "form", NULL);

	if (problem != NULL)
		xml_set_text(xml_add_text(root, "flash", xslt_word(language, problem)), "kind", "problem");
	for (const char *p = form; *p != '\0'; p += strcspn(p, "&"), p += *p == '&') {
		const char *name = mem_strndup(rq, p, strcspn(p, "=&")), *one = mem_strndup(rq, p, strcspn(p, "&"));
		const char *value = form_value(rq, one, name);

		if (value != NULL && strcmp(name, "confirmWith") != 0 && utf8_is_valid(value, strlen(value)))
			xml_set_text(xml_add_text(fields, "field", value), "name", name);
	}
	return page_write(rq, 403, "confirm", language, doc);
}

/* With the password that came along. 0, or -1 when the page asks again. */
static int
confirm(struct request *rq, const char *form, int *answered)
{
	const char *password = form_value(rq, form, "confirmWith");
	struct call call = { .method = POST, .path = "/auth/confirm" };
	struct json_object *answer = NULL;
	struct buf b;
	int err;

	buf_init(&b, rq, 128);
	buf_add_literal(&b, "password=");
	buf_add_percent(&b, password, strlen(password));
	call.form = buf_cstr(&b);
	err = request_call(rq, &call, &answer);
	if (err == 0)
		return 0;
	*answered = ask_for_password(rq, form, answer != NULL ? xml_error_text(rq, answer) : error_info((enum error_code)err)->message);
	return -1;
}

/* Shows the page again that the form came from, with the form as it was sent; otherwise says it on the page that it leads back to. */
static int
refuse(struct request *rq, const char *form, int err, struct json_object *answer, const char *back)
{
	const struct error_info *e = error_info((enum error_code)err);
	const char *from = page_back(form_value(rq, form, "from"), NULL);
	struct refused refused = { .rq = rq, .form = form, .problem = answer != NULL ? xml_error_text(rq, answer) : e->message, .answer = answer,
		.status = e->status, .to = "/admin/do" };

	if (from != NULL && page_again(rq, from, &refused) == 0)
		return 0;
	page_flash(rq, false, refused.problem);
	return page_redirect(rq, strstr(back, "{id}") != NULL ? "/admin/queue" : back);
}

static int
admin_do(struct request *rq)
{
	const char *form = page_form(rq), *back, *done;
	struct json_object *answer = NULL;
	struct call call = { 0 };
	int err;

	if (form == NULL || !page_csrf_is_good(rq, form_value(rq, form, "csrf")) || !read_call(rq, form_value(rq, form, "call"), &call))
		return reply_error(rq, ERR_FORBIDDEN, "This form is too old. Go back, load the page again and repeat what you did.");
	back = page_back(form_value(rq, form, "back"), "/admin");
	done = form_value(rq, form, "done");
	call.form = fields_of(rq, form);
	if (form_value(rq, form, "confirmWith") != NULL && confirm(rq, form, &err) != 0)
		return err;
	err = request_call(rq, &call, &answer);
	if (err == ERR_CONFIRMATION_REQUIRED)
		return ask_for_password(rq, form, NULL);
	if (err == ERR_INTERNAL || err == ERR_UNAUTHENTICATED)
		return err;
	if (err == ERR_NOT_FOUND && call.method == POST && strcmp(call.path, "/moderation/next") == 0) {
		page_flash(rq, true, "none-left");
		return page_redirect(rq, strstr(back, "{id}") != NULL ? "/admin/queue" : back);
	}
	if (err != 0)
		return refuse(rq, form, err, answer, back);
	if (done != NULL && utf8_is_valid(done, strlen(done)))
		page_flash(rq, true, answer != NULL ? outcome(rq, answer, done) : done);
	return page_redirect(rq, form_value(rq, form, "then") != NULL ? way_to_next(rq, back) : way_back(rq, back, answer));
}

const struct route admin_do_routes[] = {
	{ POST, "/admin/do", SIGNED_IN, FORM_ROW(admin_do), .doc = "A form of the pages: one call of the API." },
	ROUTE_END
};
