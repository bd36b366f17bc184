/* handlers/admin/refused.c - see refused.h. */
#include "handlers/admin/refused.h"

#include <string.h>

#include "handlers/admin/page.h"
#include "handlers/admin/xml.h"
#include "handlers/oauth_state.h"
#include "lib/utf8.h"
#include "lib/xslt.h"

/* --- what came --- */

struct sent {
	const char *name, *value;
};

/* Once: a form may have thousands of fields, and so may a page. What is not text is left out. */
static void
read_sent(struct refused *r)
{
	size_t most = 1;

	for (const char *p = r->form; *p != '\0'; p++)
		most += *p == '&';
	r->sent = mem_size(r->rq, most * sizeof(*r->sent));
	for (const char *p = r->form; *p != '\0'; p += strcspn(p, "&"), p += *p == '&') {
		struct sent *s = &r->sent[r->sent_count];

		s->name = mem_strndup(r->rq, p, strcspn(p, "=&"));
		s->value = form_value(r->rq, mem_strndup(r->rq, p, strcspn(p, "&")), s->name);
		r->sent_count += s->value != NULL && utf8_is_valid(s->value, strlen(s->value));
	}
}

static bool
was_sent(const struct refused *r, const char *name, const char *value)
{
	for (const struct sent *s = r->sent; s < r->sent + r->sent_count; s++)
		if (strcmp(s->name, name) == 0 && strcmp(s->value, value) == 0)
			return true;
	return false;
}

static const char *
sent_value(const struct refused *r, const char *name)
{
	for (const struct sent *s = r->sent; s < r->sent + r->sent_count; s++)
		if (strcmp(s->name, name) == 0)
			return s->value;
	return "";
}

/* --- the page --- */

static bool
is(const xmlNode *node, const char *element)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, element) == 0;
}

/* "" when it has none. */
static const char *
attribute(const struct refused *r, xmlNodePtr node, const char *name)
{
	xmlChar *value = xmlGetProp(node, BAD_CAST name);
	const char *copy = mem_strdup(r->rq, value != NULL ? (const char *)value : "");

	xmlFree(value);
	return copy;
}

/* The next element in the order of the page, below root. */
static xmlNodePtr
next_element(xmlNodePtr node, const xmlNode *root)
{
	do {
		if (node->children != NULL)
			node = node->children;
		else {
			while (node != root && node->next == NULL)
				node = node->parent;
			if (node == root)
				return NULL;
			node = node->next;
		}
	} while (node->type != XML_ELEMENT_NODE);
	return node;
}

static bool
is_hidden(const struct refused *r, xmlNodePtr node)
{
	return is(node, "input") && strcmp(attribute(r, node, "type"), "hidden") == 0;
}

/* Which of the page's forms it was: it is sent there, and the call and every other hidden field are the same. */
static bool
is_its_form(const struct refused *r, xmlNodePtr form)
{
	if (strcmp(attribute(r, form, "action"), r->to) != 0)
		return false;
	for (xmlNodePtr n = form; (n = next_element(n, form)) != NULL;) {
		const char *name = attribute(r, n, "name");

		if (!is_hidden(r, n) || (strcmp(name, "call") != 0 && form_field_is_own(name, strlen(name))))
			continue;
		if (!was_sent(r, name, attribute(r, n, "value")))
			return false;
	}
	return true;
}

static void
open_around(xmlNodePtr node)
{
	for (; node != NULL; node = node->parent)
		if (is(node, "details"))
			xml_set_text(node, "open", "open");
}

static void
mark_chosen(xmlNodePtr node, const char *name, bool is_chosen)
{
	if (is_chosen)
		xml_set_text(node, name, name);
	else
		xmlUnsetProp(node, BAD_CAST name);
}

static void
fill_select(const struct refused *r, xmlNodePtr select, const char *name)
{
	for (xmlNodePtr n = select; (n = next_element(n, select)) != NULL;)
		if (is(n, "option"))
			mark_chosen(n, "selected", was_sent(r, name, attribute(r, n, "value")));
}

