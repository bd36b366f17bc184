/* lib/xslt.c - libxml2 and libxslt behind lib/xslt.h. */
#include "lib/xslt.h"

#include <libxml/parser.h>
#include <libxslt/transform.h>
#include <libxslt/xsltutils.h>

#include "lib/mem.h"

const char *
xslt_apply(void *context, const char *file, xmlDocPtr doc)
{
	xsltStylesheetPtr style = xsltParseStylesheetFile((const xmlChar *)file);
	xmlDocPtr result = style != NULL ? xsltApplyStylesheet(style, doc, NULL) : NULL;
	const char *text = NULL;
	xmlChar *out = NULL;
	int length;

	if (result != NULL && xsltSaveResultToString(&out, &length, result, style) == 0 && out != NULL)
		text = mem_strndup(context, (const char *)out, (size_t)length);
	xmlFree(out);
	xmlFreeDoc(result);
	xsltFreeStylesheet(style);
	return text;
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
