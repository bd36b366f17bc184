/* lib/notice.c - sentences about notifications: a template by kind and number, and its blanks filled in. */
#include "lib/notice.h"

#include <libxml/parser.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/conf.h"
#include "lib/mem.h"

struct notice_words {
	xmlDocPtr doc;
};

static int
words_close(struct notice_words *words)
{
	xmlFreeDoc(words->doc);
	return 0;
}

struct notice_words *
notice_words_open(void *context, const struct conf *conf, const char *locale)
{
	struct notice_words *words = mem_new(context, struct notice_words);
	const char *language = locale != NULL && strncmp(locale, "pt", 2) == 0 && strchr("-_", locale[2]) != NULL ? "pt" : "en";

	words->doc = xmlReadFile(mem_printf(words, "%s/notices/%s.xml", conf->main_template_dir, language), NULL,
	    XML_PARSE_NONET | XML_PARSE_NOBLANKS);
	if (words->doc == NULL)
		return NULL;
	talloc_set_destructor(words, words_close);
	return words;
}

static xmlNodePtr
notice_of(const struct notice_words *words, const char *kind)
{
	xmlNodePtr other = NULL;

	for (xmlNodePtr n = xmlDocGetRootElement(words->doc)->children; n != NULL; n = n->next) {
		xmlChar *is = n->type == XML_ELEMENT_NODE ? xmlGetProp(n, (const xmlChar *)"kind") : NULL;
		bool found = is != NULL && strcmp((const char *)is, kind) == 0;

		if (is != NULL && *is == '\0')
			other = n;
		xmlFree(is);
		if (found)
			return n;
	}
	return other;
}

/* The variant for so many people, or the first one. */
static const char *
variant_of(void *context, xmlNodePtr notice, const char *name)
{
	xmlNodePtr best = NULL;
	xmlChar *content;
	const char *text;

	for (xmlNodePtr n = notice != NULL ? notice->children : NULL; n != NULL; n = n->next)
		if (n->type == XML_ELEMENT_NODE && (best == NULL || strcmp((const char *)n->name, name) == 0))
			best = n;
	content = best != NULL ? xmlNodeGetContent(best) : NULL;
	text = mem_strdup(context, content != NULL ? (const char *)content : "");
	xmlFree(content);
	return text;
}

static const char *
value_of(void *context, const struct notice *n, const char *name, size_t length)
{
	const struct {
		const char *name, *value;
	} all[] = { { "actor", n->actor }, { "second", n->second }, { "title", n->title }, { "text", n->text },
		{ "others", mem_printf(context, "%lld", (long long)n->actor_count - 2) } };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strlen(all[i].name) == length && strncmp(all[i].name, name, length) == 0)
			return all[i].value != NULL ? all[i].value : "…";
	return "";
}

const char *
notice_text(void *context, const struct notice_words *words, const struct notice *n)
{
	const char *variant = n->second == NULL || n->actor_count < 2 ? "one" : n->actor_count == 2 ? "two" :
	    n->actor_count == 3 ? "three" : "many";
	const char *p = variant_of(context, notice_of(words, n->kind), variant);
	struct buf b;

	buf_init(&b, context, 256);
	while (*p != '\0') {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;

		if (end == NULL) {
			buf_add_char(&b, *p++);
			continue;
		}
		buf_add_str(&b, value_of(context, n, p + 1, (size_t)(end - p - 1)));
		p = end + 1;
	}
	return buf_cstr(&b);
}
