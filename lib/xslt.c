/* lib/xslt.c - libxml2 and libxslt behind lib/xslt.h. */
#include "lib/xslt.h"

#include <ctype.h>
#include <libintl.h>
#include <libxml/parser.h>
#include <libxslt/documents.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xsltutils.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define DOMAIN "atelier"
#define WORD_MAX 2000
#define XSL_SPACE "http://www.w3.org/1999/XSL/Transform"

extern int _nl_msg_cat_cntr; /* gettext's way of being told that LANGUAGE has changed */

struct sheet {
	struct sheet *next;
	char *file, *language;
	xsltStylesheetPtr style;
};

/* This process's sheets, for its life, and what the loader needs while one is compiled. */
static struct {
	struct sheet *sheets;
	bool is_ready;
	char language[16]; /* that gettext speaks now */
	xsltSecurityPrefsPtr prefs;
} state;

/* --- words --- */

static void
speak(const char *language)
{
	if (!state.is_ready) {
		setlocale(LC_MESSAGES, "C.UTF-8"); /* any but "C": the catalogue is chosen by LANGUAGE */
		bindtextdomain(DOMAIN, ATELIER_LOCALEDIR);
		bind_textdomain_codeset(DOMAIN, "UTF-8");
		state.is_ready = true;
	}
	if (strcmp(state.language, language) == 0)
		return;
	snprintf(state.language, sizeof(state.language), "%s", language);
	setenv("LANGUAGE", language, 1);
	_nl_msg_cat_cntr++;
}

const char *
xslt_word(const char *language, const char *text)
{
	if (language == NULL || strcmp(language, "en") == 0 || *text == '\0')
		return text;
	speak(language);
	return dgettext(DOMAIN, text);
}

/* Without the white space around it, and with one space for each inside; false: there are no letters in it. */
static bool
word_of(const char *text, char out[WORD_MAX], bool *leads, bool *trails)
{
	size_t n = 0;
	bool has_letters = false, gap = false;

	*leads = isspace((unsigned char)*text);
	for (; *text != '\0' && n < WORD_MAX - 2; text++) {
		if (isspace((unsigned char)*text)) {
			gap = n > 0;
			continue;
		}
		if (gap)
			out[n++] = ' ';
		gap = false;
		has_letters |= isalpha((unsigned char)*text) || (unsigned char)*text >= 0xc3;
		out[n++] = *text;
	}
	out[n] = '\0';
	*trails = gap;
	return has_letters;
}

static bool
is_ours(const xmlNode *node)
{
	return node->ns == NULL || strcmp((const char *)node->ns->href, XSL_SPACE) != 0;
}

typedef void word_fn(void *arg, xmlNodePtr node, const char *word, bool leads, bool trails);

static void
visit_attributes(xmlNodePtr element, word_fn *fn, void *arg)
{
	static const char *const shown[] = { "title", "placeholder", "aria-label", "alt", "label", "data-label" };
	char word[WORD_MAX];
	bool leads, trails;

	for (xmlAttrPtr a = element->properties; a != NULL; a = a->next)
		for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
			if (strcmp((const char *)a->name, shown[i]) == 0 && a->children != NULL &&
			    word_of((const char *)a->children->content, word, &leads, &trails) && word[0] != '{')
				fn(arg, a->children, word, leads, trails);
}

/* What it holds is for machines, or the same in all languages. */
static bool
is_silent(const xmlNode *node)
{
	static const char *const names[] = { "attribute", "variable", "code", "kbd" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp((const char *)node->name, names[i]) == 0)
			return true;
	return false;
}

/* Every text that a reader of the page would see. */
static void
visit(xmlNodePtr node, word_fn *fn, void *arg)
{
	char word[WORD_MAX];
	bool leads, trails;

	for (; node != NULL; node = node->next) {
		if (node->type == XML_TEXT_NODE && word_of((const char *)node->content, word, &leads, &trails))
			fn(arg, node, word, leads, trails);
		if (node->type != XML_ELEMENT_NODE)
			continue;
		if (is_ours(node))
			visit_attributes(node, fn, arg);
		if (!is_silent(node))
			visit(node->children, fn, arg);
	}
}

static void
translate(void *arg, xmlNodePtr node, const char *word, bool leads, bool trails)
{
	const char *said = xslt_word(arg, word);
	char *whole;

	if (said == word)
		return;
	whole = mem_printf(NULL, "%s%s%s", leads ? " " : "", said, trails ? " " : "");
	xmlNodeSetContent(node, NULL);
	xmlNodeAddContent(node, (const xmlChar *)whole);
	talloc_free(whole);
}

struct telling {
	void (*tell)(void *arg, const char *text, int line);
	void *arg;
};

static void
tell_word(void *arg, xmlNodePtr node, const char *word, bool leads, bool trails)
{
	const struct telling *t = arg;

	(void)leads;
	(void)trails;
	t->tell(t->arg, word, (int)xmlGetLineNo(node->parent));
}