static bool
is_box(const char *type)
{
	return strcmp(type, "checkbox") == 0 || strcmp(type, "radio") == 0;
}

/* A field that people fill in; passwords are not sent back. */
static bool
is_field(const struct refused *r, xmlNodePtr node)
{
	const char *name = attribute(r, node, "name");

	return (is(node, "input") || is(node, "textarea") || is(node, "select")) && *name != '\0' && !is_hidden(r, node) &&
	    !form_field_is_own(name, strlen(name)) && strcmp(attribute(r, node, "type"), "password") != 0;
}

static void
fill_field(const struct refused *r, xmlNodePtr node)
{
	const char *name = attribute(r, node, "name"), *value = sent_value(r, name);

	if (is(node, "select"))
		fill_select(r, node, name);
	else if (is(node, "textarea")) /* the first newline of a text area is none of its text */
		xml_put_text(node, *value == '\n' || *value == '\r' ? mem_printf(r->rq, "\n%s", value) : value);
	else if (is_box(attribute(r, node, "type")))
		mark_chosen(node, "checked", was_sent(r, name, attribute(r, node, "value")));
	else
		xml_set_text(node, "value", value);
	open_around(node);
}

/* --- what is wrong --- */

static xmlNodePtr
field_named(const struct refused *r, xmlNodePtr form, const char *name, size_t length)
{
	for (xmlNodePtr n = form; (n = next_element(n, form)) != NULL;) {
		const char *own = attribute(r, n, "name");

		if (is_field(r, n) && strlen(own) == length && memcmp(own, name, length) == 0)
			return n;
	}
	return NULL;
}

/* "must have at most 200 characters" is looked up as "must have at most % characters". */
static const char *
with_numbers_again(const struct refused *r, const char *word, const char *message)
{
	struct buf b;

	buf_init(&b, r->rq, 80);
	for (; *word != '\0'; word++) {
		if (*word != '%') {
			buf_add_char(&b, *word);
			continue;
		}
		message += strcspn(message, "0123456789");
		buf_add(&b, message, strspn(message, "0123456789"));
		message += strspn(message, "0123456789");
	}
	return buf_cstr(&b);
}

/* What is wrong, in the words of the reader. A pattern says nothing to people. */
static const char *
wrong_in_words(const struct refused *r, const char *message)
{
	static const char one_of[] = "must be one of ", match[] = "must match ";
	struct buf b;

	if (strncmp(message, match, sizeof(match) - 1) == 0)
		return xslt_word(r->language, "does not have the right form");
	if (strncmp(message, one_of, sizeof(one_of) - 1) == 0)
		return mem_printf(r->rq, "%s %s", xslt_word(r->language, "must be one of"), message + sizeof(one_of) - 1);
	buf_init(&b, r->rq, 80);
	for (const char *p = message; *p != '\0';) {
		size_t digits = strspn(p, "0123456789");

		buf_add(&b, digits > 0 ? "%" : p, 1);
		p += digits > 0 ? digits : 1;
	}
	return with_numbers_again(r, xslt_word(r->language, buf_cstr(&b)), message);
}

/* Between the field and its label, so that fields beside it stay beside it; or at the end of the boxes that are one field. */
static void
say_at(const struct refused *r, xmlNodePtr field, const char *message, int number)
{
	const char *id = mem_printf(r->rq, "wrong-%d", number);
	xmlNodePtr around = field->parent, said;

	while (is(around, "label"))
		around = around->parent;
	said = xml_add_text(around, "span", wrong_in_words(r, message));
	if (around == field->parent)
		xmlAddPrevSibling(field, said);
	xml_set_text(said, "class", "wrong");
	xml_set_text(said, "id", id);
	xml_set_text(field, "aria-describedby", id);
	if (strcmp(attribute(r, field, "type"), "radio") != 0) /* which cannot be wrong by itself */
		xml_set_text(field, "aria-invalid", "true");
	if (number == 0)
		xml_set_text(field, "autofocus", "autofocus");
}