static xmlDocPtr
read_sheet(const char *file)
{
	return xmlReadFile(file, NULL, XML_PARSE_NONET | XSLT_PARSE_OPTIONS);
}

int
xslt_words(const char *file, void (*tell)(void *arg, const char *text, int line), void *arg)
{
	struct telling t = { tell, arg };
	xmlDocPtr doc = read_sheet(file);

	if (doc == NULL)
		return -1;
	visit(xmlDocGetRootElement(doc), tell_word, &t);
	xmlFreeDoc(doc);
	return 0;
}

/* --- sheets --- */

/* Of what a sheet includes: the same words. */
static xmlDocPtr
load(const xmlChar *uri, xmlDictPtr dict, int options, void *context, xsltLoadType type)
{
	xmlDocPtr doc;

	(void)dict;
	(void)options;
	(void)context;
	if (type != XSLT_LOAD_STYLESHEET)
		return NULL; /* document() of a page: nothing is read while it is made */
	doc = read_sheet((const char *)uri);
	if (doc != NULL && state.language[0] != '\0')
		visit(xmlDocGetRootElement(doc), translate, state.language);
	return doc;
}

static void
forbid_all(void)
{
	static const xsltSecurityOption all[] = { XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
		XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK };

	if (state.prefs != NULL)
		return;
	state.prefs = xsltNewSecurityPrefs();
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		xsltSetSecurityPrefs(state.prefs, all[i], xsltSecurityForbid);
	xsltSetLoaderFunc(load);
}

static struct sheet *
sheet_open(const char *file, const char *language)
{
	struct sheet *s;
	xmlDocPtr doc;

	for (s = state.sheets; s != NULL; s = s->next)
		if (strcmp(s->file, file) == 0 && strcmp(s->language, language) == 0)
			return s;
	forbid_all();
	speak(language);
	doc = load((const xmlChar *)file, NULL, 0, NULL, XSLT_LOAD_STYLESHEET);
	if (doc == NULL)
		return NULL;
	s = mem_new(NULL, struct sheet);
	s->style = xsltParseStylesheetDoc(doc);
	if (s->style == NULL) {
		xmlFreeDoc(doc);
		talloc_free(s);
		return NULL;
	}
	s->file = mem_strdup(s, file);
	s->language = mem_strdup(s, language);
	s->next = state.sheets;
	state.sheets = s;
	return s;
}

const char *
xslt_apply_then(void *context, const char *file, const char *language, xmlDocPtr doc, void (*finish)(void *arg, xmlDocPtr page), void *arg)
{
	struct sheet *s = sheet_open(file, language);
	xsltTransformContextPtr run = s != NULL ? xsltNewTransformContext(s->style, doc) : NULL;
	xmlDocPtr result = NULL;
	const char *text = NULL;
	xmlChar *out = NULL;
	int length;

	if (run != NULL && xsltSetCtxtSecurityPrefs(state.prefs, run) == 0)
		result = xsltApplyStylesheetUser(s->style, doc, NULL, NULL, NULL, run);
	if (result != NULL && finish != NULL && xmlDocGetRootElement(result) != NULL)
		finish(arg, result);
	if (result != NULL && run->state == XSLT_STATE_OK && xsltSaveResultToString(&out, &length, result, s->style) == 0 && out != NULL)
		text = mem_strndup(context, (const char *)out, (size_t)length);
	xmlFree(out);
	xmlFreeDoc(result);
	if (run != NULL)
		xsltFreeTransformContext(run);
	return text;
}

const char *
xslt_apply_in(void *context, const char *file, const char *language, xmlDocPtr doc)
{
	return xslt_apply_then(context, file, language, doc, NULL, NULL);
}

const char *
xslt_apply(void *context, const char *file, xmlDocPtr doc)
{
	return xslt_apply_in(context, file, "", doc);
}

void
xslt_add(xmlNodePtr data, const char *name, const char *value)
{
	if (value != NULL)
		xmlNewTextChild(data, NULL, (const xmlChar *)name, (const xmlChar *)value);
}

xmlDocPtr
xslt_document(const char *root, const char *language, const char *words_file, xmlNodePtr *data)
{
	xmlDocPtr words = xmlReadFile(words_file, NULL, XML_PARSE_NONET | XML_PARSE_NOBLANKS), doc;
	xmlNodePtr top;

	if (words == NULL)
		return NULL;
	doc = xmlNewDoc((const xmlChar *)"1.0");
	top = xmlNewNode(NULL, (const xmlChar *)root);
	xmlDocSetRootElement(doc, top);
	xmlNewProp(top, (const xmlChar *)"lang", (const xmlChar *)language);
	*data = xmlNewChild(top, NULL, (const xmlChar *)"data", NULL);
	xmlAddChild(top, xmlDocCopyNode(xmlDocGetRootElement(words), doc, 1));
	xmlFreeDoc(words);
	return doc;
}