/* "hosts[2]" is said at hosts, "branding.tagline" at the field of that name, or at branding. */
static xmlNodePtr
field_of(const struct refused *r, xmlNodePtr form, const char *path)
{
	xmlNodePtr node = field_named(r, form, path, strcspn(path, "["));

	return node != NULL ? node : field_named(r, form, path, strcspn(path, ".["));
}

/* Each at its field; what has none in the form, or no form, where the problem is told. Returns how many fields it was said at. */
static int
say_what_is_wrong(const struct refused *r, xmlNodePtr form, xmlNodePtr flash)
{
	struct json_object *error, *details, *field, *message;
	int number = 0;

	if (r->answer == NULL || !json_object_object_get_ex(r->answer, "error", &error) || !json_object_object_get_ex(error, "details", &details))
		return 0;
	for (size_t i = 0; i < json_object_array_length(details); i++) {
		struct json_object *d = json_object_array_get_idx(details, i);
		xmlNodePtr node = NULL;

		if (!json_object_object_get_ex(d, "field", &field) || !json_object_object_get_ex(d, "message", &message))
			continue;
		if (form != NULL)
			node = field_of(r, form, json_object_get_string(field));
		if (node != NULL)
			say_at(r, node, json_object_get_string(message), number++);
		else if (flash != NULL)
			xmlNodeAddContent(flash, BAD_CAST mem_printf(r->rq, " %s: %s.", json_object_get_string(field),
			    wrong_in_words(r, json_object_get_string(message))));
	}
	return number;
}

/* Where one goes on when no field is said to be wrong: what is needed and was not sent back, as a password. */
static void
focus_on_what_lacks(const struct refused *r, xmlNodePtr form)
{
	for (xmlNodePtr n = form; (n = next_element(n, form)) != NULL;)
		if (is(n, "input") && *attribute(r, n, "required") != '\0' && !is_box(attribute(r, n, "type")) && *attribute(r, n, "value") == '\0') {
			xml_set_text(n, "autofocus", "autofocus");
			return;
		}
}

/* --- */

void
refused_note(struct refused *r, xmlNodePtr root)
{
	xmlNodePtr note = xmlNewChild(root, NULL, BAD_CAST "refused", NULL);
	struct json_object *error, *message;
	const char *problem = r->problem;

	if (r->answer != NULL && json_object_object_get_ex(r->answer, "error", &error) && json_object_object_get_ex(error, "message", &message))
		problem = json_object_get_string(message); /* its fields say the rest */
	read_sent(r);
	xml_set_text(xml_add_text(root, "flash", xslt_word(r->language, problem)), "kind", "problem");
	for (const struct sent *s = r->sent; s < r->sent + r->sent_count; s++)
		if (!form_field_is_own(s->name, strlen(s->name)) && strchr(s->value, ' ') != NULL) /* words: not an id, a code, a number */
			xml_add_text(note, "text", s->value);
}

static void
remove_node(xmlNodePtr node)
{
	if (node == NULL)
		return;
	xmlUnlinkNode(node);
	xmlFreeNode(node);
}

void
refused_show(void *refused, xmlDocPtr html)
{
	const struct refused *r = refused;
	xmlNodePtr root = xmlDocGetRootElement(html), form = NULL, kept = NULL, again = NULL, flash = NULL;

	for (xmlNodePtr n = root; (n = next_element(n, root)) != NULL;) {
		if (form == NULL && is(n, "form") && is_its_form(r, n))
			form = n;
		if (strcmp(attribute(r, n, "id"), "kept") == 0)
			kept = n;
		if (strcmp(attribute(r, n, "class"), "flash problem") == 0)
			flash = n;
		if (is(n, "meta") && strcmp(attribute(r, n, "http-equiv"), "refresh") == 0)
			again = n;
		xmlUnsetProp(n, BAD_CAST "autofocus");
	}
	remove_node(again); /* would lose what was typed */
	if (form == NULL) {
		say_what_is_wrong(r, NULL, flash);
		return;
	}
	remove_node(kept);
	for (xmlNodePtr n = form; (n = next_element(n, form)) != NULL;)
		if (is_field(r, n))
			fill_field(r, n);
	if (say_what_is_wrong(r, form, flash) == 0)
		focus_on_what_lacks(r, form);
}
